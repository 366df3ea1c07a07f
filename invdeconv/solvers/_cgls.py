"""Conjugate gradients on the normal equations, without forming them."""

from __future__ import annotations

from collections.abc import Iterator

from invdeconv.arrays import Array, norm
from invdeconv.operators import LinearOperator

__all__ = ["cgls_steps"]


def cgls_steps(A: LinearOperator, b: Array, x: Array) -> Iterator[tuple[Array, float]]:
    """Yield the iterates of CGLS for min ‖Ax − b‖ from `x`, with ‖Aᴴr‖/‖Aᴴb‖.

    From zero the limit is the solution of least norm. Björck, "Numerical Methods for Least Squares
    Problems", 1996, Algorithm 7.4.1.
    """
    r = b - A(x)
    s = A.H(r)
    p = s
    target = norm(A.H(b)) or 1.0
    gamma = norm(s) ** 2
    while gamma > 0:
        q = A(p)
        alpha = gamma / norm(q) ** 2
        x = x + alpha * p
        r = r - alpha * q
        s = A.H(r)
        gamma, before = norm(s) ** 2, gamma
        yield x, gamma**0.5 / target
        p = s + (gamma / before) * p
    yield x, 0.0
