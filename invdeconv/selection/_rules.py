"""The rules by name, on a decomposition: what methods call."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from invdeconv.arrays import Array
from invdeconv.noise import estimate_noise_std
from invdeconv.operators import Decomposition
from invdeconv.selection._discrepancy import crossing_on_grid, last_crossing, safety
from invdeconv.selection._fit import Family, RimFit, SpectralFit, tikhonov_filter
from invdeconv.selection._gcv import gcv_score
from invdeconv.selection._l_curve import corner
from invdeconv.selection._lepskii import KAPPA, balance
from invdeconv.selection._ncp import ncp_score
from invdeconv.selection._quasi_optimality import quasi_optimality_score, spectral_range
from invdeconv.selection._selection import Selection, minimize_on_grid, refine_minimum
from invdeconv.selection._upre import upre_score
from invdeconv.selection._weighted_gcv import ROBUST_WEIGHT

__all__ = ["RULES", "THRESHOLD_RULES", "choose_lambda", "choose_threshold"]

RULES = ("gcv", "weighted_gcv", "upre", "discrepancy", "l_curve", "ncp", "quasi_optimality", "lepskii")

# The curvature and the derivative are those of Tikhonov; a threshold has neither.
THRESHOLD_RULES = tuple(rule for rule in RULES if rule not in {"l_curve", "quasi_optimality"})

_KNOW_NOISE = ("upre", "discrepancy", "lepskii")


def choose_lambda(
    rule: str,
    decomposition: Decomposition,
    data: Array,
    *,
    noise_std: float | None = None,
    inside: tuple[slice, ...] | None = None,
) -> Selection:
    """Choose λ of Tikhonov regularization on a decomposition, a projected one included.

    Parameters
    ----------
    rule : str
        One of `RULES`.
    decomposition : Decomposition
        Of the pair.
    data : array
        What it decomposes.
    noise_std : float, optional
        For the rules that need it; estimated by default.
    inside : tuple of slice, optional
        Where the residual is trusted, for the rules that only look at its size.
    """
    fit = _fit(decomposition, data, tikhonov_filter, inside)
    sigma = _sigma(rule, decomposition, data, noise_std)
    if rule == "discrepancy":
        return last_crossing(lambda lam: fit.misfit(lam) ** 0.5, safety(fit) * sigma, fit.grid(1))
    if rule == "lepskii":
        return balance(fit, sigma, fit.grid(8), KAPPA)
    if rule == "l_curve":
        return corner(fit)
    if rule == "quasi_optimality":
        return refine_minimum(quasi_optimality_score(fit), spectral_range(decomposition, 8))
    return refine_minimum(_score(rule, fit, sigma), fit.grid(4 if rule == "ncp" else 1))


def choose_threshold(
    rule: str,
    decomposition: Decomposition,
    data: Array,
    family: Family,
    grid: np.ndarray,
    *,
    inside: tuple[slice, ...] | None = None,
) -> Selection:
    """Choose the parameter of any family of filters by one of `THRESHOLD_RULES`, on a grid."""
    fit = _fit(decomposition, data, family, inside)
    sigma = _sigma(rule, decomposition, data, None)
    if rule == "discrepancy":
        return crossing_on_grid(lambda value: fit.misfit(value) ** 0.5, safety(fit) * sigma, grid)
    if rule == "lepskii":
        return balance(fit, sigma, grid, KAPPA)
    return minimize_on_grid(_score(rule, fit, sigma), grid)


def _fit(
    decomposition: Decomposition, data: Array, family: Family, inside: tuple[slice, ...] | None
) -> SpectralFit:
    if inside is None:
        return SpectralFit(decomposition, data, family)
    return RimFit(decomposition, data, inside, family)


def _sigma(rule: str, decomposition: Decomposition, data: Array, noise_std: float | None) -> float:
    if rule not in _KNOW_NOISE:
        return 0.0
    return estimate_noise_std(data, decomposition.operator) if noise_std is None else noise_std


def _score(rule: str, fit: SpectralFit, noise_std: float) -> Callable[[float], float]:
    match rule:
        case "gcv":
            return gcv_score(fit)
        case "weighted_gcv":
            return gcv_score(fit, ROBUST_WEIGHT)
        case "upre":
            return upre_score(fit, noise_std)
        case _:
            return ncp_score(fit)
