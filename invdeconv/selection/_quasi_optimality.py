"""The quasi-optimality criterion: where the estimate depends least on λ."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from invdeconv.arrays import Array, namespace, norm
from invdeconv.operators import Decomposition, LinearOperator
from invdeconv.selection._fit import SpectralFit
from invdeconv.selection._problem import spectral_fit_of
from invdeconv.selection._selection import Selection, refine_minimum

__all__ = ["quasi_optimality", "quasi_optimality_score", "spectral_range"]


def quasi_optimality(
    data: Array, operator: LinearOperator, *, regularizer: str | LinearOperator = "gradient"
) -> Selection:
    """Choose λ of Tikhonov regularization by quasi-optimality.

    Minimize ‖λ·dx̂/dλ‖. It needs no noise level and no white noise, and is among the best rules where
    singular values fall fast. On photographs it smooths far too much, and a gap in the spectrum passes for
    the noise floor: prefer `gcv` there.

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
        λ > 0, between the smallest and the largest squared singular value of the pair.

    Raises
    ------
    InvalidInputError
        If the pair has no decomposition, or shapes do not fit.

    Notes
    -----
    Cost: no transform per trial value for L = I and where C and L share their eigenvectors; otherwise one
    synthesis.

    References
    ----------
    .. [1] A. N. Tikhonov, V. B. Glasko, "Use of the regularization method in non-linear problems", USSR
       Comput. Math. Math. Phys. 5 (1965) 93.
    .. [2] F. Bauer, M. A. Lukas, "Comparing parameter choice methods for regularization of ill-posed
       problems", Math. Comput. Simul. 81 (2011) 1795, section 4.4.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import Convolution, psf, selection
    >>> C = Convolution(psf.gaussian((15,), 2.0), (64,), boundary="periodic")
    >>> x = np.exp(-(((np.arange(64) - 30) / 9) ** 2))
    >>> y = C(x) + 0.01 * np.random.default_rng(0).standard_normal(64)
    >>> selection.quasi_optimality(y, C).status.name
    'FOUND'
    """
    fit = spectral_fit_of("quasi_optimality", data, operator, regularizer)
    return refine_minimum(quasi_optimality_score(fit), spectral_range(fit.decomposition, 4))


def quasi_optimality_score(fit: SpectralFit) -> Callable[[float], float]:
    """Return ‖λ·dx̂/dλ‖ as a function of λ."""
    decomposition = fit.decomposition
    seen = fit.c**2 + fit.s**2 > 0
    # The columns of X are orthonormal for an SVD, and where C and L share their eigenvectors.
    orthonormal = decomposition.regularizer is None or decomposition.frequency is not None
    k = None if orthonormal else decomposition.analyze(fit.data)

    def score(lam: float) -> float:
        xp = namespace(fit.c)
        denominator = xp.where(seen, fit.c**2 + lam * fit.s**2, 1.0)
        slope: Array = lam * fit.c * fit.s**2 / denominator**2
        if k is None:
            return fit.total(slope**2 * fit.power) ** 0.5
        native = decomposition.factors(fit.data)[0].dtype
        return norm(decomposition.synthesize(xp.astype(slope, native) * k))

    return score


def spectral_range(decomposition: Decomposition, per_decade: int) -> np.ndarray:
    """Return trial values of λ from the smallest squared singular value of the pair to the largest.

    Outside every filter is all or nothing, and an estimate that no longer changes is not a good one.
    """
    gamma = decomposition.gamma
    gamma = gamma[np.isfinite(gamma) & (gamma > 0)]
    top = float(gamma.max()) ** 2 if gamma.size else 1.0
    rounding = 16 * np.finfo(float).eps
    bottom = max(float(gamma.min()) ** 2 if gamma.size else 1.0, rounding**2 * top)
    decades = max(np.log10(top / bottom), 1e-3)
    return np.geomspace(
        bottom, top * 10 ** (1e-3 if top == bottom else 0), int(np.ceil(decades * per_decade)) + 1
    )
