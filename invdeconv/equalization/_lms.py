"""Least mean squares, plain and normalized."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from invdeconv.arrays import has_compiler
from invdeconv.checks import nonnegative, positive, refuse
from invdeconv.equalization import _blocked, _kernels
from invdeconv.equalization._adaptive import (
    Adaptation,
    AdaptiveState,
    Run,
    adapt,
    by_rows,
    check_step,
    powers,
    prepare,
)

__all__ = ["lms", "nlms"]


def lms(
    received: Any,
    training: Any = None,
    *,
    step: float,
    taps: Any = None,
    alphabet: Any = None,
    samples_per_symbol: int = 1,
    delay: int = 0,
    state: AdaptiveState | None = None,
) -> Adaptation:
    """Adapt an equalizer by least mean squares.

    z = wᵀu, e = d − z, w ← w + μ e ū, where u holds the last N samples, newest first, and d is the
    training symbol and, when those are used up, the nearest point of the alphabet. The taps wander about
    the MMSE taps. Where the received spectrum is far from flat `rls` needs a hundredth of the
    symbols; where the channel is known, `mmse` needs none.

    Parameters
    ----------
    received : array, shape (…, n · samples_per_symbol)
        Samples of one signal, or of a batch.
    training : array, shape (m,) or (…, m), optional
        Symbols sent, from the start of the signal: with chunks, the same array every time. Without it
        and without a state the first decisions come from a single middle tap.
    step : float > 0
        μ, below 2 / (N · mean |received|²), where the error grows without bound. Small is accurate,
        with excess error about μ N · mean |received|² / 2 of the minimum; large is fast.
    taps : int or array, shape (N,) or (…, N)
        Number of taps, or their first values. Leave it out when a state is given.
    alphabet : array, shape (M,), or object with ``points``, optional
        To go on from decisions after the training; without it the taps then rest.
    samples_per_symbol : int, default 1
        Samples of one symbol period; 2 makes a fractionally spaced equalizer.
    delay : int, default 0
        ``output[k]`` is to be symbol k − delay. About half the taps and half the channel.
    state : AdaptiveState, optional
        ``state`` of the chunk before. Chunks give what the whole signal gives.

    Returns
    -------
    Adaptation
        ``output``, ``errors``, ``taps`` and ``state``.

    Raises
    ------
    InvalidInputError
        If neither training nor an alphabet is given; if a training symbol is not in the alphabet; if
        `received` does not hold whole symbols; if `step` is not positive or not below its bound; if taps,
        delay, shapes or state do not fit.
    SolverError
        If the taps grow without bound nevertheless.

    Notes
    -----
    4 N multiplications a symbol, in double precision. With numba (extra ``fast``) the recursion is
    compiled; without it blocks of 64 errors are solved from a triangular system, equal to rounding.

    References
    ----------
    .. [1] S. Haykin, "Adaptive Filter Theory", 4th ed., Prentice Hall, 2002, section 5.2.

    Examples
    --------
    >>> import numpy as np
    >>> sent = np.random.default_rng(0).choice([-1.0, 1.0], 3000)
    >>> received = np.convolve(sent, [1.0, 0.4])[:3000]
    >>> fit = lms(received, sent[:500], taps=9, step=0.05, alphabet=[-1, 1])
    >>> fit.taps[:3].round(2)
    array([ 1.  , -0.4 ,  0.16])
    """
    step = positive("lms", "step", step)
    run = prepare("lms", received, training, taps, alphabet, samples_per_symbol, delay, state)
    check_step("lms", step, 2.0, run)
    return adapt("lms", run, received, state, _recursion(lambda _, n: np.full(n, step)))


def nlms(
    received: Any,
    training: Any = None,
    *,
    step: float = 0.5,
    offset: float = 1e-6,
    taps: Any = None,
    alphabet: Any = None,
    samples_per_symbol: int = 1,
    delay: int = 0,
    state: AdaptiveState | None = None,
) -> Adaptation:
    """Adapt an equalizer by normalized least mean squares.

    As `lms` with the step μ / (ε + ‖u‖²): the scale of the data drops out, so that one step serves
    all. Take it where the level of the signal is unknown or fades.

    Parameters
    ----------
    received : array, shape (…, n · samples_per_symbol)
        Samples of one signal, or of a batch.
    training : array, shape (m,) or (…, m), optional
        Symbols sent, from the start of the signal, as in `lms`.
    step : float, 0 < step < 2, default 0.5
        μ; 1 is fastest, small is accurate.
    offset : float >= 0, default 1e-6
        ε, in units of ‖u‖²: keeps silence from being divided by.
    taps : int or array, shape (N,) or (…, N)
        Their number or first values, as in `lms`.
    alphabet : array, shape (M,), or object with ``points``, optional
        For decisions after the training, as in `lms`.
    samples_per_symbol : int, default 1
        Samples of one symbol period.
    delay : int, default 0
        ``output[k]`` is to be symbol k − delay.
    state : AdaptiveState, optional
        ``state`` of the chunk before.

    Returns
    -------
    Adaptation
        ``output``, ``errors``, ``taps`` and ``state``.

    Raises
    ------
    InvalidInputError
        As `lms`; if `step` is not in (0, 2) or `offset` is negative.
    SolverError
        If the taps grow without bound nevertheless.

    Notes
    -----
    As `lms`, with ‖u‖² of every window beside it.

    References
    ----------
    .. [1] S. Haykin, "Adaptive Filter Theory", 4th ed., Prentice Hall, 2002, chapter 6.

    Examples
    --------
    >>> import numpy as np
    >>> sent = np.random.default_rng(0).choice([-1.0, 1.0], 3000)
    >>> received = 100 * np.convolve(sent, [1.0, 0.4])[:3000]
    >>> (100 * nlms(received, sent, taps=9).taps[:3]).round(2)
    array([ 1.  , -0.4 ,  0.16])
    """
    step = positive("nlms", "step", step)
    if step >= 2:
        refuse("nlms", "step", "be below 2", step, "Larger steps diverge; 0.5 is a good start.")
    offset = nonnegative("nlms", "offset", offset)
    run = prepare("nlms", received, training, taps, alphabet, samples_per_symbol, delay, state)

    def gains(samples: np.ndarray, n: int) -> np.ndarray:
        divisor = offset + powers(samples, run.spacing, run.taps.shape[1])[:n]
        return np.divide(step, divisor, out=np.zeros(n), where=divisor > 0)

    return adapt("nlms", run, received, state, _recursion(gains))


def _recursion(gains_of: Callable[[np.ndarray, int], np.ndarray]) -> Callable[[Run], None]:
    kernel = _kernels.lms if has_compiler() else _blocked.lms

    def recursion(run: Run) -> None:
        for samples, training, taps, output, errors in by_rows(run):
            gains = gains_of(samples, output.size)
            kernel(samples, run.spacing, training, run.alphabet, taps, gains, output, errors)

    return recursion
