"""LSQR: least squares on the growing bidiagonal matrix, one plane rotation a step."""

from __future__ import annotations

import math
from collections.abc import Iterator

from invdeconv.arrays import Array, add_scaled
from invdeconv.operators import LinearOperator, golub_kahan
from invdeconv.solvers._least_squares import is_lost, residual, scale

__all__ = ["lsqr_steps"]


def lsqr_steps(A: LinearOperator, b: Array, x: Array) -> Iterator[tuple[Array, float, float]]:
    """Yield the iterates of LSQR for min ‖Ax − b‖ from `x`, with ‖Aᴴr‖/‖Aᴴb‖ and ‖r‖.

    In exact arithmetic they are those of CGLS; the residual falls in every step. Paige and Saunders, ACM
    Trans. Math. Softw. 8 (1982) 43, Algorithm LSQR and Eqs. (4.12), (5.1).
    """
    process = golub_kahan(A, residual(A, b, x))
    phi_bar, rho_bar, w = next(process)
    target = scale(A, b, x, rho_bar * phi_bar)
    w = 1.0 * w
    if rho_bar == 0:
        yield x, 0.0, phi_bar
    for beta, alpha, v in process:
        rho = math.hypot(rho_bar, beta)
        cos, sin = rho_bar / rho, beta / rho
        step = cos * phi_bar / rho
        x = add_scaled(1.0 * x, step, w)
        lost = is_lost(step, w, x)
        w *= -sin * alpha / rho
        w += v
        rho_bar, phi_bar = -cos * alpha, sin * phi_bar
        yield x, abs(phi_bar * alpha * cos) / target, phi_bar
        if lost:
            return
