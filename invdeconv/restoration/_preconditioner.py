"""A preconditioner for symmetric boundaries and a PSF that is not even: that of its even part."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from invdeconv.arrays import Array, namespace
from invdeconv.operators import Convolution, LinearOperator, decompose

__all__ = ["cosine_preconditioner"]


def cosine_preconditioner(
    operator: LinearOperator, regularizer: LinearOperator | None, lam: float
) -> Callable[[Array], Array] | None:
    """Return (ĈᴴĈ + λLᴴL)⁻¹ by two DCT-II, with the PSF of Ĉ made even; None where there is no such Ĉ.

    Of all operators diagonal in the DCT-II it is the nearest to C: Ng, Chan and Tang, SIAM J. Sci. Comput.
    21 (1999) 851, §4.
    """
    if not isinstance(operator, Convolution) or operator.groups is not None:
        return None
    if any(word != "symmetric" for word in operator.boundaries):
        return None
    if any(axis.stride != 1 or axis.m != axis.n for axis in operator.axes):
        return None
    nearest = decompose(_even_part(operator), regularizer)
    if nearest is None or "DCT-II" not in nearest.structure:
        return None

    def solve(x: Array) -> Array:
        c, s = nearest.factors(x)[:2]
        weight = c * c + lam * (1.0 if s is None else s * s)
        xp = namespace(weight)
        floor = float(xp.finfo(weight.dtype).eps) * float(xp.max(weight))
        return nearest.synthesize_output(nearest.analyze(x) / xp.clip(weight, min=floor))

    return solve


def _even_part(operator: Convolution) -> Convolution:
    """Return the convolution whose taps are the mean of all mirror images about the origin."""
    taps = operator.taps
    for index, axis in enumerate(operator.axes):
        offsets = axis.dilation * np.arange(axis.k) - axis.before
        reach = int(np.abs(offsets).max())
        centered = np.zeros((2 * reach + 1, *np.delete(taps.shape, index)), taps.dtype)
        centered[offsets + reach] = np.moveaxis(taps, index, 0)
        taps = np.moveaxis(0.5 * (centered + centered[::-1]), 0, index)
    return Convolution(taps, operator.input_shape, boundary="symmetric")
