"""How near an estimate is to the truth, and how white its residual is.

Arguments are arrays of any library, lists, or Results; host copies are made by `ssim` alone.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from invdeconv.arrays import Array, dot, is_complex, namespace, norm, to_numpy
from invdeconv.checks import finite_array, integer, positive, refuse

__all__ = ["best_scaled_error", "isnr", "psnr", "relative_error", "residual_whiteness", "ssim"]


def relative_error(estimate: Any, truth: Any) -> float:
    """Return the relative error ‖x̂ − x‖ / ‖x‖.

    Parameters
    ----------
    estimate, truth : array
        Same shape, same units.

    Returns
    -------
    float
        0 for a perfect estimate, 1 for an estimate of zeros.

    Raises
    ------
    InvalidInputError
        The shapes differ, or the truth is all zeros.

    Examples
    --------
    >>> from invdeconv import metrics
    >>> metrics.relative_error([3.0, 0.0], [3.0, 4.0])
    0.8
    """
    estimate, truth = _pair("relative_error", estimate, truth)
    return norm(estimate - truth) / _size("relative_error", truth)


def best_scaled_error(estimate: Any, truth: Any) -> float:
    """Return the relative error after the best scaling: min over a of ‖a·x̂ − x‖ / ‖x‖.

    It forgives an unknown gain and nothing else: what separates Cᵀy from C⁺y in scale is gone, what
    separates them in shape stays. The factor a is complex where the arrays are.

    Parameters
    ----------
    estimate, truth : array
        Same shape.

    Returns
    -------
    float
        Between 0 and 1; the sine of the angle between the two arrays.

    Raises
    ------
    InvalidInputError
        The shapes differ, or the truth is all zeros.

    Examples
    --------
    >>> from invdeconv import metrics
    >>> metrics.best_scaled_error([30.0, 0.0], [3.0, 4.0])
    0.8
    """
    estimate, truth = _pair("best_scaled_error", estimate, truth)
    size = _size("best_scaled_error", truth)
    estimate = _unit_peak(estimate)
    power = norm(estimate) ** 2
    if power == 0:
        return 1.0
    if is_complex(truth) and not is_complex(estimate):
        xp = namespace(estimate, truth)
        estimate = xp.astype(estimate, xp.result_type(estimate, truth))
    return norm(dot(estimate, truth) / power * estimate - truth) / size


def psnr(estimate: Any, truth: Any, *, data_range: float | None = None) -> float:
    """Return the peak signal-to-noise ratio 10·log₁₀(range² / mean |x̂ − x|²) in dB.

    Parameters
    ----------
    estimate, truth : array
        Same shape, same units.
    data_range : float, optional
        Distance between the smallest and the largest possible value; by default max − min of `truth`.
        Pass it to compare numbers across images: 255 for 8 bits.

    Returns
    -------
    float
        In dB; inf for a perfect estimate.

    Raises
    ------
    InvalidInputError
        The shapes differ, or there is no default range because the truth is constant or complex.

    Examples
    --------
    >>> from invdeconv import metrics
    >>> metrics.psnr([0.1, 0.9], [0.0, 1.0])
    20.0
    """
    estimate, truth = _pair("psnr", estimate, truth)
    peak = _range("psnr", truth, data_range)
    error = norm(estimate - truth) / math.sqrt(math.prod(truth.shape))
    return _decibel(peak, error)


def isnr(estimate: Any, truth: Any, data: Any) -> float:
    """Return the improvement in signal-to-noise ratio 20·log₁₀(‖y − x‖ / ‖x̂ − x‖) in dB.

    Parameters
    ----------
    estimate, truth, data : array
        Restored, true and observed; same shape, same units.

    Returns
    -------
    float
        In dB. Negative: worse than doing nothing. 0 where both errors are zero.

    Raises
    ------
    InvalidInputError
        The shapes differ.

    Examples
    --------
    >>> from invdeconv import metrics
    >>> metrics.isnr([0.0, 1.5], [0.0, 1.0], [0.0, 6.0])
    20.0
    """
    estimate, truth = _pair("isnr", estimate, truth)
    data, _ = _pair("isnr", data, truth, name="data")
    before, after = norm(data - truth), norm(estimate - truth)
    return 0.0 if before == after else _decibel(before, after)


def ssim(estimate: Any, truth: Any, *, data_range: float | None = None) -> float:
    """Return the mean structural similarity index, with the Gaussian window of its authors.

    Parameters
    ----------
    estimate, truth : array
        Real, same shape, at least 11 samples along each axis. A host copy is made of other libraries' arrays.
    data_range : float, optional
        As in `psnr`.

    Returns
    -------
    float
        At most 1, which only a perfect estimate reaches.

    Raises
    ------
    InvalidInputError
        The shapes differ, an axis is shorter than the window, the arrays are complex, or there is no default
        range because the truth is constant.

    References
    ----------
    Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural
    similarity", IEEE Trans. Image Process. 13(4), 2004, eq. (13) and (17); window of σ = 1.5.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import metrics
    >>> metrics.ssim(np.eye(16), np.eye(16))
    1.0
    """
    from skimage.metrics import structural_similarity

    estimate, truth = _pair("ssim", estimate, truth)
    if is_complex(estimate) or is_complex(truth):
        refuse("ssim", "estimate and truth", "be real", "complex values", "Pass their magnitudes.")
    if min(truth.shape) < 11:
        advice = "Use psnr or relative_error."
        refuse("ssim", "truth", "have at least 11 samples per axis", f"shape {tuple(truth.shape)}", advice)
    value = structural_similarity(  # type: ignore[no-untyped-call]
        to_numpy(truth).astype(np.float64),
        to_numpy(estimate).astype(np.float64),
        data_range=_range("ssim", truth, data_range),
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
    )
    return float(value)


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
    residual = _unit_peak(residual)
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


def _pair(function: str, estimate: Any, truth: Any, *, name: str = "estimate") -> tuple[Array, Array]:
    estimate, truth = finite_array(function, name, estimate), finite_array(function, "truth", truth)
    if estimate.shape != truth.shape:
        what = f"have the shape of truth {tuple(truth.shape)}"
        refuse(function, name, what, tuple(estimate.shape), "Crop or pad one of them; nothing is broadcast.")
    return estimate, truth


def _size(function: str, truth: Array) -> float:
    size = norm(truth)
    if size == 0:
        advice = "A relative error has no meaning here; use the norm of the estimate."
        refuse(function, "truth", "not be all zeros", f"shape {tuple(truth.shape)}", advice)
    return size


def _range(function: str, truth: Array, data_range: float | None) -> float:
    if data_range is not None:
        return positive(function, "data_range", data_range)
    if is_complex(truth):
        refuse(function, "data_range", "be given for complex arrays", None, "Pass the largest magnitude.")
    xp = namespace(truth)
    peak = float(xp.max(truth)) - float(xp.min(truth))
    if peak == 0:
        advice = "Pass the range of values the data can take, 255 for 8 bits."
        refuse(function, "data_range", "be given for a constant truth", None, advice)
    return peak


def _unit_peak(x: Array) -> Array:
    """Scale to a peak of one, so that squares neither overflow nor vanish."""
    xp = namespace(x)
    peak = float(xp.max(xp.abs(x)))
    return x / peak if peak > 0 else x


def _decibel(above: float, below: float) -> float:
    """Return 20·log₁₀(above/below), infinite where one of them is zero."""
    if below == 0:
        return math.inf
    return 20 * math.log10(above / below) if above > 0 else -math.inf
