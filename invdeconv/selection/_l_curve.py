"""The corner of the L-curve."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from invdeconv.arrays import Array, namespace
from invdeconv.operators import LinearOperator
from invdeconv.selection._fit import SpectralFit
from invdeconv.selection._problem import spectral_fit_of
from invdeconv.selection._selection import Selection, SelectionStatus, refine_minimum

__all__ = ["corner", "curvature", "l_curve"]


def l_curve(
    data: Array, operator: LinearOperator, *, regularizer: str | LinearOperator = "gradient"
) -> Selection:
    """Choose λ of Tikhonov regularization at the corner of the L-curve.

    The λ at which (log‖Cx̂ − y‖, log‖Lx̂‖) bends most: below it noise takes over, above it the residual
    grows. It needs no noise level and stands correlated noise better than `gcv`. Where smooth x leave no
    corner, and as the noise vanishes, it smooths too much or fails.

    Parameters
    ----------
    data : array, shape operator.output_shape
        Observed data.
    operator : LinearOperator
        C; must have a decomposition.
    regularizer : {"gradient", "identity", "laplacian"} or LinearOperator, default "gradient"
        L.

    Returns
    -------
    Selection
        λ > 0; the curve is minus the curvature. ``status`` is NO_CORNER where it is largest at an end of
        the interval, or nowhere positive.

    Raises
    ------
    InvalidInputError
        If the pair has no decomposition, or shapes do not fit.

    Notes
    -----
    Cost: no transform per trial value. The derivatives are exact, from the spectrum.

    References
    ----------
    .. [1] P. C. Hansen, D. P. O'Leary, "The use of the L-curve in the regularization of discrete ill-posed
       problems", SIAM J. Sci. Comput. 14 (1993) 1487.
    .. [2] P. C. Hansen, "Discrete Inverse Problems", SIAM 2010, section 5.3.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import Convolution, selection
    >>> C = Convolution(np.ones(5) / 5, (64,), boundary="periodic")
    >>> y = C(np.cumsum(np.sin(np.arange(64.0)))) + 0.1 * np.random.default_rng(0).standard_normal(64)
    >>> selection.l_curve(y, C).status.name
    'FOUND'
    """
    return corner(spectral_fit_of("l_curve", data, operator, regularizer))


def corner(fit: SpectralFit) -> Selection:
    """Return the λ of largest curvature, and NO_CORNER where that is no corner."""
    bend = curvature(fit)
    found = refine_minimum(lambda lam: -bend(lam), fit.grid)
    at_end = found.status is SelectionStatus.EDGE
    if at_end or np.min(found.curve[1]) >= 0:
        return dataclasses.replace(found, status=SelectionStatus.NO_CORNER)
    return found


def curvature(fit: SpectralFit) -> Callable[[float], float]:
    """Return the curvature of (½ log ρ, ½ log η), ρ = ‖Cx̂ − y‖², η = ‖Lx̂‖², as a function of λ.

    From ρ' = −λη' the slope is t = −ρ/(λη), and no second derivative is needed.
    """
    seen = fit.c**2 + fit.s**2 > 0

    def bend(lam: float) -> float:
        xp = namespace(fit.c)
        denominator = xp.where(seen, fit.c**2 + lam * fit.s**2, 1.0)
        inner, outer = (fit.c / denominator) ** 2, fit.s**2 / denominator
        rho = fit.total((lam * outer) ** 2 * fit.power) + fit.beyond
        eta = fit.total(inner * fit.s**2 * fit.power)
        # −λη', larger than 0
        fall: Array = 2 * lam * fit.total(inner * outer * fit.s**2 * fit.power)
        if not (rho > 0 and eta > 0 and fall > 0):
            return 0.0
        steep = rho / (lam * eta)  # −t
        # dt/d(log λ) over d(½ log ρ)/d(log λ)
        turn = (steep - (fall / eta) * (1 + steep)) * 2 * rho / (lam * fall)
        return turn / (1 + steep**2) ** 1.5

    return bend
