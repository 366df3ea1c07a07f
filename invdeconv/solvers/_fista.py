"""Accelerated proximal gradient, restarted when it turns uphill."""

from __future__ import annotations

from collections.abc import Iterator

from invdeconv.arrays import Array, dot, norm
from invdeconv.functionals import Differentiable, Proximable
from invdeconv.operators import LinearOperator

__all__ = ["fista_steps"]


def fista_steps(
    A: LinearOperator, F: Differentiable, G: Proximable, x: Array, step: float, *, momentum: bool = True
) -> Iterator[tuple[Array, float]]:
    """Yield estimates of least F(Ax) + G(x) with the relative proximal gradient.

    Beck and Teboulle, SIAM J. Imaging Sci. 2 (2009) 183, (4.1)–(4.3), 0 < step <= 1/(L‖A‖²); restarted by the
    gradient rule of O'Donoghue and Candès, Found. Comput. Math. 15 (2015) 715, (12).
    """
    t, z = 1.0, x
    while True:
        new = G.prox(z - step * A.H(F.gradient(A(z))), step)
        if not momentum or dot(z - new, new - x).real > 0:
            t = 1.0
        after = (1 + (1 + 4 * t * t) ** 0.5) / 2  # with t = 1 the next z is the estimate itself
        change = norm(z - new)
        z = new + ((t - 1) / after) * (new - x)
        x, t = new, after
        yield x, change / (norm(x) or 1.0)
