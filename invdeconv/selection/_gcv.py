"""Generalized cross-validation: the λ that best predicts data left out, with no noise level needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from invdeconv.arrays import Array
from invdeconv.operators import LinearOperator
from invdeconv.selection._fit import Fit
from invdeconv.selection._problem import fit_of
from invdeconv.selection._selection import Selection, refine_minimum

__all__ = ["gcv", "gcv_score"]


def gcv(
    data: Array,
    operator: LinearOperator,
    *,
    regularizer: str | LinearOperator = "gradient",
    inside: tuple[slice, ...] | None = None,
    rng: Any = None,
) -> Selection:
    """Choose λ of Tikhonov regularization by generalized cross-validation.

    Minimize ‖(I − A)y‖² / tr(I − A)² with A = C(CᴴC + λLᴴL)⁻¹Cᴴ. Use it when the noise is white and its
    level unknown; prefer `weighted_gcv` for few or correlated data, where a flat minimum may lie far too
    low, and `upre` when the level is known. On data cropped from a larger scene the boundary model is
    wrong at the edges: pass `inside`, or the rule chooses λ far too small.

    Parameters
    ----------
    data : array, shape operator.output_shape
        Observed data.
    operator : LinearOperator
        C. Without a decomposition a random probe estimates the trace.
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
        If shapes do not fit.
        If `inside` is given and the pair has no decomposition.

    Notes
    -----
    Cost: no transform per trial value; one inverse transform per trial value with `inside`; without a
    decomposition up to 100 conjugate gradient steps for the data and as many for the probe.

    References
    ----------
    .. [1] G. H. Golub, M. Heath, G. Wahba, "Generalized cross-validation as a method for choosing a good
       ridge parameter", Technometrics 21 (1979) 215, Eq. (1.4).
    .. [2] G. H. Golub, U. von Matt, "Generalized cross-validation for large-scale problems", J. Comput.
       Graph. Stat. 6 (1997) 1.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import Convolution, selection
    >>> x = np.cumsum(np.sin(np.arange(64.0)))
    >>> C = Convolution(np.ones(5) / 5, (64,), boundary="periodic")
    >>> y = C(x) + 0.1 * np.random.default_rng(0).standard_normal(64)
    >>> selection.gcv(y, C).status.name
    'FOUND'
    """
    fit = fit_of("gcv", data, operator, regularizer, inside, rng)
    return refine_minimum(gcv_score(fit), fit.grid, decades=fit.decades)


def gcv_score(fit: Fit, weight: float = 1.0) -> Callable[[float], float]:
    """Return (‖y − Ay‖²/m) / (1 − ω·tr(A)/m)², infinite where nothing is left to predict from."""

    def score(parameter: float) -> float:
        trace = fit.trace(parameter)
        left = 1 - weight * trace / fit.size
        return fit.misfit(parameter) / left**2 if left > 0 and trace < fit.size else float("inf")

    return score
