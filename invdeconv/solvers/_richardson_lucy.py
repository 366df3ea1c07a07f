"""Expectation maximization for Poisson data: multiplicative, positive, energy-keeping."""

from __future__ import annotations

from collections.abc import Iterator

from invdeconv.arrays import Array, divide, maximum, namespace, norm
from invdeconv.operators import LinearOperator

__all__ = ["richardson_lucy_steps"]

# Under an unknown boundary some pixels are hardly seen; without a floor on Cᵀ1 they diverge (measured).
_WEIGHT_FLOOR = 0.01


def richardson_lucy_steps(
    C: LinearOperator, y: Array, x: Array, weight: Array
) -> Iterator[tuple[Array, float]]:
    """Yield the iterates x + x·Cᵀ(y/Cx − 1)/Cᵀ1, with the relative change.

    Richardson, JOSA 62 (1972) 55, Eq. (6); Lucy, Astron. J. 79 (1974) 745, Eq. (15). Written as a
    correction, so that a fit stays one to the last bit and hardly seen pixels stay where they are.
    """
    xp = namespace(y)
    weight = xp.clip(weight, min=_WEIGHT_FLOOR * float(xp.max(weight)))
    # Below rounding a prediction is noise: on a dark background the ratio would overflow.
    info = xp.finfo(y.dtype)
    floor = max(float(info.eps) * float(xp.max(y)), float(info.smallest_normal))
    while True:
        predicted = C(x)
        predicted = maximum(predicted, floor, out=predicted)
        ratio = divide(y, predicted, out=predicted)
        ratio -= 1
        correction = C.H(ratio)
        correction /= weight
        correction *= x
        # An exact step keeps x >= 0; rounding in C and Cᵀ may not.
        x = x + correction
        x = maximum(x, 0.0, out=x)
        yield x, norm(correction) / (norm(x) or 1.0)
