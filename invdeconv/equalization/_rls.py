"""Recursive least squares."""

from __future__ import annotations

from typing import Any

import numpy as np

from invdeconv.arrays import has_compiler
from invdeconv.checks import positive, refuse
from invdeconv.equalization import _blocked, _kernels
from invdeconv.equalization._adaptive import (
    Adaptation,
    AdaptiveState,
    Run,
    adapt,
    by_rows,
    prepare,
)

__all__ = ["rls"]


def rls(
    received: Any,
    training: Any = None,
    *,
    forgetting: float = 0.999,
    ridge: float = 1e-2,
    taps: Any = None,
    alphabet: Any = None,
    samples_per_symbol: int = 1,
    delay: int = 0,
    state: AdaptiveState | None = None,
) -> Adaptation:
    """Adapt an equalizer by recursive least squares.

    After n symbols the taps minimize Σₖ λⁿ⁻ᵏ |dₖ − wᵀuₖ|² + δ λⁿ ‖w − w₀‖² exactly: an exponentially
    weighted ridge regression, updated symbol by symbol. It converges within some 2N symbols
    whatever the spectrum, where `lms` crawls; `lms` is N times cheaper a symbol.

    Parameters
    ----------
    received : array, shape (…, n · samples_per_symbol)
        Samples of one signal, or of a batch.
    training : array, shape (m,) or (…, m), optional
        Symbols sent, from the start of the signal, as in `lms`.
    forgetting : float, 0 < forgetting <= 1, default 0.999
        λ; the memory is 1 / (1 − λ) symbols, to be ten times N or more. 1 for a fixed channel.
    ridge : float > 0, default 0.01
        δ, in units of the power of `received`: how firmly the first taps w₀ are believed. Small is fast.
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
        ``output``, ``errors`` (before each update), ``taps`` and ``state``.

    Raises
    ------
    InvalidInputError
        As `lms`; if `forgetting` is not in (0, 1] or `ridge` is not positive; if the state is not one of
        `rls`.
    SolverError
        If the taps grow without bound: the samples were silent for many memories 1 / (1 − λ).

    Notes
    -----
    About 3 N² multiplications a symbol, in double precision. P stays Hermitian to the last bit, without
    which the recursion blows up. With numba (extra ``fast``) it is compiled; without it
    blocks of 48 symbols are taken by one Cholesky factor, equal to rounding.

    References
    ----------
    .. [1] S. Haykin, "Adaptive Filter Theory", 4th ed., Prentice Hall, 2002, table 9.1.
    .. [2] M. H. Verhaegen, "Round-off error propagation in four generally applicable, recursive,
       least-squares estimation schemes", Automatica 25 (1989) 437. doi:10.1016/0005-1098(89)90013-7

    Examples
    --------
    >>> import numpy as np
    >>> sent = np.random.default_rng(0).choice([-1.0, 1.0], 60)
    >>> received = np.convolve(sent, [1.0, 0.4])[:60]
    >>> rls(received, sent, taps=9, forgetting=1).taps[:3].round(2)
    array([ 1.  , -0.4 ,  0.16])
    """
    forgetting = positive("rls", "forgetting", forgetting)
    if forgetting > 1:
        refuse("rls", "forgetting", "be at most 1", forgetting, "1 forgets nothing; 0.999 is usual.")
    ridge = positive("rls", "ridge", ridge)
    run = prepare("rls", received, training, taps, alphabet, samples_per_symbol, delay, state)
    rows, length = run.taps.shape
    if state is None:
        run.inverse = np.tile(np.eye(length, dtype=run.taps.dtype) / ridge, (rows, 1, 1))
    elif state.inverse is None:
        advice = "Start with taps=state.taps instead."
        refuse("rls", "state", "come from rls", "one without the matrix P", advice)
    else:
        P = state.inverse[..., ::-1, ::-1].reshape(rows, length, length)
        run.inverse = P.astype(run.taps.dtype, order="C")
    kernel = _kernels.rls if has_compiler() else _blocked.rls

    def recursion(run: Run) -> None:
        for row, (samples, sent, w, output, errors) in enumerate(by_rows(run)):
            inverse = run.inverse[row]
            kernel(samples, run.spacing, sent, run.alphabet, w, inverse, forgetting, output, errors)

    return adapt("rls", run, received, state, recursion)
