"""Generalized cross-validation: the λ that best predicts data left out, with no noise level needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, dot, is_complex, like, namespace, norm
from invdeconv.operators import Decomposition, LinearOperator, decompose, regularizer_for
from invdeconv.operators.decomposition import Filter
from invdeconv.selection._selection import Selection, refine_minimum

__all__ = ["gcv", "gcv_score", "gcv_stochastic", "lambda_grid"]


def gcv(
    data: Array,
    operator: LinearOperator,
    *,
    regularizer: str | LinearOperator = "gradient",
    inside: tuple[slice, ...] | None = None,
) -> Selection:
    """Choose λ of Tikhonov regularization by generalized cross-validation.

    Minimize ‖(I − A)y‖² / tr(I − A)² with A = C(CᴴC + λLᴴL)⁻¹Cᴴ. Use it when the noise is white and its
    level unknown. On data cropped from a larger scene the boundary model is wrong at the edges; pass
    `inside` so that only the residual away from them counts: the plain rule would choose λ far too small.

    Parameters
    ----------
    data : array, shape operator.output_shape
        Observed data.
    operator : LinearOperator
        C; must have a decomposition.
    regularizer : {"gradient", "identity", "laplacian"} or LinearOperator, default "gradient"
        L.
    inside : tuple of slice, optional
        The part of the data whose residual is trusted; all of it by default.

    Returns
    -------
    Selection
        λ > 0 with the curve.

    Raises
    ------
    InvalidInputError
        If the pair has no decomposition, or shapes do not fit.

    Notes
    -----
    Cost: no transform per trial value; one inverse transform per trial value with `inside`.

    References
    ----------
    .. [1] G. H. Golub, M. Heath, G. Wahba, "Generalized cross-validation as a method for choosing a good
       ridge parameter", Technometrics 21 (1979) 215, Eq. (1.4).

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
    data = checks.finite_array("gcv", "data", data)
    if not isinstance(operator, LinearOperator):
        advice = "Make one from the PSF: Convolution.from_psf(psf, data.shape)."
        checks.refuse("gcv", "operator", "be a LinearOperator", type(operator).__name__, advice)
    if tuple(data.shape) != operator.output_shape:
        advice = "Build the operator for the data."
        checks.refuse("gcv", "data", f"have shape {operator.output_shape}", tuple(data.shape), advice)
    decomposition = decompose(operator, regularizer_for("gcv", regularizer, operator))
    if decomposition is None:
        advice = "Use tikhonov(lam='gcv'), which estimates the trace, or pass lam."
        checks.refuse("gcv", "operator", "have a decomposition", repr(operator), advice)
    score = gcv_score(decomposition, data, _tikhonov, inside=inside)
    return refine_minimum(score, lambda_grid(decomposition))


def _tikhonov(lam: float) -> Filter:
    return lambda c, s: c / (c * c + lam * s * s)


def lambda_grid(decomposition: Decomposition) -> np.ndarray:
    """Return trial values of λ, one per decade, over the squared singular values of the pair.

    Four decades below the smallest, so that a blur of hardly anything may be hardly regularized.
    """
    gamma = decomposition.gamma
    gamma = gamma[np.isfinite(gamma) & (gamma > 0)]
    top = float(gamma.max()) ** 2 if gamma.size else 1.0
    bottom = max(float(gamma.min()) ** 2 if gamma.size else 1.0, 1e-12 * top)
    low, high = np.floor(np.log10(bottom)) - 4, np.ceil(np.log10(top)) + 1
    return np.logspace(low, high, int(high - low) + 1)


def gcv_score(
    decomposition: Decomposition,
    data: Array,
    family: Callable[[float], Filter],
    *,
    inside: tuple[slice, ...] | None,
) -> Callable[[float], float]:
    """Return the GCV score as a function of the parameter of a family of filters φ."""
    xp = namespace(data)
    c, s = decomposition.factors(data)[:2]
    s = 1.0 if s is None else s
    count = decomposition.operator.shape[0]
    weights = like(np.broadcast_to(decomposition.multiplicity, tuple(c.shape)), data)

    def score(residual: float, kept: Array) -> float:
        # A filter that keeps everything leaves no residual to predict from: never the minimum.
        left = 1 - float(xp.sum(weights * kept, dtype=xp.float64)) / count
        return residual / left**2 if left > decomposition.rounding(data) else float("inf")

    if inside is None:
        power, beyond = decomposition.power(data), decomposition.out_of_range(data)

        def spectral(parameter: float) -> float:
            kept = c * family(parameter)(c, s)
            residual = float(xp.sum((1 - kept) ** 2 * power, dtype=xp.float64)) + beyond
            return score(residual / count, kept)

        return spectral

    parts = [xp.real(data), xp.imag(data)] if is_complex(data) else [data]
    analyzed = [(part, decomposition.analyze(part)) for part in parts]

    def rimmed(parameter: float) -> float:
        kept = c * family(parameter)(c, s)
        total, size = 0.0, 1
        for part, k in analyzed:
            residual = (part - decomposition.synthesize_output(kept * k))[inside]
            total += norm(residual) ** 2
            size = int(np.prod(residual.shape))
        return score(total / size, kept)

    return rimmed


def gcv_stochastic(
    data: Array, predict: Callable[[Array, float], Array], scale: float, *, rng: Any = None
) -> Selection:
    """Choose λ by GCV where only x̂ can be computed: one random probe estimates the trace.

    Parameters
    ----------
    data : array
        Observed data y.
    predict : callable (y, lam) -> array
        C x̂(λ) for data y: linear in y.
    scale : float
        Size of λ at which data and regularizer balance, ‖C‖²/‖L‖².
    rng : seed or Generator, optional
        Source of the ±1 probe; default seed 0. One probe for all λ keeps the curve smooth.

    Returns
    -------
    Selection

    References
    ----------
    .. [1] M. F. Hutchinson, "A stochastic estimator of the trace of the influence matrix", Commun. Stat.
       Simul. 19 (1990) 433; D. Girard, Numer. Math. 56 (1989) 1.
    """
    draws = np.random.default_rng(0 if rng is None else rng).integers(0, 2, tuple(data.shape))
    probe = like(2.0 * draws - 1.0, data)
    size = float(draws.size)

    def score(lam: float) -> float:
        left = norm(data - predict(data, lam)) ** 2 / size
        trace = 1 - complex(dot(probe, predict(probe, lam))).real / size
        return left / max(trace, 1e-300) ** 2

    return refine_minimum(score, scale * np.logspace(-7, 2, 10), decades=0.3)
