"""Equalizers of finite length, designed from a channel."""

from __future__ import annotations

from typing import Any

import numpy as np

from invdeconv.checks import integer
from invdeconv.equalization._channel import Channel
from invdeconv.equalization._decision_feedback import DecisionFeedbackEqualizer
from invdeconv.equalization._design_problem import DesignProblem
from invdeconv.equalization._equalizer import LinearEqualizer

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
    problem = DesignProblem.of("mmse", channel, taps, delay, n0, es, real_symbols, noise_correlation)
    w = problem.least_mean_square()[0] if problem.link.n0 else problem.zero_forcing()
    best = problem.best(problem.powers(w))
    return problem.linear(w[:, best], best, "mmse")


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
    problem = DesignProblem.of("zero_forcing", channel, taps, delay, n0, es, real_symbols, noise_correlation)
    w = problem.zero_forcing()
    best = problem.best(problem.powers(w))
    return problem.linear(w[:, best], best, "zero forcing")


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
    problem = DesignProblem.of("mmse_dfe", channel, taps, delay, n0, es, real_symbols, noise_correlation)
    count = _feedback("mmse_dfe", feedback, problem)
    if problem.link.n0 == 0:
        return _forcing(problem, count, "mmse")
    w, errors = problem.least_mean_square()
    covariance = errors.conj().T @ errors
    predicted = [_predicted(covariance, d, count) for d in range(w.shape[1])]
    best = problem.best([power for power, _ in predicted])
    combined = w[:, best] - w[:, best + 1 : best + 1 + count] @ predicted[best][1]
    return problem.with_feedback(combined, best, count, "mmse")


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
    problem = DesignProblem.of("zf_dfe", channel, taps, delay, n0, es, real_symbols, noise_correlation)
    return _forcing(problem, _feedback("zf_dfe", feedback, problem), "zero forcing")


def _predicted(covariance: np.ndarray, delay: int, count: int) -> tuple[float, np.ndarray]:
    """Return what is left of an error after those of the next delays predict it, and their weights."""
    later = slice(delay + 1, delay + 1 + count)
    cross = covariance[later, delay]
    weights = np.linalg.pinv(covariance[later, later], hermitian=True) @ cross
    return float((covariance[delay, delay] - np.vdot(cross, weights)).real), weights


def _forcing(problem: DesignProblem, count: int, criterion: str) -> DecisionFeedbackEqualizer:
    """Return the zero-forcing design: for each delay, without the symbols that feedback serves."""
    designs = {}
    for delay in range(problem.H.shape[1]) if problem.delay is None else (problem.delay,):
        served = slice(delay + 1, delay + 1 + count)
        w = problem.zero_forcing(served)[:, delay]
        designs[delay] = w, problem.power_with_feedback(w, delay, served)
    best = problem.best([power for _, power in designs.values()])
    return problem.with_feedback(designs[best][0], best, count, criterion)


def _feedback(function: str, feedback: Any, problem: DesignProblem) -> int:
    return problem.link.memory if feedback is None else integer(function, "feedback", feedback, minimum=0)
