"""The unbiased predictive risk estimator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from invdeconv.arrays import Array
from invdeconv.operators import LinearOperator
from invdeconv.selection._fit import Fit
from invdeconv.selection._problem import fit_of, noise_level
from invdeconv.selection._selection import Selection, refine_minimum

__all__ = ["upre", "upre_score"]


def upre(
    data: Array,
    operator: LinearOperator,
    *,
    noise_std: float | None = None,
    regularizer: str | LinearOperator = "gradient",
    inside: tuple[slice, ...] | None = None,
    rng: Any = None,
) -> Selection:
    """Choose λ of Tikhonov regularization by the unbiased predictive risk estimator.

    Minimize ‖(I − A)y‖² + 2σ²·tr(A), whose mean is the error of Cx̂ up to a constant; also known as
    Mallows' Cp and, for linear estimates, as SURE. Prefer it to `gcv` when the noise level is known.

    Parameters
    ----------
    data : array, shape operator.output_shape
        Observed data.
    operator : LinearOperator
        C. Without a decomposition a random probe estimates the trace.
    noise_std : float >= 0, optional
        σ in data units; for complex data √E|n|². Estimated by default.
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
        If `noise_std` is negative.

    Notes
    -----
    Cost: as `gcv`.

    References
    ----------
    .. [1] C. R. Vogel, "Computational Methods for Inverse Problems", SIAM 2002, Eq. (7.7).

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import Convolution, selection
    >>> C = Convolution(np.ones(5) / 5, (64,), boundary="periodic")
    >>> y = C(np.cumsum(np.sin(np.arange(64.0)))) + 0.1 * np.random.default_rng(0).standard_normal(64)
    >>> selection.upre(y, C, noise_std=0.1).status.name
    'FOUND'
    """
    fit = fit_of("upre", data, operator, regularizer, inside, rng)
    score = upre_score(fit, noise_level("upre", noise_std, data, operator))
    return refine_minimum(score, fit.grid, decades=fit.decades)


def upre_score(fit: Fit, noise_std: float) -> Callable[[float], float]:
    """Return ‖y − Ay‖²/m + 2σ²·tr(A)/m − σ², an unbiased estimate of E‖C(x̂ − x)‖²/m."""
    variance = noise_std**2
    return lambda parameter: fit.misfit(parameter) + variance * (2 * fit.trace(parameter) / fit.samples - 1)
