"""Half-quadratic splitting: shrink the gradient, solve least squares, tighten the link."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from invdeconv.arrays import Array, norm
from invdeconv.functionals import Proximable
from invdeconv.operators import Convolution, LinearOperator
from invdeconv.solvers._quadratic_step import quadratic_step

__all__ = ["half_quadratic_steps"]


def half_quadratic_steps(
    C: LinearOperator,
    y: Array,
    L: LinearOperator,
    G: Proximable,
    x: Array,
    weights: Sequence[float],
    *,
    near: Convolution | None = None,
) -> Iterator[tuple[Array, float]]:
    """Yield estimates of least ½‖Cx − y‖² + G(Lx) with the relative change, one for each weight β.

    Krishnan and Fergus, NIPS 2009, (3)–(5): min ½‖Cx − y‖² + ½β‖Lx − w‖² + G(w) over w and x in turns; β
    rises until Lx = w. `near` as in `quadratic_step`.
    """
    solve = quadratic_step(C, y, L, near)
    for beta in weights:
        before, x = x, solve(beta, G.prox(L(x), 1 / beta), x)
        yield x, norm(x - before) / (norm(x) or 1.0)
