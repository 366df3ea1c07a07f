"""How near an estimate is to the truth."""

from __future__ import annotations

import math
from typing import Any

from invdeconv.arrays import Array, dot, is_complex, namespace, norm
from invdeconv.checks import refuse
from invdeconv.metrics._pair import pair, range_of, unit_peak

__all__ = ["best_scaled_error", "i_divergence", "isnr", "psnr", "relative_error"]


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
    estimate, truth = pair("relative_error", estimate, truth)
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
    estimate, truth = pair("best_scaled_error", estimate, truth)
    size = _size("best_scaled_error", truth)
    estimate = unit_peak(estimate)
    power = norm(estimate) ** 2
    if power == 0:
        return 1.0
    if is_complex(truth) and not is_complex(estimate):
        xp = namespace(estimate, truth)
        estimate = xp.astype(estimate, xp.result_type(estimate, truth))
    return norm(dot(estimate, truth) / power * estimate - truth) / size


def i_divergence(estimate: Any, truth: Any) -> float:
    """Return Csiszár's I-divergence Σ x·log(x/x̂) − x + x̂ of counts or intensities.

    The error measure that Poisson noise asks for: the same error weighs more where there is little light.
    Between data and Cx̂ it is what `richardson_lucy` makes small, and about half the number of samples at
    the level of the noise.

    Parameters
    ----------
    estimate, truth : array
        x̂ and x; real, not negative, same shape, same units. Counts, for the level of the noise.

    Returns
    -------
    float
        0 for a perfect estimate; inf where the estimate has no light and the truth has.

    Raises
    ------
    InvalidInputError
        The shapes differ, or the arrays are complex or negative anywhere.

    References
    ----------
    .. [1] I. Csiszár, "Why least squares and maximum entropy? An axiomatic approach to inference for linear
       inverse problems", Ann. Statist. 19 (1991) 2032.

    Examples
    --------
    >>> from invdeconv import metrics
    >>> round(metrics.i_divergence([1.0, 3.0], [1.0, 0.0]), 12)
    3.0
    """
    estimate, truth = pair("i_divergence", estimate, truth)
    xp = namespace(estimate, truth)
    for name, values in (("estimate", estimate), ("truth", truth)):
        if is_complex(values) or bool(xp.any(values < 0)):
            advice = "It is a measure for light; use relative_error."
            refuse("i_divergence", name, "be real and >= 0", "other values", advice)
    lit = truth > 0
    if bool(xp.any(lit & (estimate == 0))):
        return math.inf
    one = xp.ones_like(truth)
    logarithm = xp.log(xp.where(lit, truth, one)) - xp.log(xp.where(lit, estimate, one))
    # Rounding can leave a little less than the 0 that is the least.
    return max(0.0, float(xp.sum(truth * logarithm + (estimate - truth), dtype=xp.float64)))


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
    estimate, truth = pair("psnr", estimate, truth)
    peak = range_of("psnr", truth, data_range)
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
    estimate, truth = pair("isnr", estimate, truth)
    data, _ = pair("isnr", data, truth, name="data")
    before, after = norm(data - truth), norm(estimate - truth)
    return 0.0 if before == after else _decibel(before, after)


def _size(function: str, truth: Array) -> float:
    size = norm(truth)
    if size == 0:
        advice = "A relative error has no meaning here; use the norm of the estimate."
        refuse(function, "truth", "not be all zeros", f"shape {tuple(truth.shape)}", advice)
    return size


def _decibel(above: float, below: float) -> float:
    """Return 20·log₁₀(above/below), infinite where one of them is zero."""
    if below == 0:
        return math.inf
    return 20 * math.log10(above / below) if above > 0 else -math.inf
