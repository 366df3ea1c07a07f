"""Equalizers of finite length, designed from a channel."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.linalg

from invdeconv.checks import integer, refuse
from invdeconv.equalization._channel import Channel
from invdeconv.equalization._decision_feedback import DecisionFeedbackEqualizer
from invdeconv.equalization._equalizer import LinearEqualizer
from invdeconv.equalization._link import Link, link_of, trusted

__all__ = ["mmse", "mmse_dfe", "zero_forcing", "zf_dfe"]


def mmse(
    channel: Channel,
    *,
    n0: float,
    taps: int,
    delay: int | None = None,
    es: float = 1.0,
    real_symbols: bool = False,
    noise_correlation: Any = None,
) -> LinearEqualizer:
    """Design the linear equalizer of least mean-square error.

    min E|w * y − a[k − d]|², over the taps w and, unless given, over all delays d. It is the Wiener filter
    with finitely many taps: for a block with a cyclic prefix `wiener` on ``channel.operator(n)`` is exact
    and has no taps to choose. `mmse_dfe` wins where the channel has a null in the band.

    Parameters
    ----------
    channel : Channel
        With several samples per symbol the equalizer is fractionally spaced: taps at T/s.
    n0 : float
        Noise per complex sample.
    taps : int
        Length of w. Some five times the channel's serves; compare ``mse`` to ``infinite_length``.
    delay : int, optional
        In symbols, from 0 to (L + taps − 2) // s; default the best.
    es : float, default 1.0
        Energy per symbol.
    real_symbols : bool, default False
        True for BPSK and PAM over real taps: the noise is real and carries N0/2. Left out there, the design
        and its ``mse`` assume twice the noise, and equalizing real samples warns.
    noise_correlation : array, optional
        ρ[m] = E n[k+m] n*[k] / N0 from lag 0 on; default white.

    Returns
    -------
    LinearEqualizer
        Biased: of the symbols it passes 1 − mse/es. ``.unbiased()`` is what decisions on QAM need.

    Raises
    ------
    InvalidInputError
        If `channel` is no Channel, has complex taps for real symbols, or a number is out of range; if
        `delay` lies outside its range; if `noise_correlation` is no correlation.

    Notes
    -----
    All delays are the right-hand sides of one least-squares problem of (L + 2·taps) × taps, never of its
    normal equations.

    References
    ----------
    .. [1] J. G. Proakis, "Digital Communications", 4th ed., McGraw-Hill, 2001, section 10.2-2.

    Examples
    --------
    >>> from invdeconv.equalization import Channel, mmse
    >>> equalizer = mmse(Channel([1, 0.5]), n0=0.1, taps=11)
    >>> equalizer.delay, round(equalizer.mse, 6), round(equalizer.infinite_length, 6)
    (4, 0.110276, 0.110264)
    """
    name = "mmse"
    link = link_of(name, channel, n0, es, real_symbols, noise_correlation)
    H, color = _system(link, integer(name, "taps", taps, minimum=1))
    given = _delay(name, delay, H)
    w = _least_mean_square(link, H, color)[0] if link.n0 else _inverse(H, color)
    best = _earliest(_powers(link, H, color, w)) if given is None else given
    return _linear(link, H, color, w[:, best], best, "mmse")


def zero_forcing(
    channel: Channel,
    *,
    n0: float = 0.0,
    taps: int,
    delay: int | None = None,
    es: float = 1.0,
    real_symbols: bool = False,
    noise_correlation: Any = None,
) -> LinearEqualizer:
    """Design the linear equalizer of least intersymbol interference.

    min ‖w * h − δ_d‖², and of the minimizers the one that lets the least noise through. At symbol spacing
    a finite filter leaves some interference; fractionally spaced it can leave none. It amplifies noise
    without limit where the channel has a null: prefer `mmse`.

    Parameters
    ----------
    channel : Channel
        As in `mmse`.
    n0 : float, default 0.0
        Noise per complex sample; it chooses the delay and enters ``mse``, not the taps of a delay.
    taps, delay, es, real_symbols, noise_correlation
        As in `mmse`.

    Returns
    -------
    LinearEqualizer

    Raises
    ------
    InvalidInputError
        As `mmse`.

    References
    ----------
    .. [1] J. G. Proakis, "Digital Communications", 4th ed., McGraw-Hill, 2001, section 10.2-1.

    Examples
    --------
    >>> from invdeconv.equalization import Channel, zero_forcing
    >>> zero_forcing(Channel([1, 0.5]), taps=3, delay=0).taps.round(2)
    array([ 0.99, -0.47,  0.19])
    """
    name = "zero_forcing"
    link = link_of(name, channel, n0, es, real_symbols, noise_correlation)
    H, color = _system(link, integer(name, "taps", taps, minimum=1))
    given = _delay(name, delay, H)
    w = _inverse(H, color)
    best = _earliest(_powers(link, H, color, w)) if given is None else given
    return _linear(link, H, color, w[:, best], best, "zero forcing")


def mmse_dfe(
    channel: Channel,
    *,
    n0: float,
    taps: int,
    feedback: int | None = None,
    delay: int | None = None,
    es: float = 1.0,
    real_symbols: bool = False,
    noise_correlation: Any = None,
) -> DecisionFeedbackEqualizer:
    """Design the decision-feedback equalizer of least mean-square error.

    min E|w * y − Σ bᵢ a[k − d − i] − a[k − d]|² over feedforward taps w, feedback taps b and, unless given,
    all delays d: symbols already decided are subtracted instead of filtered away, so a null costs little.
    The design counts decisions as right; `theory.dfe_bit_error_rate` has what wrong ones do.

    Parameters
    ----------
    channel, n0, delay, es, real_symbols, noise_correlation
        As in `mmse`.
    taps : int
        Feedforward taps.
    feedback : int, optional
        Feedback taps; default the memory of the channel in symbols.

    Returns
    -------
    DecisionFeedbackEqualizer

    Raises
    ------
    InvalidInputError
        As `mmse`; if `feedback` is no integer >= 0.

    Notes
    -----
    The error of the linear equalizer at delay d is predicted from those at d + 1, …, d + feedback: one
    least-squares problem, then one small system per delay.

    References
    ----------
    .. [1] C. A. Belfiore, J. H. Park, "Decision feedback equalization", Proc. IEEE 67(8), 1979.
    .. [2] N. Al-Dhahir, J. M. Cioffi, "MMSE decision-feedback equalizers: finite-length results", IEEE
       Trans. Inf. Theory 41(4), 1995.

    Examples
    --------
    >>> from invdeconv.equalization import Channel, mmse_dfe
    >>> equalizer = mmse_dfe(Channel.proakis_b(), n0=0.1, taps=16, real_symbols=True)
    >>> equalizer.feedback.size, round(equalizer.mse, 4)
    (2, 0.1029)
    """
    name = "mmse_dfe"
    link = link_of(name, channel, n0, es, real_symbols, noise_correlation)
    H, color = _system(link, integer(name, "taps", taps, minimum=1))
    given = _delay(name, delay, H)
    count = _feedback(name, feedback, link)
    if link.n0 == 0:
        return _forcing(link, H, color, given, count, "mmse")
    w, errors = _least_mean_square(link, H, color)
    covariance = errors.conj().T @ errors
    predicted = [_predicted(covariance, d, count) for d in range(H.shape[1])]
    best = _earliest(np.array([power for power, _ in predicted])) if given is None else given
    combined = w[:, best] - w[:, best + 1 : best + 1 + count] @ predicted[best][1]
    return _feeding_back(link, H, color, combined, best, count, "mmse")


def zf_dfe(
    channel: Channel,
    *,
    n0: float = 0.0,
    taps: int,
    feedback: int | None = None,
    delay: int | None = None,
    es: float = 1.0,
    real_symbols: bool = False,
    noise_correlation: Any = None,
) -> DecisionFeedbackEqualizer:
    """Design the decision-feedback equalizer of least interference from undecided symbols.

    As `zero_forcing`, but the next `feedback` symbols are free: they are subtracted. Among the minimizers
    it lets the least noise through; of infinite length that is the whitened matched filter, noise N0/g².

    Parameters
    ----------
    channel, taps, feedback, delay, es, real_symbols, noise_correlation
        As in `mmse_dfe`.
    n0 : float, default 0.0
        As in `zero_forcing`.

    Returns
    -------
    DecisionFeedbackEqualizer

    Raises
    ------
    InvalidInputError
        As `mmse_dfe`.

    Notes
    -----
    One pseudo-inverse of (L + taps) × taps per delay.

    References
    ----------
    .. [1] J. G. Proakis, "Digital Communications", 4th ed., McGraw-Hill, 2001, section 10.3.

    Examples
    --------
    >>> from invdeconv.equalization import Channel, zf_dfe
    >>> equalizer = zf_dfe(Channel([1, 0.9]), taps=1, delay=0)
    >>> equalizer.taps, equalizer.feedback
    (array([1.]), array([0.9]))
    """
    name = "zf_dfe"
    link = link_of(name, channel, n0, es, real_symbols, noise_correlation)
    H, color = _system(link, integer(name, "taps", taps, minimum=1))
    given = _delay(name, delay, H)
    count = _feedback(name, feedback, link)
    return _forcing(link, H, color, given, count, "zero forcing")


def _system(link: Link, taps: int) -> tuple[np.ndarray, np.ndarray]:
    """Return H[j, i] = h[s·i − j], from symbol k − i to sample s·k − j, and F with ‖Fw‖² = E|w * n|²/N."""
    h, s = link.taps, link.channel.samples_per_symbol
    symbols = (h.size + taps - 2) // s + 1
    index = s * np.arange(symbols) - np.arange(taps)[:, None]
    inside = (index >= 0) & (index < h.size)
    H = np.where(inside, h[np.where(inside, index, 0)], 0)
    rho = np.zeros(taps, link.noise_correlation.dtype)
    known = min(taps, link.noise_correlation.size)
    rho[:known] = link.noise_correlation[:known]
    if known == 1:
        return H, np.eye(taps)
    power, basis = np.linalg.eigh(scipy.linalg.toeplitz(rho.conj(), rho))
    return H, np.sqrt(np.maximum(power, trusted(power)))[:, None] * basis.T


def _least_mean_square(link: Link, H: np.ndarray, color: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the taps for every delay as columns, and the errors as combinations of symbols and noise."""
    symbols = H.shape[1]
    stacked = np.concatenate([math.sqrt(link.es) * H.T, math.sqrt(link.noise_power) * color])
    wanted = np.zeros((stacked.shape[0], symbols))
    np.fill_diagonal(wanted, math.sqrt(link.es))
    w = np.linalg.lstsq(stacked, wanted.astype(stacked.dtype), rcond=None)[0]
    return w, stacked @ w - wanted


def _inverse(H: np.ndarray, color: np.ndarray) -> np.ndarray:
    """Return (Hᵀ)⁺ in the norm of the noise."""
    return np.asarray(np.linalg.solve(color, np.linalg.pinv(np.linalg.solve(color.T, H).T)))


def _powers(
    link: Link, H: np.ndarray, color: np.ndarray, w: np.ndarray, cursor: int | None = None
) -> np.ndarray:
    """Return the mean-square error of each column of taps, for delays 0, 1, … or for one cursor."""
    g = H.T @ w
    delays = np.arange(w.shape[1]) if cursor is None else cursor
    g[delays, np.arange(w.shape[1])] -= 1
    # Without noise many delays leave nothing: then as at -120 dB, the one that would let least through.
    noise = link.noise_power or 1e-12 * link.es
    return np.asarray(
        link.es * np.sum(np.abs(g) ** 2, axis=0) + noise * np.sum(np.abs(color @ w) ** 2, axis=0)
    )


def _predicted(covariance: np.ndarray, delay: int, count: int) -> tuple[float, np.ndarray]:
    """Return what is left of an error after those of the next delays predict it, and their weights."""
    later = slice(delay + 1, delay + 1 + count)
    cross = covariance[later, delay]
    weights = np.linalg.pinv(covariance[later, later], hermitian=True) @ cross
    return float((covariance[delay, delay] - np.vdot(cross, weights)).real), weights


def _forcing(
    link: Link, H: np.ndarray, color: np.ndarray, given: int | None, count: int, criterion: str
) -> DecisionFeedbackEqualizer:
    """Return the zero-forcing design: for each delay, without the symbols that feedback serves."""
    designs = []
    for delay in range(H.shape[1]) if given is None else (given,):
        kept = np.delete(H, np.s_[delay + 1 : delay + 1 + count], axis=1)
        w = _inverse(kept, color)[:, delay]
        designs.append((_powers(link, kept, color, w[:, None], delay)[0], delay, w))
    _, delay, w = designs[_earliest(np.array([power for power, *_ in designs]))]
    return _feeding_back(link, H, color, w, delay, count, criterion)


def _linear(
    link: Link, H: np.ndarray, color: np.ndarray, w: np.ndarray, delay: int, criterion: str
) -> LinearEqualizer:
    noise = link.noise_power * float(np.sum(np.abs(color @ w) ** 2))
    return LinearEqualizer(w, delay, H.T @ w, noise, link, criterion)


def _feeding_back(
    link: Link, H: np.ndarray, color: np.ndarray, w: np.ndarray, delay: int, count: int, criterion: str
) -> DecisionFeedbackEqualizer:
    noise = link.noise_power * float(np.sum(np.abs(color @ w) ** 2))
    cascade = H.T @ w
    later = cascade[delay + 1 : delay + 1 + count]
    feedback = np.zeros(count, cascade.dtype)
    feedback[: later.size] = later
    cascade[delay + 1 : delay + 1 + count] = 0
    return DecisionFeedbackEqualizer(w, delay, cascade, noise, link, criterion, feedback)


def _earliest(powers: np.ndarray) -> int:
    """Return the first delay that is the best up to rounding: mirrored channels have two."""
    return int(np.argmax(powers <= powers.min() * (1 + 1e-9)))


def _delay(function: str, delay: Any, H: np.ndarray) -> int | None:
    if delay is None:
        return None
    number = integer(function, "delay", delay, minimum=0)
    if number >= H.shape[1] or not H[:, number].any():
        heard = np.flatnonzero(H.any(axis=0))
        advice = "No other symbol reaches the taps; leave delay out for the best."
        refuse(function, "delay", f"lie from {heard[0]} to {heard[-1]}", number, advice)
    return number


def _feedback(function: str, feedback: Any, link: Link) -> int:
    return link.memory if feedback is None else integer(function, "feedback", feedback, minimum=0)
