"""Nyquist pulses: the raised cosine and its root."""

from __future__ import annotations

from typing import Any

import numpy as np

from invdeconv.arrays import to_numpy
from invdeconv.checks import finite_array, nonnegative, refuse

__all__ = ["raised_cosine", "rolloff_of", "root_raised_cosine"]


def root_raised_cosine(times: Any, rolloff: float) -> np.ndarray:
    """Return the root raised cosine pulse of unit energy, at times in symbol periods.

    p(t) = [sin(π(1−β)t) + 4βt cos(π(1+β)t)] / [πt(1 − (4βt)²)], ∫p² dt = 1. Sent through itself it is
    the `raised_cosine`: no intersymbol interference and white noise at the symbol rate. For s samples
    per symbol take ``root_raised_cosine(np.arange(-8 * s, 8 * s + 1) / s, 0.25) / np.sqrt(s)``;
    `Channel` of these taps shapes symbols by its operator, and matched-filters by its adjoint.

    Parameters
    ----------
    times : array
        Times in symbol periods.
    rolloff : float
        Excess bandwidth β in [0, 1]; 0 is the sinc.

    Returns
    -------
    ndarray
        Of the shape of `times`.

    Raises
    ------
    InvalidInputError
        If `times` is not real and finite, or `rolloff` lies outside [0, 1].

    References
    ----------
    .. [1] J. G. Proakis, "Digital Communications", 4th ed., McGraw-Hill, 2001, section 9.2-1.

    Examples
    --------
    >>> pulse = root_raised_cosine(np.arange(-32, 33) / 4, 0.25) / 2
    >>> np.abs(np.correlate(pulse, pulse, "full")[64::4]).round(3)[:4]  # no interference at the symbols
    array([1., 0., 0., 0.])
    """
    t, beta = _arguments("root_raised_cosine", times, rolloff)
    x = 4 * beta * t
    second = np.cos(np.pi * (1 + beta) * t)
    if_early = (1 - beta) * np.sinc((1 - beta) * t) + 4 * beta / np.pi * second
    # Near x = 1 numerator and denominator vanish together: sin A + cos B is 2 sin(π(1−x)/4) cos(π(t−1/4)).
    if_late = np.pi / 2 * np.sinc((1 - x) / 4) * np.cos(np.pi * (t - 0.25)) - second
    early = x < 0.5
    return np.where(
        early,
        if_early / np.where(early, 1 - x**2, 1.0),
        if_late / (np.pi * np.where(early, 1.0, t) * (1 + x)),
    )


def raised_cosine(times: Any, rolloff: float) -> np.ndarray:
    """Return the raised cosine pulse, at times in symbol periods.

    p(t) = sinc(t) cos(πβt) / (1 − (2βt)²): 1 at t = 0, 0 at every other symbol. It is also the
    correlation of white noise behind the filter `root_raised_cosine`.

    Parameters
    ----------
    times : array
        Times in symbol periods.
    rolloff : float
        Excess bandwidth β in [0, 1]; 0 is the sinc.

    Returns
    -------
    ndarray
        Of the shape of `times`.

    Raises
    ------
    InvalidInputError
        If `times` is not real and finite, or `rolloff` lies outside [0, 1].

    References
    ----------
    .. [1] J. G. Proakis, "Digital Communications", 4th ed., McGraw-Hill, 2001, section 9.2-1.

    Examples
    --------
    >>> raised_cosine([0, 0.5, 1], 1.0).round(3)
    array([1. , 0.5, 0. ])
    """
    t, beta = _arguments("raised_cosine", times, rolloff)
    v = 2 * beta * t
    return np.sinc(t) * np.pi / 2 * np.sinc((1 - v) / 2) / (1 + v)


def _arguments(function: str, times: Any, rolloff: float) -> tuple[np.ndarray, float]:
    """Return |t| and β; both pulses are even."""
    t = to_numpy(finite_array(function, "times", times))
    if np.iscomplexobj(t):
        refuse(function, "times", "be real", t.dtype, "They are times in symbol periods.")
    return np.abs(t), rolloff_of(function, rolloff)


def rolloff_of(function: str, value: object) -> float:
    """Return an excess bandwidth in [0, 1]."""
    beta = nonnegative(function, "rolloff", value, "It is the excess bandwidth: 0 to 1.")
    if beta > 1:
        refuse(function, "rolloff", "be at most 1", beta, "It is the excess bandwidth: 0 to 1.")
    return beta
