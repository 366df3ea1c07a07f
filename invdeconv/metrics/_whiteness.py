"""How white a residual is."""

from __future__ import annotations

import itertools
import math
from typing import Any

from invdeconv.arrays import dot, is_complex, norm
from invdeconv.checks import finite_array, integer, refuse
from invdeconv.metrics._pair import unit_peak

__all__ = ["residual_whiteness"]


def residual_whiteness(residual: Any, *, max_lag: int = 3) -> float:
    r"""Return the mean squared correlation of a residual with its near neighbors, 1 for white noise.

    Ljung and Box's statistic per lag, in any number of dimensions: the mean over the lags k ≠ 0 with
    \|kᵢ\| ≤ max_lag of n(n+2)/n_k·\|ρ_k\|², where n_k counts the pairs at lag k and
    ρ_k = Σ conj(rᵢ)·rᵢ₊ₖ / Σ \|rᵢ\|². Needs no truth: a residual y − Cx̂ much above 1 still holds blur or
    ringing that the estimate should explain.

    Parameters
    ----------
    residual : array
        y − Cx̂. The mean is not removed: an offset is correlation too.
    max_lag : int
        Farthest neighbor along each axis.

    Returns
    -------
    float
        Expectation exactly 1 for white Gaussian noise of zero mean, about n for a constant, nan for a
        residual of zeros, which has no correlation.

    Raises
    ------
    InvalidInputError
        Only one sample, or max_lag < 1.

    Notes
    -----
    One pass over the data per lag: max_lag in 1-D, 24 by default in 2-D, 171 in 3-D.

    References
    ----------
    Ljung, Box, "On a measure of lack of fit in time series models", Biometrika 65(2), 1978, eq. (1.3).

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import metrics
    >>> noise = np.random.default_rng(0).standard_normal((64, 64))
    >>> bool(0.5 < metrics.residual_whiteness(noise) < 1.5)
    True
    """
    residual = finite_array("residual_whiteness", "residual", residual)
    max_lag = integer("residual_whiteness", "max_lag", max_lag, minimum=1)
    n = math.prod(residual.shape)
    if n < 2:
        refuse(
            "residual_whiteness", "residual", "have at least two samples", n, "One sample has no neighbor."
        )
    residual = unit_peak(residual)
    energy = norm(residual) ** 2
    if energy == 0:
        return math.nan
    # E(Σ|r|²)² = n(n+2) for real white Gaussian noise of unit variance, n(n+1) for circular complex.
    scale = n * (n + (1 if is_complex(residual) else 2))
    terms = []
    for lag in itertools.product(
        *(range(-min(max_lag, m - 1), min(max_lag, m - 1) + 1) for m in residual.shape)
    ):
        if lag <= (0,) * residual.ndim:  # ρ₋ₖ is conj(ρₖ): one half of the lags says it all
            continue
        ahead = residual[
            tuple(slice(max(k, 0), m + min(k, 0)) for k, m in zip(lag, residual.shape, strict=True))
        ]
        behind = residual[
            tuple(slice(max(-k, 0), m - max(k, 0)) for k, m in zip(lag, residual.shape, strict=True))
        ]
        terms.append(scale / math.prod(ahead.shape) * abs(dot(behind, ahead) / energy) ** 2)
    return math.fsum(terms) / len(terms)
