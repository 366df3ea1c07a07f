"""Gradient descent on ½‖Cx − y‖²: its first step from zero is τCᵀy."""

from __future__ import annotations

from collections.abc import Iterator

from invdeconv.arrays import Array, norm
from invdeconv.operators import LinearOperator

__all__ = ["landweber_steps"]


def landweber_steps(C: LinearOperator, y: Array, x: Array, step: float) -> Iterator[tuple[Array, float]]:
    """Yield the iterates xₖ₊₁ = xₖ + τCᴴ(y − Cxₖ), with ‖Cᴴr‖/‖Cᴴy‖ (Landweber 1951)."""
    target = norm(C.H(y)) or 1.0
    while True:
        gradient = C.H(y - C(x))
        x = x + step * gradient
        yield x, norm(gradient) / target
