"""A growing orthonormal basis of arrays."""

from __future__ import annotations

import numpy as np

from invdeconv.arrays import Array, add_at, is_complex, like, namespace, norm, to_numpy, zeros_like_data

__all__ = ["Basis"]

# Rows of a block: enough for matrix products, few enough that the last block wastes little.
_ROWS = 8


class Basis:
    """Orthonormal arrays of one shape, the rows of matrices, so that projections are matrix products."""

    def __init__(self) -> None:
        self._blocks: list[Array] = []
        self.count = 0

    def append(self, x: Array) -> None:
        """Add a unit array that is orthogonal to the others, or a zero one."""
        xp = namespace(x)
        row = self.count % _ROWS
        if row == 0:
            self._blocks.append(zeros_like_data((_ROWS, int(np.prod(x.shape))), x))
        self._blocks[-1] = add_at(self._blocks[-1], (slice(row, row + 1), ...), xp.reshape(x, (1, -1)))
        self.count += 1

    def split(self, x: Array) -> tuple[Array, np.ndarray]:
        """Return the part of `x` orthogonal to the basis, and the coefficients of the rest.

        Gram–Schmidt, again where it cancels: Daniel, Gragg, Kaufman and Stewart, Math. Comp. 30 (1976) 772.
        """
        xp = namespace(x)
        rest = xp.reshape(x, (-1,))
        total = np.zeros(_ROWS * len(self._blocks), complex if is_complex(x) else float)
        for _ in range(2):
            before = norm(rest)
            for index, block in enumerate(self._blocks):
                # conj(Q conj(x)) = conj(Q) x, without a conjugate copy of the block.
                found = block @ xp.conj(rest) if is_complex(rest) else block @ rest
                found = xp.conj(found) if is_complex(found) else found
                rest = rest - found @ block
                total[_ROWS * index : _ROWS * (index + 1)] += to_numpy(found)
            if norm(rest) > 0.7 * before:
                break
        return xp.reshape(rest, x.shape), total[: self.count]

    def combine(self, weights: np.ndarray, shape: tuple[int, ...]) -> Array:
        """Return Σ weights[i]·q[i] in the given shape."""
        xp = namespace(self._blocks[0])
        padded = np.pad(weights, (0, _ROWS * len(self._blocks) - len(weights)))
        parts = [
            like(padded[_ROWS * i : _ROWS * (i + 1)], block) @ block for i, block in enumerate(self._blocks)
        ]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return xp.reshape(total, shape)
