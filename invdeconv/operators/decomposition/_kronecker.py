"""Separable kernels under any boundary, stride and pads: a Kronecker product, one small SVD per axis."""

from __future__ import annotations

from functools import reduce

import numpy as np

from invdeconv.arrays import Array, is_complex, like, namespace
from invdeconv.operators._composites import Identity
from invdeconv.operators._linear_operator import LinearOperator
from invdeconv.operators.convolution import Convolution
from invdeconv.operators.decomposition._decomposition import Decomposition

# Entries of one axis' matrix: its SVD takes about a second.
_MAXIMUM_ENTRIES = 1 << 20


class KroneckerDecomposition(Decomposition):
    """C = C₁ ⊗ … ⊗ C_d: c, U and X are the products of those of the axes.

    Source: Van Loan, "The ubiquitous Kronecker product", J. Comput. Appl. Math. 123 (2000) 85.
    """

    structure = "Kronecker"
    multiplicity = 1.0

    def __init__(self, operator: Convolution, factors: list[np.ndarray]) -> None:
        super().__init__(operator, None)
        triples = [np.linalg.svd(matrix, full_matrices=False) for matrix in factors]
        self._values = reduce(np.multiply.outer, (values for _, values, _ in triples))
        self._u = [u for u, _, _ in triples]
        self._x = [vh.conj().T for _, _, vh in triples]

    def _factors(self, y: Array) -> tuple[Array, ...]:
        return like(self._values, y), None, *(like(matrix, y) for matrix in (*self._u, *self._x))

    def rounding(self, y: Array) -> float:
        """Return the sum of max(m, n)·eps over the axes, the backward error of their SVDs."""
        sizes = sum(max(axis.m, axis.n) for axis in self.operator.axes)  # type: ignore[attr-defined]
        return sizes * float(namespace(y).finfo(y.dtype).eps)

    def analyze(self, y: Array) -> Array:
        return _along_axes(self._matrices(y)[0], y, adjoint=True)

    def synthesize(self, k: Array) -> Array:
        return _along_axes(self._matrices(k)[1], k)

    def synthesize_output(self, k: Array) -> Array:
        return _along_axes(self._matrices(k)[0], k)

    def _matrices(self, y: Array) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
        matrices = self.factors(y)[2:]
        return matrices[: len(self._u)], matrices[len(self._u) :]


def decompose_kronecker(operator: LinearOperator, regularizer: LinearOperator | None) -> Decomposition | None:
    """Return the decomposition of a convolution with a separable kernel, L = I."""
    if not isinstance(operator, Convolution) or operator.groups is not None or len(operator.axes) == 1:
        return None
    if not (regularizer is None or isinstance(regularizer, Identity)):
        return None
    if any(axis.m * axis.n > _MAXIMUM_ENTRIES for axis in operator.axes):
        return None
    kernels = separate(operator.taps)
    if kernels is None:
        return None
    factors = [
        Convolution(
            kernel,
            (axis.n,),
            stride=axis.stride,
            dilation=axis.dilation,
            padding=(axis.before, axis.after),
            boundary=word,
            correlate=True,
        ).to_dense()
        for kernel, axis, word in zip(kernels, operator.axes, operator.boundaries, strict=True)
    ]
    return KroneckerDecomposition(operator, factors)


def separate(taps: np.ndarray) -> list[np.ndarray] | None:
    """Return one kernel per axis whose outer product is `taps` to rounding, or None.

    The lines through the largest entry are proportional to the factors of a kernel of rank 1.
    """
    taps = taps.astype(np.result_type(taps, np.float64))
    peak = tuple(map(int, np.unravel_index(np.argmax(np.abs(taps)), taps.shape)))
    kernels = [np.moveaxis(taps, i, -1)[peak[:i] + peak[i + 1 :]] / taps[peak] for i in range(taps.ndim)]
    kernels[0] = kernels[0] * taps[peak]
    gap = np.abs(reduce(np.multiply.outer, kernels) - taps).max()
    return kernels if gap <= 8 * np.finfo(float).eps * np.abs(taps[peak]) else None


def _along_axes(matrices: tuple[Array, ...], x: Array, *, adjoint: bool = False) -> Array:
    """Multiply along every axis: each contraction takes the first axis and appends the new one."""
    xp = namespace(x)
    if is_complex(matrices[0]) and not is_complex(x):
        x = xp.astype(x, matrices[0].dtype)
    for matrix in matrices:
        if adjoint and is_complex(matrix):
            matrix = xp.conj(matrix)  # noqa: PLW2901
        if is_complex(x) and not is_complex(matrix):
            matrix = xp.astype(matrix, x.dtype)  # noqa: PLW2901
        x = xp.tensordot(x, matrix, axes=((0,), (0 if adjoint else 1,)))
    return x
