"""Maximum-likelihood sequence estimation by the Viterbi algorithm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from invdeconv.arrays import Array, like, to_numpy
from invdeconv.checks import finite_array, integer, kernel, refuse
from invdeconv.equalization._adaptive import as_alphabet
from invdeconv.equalization._path_search import MlseState, PathSearch
from invdeconv.equalization._trellis import Trellis

__all__ = ["MlseState", "SequenceEstimate", "mlse"]

_MOST_STATES = 1 << 16


@dataclass(frozen=True, eq=False, slots=True)
class SequenceEstimate:
    """The outcome of `mlse`.

    Attributes
    ----------
    symbols : array, shape (…, n)
        Points of the alphabet. Of a chunk: those that are decided since the chunk before.
    metric : array, shape (…)
        Σ|y − h * a|² of the best path so far.
    state : MlseState or None
        Pass it with the next chunk; None at the end of the burst.
    """

    symbols: Array
    metric: np.ndarray
    state: MlseState | None


def mlse(
    received: Any,
    channel: Any,
    alphabet: Any,
    *,
    before: Any = None,
    after: Any = None,
    depth: int | None = None,
    state: MlseState | None = None,
) -> SequenceEstimate:
    """Estimate the most likely symbols through a known channel, by the Viterbi algorithm.

    Minimize Σₖ |yₖ − Σᵢ hᵢ aₖ₋ᵢ|² over all words of the alphabet: maximum likelihood in white
    Gaussian noise. No equalizer does better, and none costs M^L a symbol: for long channels or large
    alphabets take `mmse_dfe`.

    Parameters
    ----------
    received : array, shape (…, n)
        One burst, or a batch of them. Sample 0 is the first that symbol 0 reaches.
    channel : array, shape (L,), or object with ``taps``
        h, symbol-spaced, h₀ first. A prefilter that makes the noise white goes in here.
    alphabet : array, shape (M,), or object with ``points``
        The symbols.
    before : array, shape (L − 1,) or (…, L − 1), or 0, optional
        What was sent before symbol 0, oldest first: a preamble of any values, or 0 for silence.
        Unknown symbols of the alphabet if left out.
    after : array, shape (L − 1,) or (…, L − 1), or 0, optional
        What follows the last symbol. The burst then ends with its L − 1 samples, and holds n − L + 1
        symbols. If left out the burst ends on the sample that the last symbol reaches first.
    depth : int, optional
        More chunks follow: symbols on which the paths do not agree are kept in the state, at most this
        many; beyond, the best path decides. Some ten memories lose nothing, and chunks then give what
        the whole burst gives.
    state : MlseState, optional
        ``state`` of the chunk before.

    Returns
    -------
    SequenceEstimate
        ``symbols``, ``metric`` and ``state``.

    Raises
    ------
    InvalidInputError
        If the channel is not 1-D, all zeros or not symbol-spaced, or the trellis would have more than 65536
        states; if the channel's output is complex and the samples are real; if the burst is shorter than
        its known ends; if `before` comes with a state, `after` with a depth, or either has another shape; if
        the state is of another channel or batch.

    Notes
    -----
    M^L squared distances a symbol. Survivors take a byte per state and symbol, and only as far
    back as paths disagree: at most 16 MB a piece, however long the burst. With numba (extra ``fast``) the
    recursion is compiled; without it all blocks of a burst are searched at once, equal to rounding.

    References
    ----------
    .. [1] G. D. Forney, "Maximum-likelihood sequence estimation of digital sequences in the presence of
       intersymbol interference", IEEE Trans. Inf. Theory 18 (1972) 363. doi:10.1109/TIT.1972.1054829

    Examples
    --------
    >>> import numpy as np
    >>> received = np.convolve([1, -1, -1, 1], [1.0, 0.9]) + [0.1, -0.3, 0.2, 0.4, -0.2]
    >>> found = mlse(received, [1.0, 0.9], [-1, 1], before=0, after=0)
    >>> found.symbols, round(float(found.metric), 12)
    (array([ 1., -1., -1.,  1.]), 0.34)
    """
    taps = to_numpy(kernel("mlse", "channel", getattr(channel, "taps", channel)))
    spacing = getattr(channel, "samples_per_symbol", 1)
    if spacing != 1:
        advice = "Filter with the matched filter and a whitener first, and pass what they leave."
        refuse("mlse", "channel", "have one sample per symbol", spacing, advice)
    trellis = _trellis(taps, alphabet)
    data = finite_array("mlse", "received", received)
    host = to_numpy(data)
    batch, samples = host.shape[:-1], _rows(host, trellis)
    rows, memory = samples.shape[0], trellis.memory
    if taps.size == 1:  # without memory there is nothing to know
        before = after = None
    first, last = (_ends(name, x, trellis, batch) for name, x in (("before", before), ("after", after)))
    needed = memory * ((first is not None) + (last is not None)) + (first is None and state is None)
    if samples.shape[1] < max(needed, 1):
        advice = "Each known end takes L − 1 samples: pass more, or leave an end unknown."
        refuse("mlse", "received", f"hold {needed} samples or more", samples.shape[1], advice)
    if depth is not None:
        depth = integer("mlse", "depth", depth, minimum=1)
        if after is not None:
            refuse("mlse", "depth", "be left out with the last chunk", depth, "Pass after without it.")
    if state is None:
        state = _start(trellis, samples[:, :memory], first, rows)
        samples = samples[:, 0 if first is None else memory :]
    elif not isinstance(state, MlseState) or state.metrics.shape != (rows, trellis.n_states):
        got = state.metrics.shape if isinstance(state, MlseState) else type(state).__name__
        expected = f"be of this channel and batch, metrics {(rows, trellis.n_states)}"
        refuse("mlse", "state", expected, got, "Pass the state of the chunk before.")
    elif first is not None:
        refuse("mlse", "before", "be left out with a state", repr(before), "It belongs to the first chunk.")
    body = samples if last is None else samples[:, :-memory]
    search = PathSearch(trellis, state)
    if np.iscomplexobj(body) and not np.iscomplexobj(trellis.points):
        search.offset += np.sum(body.imag**2, axis=1)  # the same for all paths
        body = body.real
    search.advance(np.ascontiguousarray(body))
    if depth is None:
        if last is not None:
            search.metrics += _edge(trellis, samples[:, -memory:], trellis.alphabet[trellis.words()], last)
        search.finish()
    else:
        search.release(depth)
    symbols = trellis.alphabet[np.concatenate(search.released, axis=1)]
    skipped = min(search.skip, symbols.shape[1])
    metric = search.offset + search.metrics.min(axis=1)
    return SequenceEstimate(
        symbols=like(symbols[:, skipped:].reshape(*batch, -1), data),
        metric=metric.reshape(batch),
        state=None
        if depth is None
        else MlseState(search.metrics, search.survivors, search.offset, search.skip - skipped),
    )


def _trellis(taps: np.ndarray, alphabet: Any) -> Trellis:
    points = as_alphabet("mlse", alphabet)
    if taps.ndim != 1:
        refuse("mlse", "channel", "be 1-D", f"shape {taps.shape}", "Detect one channel at a time.")
    states = points.size ** (taps.size - 1)
    if states > _MOST_STATES:
        got = f"{points.size}^{taps.size - 1} = {states}"
        advice = "Drop weak taps, shorten the channel by a prefilter, or use mmse_dfe."
        refuse("mlse", "channel", f"need at most {_MOST_STATES} states", got, advice)
    taps = taps.astype(np.result_type(taps, np.float64))
    # A channel without memory gets one state per symbol all the same.
    return Trellis.of(np.append(taps, 0) if taps.size == 1 else taps, points)


def _rows(host: np.ndarray, trellis: Trellis) -> np.ndarray:
    if np.iscomplexobj(trellis.points) and not np.iscomplexobj(host):
        advice = "Pass the complex samples, or real taps and points."
        refuse("mlse", "received", "be complex, as the channel's output is", host.dtype, advice)
    return host.reshape(-1, host.shape[-1]).astype(np.result_type(host, np.float64))


def _ends(name: str, value: Any, trellis: Trellis, batch: tuple[int, ...]) -> np.ndarray | None:
    """Return known symbols beside the burst, shape (rows, 1, L − 1)."""
    if value is None:
        return None
    shape = (*batch, trellis.memory)
    silence = np.ndim(value) == 0 and value == 0
    symbols = np.zeros(trellis.memory) if silence else to_numpy(finite_array("mlse", name, value))
    if symbols.shape not in (shape[-1:], shape):
        advice = "Pass the L − 1 symbols next to the burst, or 0 for silence."
        refuse("mlse", name, f"hold {trellis.memory} symbols", f"shape {symbols.shape}", advice)
    return np.broadcast_to(symbols, shape).reshape(-1, 1, trellis.memory)


def _start(trellis: Trellis, samples: np.ndarray, first: np.ndarray | None, rows: int) -> MlseState:
    metrics = np.zeros((rows, trellis.n_states))
    if first is not None:
        metrics += _edge(trellis, samples, first, trellis.alphabet[trellis.words()])
    survivors = np.empty((rows, 0, trellis.n_states), trellis.index_type)
    return MlseState(metrics, survivors, np.zeros(rows), trellis.memory if first is None else 0)


def _edge(trellis: Trellis, samples: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the squared distance of L − 1 samples from what twice L − 1 symbols make."""
    L = trellis.taps.size
    shape = np.broadcast_shapes(first.shape, second.shape)
    word = np.concatenate([np.broadcast_to(first, shape), np.broadcast_to(second, shape)], axis=-1)
    clean = np.lib.stride_tricks.sliding_window_view(word, L, axis=-1) @ trellis.taps[::-1]
    gap = samples[:, None] - clean
    return np.sum(gap.real**2 + gap.imag**2, axis=-1)
