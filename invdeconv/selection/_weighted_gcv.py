"""Weighted GCV: a heavier or lighter trace."""

from __future__ import annotations

from typing import Any

from invdeconv import checks
from invdeconv.arrays import Array
from invdeconv.operators import LinearOperator
from invdeconv.selection._fit import SpectralFit
from invdeconv.selection._gcv import gcv_score
from invdeconv.selection._problem import fit_of
from invdeconv.selection._selection import Selection, refine_minimum

__all__ = ["ROBUST_WEIGHT", "adapted_weight", "weighted_gcv"]

# Kim and Gu find 1.2 to 1.4 safe from undersmoothing at little cost.
ROBUST_WEIGHT = 1.4


def weighted_gcv(
    data: Array,
    operator: LinearOperator,
    *,
    weight: float = ROBUST_WEIGHT,
    regularizer: str | LinearOperator = "gradient",
    inside: tuple[slice, ...] | None = None,
    rng: Any = None,
) -> Selection:
    """Choose λ of Tikhonov regularization by weighted generalized cross-validation.

    Minimize ‖(I − A)y‖² / tr(I − ωA)² with A = C(CᴴC + λLᴴL)⁻¹Cᴴ. ω > 1 smooths more than `gcv` and hardly
    ever chooses λ far too small, which plain GCV does now and then on few or correlated data. On a
    projected problem, where GCV smooths too much, ω < 1; `adapted_weight` finds it.

    Parameters
    ----------
    data : array, shape operator.output_shape
        Observed data.
    operator : LinearOperator
        C. Without a decomposition a random probe estimates the trace.
    weight : float > 0, default 1.4
        ω.
    regularizer : {"gradient", "identity", "laplacian"} or LinearOperator, default "gradient"
        L.
    inside : tuple of slice, optional
        The part of the data whose residual is trusted; all of it by default. Needs a decomposition.
    rng : seed or Generator, optional
        Source of the probe; default seed 0.

    Returns
    -------
    Selection
        λ > 0 with the curve.

    Raises
    ------
    InvalidInputError
        As `gcv`.
        If `weight` is not positive.

    Notes
    -----
    Cost: as `gcv`.

    References
    ----------
    .. [1] J. Chung, J. G. Nagy, D. P. O'Leary, "A weighted GCV method for Lanczos hybrid regularization",
       ETNA 28 (2008) 149, Eq. (3.2).
    .. [2] Y.-J. Kim, C. Gu, "Smoothing spline Gaussian regression: more scalable computation via efficient
       approximation", J. R. Stat. Soc. B 66 (2004) 337, section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import Convolution, selection
    >>> C = Convolution(np.ones(5) / 5, (64,), boundary="periodic")
    >>> y = C(np.cumsum(np.sin(np.arange(64.0)))) + 0.1 * np.random.default_rng(0).standard_normal(64)
    >>> selection.weighted_gcv(y, C).value > selection.gcv(y, C).value
    True
    """
    weight = checks.positive("weighted_gcv", "weight", weight)
    fit = fit_of("weighted_gcv", data, operator, regularizer, inside, rng)
    return refine_minimum(gcv_score(fit, weight), fit.grid, decades=fit.decades)


def adapted_weight(fit: SpectralFit) -> float:
    """Return the ω for which weighted GCV is stationary at the smallest squared singular value.

    Right for a projected problem of a few steps, whose singular values all belong to signal: the λ wanted
    lies below them (Chung, Nagy and O'Leary 2008, section 3.1). Average it over the steps, at most 1.
    """
    gamma = fit.decomposition.gamma
    lam = float(gamma[gamma > 0].min()) ** 2
    seen, penalized = fit.c**2, lam * fit.s**2
    inner = seen / (seen + penalized)
    left = penalized / (seen + penalized)
    # λ·d/dλ of ‖y − Ay‖² and of −tr A.
    residual_slope = 2 * fit.total(inner * left**2 * fit.power)
    trace_slope = fit.total(fit.weight * inner * left)
    trace, residual = fit.total(fit.weight * inner), fit.total(left**2 * fit.power) + fit.beyond
    return fit.size * residual_slope / (residual_slope * trace + 2 * trace_slope * residual)
