"""Samples that are missing, filled in: not to be fitted, but to start from and to take sizes from."""

from __future__ import annotations

import dataclasses

import numpy as np

from invdeconv.arrays import Array, like, namespace
from invdeconv.noise import Gaussian
from invdeconv.restoration._model import Model

__all__ = ["present", "refilled", "with_gaps_filled"]


def present(plain: Model, noise: Gaussian | None) -> Array | None:
    """Return 1 where a sample is there and 0 where it is missing; None where none is."""
    if noise is None or noise.spectrum is not None or noise.shape != tuple(plain.observed.shape):
        return None
    keep = np.isfinite(np.asarray(noise.std))
    return None if keep.all() else like(keep * 1.0, plain.observed)


def with_gaps_filled(plain: Model, noise: Gaussian | None) -> Model:
    """Return the model with missing samples replaced by CCᴴ of those that are there, over CCᴴ of ones."""
    there = present(plain, noise)
    if there is None:
        return plain
    xp = namespace(plain.observed)
    known = there * plain.observed
    C = plain.operator
    weight = C(C.H(there))
    smooth = C(C.H(known)) / xp.where(weight == 0, xp.ones_like(weight), weight)
    whole = known + (1 - there) * smooth
    return dataclasses.replace(plain, data=whole, observed=whole)


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
    data, left = model.data + 0, error + 0
    data[part] += gaps
    left[part] -= gaps
    share = float(namespace(there).mean(there))
    return dataclasses.replace(model, data=data), left / share**0.5
