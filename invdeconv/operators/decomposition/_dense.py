"""Any small pair (C, L), by dense SVD."""

from __future__ import annotations

import numpy as np

from invdeconv.arrays import Array, is_complex, like, namespace
from invdeconv.operators._linear_operator import LinearOperator
from invdeconv.operators.decomposition._decomposition import Decomposition

# Up to here the SVD takes about a second; beyond it an iteration is the better tool.
_MAXIMUM_ENTRIES = 1 << 20


class DenseDecomposition(Decomposition):
    """The generalized SVD of two matrices through the SVD of both stacked.

    [C; L] = P Σ Qᴴ on its numerical range, then the upper block of P is U c Wᴴ, X = Q Σ⁻¹ W and
    s = ‖L xᵢ‖ (Hansen, "Rank-Deficient and Discrete Ill-Posed Problems", 1998, §2.1.2). Never a
    Cholesky of CᴴC: the limit λ → 0 would lose half of the digits.
    """

    structure = "dense"
    multiplicity = 1.0

    def __init__(self, operator: LinearOperator, regularizer: LinearOperator | None) -> None:
        super().__init__(operator, regularizer)
        matrix = operator.to_dense()
        m = matrix.shape[0]
        if regularizer is None:
            self._u, self._values, vh = np.linalg.svd(matrix, full_matrices=False)
            self._x, self._seen = vh.conj().T, None
            self.common_nullity = 0
            return
        penalty = regularizer.to_dense()
        # Both blocks at one scale: a pair in unlike units would lose the digits of the smaller.
        size = np.linalg.norm(penalty)
        balance = np.linalg.norm(matrix) / size if size > 0 else 1.0
        stacked = np.concatenate([matrix, balance * penalty])
        p, sigma, qh = np.linalg.svd(stacked, full_matrices=False)
        r = max(1, int(np.sum(sigma > sigma[0] * max(stacked.shape) * np.finfo(float).eps)))
        self.common_nullity = matrix.shape[1] - r
        self._u, self._values, wh = np.linalg.svd(p[:m, :r], full_matrices=False)
        self._x = (qh[:r].conj().T / sigma[:r]) @ wh.conj().T
        seen = np.linalg.norm(p[m:, :r] @ wh.conj().T, axis=0)
        # Of unit size with c: below rounding L sees nothing, and no λ, however large, may count it.
        self._seen = np.where(seen > 100 * max(stacked.shape) * np.finfo(float).eps, seen, 0.0) / balance

    def _factors(self, y: Array) -> tuple[Array, ...]:
        seen = None if self._seen is None else like(self._seen, y)
        return like(self._values, y), seen, like(self._u, y), like(self._x, y)

    def rounding(self, y: Array) -> float:
        """Return max(m, n)·eps, the backward error of the SVD."""
        return max(self.operator.shape) * float(namespace(y).finfo(y.dtype).eps)

    def analyze(self, y: Array) -> Array:
        xp = namespace(y)
        return _matvec(_adjoint(self.factors(y)[2]), xp.reshape(y, (-1,)))

    def synthesize(self, k: Array) -> Array:
        return namespace(k).reshape(_matvec(self.factors(k)[3], k), self.operator.input_shape)

    def synthesize_output(self, k: Array) -> Array:
        return namespace(k).reshape(_matvec(self.factors(k)[2], k), self.operator.output_shape)


def decompose_dense(operator: LinearOperator, regularizer: LinearOperator | None) -> Decomposition | None:
    """Return the dense decomposition if the matrices are small enough."""
    m, n = operator.shape
    rows = m + (0 if regularizer is None else regularizer.shape[0])
    return DenseDecomposition(operator, regularizer) if rows * n <= _MAXIMUM_ENTRIES else None


def _adjoint(matrix: Array) -> Array:
    return namespace(matrix).conj(matrix.T) if is_complex(matrix) else matrix.T


def _matvec(matrix: Array, x: Array) -> Array:
    xp = namespace(matrix)
    if is_complex(matrix) != is_complex(x):  # the array API multiplies matrices of one kind only
        dtype = xp.result_type(matrix, x)
        matrix, x = xp.astype(matrix, dtype), xp.astype(x, dtype)
    return matrix @ x
