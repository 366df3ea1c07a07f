"""The trellis of a channel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Trellis"]


@dataclass(frozen=True, eq=False, slots=True)
class Trellis:
    """States are the last L − 1 symbols, oldest first; ``points[j, q, m]`` is a noiseless sample.

    j is the oldest symbol of the state, q what lies between (M^(L−2) words), m the new symbol.
    """

    taps: np.ndarray  # (L,), L >= 2
    alphabet: np.ndarray  # (M,)
    points: np.ndarray

    @classmethod
    def of(cls, taps: np.ndarray, alphabet: np.ndarray) -> Trellis:
        """Tabulate Σ h_i a_{k−i} over all words of L symbols."""
        M, L = alphabet.size, taps.size
        words = np.zeros((M,) * L, np.result_type(taps, alphabet))
        for i, tap in enumerate(taps[::-1]):  # axis 0 is the oldest symbol, which the last tap meets
            words += (tap * alphabet).reshape([-1 if axis == i else 1 for axis in range(L)])
        return cls(taps, alphabet, words.reshape(M, -1, M))

    @property
    def memory(self) -> int:
        """L − 1."""
        return self.taps.size - 1

    @property
    def n_states(self) -> int:
        """M^(L−1)."""
        return self.points.shape[0] * self.points.shape[1]

    def words(self) -> np.ndarray:
        """Return the symbol indexes of every state, shape (states, L − 1), oldest first."""
        return np.stack(np.unravel_index(np.arange(self.n_states), (self.alphabet.size,) * self.memory), -1)

    def before(self, state: np.ndarray, dropped: np.ndarray) -> np.ndarray:
        """Return the state one step earlier, from the symbol that dropped out."""
        return state // self.alphabet.size + dropped.astype(np.intp) * self.points.shape[1]

    @property
    def index_type(self) -> np.dtype:
        """The smallest type that holds the index of a symbol: survivors fill the memory."""
        return np.min_scalar_type(self.alphabet.size - 1)
