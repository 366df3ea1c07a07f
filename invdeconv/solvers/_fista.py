"""Accelerated proximal gradient, restarted when it turns uphill."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from invdeconv.arrays import Array, dot, norm
from invdeconv.functionals import Differentiable, Proximable
from invdeconv.operators import LinearOperator
from invdeconv.solvers._loop import Step

__all__ = ["fista_steps"]


def fista_steps(
    A: LinearOperator,
    F: Differentiable,
    G: Proximable,
    x: Array,
    step: float,
    *,
    momentum: bool = True,
    figures: Callable[[Array], Mapping[str, float]] | None = None,
) -> Iterator[Step | tuple[Array, float]]:
    """Yield estimates of least F(Ax) + G(x) with the relative proximal gradient, and figures of Ax.

    Beck and Teboulle, SIAM J. Imaging Sci. 2 (2009) 183, (4.1)–(4.3), 0 < step <= 1/(L‖A‖²); restarted by the
    gradient rule of O'Donoghue and Candès, Found. Comput. Math. 15 (2015) 715, (12).
    """
    t, z = 1.0, x
    Ax = Az = A(x)
    while True:
        new = G.prox(z - step * A.H(F.gradient(Az)), step)
        if not momentum or dot(z - new, new - x).real > 0:
            t = 1.0
        after = (1 + (1 + 4 * t * t) ** 0.5) / 2  # with t = 1 the next z is the estimate itself
        change = norm(z - new)
        beta = (t - 1) / after
        old, Ax = Ax, A(new)
        Az = Ax + beta * (Ax - old)
        z = new + beta * (new - x)
        x, t = new, after
        measure = change / (norm(x) or 1.0)
        yield (x, measure) if figures is None else Step(x, measure, figures(Ax))
