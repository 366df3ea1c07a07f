"""Golub–Kahan bidiagonalization: an operator and one data vector, reduced to two diagonals."""

from __future__ import annotations

from collections.abc import Iterator

from invdeconv.arrays import Array, add_scaled, namespace, norm
from invdeconv.operators._basis import Basis
from invdeconv.operators._linear_operator import LinearOperator

__all__ = ["golub_kahan"]


def golub_kahan(
    C: LinearOperator, y: Array, *, left: Basis | None = None, right: Basis | None = None
) -> Iterator[tuple[float, float, Array]]:
    """Yield (βₖ, αₖ, vₖ): β₁u₁ = y and C Vₖ = Uₖ₊₁Bₖ, where Bₖ has the α on its diagonal, β₂, … below.

    V spans the Krylov space of CᴴC and Cᴴy. A coefficient of which only rounding is left is 0 and ends the
    process. Empty bases, where given, collect u and v and keep them orthogonal; without them they cease to
    be once a singular value has converged.
    Golub and Kahan, SIAM J. Numer. Anal. 2 (1965) 205; Paige and Saunders, TOMS 8 (1982) 43, Eq. (3.1).
    """
    rounding = 100 * float(namespace(y).finfo(y.dtype).eps)
    beta = norm(y)
    u = y / (beta or 1.0)
    v = C.H(u)
    alpha = size = norm(v)
    while True:
        if alpha > 0:
            v /= alpha
        yield beta, alpha, v
        if alpha == 0:
            return
        if left is not None:
            left.append(u)
        if right is not None:
            right.append(v)
        following = add_scaled(C(v), -alpha, u)
        u = following if left is None else left.split(following)[0]
        beta = norm(u)
        if beta <= rounding * size:
            beta, alpha = 0.0, 0.0
            continue
        u /= beta
        following = add_scaled(C.H(u), -beta, v)
        v = following if right is None else right.split(following)[0]
        alpha = norm(v)
        size = max(size, alpha, beta)
        if alpha <= rounding * size:
            alpha = 0.0
