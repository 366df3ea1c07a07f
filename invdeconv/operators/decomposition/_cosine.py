"""Symmetric boundaries and a PSF that is even along each axis: diagonal in the DCT-II."""

from __future__ import annotations

import numpy as np

from invdeconv.arrays import Array, dct2, idct2, like
from invdeconv.operators._differences import Differences
from invdeconv.operators._linear_operator import Identity, LinearOperator
from invdeconv.operators.convolution import Axis, Convolution
from invdeconv.operators.decomposition._decomposition import Decomposition


class CosineDecomposition(Decomposition):
    """C = Dᵀ diag(λ) D with D the orthonormal DCT-II: c = |λ|, its phase in X.

    Source: Ng, Chan and Tang, SIAM J. Sci. Comput. 21 (1999) 851, Theorem 1.
    """

    structure = "DCT-II"
    multiplicity = 1.0

    def __init__(self, operator: Convolution, regularizer: LinearOperator | None) -> None:
        super().__init__(operator, regularizer)
        self._eigenvalues = _eigenvalues(operator)
        self._seen = None if regularizer is None else np.sqrt(_gram(regularizer))

    @property
    def frequency(self) -> np.ndarray:
        """Distance from zero frequency in cycles per sample, in native layout."""
        axes = [np.arange(n) / (2 * n) for n in self.operator.input_shape]
        return np.sqrt(sum(np.square(grid) for grid in np.meshgrid(*axes, indexing="ij", sparse=True)))

    def _factors(self, y: Array) -> tuple[Array, ...]:
        size = np.abs(self._eigenvalues)
        turn = np.where(size > 0, np.conj(self._eigenvalues) / np.where(size > 0, size, 1.0), 1.0)
        return like(size, y), None if self._seen is None else like(self._seen, y), like(turn, y)

    def analyze(self, y: Array) -> Array:
        for axis in range(y.ndim):
            y = dct2(y, axis)
        return y

    def synthesize(self, k: Array) -> Array:
        return self.synthesize_output(k * self.factors(k)[2])

    def synthesize_output(self, k: Array) -> Array:
        for axis in range(k.ndim):
            k = idct2(k, axis)
        return k


def decompose_cosine(operator: LinearOperator, regularizer: LinearOperator | None) -> Decomposition | None:
    """Return the DCT-II decomposition if the PSF allows and L is Neumann or such a convolution too."""
    if isinstance(regularizer, Identity):
        regularizer = None
    if not _is_even_symmetric(operator):
        return None
    if isinstance(regularizer, Differences):
        if regularizer.boundary != "neumann":
            return None
    elif regularizer is not None and not _is_even_symmetric(regularizer):
        return None
    return CosineDecomposition(operator, regularizer)  # type: ignore[arg-type]


def _offsets(axis: Axis) -> np.ndarray:
    """Return which neighbor each correlation tap reads: 0 is the sample itself."""
    return axis.dilation * np.arange(axis.k) - axis.before


def _is_even_symmetric(operator: LinearOperator) -> bool:
    if not isinstance(operator, Convolution) or operator.groups is not None:
        return False
    if any(word != "symmetric" for word in operator.boundaries):
        return False
    if any(axis.stride != 1 or axis.m != axis.n for axis in operator.axes):
        return False
    taps = operator.taps
    rounding = 8 * np.finfo(taps.dtype).eps * np.abs(taps).max()
    for index, axis in enumerate(operator.axes):
        offsets = _offsets(axis)
        reach = int(np.abs(offsets).max())
        centered = np.zeros((2 * reach + 1, *np.delete(taps.shape, index)), taps.dtype)
        centered[offsets + reach] = np.moveaxis(taps, index, 0)
        if np.abs(centered - centered[::-1]).max() > rounding:
            return False
    return True


def _eigenvalues(operator: Convolution) -> np.ndarray:
    """Return λ[k] = Σ_t taps[t] Π cos(π k t / n), one thin matrix product per axis."""
    values = operator.taps
    for axis in operator.axes:
        cosines = np.cos(np.pi * np.outer(_offsets(axis), np.arange(axis.n)) / axis.n)
        values = np.tensordot(values, cosines, axes=(0, 0))
    return values


def _gram(regularizer: LinearOperator) -> np.ndarray:
    if isinstance(regularizer, Convolution):
        return np.abs(_eigenvalues(regularizer)) ** 2
    shape = regularizer.input_shape
    total = np.zeros((1,) * len(shape))
    for axis, n in enumerate(shape):
        eigenvalues = 4 * np.sin(np.pi * np.arange(n) / (2 * n)) ** 2
        total = total + eigenvalues.reshape([-1 if i == axis else 1 for i in range(len(shape))])
    return total
