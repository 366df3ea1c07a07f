"""Picking entries of an array, and putting them back: what a max pooling did, once it is done."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, namespace, take, zeros_like_data
from invdeconv.operators import LinearOperator

__all__ = ["Selection"]


class Selection(LinearOperator):
    """Pick entries of an array by flat index: S. Its adjoint Sᵀ puts values back on zeros.

    With no index twice, S Sᵀ = I, so that Sᵀ = S⁺. An index picked twice gets the *sum* of both values
    from Sᵀ; frameworks keep one of them there.

    Parameters
    ----------
    indices : int array
        Row-major flat indices into x; the output has their shape.
    input_shape : tuple of int
        Shape of x.

    Raises
    ------
    InvalidInputError
        If an index lies outside x.
    """

    def __init__(self, indices: Any, input_shape: tuple[int, ...]) -> None:
        shape = checks.shape("Selection", "input_shape", input_shape)
        index = np.asarray(indices)
        size = math.prod(shape)
        if index.dtype.kind not in "iu" or index.size == 0 or index.min() < 0 or index.max() >= size:
            got = f"{index.dtype} from {index.min()} to {index.max()}" if index.size else "no index"
            advice = "Check the convention of the indices and the shape."
            checks.refuse("Selection", "indices", f"be integers from 0 to {size - 1}", got, advice)
        self._index = index.astype(np.int64).ravel()
        self._back = _inverse(self._index, size)
        super().__init__(shape, index.shape)

    @property
    def distinct(self) -> bool:
        """Whether no entry is picked twice, so that Sᵀ = S⁺."""
        return len(self._back) == 1

    def _forward(self, x: Array) -> Array:
        xp = namespace(x)
        return xp.reshape(take(xp.reshape(x, (-1,)), self._index, 0), self.output_shape)

    def _adjoint(self, y: Array) -> Array:
        xp = namespace(y)
        # A gather from the values and one zero: scattering differs between array libraries.
        values = xp.concat([xp.reshape(y, (-1,)), zeros_like_data((1,), y)])
        parts = [take(values, source, 0) for source in self._back]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return xp.reshape(total, self.input_shape)


def _inverse(index: np.ndarray, size: int) -> list[np.ndarray]:
    """Return, for each position of x, who picked it: one map per time an entry was picked."""
    order = np.argsort(index, kind="stable")
    picked = index[order]
    first = np.searchsorted(picked, picked)
    turn = np.arange(len(picked)) - first
    maps = []
    for t in range(int(turn.max()) + 1):
        source = np.full(size, len(index))  # the appended zero
        source[picked[turn == t]] = order[turn == t]
        maps.append(source)
    return maps
