"""Conjugate gradients on the normal equations, without forming them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from invdeconv.arrays import Array, dot, norm
from invdeconv.operators import LinearOperator
from invdeconv.solvers._rounding import is_lost

__all__ = ["cgls_steps"]


def cgls_steps(
    A: LinearOperator, b: Array, x: Array, solve: Callable[[Array], Array] | None = None
) -> Iterator[tuple[Array, float, float]]:
    """Yield the iterates of CGLS for min ‖Ax − b‖ from `x`, with ‖Aᴴr‖/‖Aᴴb‖ and ‖r‖.

    From zero the limit is the solution of least norm. `solve` applies the inverse of a preconditioner of
    AᴴA. Björck, "Numerical Methods for Least Squares Problems", 1996, Algorithms 7.4.1 and 7.4.2.
    """
    target = norm(A.H(b)) or 1.0
    r = b - A(x)
    s = A.H(r)
    p = z = s if solve is None else solve(s)
    gamma = dot(s, z).real
    while gamma > 0:
        q = A(p)
        alpha = gamma / norm(q) ** 2
        x = x + alpha * p
        r -= alpha * q
        s = A.H(r)
        z = s if solve is None else solve(s)
        gamma, before = dot(s, z).real, gamma
        yield x, norm(s) / target, norm(r)
        if is_lost(alpha, p, x):
            return
        p = z + (gamma / before) * p
    yield x, 0.0, norm(r)
