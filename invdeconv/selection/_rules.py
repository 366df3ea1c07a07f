"""The rules by name, on a decomposition: what methods call."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from invdeconv.arrays import Array
from invdeconv.operators import Decomposition
from invdeconv.selection._discrepancy import crossing_on_grid, last_crossing, safety
from invdeconv.selection._fit import Family, Fit, RimFit, SpectralFit, lambda_grid, tikhonov_filter
from invdeconv.selection._gcv import gcv_score
from invdeconv.selection._l_curve import corner
from invdeconv.selection._lepskii import KAPPA, balance
from invdeconv.selection._ncp import ncp_score
from invdeconv.selection._quasi_optimality import quasi_optimality_score, spectral_range
from invdeconv.selection._selection import Selection, SelectionStatus, minimize_on_grid, refine_minimum
from invdeconv.selection._upre import upre_score
from invdeconv.selection._weighted_gcv import ROBUST_WEIGHT

__all__ = [
    "NOISE_RULES",
    "PROBED_RULES",
    "RULES",
    "THRESHOLD_RULES",
    "choose_automatically",
    "choose_by_residual",
    "choose_lambda",
    "choose_threshold",
]

RULES = ("gcv", "weighted_gcv", "upre", "discrepancy", "l_curve", "ncp", "quasi_optimality", "lepskii")

# The curvature and the derivative are those of Tikhonov; a threshold has neither.
THRESHOLD_RULES = tuple(rule for rule in RULES if rule not in {"l_curve", "quasi_optimality"})

# They ask for σ.
NOISE_RULES = ("upre", "discrepancy", "lepskii")

# GCV takes ‖y − Ay‖²/tr(I − A) for the variance of the noise, which has only the share tr((I − A)²)/tr(I − A)
# of it: all where a blur leaves frequencies empty, next to nothing where it hardly attenuates. Below
# this share the signal rules the score (measured: it loses 1 to 3 dB, and above 0.6 hardly any).
_SHARE_OF_NOISE = 0.5

# What is left where nothing decomposes.
PROBED_RULES = ("gcv", "weighted_gcv", "upre", "discrepancy")


def choose_lambda(
    rule: str,
    decomposition: Decomposition,
    data: Array,
    *,
    noise_std: float = 0.0,
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
    noise_std : float
        For `NOISE_RULES`.
    inside : tuple of slice, optional
        Where the residual is trusted, for the rules that only look at its size.
    """
    if rule in PROBED_RULES:
        return choose_by_residual(rule, _fit(decomposition, data, tikhonov_filter, inside), noise_std)
    fit = SpectralFit(decomposition, data)
    if rule == "lepskii":
        return balance(fit, noise_std, lambda_grid(fit.decomposition, 8), KAPPA)
    if rule == "l_curve":
        return corner(fit)
    if rule == "quasi_optimality":
        return refine_minimum(quasi_optimality_score(fit), spectral_range(decomposition, 4))
    return refine_minimum(ncp_score(fit), fit.grid)


def choose_automatically(
    decomposition: Decomposition,
    data: Array,
    noise_std: Callable[[], float | None],
    *,
    inside: tuple[slice, ...] | None = None,
) -> tuple[str, Selection]:
    """Choose λ by GCV where its residual shows the noise, elsewhere by UPRE with a noise level.

    Parameters
    ----------
    decomposition : Decomposition
        Of the pair.
    data : array
        What it decomposes.
    noise_std : callable
        Returns σ, or None where nothing tells it; asked for only where it is needed.
    inside : tuple of slice, optional
        Where the residual is trusted.

    Returns
    -------
    tuple
        The rule in force, and what it chose.
    """
    fit = _fit(decomposition, data, tikhonov_filter, inside)
    selection = choose_by_residual("gcv", fit)
    left = fit.left(selection.value)
    seen = fit.total(fit.weight * left * left) >= _SHARE_OF_NOISE * fit.total(fit.weight * left)
    level = None if seen else noise_std()
    if level is None:
        return "gcv", selection
    by_level = choose_by_residual("upre", fit, level)
    return ("upre", by_level) if by_level.status is SelectionStatus.FOUND else ("gcv", selection)


def choose_threshold(
    rule: str,
    decomposition: Decomposition,
    data: Array,
    family: Family,
    grid: np.ndarray,
    *,
    noise_std: float = 0.0,
    inside: tuple[slice, ...] | None = None,
) -> Selection:
    """Choose the parameter of any family of filters by one of `THRESHOLD_RULES`, on a grid."""
    fit = _fit(decomposition, data, family, inside)
    if rule == "discrepancy":
        return crossing_on_grid(lambda value: fit.misfit(value) ** 0.5, safety(fit) * noise_std, grid)
    if rule == "lepskii":
        return balance(fit, noise_std, grid, KAPPA)
    if rule == "ncp":
        return minimize_on_grid(ncp_score(fit), grid)
    return minimize_on_grid(_score(rule, fit, noise_std), grid)


def choose_by_residual(rule: str, fit: Fit, noise_std: float = 0.0) -> Selection:
    """Choose λ by one of `PROBED_RULES`, which need no more than the residual and the trace."""
    if rule == "discrepancy":
        return last_crossing(lambda lam: fit.misfit(lam) ** 0.5, safety(fit) * noise_std, fit.grid)
    return refine_minimum(_score(rule, fit, noise_std), fit.grid, decades=fit.decades)


def _fit(
    decomposition: Decomposition, data: Array, family: Family, inside: tuple[slice, ...] | None
) -> SpectralFit:
    if inside is None:
        return SpectralFit(decomposition, data, family)
    return RimFit(decomposition, data, inside, family)


def _score(rule: str, fit: Fit, noise_std: float) -> Callable[[float], float]:
    if rule == "upre":
        return upre_score(fit, noise_std)
    return gcv_score(fit, ROBUST_WEIGHT if rule == "weighted_gcv" else 1.0)
