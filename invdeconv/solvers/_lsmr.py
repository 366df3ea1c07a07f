"""LSMR: the gradient made least on the growing bidiagonal matrix, two plane rotations a step."""

from __future__ import annotations

import math
from collections.abc import Iterator

from invdeconv.arrays import Array, add_scaled
from invdeconv.operators import LinearOperator, golub_kahan
from invdeconv.solvers._least_squares import is_lost, residual, scale

__all__ = ["lsmr_steps"]


def lsmr_steps(A: LinearOperator, b: Array, x: Array) -> Iterator[tuple[Array, float, float]]:
    """Yield the iterates of LSMR for min ‖Ax − b‖ from `x`, with ‖Aᴴr‖/‖Aᴴb‖ and ‖r‖.

    The gradient falls in every step, so stopping early is safe. Fong and Saunders, SIAM J. Sci. Comput. 33
    (2011) 2950, Algorithm LSMR (§2.8) and the residual of §5.1.
    """
    process = golub_kahan(A, residual(A, b, x))
    beta, alpha, v = next(process)
    target = scale(A, b, x, alpha * beta)
    if alpha == 0:
        yield x, 0.0, beta
    alpha_bar, zeta_bar = alpha, alpha * beta
    rho, rho_bar, cos_bar, sin_bar = 1.0, 1.0, 1.0, 0.0
    h, h_bar = 1.0 * v, 0.0 * v
    beta_2, beta_1, rho_dot = beta, 0.0, 1.0  # β̈, β̇ and ρ̇ of §5.1
    tau_tilde, theta_tilde, zeta = 0.0, 0.0, 0.0
    for beta, alpha, v in process:
        rho_before, rho_bar_before, zeta_before = rho, rho_bar, zeta
        # First rotation: B to the upper bidiagonal R.
        rho = math.hypot(alpha_bar, beta)
        cos, sin = alpha_bar / rho, beta / rho
        theta, alpha_bar = sin * alpha, cos * alpha
        # Second rotation: Rᵀ to the upper bidiagonal R̄.
        theta_bar, rho_temp = sin_bar * rho, cos_bar * rho
        rho_bar = math.hypot(rho_temp, theta)
        cos_bar, sin_bar = rho_temp / rho_bar, theta / rho_bar
        zeta, zeta_bar = cos_bar * zeta_bar, -sin_bar * zeta_bar
        h_bar *= -theta_bar * rho / (rho_before * rho_bar_before)
        h_bar += h
        step = zeta / (rho * rho_bar)
        x = add_scaled(1.0 * x, step, h_bar)
        lost = is_lost(step, h_bar, x)
        h *= -theta / rho
        h += v
        # Third rotation, for the residual only: R̄ to lower bidiagonal.
        beta_hat, beta_2 = cos * beta_2, -sin * beta_2
        rho_tilde = math.hypot(rho_dot, theta_bar)
        cos_tilde, sin_tilde = rho_dot / rho_tilde, theta_bar / rho_tilde
        theta_before, theta_tilde = theta_tilde, sin_tilde * rho_bar
        rho_dot = cos_tilde * rho_bar
        beta_1 = -sin_tilde * beta_1 + cos_tilde * beta_hat
        tau_tilde = (zeta_before - theta_before * tau_tilde) / rho_tilde
        tau = (zeta - theta_tilde * tau_tilde) / rho_dot
        yield x, abs(zeta_bar) / target, math.hypot(beta_1 - tau, beta_2)
        if lost:
            return
