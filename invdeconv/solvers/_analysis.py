"""What is sparse after a periodic D, and the two steps of ADMM that know nothing but D."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from invdeconv.arrays import Array, add_scaled, empty, is_complex, is_numpy, maximum, multiply, namespace

__all__ = ["Analysis", "lengths"]


@dataclass(frozen=True)
class Analysis:
    """A periodic D, written into memory the solver owns.

    Attributes
    ----------
    bands : int
        Dx has the shape (bands, *x.shape).
    forward, adjoint : callable
        (x, out) → Dx and (p, out) → Dᴴp.
    power : callable
        half → eigenvalues of DᴴD on the grid of the spectrum.
    """

    bands: int
    forward: Callable[[Array, Array], Array]
    adjoint: Callable[[Array, Array], Array]
    power: Callable[[bool], np.ndarray]

    def reflected(self, v: Array, keep: Array) -> Array:
        """Return Dᴴ(2f − 1)v."""
        factor = multiply(keep, 2, out=empty(keep.shape, keep))
        factor -= 1
        pull = multiply(v, factor, out=empty(v.shape, v))
        return self.adjoint(pull, empty(v.shape[1:], v))

    def relaxed(self, x: Array, v: Array, keep: Array, alpha: float, threshold: float) -> tuple[Array, Array]:
        """Return v ← αDx + (1 − αf)v, and the f that the threshold leaves of it, both where they were."""
        slope = self.forward(x, empty(v.shape, v))
        factor = multiply(keep, -alpha, out=empty(keep.shape, keep))
        factor += 1
        v *= factor
        v = add_scaled(v, alpha, slope)
        size = lengths(v, keep)
        # max(1 − t/|v|, 0) = 1 − t/max(|v|, t)
        size = maximum(size, threshold, out=size)
        if not is_numpy(v):
            return v, 1 - threshold / size
        np.divide(-threshold, size, out=size)
        size += 1
        return v, size


def lengths(v: Array, out: Array) -> Array:
    """Return the lengths of vectors, or the sizes of components if `out` has as many; for NumPy in `out`."""
    xp = namespace(v)
    if is_complex(v) or not is_numpy(v):
        size = xp.abs(v)
        return size if out.ndim == v.ndim else xp.sqrt(xp.sum(size * size, axis=0))
    if out.ndim == v.ndim:
        return np.abs(v, out=out)
    scratch = empty(out.shape, out)
    np.square(v[0], out=out)
    for part in v[1:]:
        out += np.square(part, out=scratch)
    return np.sqrt(out, out=out)
