"""What is sparse after a periodic D, and the two steps of ADMM that know nothing but D."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from invdeconv.arrays import Array, empty, is_complex, is_numpy, multiply, namespace

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
        slope *= alpha
        factor = multiply(keep, -alpha, out=empty(keep.shape, keep))
        factor += 1
        v *= factor
        v += slope
        return v, _kept(v, threshold, slope, keep)


def lengths(v: Array, keep: Array) -> Array:
    """Return what is shrunk: the lengths of vectors, or the sizes of components if f has as many."""
    xp = namespace(v)
    if keep.ndim == v.ndim:
        return xp.abs(v)
    return xp.sqrt(xp.sum(xp.real(v * xp.conj(v)) if is_complex(v) else v * v, axis=0))


def _kept(v: Array, threshold: float, scratch: Array, out: Array) -> Array:
    """Return max(1 − threshold/|v|, 0) = 1 − threshold/max(|v|, threshold), in the memory of `out`."""
    if not is_numpy(v):
        return 1 - threshold / namespace(v).clip(lengths(v, out), min=threshold)
    if is_complex(v):
        out = lengths(v, out)
    elif out.ndim == v.ndim:
        np.abs(v, out=out)
    else:
        np.square(v, out=scratch)
        np.copyto(out, scratch[0])
        for part in scratch[1:]:
            out += part
        np.sqrt(out, out=out)
    np.maximum(out, threshold, out=out)
    np.divide(-threshold, out, out=out)
    out += 1
    return out
