"""The constant-modulus algorithm."""

from __future__ import annotations

from typing import Any

import numpy as np

from invdeconv.arrays import as_working, has_compiler, to_numpy
from invdeconv.checks import positive, refuse
from invdeconv.equalization import _blocked, _kernels
from invdeconv.equalization._adaptive import (
    Adaptation,
    AdaptiveState,
    Run,
    adapt,
    as_alphabet,
    by_rows,
    check_step,
    prepare,
)
from invdeconv.equalization.theory._adaptive import dispersion

__all__ = ["cma"]


def cma(
    received: Any,
    alphabet: Any,
    *,
    step: float,
    taps: Any = None,
    samples_per_symbol: int = 1,
    state: AdaptiveState | None = None,
) -> Adaptation:
    """Adapt an equalizer without training, by the constant-modulus algorithm.

    z = wᵀu, e = z (R₂ − |z|²), w ← w + μ e ū, with R₂ = E|a|⁴ / E|a|² of the alphabet. Output
    keeps an unknown delay and an unknown phase: neither changes a modulus. Turn the phase back,
    then go on with `lms` from the state; with a preamble start with `lms` or `rls`.

    Parameters
    ----------
    received : array, shape (…, n · samples_per_symbol)
        Samples of one signal, or of a batch.
    alphabet : array, shape (M,), or object with ``points``
        The points sent, in the scale the output is to have.
    step : float > 0
        μ, below 1 / (R₂ · N · mean |received|²), where even an output of the right modulus
        would leave it.
    taps : int or array, shape (N,) or (…, N)
        Number of taps, starting from one in the middle, or their first values. Leave it out when a
        state is given.
    samples_per_symbol : int, default 1
        Samples of one symbol period. At 2 and without noise there are no false minima.
    state : AdaptiveState, optional
        ``state`` of the chunk before. Chunks give what the whole signal gives.

    Returns
    -------
    Adaptation
        ``output``, ``errors`` (the e above), ``taps`` and ``state``.

    Raises
    ------
    InvalidInputError
        If the samples are complex and the alphabet is real, or the other way round; if `step` is not
        positive or not below its bound; if `received`, taps, shapes or state do not fit, as in `lms`.
    SolverError
        If the taps grow without bound nevertheless.

    Notes
    -----
    4 N multiplications a symbol, in double precision. With numba (extra ``fast``) the recursion is
    compiled; without it a batch advances together, one symbol at a time. R₂ is never estimated
    from the received samples, whose interference makes it too large.

    References
    ----------
    .. [1] D. N. Godard, "Self-recovering equalization and carrier tracking in two-dimensional data
       communication systems", IEEE Trans. Commun. 28 (1980) 1867.

    Examples
    --------
    >>> import numpy as np
    >>> qpsk = np.exp(0.25j * np.pi * np.array([1, 3, 5, 7]))
    >>> received = np.convolve(np.random.default_rng(0).choice(qpsk, 5000), [1, 0.3j])[:5000]
    >>> output = cma(received, qpsk, taps=7, step=0.01).output[-1000:]
    >>> bool(np.abs(np.abs(output) - 1).max() < 0.02)
    True
    """
    step = positive("cma", "step", step)
    points = as_alphabet("cma", alphabet)
    run = prepare("cma", received, None, taps, points, samples_per_symbol, 0, state)
    both = [("real", "complex")[np.iscomplexobj(x)] for x in (points, to_numpy(as_working(received)))]
    if both[0] != both[1]:
        advice = "A modulus leaves the phase open: real points on complex samples come out at any angle."
        refuse("cma", "alphabet", f"be {both[1]}, as the samples are", f"{both[0]} points", advice)
    radius = dispersion(points)
    check_step("cma", step, 1 / radius, run)

    def recursion(run: Run) -> None:
        if has_compiler():
            for samples, _, w, output, errors in by_rows(run):
                _kernels.cma(samples, run.spacing, radius, w, step, output, errors)
        else:
            _blocked.cma(run.samples, run.spacing, radius, run.taps, step, run.output, run.errors)

    return adapt("cma", run, received, state, recursion)
