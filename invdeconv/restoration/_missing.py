"""Samples that are missing, filled in: not to be fitted, but to start from and to take sizes from."""

from __future__ import annotations

import dataclasses

import numpy as np

from invdeconv.arrays import Array, like, namespace
from invdeconv.noise import Gaussian
from invdeconv.restoration._model import Model

__all__ = ["present", "with_gaps_filled"]


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
