"""Samples that are missing, filled in: not to be fitted, but to start from and to take sizes from."""

from __future__ import annotations

import dataclasses

import numpy as np

from invdeconv.arrays import Array, add_at, like, namespace
from invdeconv.noise import Gaussian
from invdeconv.restoration._model import Model

__all__ = ["evened", "is_even", "present", "refilled", "with_data_evened", "with_gaps_filled"]


def present(plain: Model, noise: Gaussian | None) -> Array | None:
    """Return 1 where a sample is there and 0 where it is missing; None where none is."""
    if noise is None or noise.spectrum is not None or noise.shape != tuple(plain.observed.shape):
        return None
    keep = np.isfinite(np.asarray(noise.std))
    return None if keep.all() else like(keep * 1.0, plain.observed)


def is_even(noise: Gaussian | None) -> bool:
    """Say whether the noise is the same wherever there is a sample."""
    if noise is None or noise.shape is None:
        return True
    if noise.spectrum is not None:
        return False
    std = np.asarray(noise.std)
    there = std[np.isfinite(std)]
    return bool(there.max() < 1.5 * there.min())


def with_gaps_filled(plain: Model, noise: Gaussian | None) -> Model:
    """Return the model with missing samples replaced by CCᴴ of those that are there, over CCᴴ of ones."""
    there = present(plain, noise)
    if there is None:
        return plain
    return _with(plain, _mended(plain, there))


def with_data_evened(plain: Model, noise: Gaussian | None) -> Model:
    """Return the model of data `evened`; with missing samples filled, where the others are alike."""
    if is_even(noise):
        return with_gaps_filled(plain, noise)
    return plain if noise is None or noise.spectrum is not None else _with(plain, evened(plain, noise))


def evened(plain: Model, noise: Gaussian | None) -> Array:
    """Return the observed data with each sample as far as it is certain, and else what its neighbors say."""
    if is_even(noise) or noise is None or noise.spectrum is not None:
        return plain.observed
    std = np.asarray(noise.std)
    return _mended(plain, like((std.min() / std) ** 2, plain.observed))


def _with(plain: Model, data: Array) -> Model:
    return dataclasses.replace(plain, data=data, observed=data)


def _mended(plain: Model, weight: Array) -> Array:
    xp = namespace(plain.observed)
    C, y = plain.operator, plain.observed
    total = C(C.H(weight))
    smooth = C(C.H(weight * y)) / xp.where(total == 0, xp.ones_like(total), total)
    return weight * y + (1 - weight) * smooth


def refilled(model: Model, there: Array, error: Array) -> tuple[Model, Array]:
    """Return the model with Cx for the samples that are missing, and the residual of the others.

    Parameters
    ----------
    model : Model
        Its data may go on beyond the observed samples, as in the taper's frame.
    there : array
        1 where an observed sample is there, else 0.
    error : array
        Cx − y, in the shape of the model's data; scaled as if it were that of as many samples.
    """
    part = tuple(slice(0, n) for n in there.shape)
    gaps = error[part] * (1 - there)
    data, left = add_at(model.data + 0, part, gaps), add_at(error + 0, part, -gaps)
    share = float(namespace(there).mean(there))
    return dataclasses.replace(model, data=data), left / share**0.5
