"""What the least-squares solvers share: where they begin, and when rounding ends them."""

from __future__ import annotations

from invdeconv.arrays import Array, namespace, norm
from invdeconv.operators import LinearOperator

__all__ = ["is_lost", "residual", "scale"]


def residual(A: LinearOperator, b: Array, x: Array) -> Array:
    """Return b − Ax in memory of its own."""
    return b - A(x) if norm(x) > 0 else 1.0 * b


def scale(A: LinearOperator, b: Array, x: Array, gradient: float) -> float:
    """Return ‖Aᴴb‖, which is the first gradient if x is zero; 1 if it is zero itself."""
    return (norm(A.H(b)) if norm(x) > 0 else gradient) or 1.0


def is_lost(step: float, direction: Array, x: Array) -> bool:
    """Say whether x + step·direction differs from x by less than rounding: nothing is left to gain."""
    return abs(step) * norm(direction) <= float(namespace(x).finfo(x.dtype).eps) * norm(x)
