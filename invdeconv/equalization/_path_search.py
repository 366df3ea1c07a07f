"""The search for the best paths through a trellis, piece by piece."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invdeconv.arrays import has_compiler
from invdeconv.equalization import _blocked_viterbi, _kernels
from invdeconv.equalization._trellis import Trellis

__all__ = ["MlseState", "PathSearch"]

_MOST_SURVIVORS = 1 << 24  # bytes held at once


@dataclass(frozen=True, eq=False, slots=True)
class MlseState:
    """What `mlse` carries from one chunk of a burst to the next.

    Attributes
    ----------
    metrics : ndarray, shape (rows, M^(L−1))
        Squared distance of the best path to each state, less `offset`.
    survivors : ndarray, shape (rows, n, M^(L−1))
        The steps on which the paths do not agree yet.
    offset : ndarray, shape (rows,)
        Subtracted from the metrics, which grow with the burst.
    skip : int
        Symbols still to be left out, because they were sent before the burst.
    """

    metrics: np.ndarray
    survivors: np.ndarray
    offset: np.ndarray
    skip: int


class PathSearch:
    """The Viterbi algorithm over pieces of a batch of bursts."""

    def __init__(self, trellis: Trellis, state: MlseState) -> None:
        self.trellis = trellis
        self.metrics = state.metrics.copy()
        self.survivors = state.survivors
        self.offset = state.offset.copy()
        self.skip = state.skip
        self.released = [np.empty((len(self.metrics), 0), trellis.index_type)]

    def advance(self, samples: np.ndarray) -> None:
        size = max(1024, _MOST_SURVIVORS // self.metrics.size)
        for start in range(0, samples.shape[1], size):
            if start:
                self.release()
            new = _viterbi(self.trellis, samples[:, start : start + size], self.metrics)
            kept = self.survivors
            self.survivors = np.concatenate([kept, new], axis=1) if kept.shape[1] else new
            least = self.metrics.min(axis=1)
            self.metrics -= least[:, None]
            self.offset += least

    def release(self, depth: int | None = None) -> None:
        """Decide what all paths share; what lies deeper than `depth` is decided by the best."""
        n = self.survivors.shape[1]
        k = n
        states = np.broadcast_to(np.arange(self.trellis.n_states), self.metrics.shape)
        while k and np.any(states != states[:, :1]):
            k -= 1
            states = self.trellis.before(states, np.take_along_axis(self.survivors[:, k], states, axis=1))
        self._decide(k, k, states[:, 0])
        if depth is not None and n - k > depth:
            self._decide(n - k, n - k - depth, np.argmin(self.metrics, axis=1))

    def finish(self) -> None:
        states = np.argmin(self.metrics, axis=1)
        self._decide(self.survivors.shape[1], self.survivors.shape[1], states)
        self.released.append(self.trellis.words()[states].astype(self.trellis.index_type))

    def _decide(self, n: int, count: int, states: np.ndarray) -> None:
        """Follow the paths to `states` after `n` steps and decide the first `count` symbols."""
        self.released.append(_trace(self.trellis, self.survivors[:, :n], states)[:, :count])
        self.survivors = self.survivors[:, count:]


def _viterbi(trellis: Trellis, samples: np.ndarray, metrics: np.ndarray) -> np.ndarray:
    if not has_compiler():
        return _blocked_viterbi.viterbi(trellis, samples, metrics)
    survivors = np.empty((*samples.shape, trellis.n_states), trellis.index_type)
    for row, gamma, kept in zip(samples, metrics, survivors, strict=True):
        _kernels.viterbi(row, trellis.points, gamma, kept)
    return survivors


def _trace(trellis: Trellis, survivors: np.ndarray, states: np.ndarray) -> np.ndarray:
    if survivors.shape[1] == 0:
        return np.empty(survivors.shape[:2], survivors.dtype)
    if not has_compiler():
        return _blocked_viterbi.trace(trellis, survivors, states)
    symbols = np.empty(survivors.shape[:2], survivors.dtype)
    for kept, state, path in zip(survivors, states, symbols, strict=True):
        _kernels.trace(kept, trellis.alphabet.size, int(state), path)
    return symbols
