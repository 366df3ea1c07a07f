"""Conjugate gradients on the normal equations, without forming them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from invdeconv.arrays import Array, add_scaled, dot, norm
from invdeconv.operators import LinearOperator
from invdeconv.solvers._least_squares import is_lost, residual, scale

__all__ = ["cgls_steps"]


def cgls_steps(
    A: LinearOperator, b: Array, x: Array, solve: Callable[[Array], Array] | None = None
) -> Iterator[tuple[Array, float, float]]:
    """Yield the iterates of CGLS for min ‖Ax − b‖ from `x`, with ‖Aᴴr‖/‖Aᴴb‖ and ‖r‖.

    From zero the limit is the solution of least norm. `solve` applies the inverse of a preconditioner of
    AᴴA. Björck, "Numerical Methods for Least Squares Problems", 1996, Algorithms 7.4.1 and 7.4.2.
    """
    r = residual(A, b, x)
    s = A.H(r)
    p = z = s if solve is None else solve(s)
    gamma = dot(s, z).real
    target = scale(A, b, x, norm(s))
    while gamma > 0:
        q = A(p)
        alpha = gamma / norm(q) ** 2
        x = add_scaled(1.0 * x, alpha, p)
        r = add_scaled(r, -alpha, q)
        s = A.H(r)
        z = s if solve is None else solve(s)
        gamma, before = dot(s, z).real, gamma
        yield x, (gamma**0.5 if solve is None else norm(s)) / target, norm(r)
        if is_lost(alpha, p, x):
            return
        p *= gamma / before
        p += z
    yield x, 0.0, norm(r)
