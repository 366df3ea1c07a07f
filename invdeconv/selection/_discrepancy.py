"""The discrepancy principle: fit the data as well as their noise, and no better."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.optimize

from invdeconv import checks
from invdeconv.arrays import Array
from invdeconv.operators import LinearOperator
from invdeconv.selection._fit import Fit
from invdeconv.selection._problem import fit_of, noise_level
from invdeconv.selection._selection import Selection, SelectionStatus

__all__ = ["crossing_on_grid", "discrepancy", "last_crossing", "safety"]


def discrepancy(
    data: Array,
    operator: LinearOperator,
    *,
    noise_std: float | None = None,
    tau: float | None = None,
    regularizer: str | LinearOperator = "gradient",
    inside: tuple[slice, ...] | None = None,
) -> Selection:
    """Choose λ of Tikhonov regularization by the discrepancy principle.

    The λ at which ‖Cx̂ − y‖² = τ²·m·σ². It needs σ within some per cent and errs to the smooth side,
    seldom to the other; `upre` uses the same σ with less bias, `gcv` does without.

    Parameters
    ----------
    data : array, shape operator.output_shape
        Observed data.
    operator : LinearOperator
        C; needs no decomposition.
    noise_std : float >= 0, optional
        σ in data units; for complex data √E|n|². Estimated by default.
    tau : float > 0, optional
        τ. Default 1 + √(2/m), two standard deviations of the norm of the noise above its mean: with τ = 1
        every second draw asks for a residual smaller than the noise, and on few data λ comes out far too
        small.
    regularizer : {"gradient", "identity", "laplacian"} or LinearOperator, default "gradient"
        L.
    inside : tuple of slice, optional
        The part of the data whose residual is trusted; all of it by default. Needs a decomposition.

    Returns
    -------
    Selection
        λ > 0; the curve is the root mean square of the residual.

    Raises
    ------
    InvalidInputError
        As `gcv`.
        If `noise_std` is negative or `tau` not positive.

    Notes
    -----
    Cost: as `gcv`, without the probe.

    References
    ----------
    .. [1] V. A. Morozov, "On the solution of functional equations by the method of regularization", Soviet
       Math. Dokl. 7 (1966) 414.
    .. [2] P. C. Hansen, "Discrete Inverse Problems", SIAM 2010, Eq. (5.6).

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import Convolution, selection
    >>> C = Convolution(np.ones(5) / 5, (64,), boundary="periodic")
    >>> y = C(np.cumsum(np.sin(np.arange(64.0)))) + 0.1 * np.random.default_rng(0).standard_normal(64)
    >>> selection.discrepancy(y, C, noise_std=100.0).status.name
    'NOISE_EXCEEDS_DATA'
    """
    fit = fit_of("discrepancy", data, operator, regularizer, inside, None)
    factor = safety(fit) if tau is None else checks.positive("discrepancy", "tau", tau)
    target = factor * noise_level("discrepancy", noise_std, data, operator)
    return last_crossing(lambda lam: fit.misfit(lam) ** 0.5, target, fit.grid)


def safety(fit: Fit) -> float:
    """Return 1 + √(2/m): ‖n‖/√m has mean σ and deviation σ/√(2m)."""
    return 1 + (2 / fit.samples) ** 0.5


def crossing_on_grid(residual: Callable[[float], float], target: float, grid: np.ndarray) -> Selection:
    """Return the largest grid value at which a residual that grows along the grid is at most the target."""
    curve = np.array([residual(float(value)) for value in grid])
    below = np.flatnonzero(curve <= target)
    if below.size == 0:
        return Selection(float(grid[0]), (grid, curve), SelectionStatus.NOISE_NEVER_REACHED)
    last = int(below[-1])
    exceeds = last == len(grid) - 1
    status = SelectionStatus.NOISE_EXCEEDS_DATA if exceeds else SelectionStatus.FOUND
    return Selection(float(grid[last]), (grid, curve), status)


def last_crossing(residual: Callable[[float], float], target: float, grid: np.ndarray) -> Selection:
    """Return the largest value at which a continuous residual equals the target, by Brent's method."""
    coarse = crossing_on_grid(residual, target, grid)
    if coarse.status is not SelectionStatus.FOUND:
        return coarse
    seen: dict[float, float] = dict(zip(*coarse.curve, strict=True))

    def excess(exponent: float) -> float:
        value = float(10.0**exponent)
        seen[value] = residual(value)
        return seen[value] - target

    last = int(np.flatnonzero(grid == coarse.value)[0])
    exponent = scipy.optimize.brentq(excess, np.log10(grid[last]), np.log10(grid[last + 1]), xtol=1e-4)
    values = np.array(sorted(seen))
    curve = (values, np.array([seen[value] for value in values]))
    return Selection(float(10.0**exponent), curve, SelectionStatus.FOUND)
