"""Periodic convolution, any stride that divides: diagonal, or one row per block, in the DFT."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from invdeconv.arrays import Array, is_complex, like, namespace, signal, spectrum
from invdeconv.operators._differences import Differences
from invdeconv.operators._linear_operator import Identity, LinearOperator
from invdeconv.operators.convolution import Convolution
from invdeconv.operators.decomposition._decomposition import Decomposition


class FourierDecomposition(Decomposition):
    """A circulant: c = |h|, s = |l|, U the inverse DFT, the phase of h in X.

    Real pairs live on the half spectrum of the last axis, each inner entry standing for two.
    """

    structure = "periodic DFT"

    def __init__(self, operator: Convolution, regularizer: LinearOperator | None) -> None:
        super().__init__(operator, regularizer)
        self._frame = operator.input_shape
        self._scale = math.sqrt(math.prod(self._frame))
        self._half = operator.dtype.kind != "c" and (regularizer is None or regularizer.dtype.kind != "c")
        self._takes_complex = not self._half

    @property
    def multiplicity(self) -> np.ndarray | float:
        """2 inside a half spectrum, 1 on its zero and Nyquist columns."""
        if not self._half:
            return 1.0
        n = self._frame[-1]
        weight = np.full(n // 2 + 1, 2.0)
        weight[0] = 1
        if n % 2 == 0:
            weight[-1] = 1
        return np.broadcast_to(weight, (*self._frame[:-1], weight.size))

    @property
    def frequency(self) -> np.ndarray:
        """Distance from zero frequency in cycles per sample, in native layout."""
        axes = [np.fft.fftfreq(n) for n in self._frame]
        if self._half:
            axes[-1] = np.fft.rfftfreq(self._frame[-1])
        return np.sqrt(sum(np.square(grid) for grid in np.meshgrid(*axes, indexing="ij", sparse=True)))

    def _factors(self, y: Array) -> tuple[Array, ...]:
        h = self.operator.circulant.response(y, half=self._half)  # type: ignore[attr-defined]
        xp = namespace(h)
        c = xp.abs(h)
        # exp(−i·arg h), and 1 where h = 0: the choice does not matter there, NaN would.
        turn = xp.where(c > 0, xp.conj(h) / xp.where(c > 0, c, 1.0), 1.0)
        if self.regularizer is None:
            return c, None, turn
        gram = gram_response(self.regularizer, y, half=self._half)
        return c, xp.sqrt(xp.clip(gram, min=0.0)), turn

    def analyze(self, y: Array) -> Array:
        return spectrum(y, self._frame, half=self._half) / self._scale

    def synthesize(self, k: Array) -> Array:
        turn = self.factors(k)[2]
        return signal(k * turn * self._scale, self._frame, self._frame, half=self._half)

    def synthesize_output(self, k: Array) -> Array:
        return signal(_complex(k) * self._scale, self._frame, self._frame, half=self._half)


class AliasedFourierDecomposition(Decomposition):
    """A circulant sampled with a stride: each frequency of the data sees one row of aliases.

    ŷ[q] = Σ_f B[q, f] x̂[f, q] with B = h/√S over the S aliases of q. For L = I, c = ‖B‖ and X = Bᴴ/c
    (Zhao et al., IEEE TIP 25 (2016) 3683, Eq. (18)). For a circulant L with |l|² = D the column of X is
    the input of least ‖Lx‖ with a given datum, D⁻¹Bᴴ, scaled by the least D so that D = 0 is the limit.
    """

    structure = "periodic DFT, one block per alias set"
    multiplicity = 1.0

    def __init__(self, operator: Convolution, regularizer: LinearOperator | None) -> None:
        super().__init__(operator, regularizer)
        self._coarse = operator.output_shape
        self._fine = operator.input_shape
        self._aliases = math.prod(self._fine) // math.prod(self._coarse)
        self._real = operator.dtype.kind != "c" and (regularizer is None or regularizer.dtype.kind != "c")

    def _fold(self, spectrum_: Array) -> Array:
        """Split each axis of the fine spectrum into (alias, coarse frequency) and bring aliases to front."""
        xp = namespace(spectrum_)
        ndim = len(self._fine)
        split = [part for n, m in zip(self._fine, self._coarse, strict=True) for part in (n // m, m)]
        order = [*range(0, 2 * ndim, 2), *range(1, 2 * ndim, 2)]
        blocks = xp.permute_dims(xp.reshape(spectrum_, tuple(split)), tuple(order))
        return xp.reshape(blocks, (self._aliases, *self._coarse))

    def _unfold(self, blocks: Array) -> Array:
        """Undo `_fold`."""
        xp = namespace(blocks)
        ndim = len(self._fine)
        ratio = tuple(n // m for n, m in zip(self._fine, self._coarse, strict=True))
        order = [axis for pair in zip(range(ndim), range(ndim, 2 * ndim), strict=True) for axis in pair]
        return xp.reshape(xp.permute_dims(xp.reshape(blocks, ratio + self._coarse), tuple(order)), self._fine)

    def _factors(self, y: Array) -> tuple[Array, ...]:
        h = self.operator.circulant.response(y, half=False)  # type: ignore[attr-defined]
        xp = namespace(h)
        row = self._fold(h) / math.sqrt(self._aliases)
        energy = xp.real(row) ** 2 + xp.imag(row) ** 2
        if self.regularizer is None:
            c = xp.sqrt(xp.sum(energy, axis=0))
            return c, None, xp.conj(row) / xp.where(c > 0, c, 1.0)
        gram = self._fold(gram_response(self.regularizer, y, half=False))
        gram = xp.where(gram > 64 * xp.finfo(gram.dtype).eps * xp.max(gram), gram, 0.0)
        # An alias that C does not see must not decide the least D.
        seen = energy > xp.finfo(energy.dtype).eps ** 2 * xp.max(energy)
        least = xp.min(xp.where(seen, gram, xp.max(gram)), axis=0)
        weight = xp.where(gram > 0, least / xp.where(gram > 0, gram, 1.0), 1.0)
        column = xp.where(seen, weight, 0.0) * xp.conj(row)
        c = xp.sum(xp.where(seen, weight, 0.0) * energy, axis=0)
        s = xp.sqrt(xp.sum(gram * (xp.real(column) ** 2 + xp.imag(column) ** 2), axis=0))
        size = xp.sqrt(c**2 + s**2)
        size = xp.where(size > 0, size, 1.0)
        return c / size, s / size, column / size

    def analyze(self, y: Array) -> Array:
        return spectrum(y, self._coarse, half=False) / math.sqrt(math.prod(self._coarse))

    def synthesize(self, k: Array) -> Array:
        fine = self._unfold(self.factors(k)[2] * k) * math.sqrt(math.prod(self._fine))
        return signal(fine, self._fine, self._fine, half=False)

    def synthesize_output(self, k: Array) -> Array:
        return signal(
            _complex(k) * math.sqrt(math.prod(self._coarse)), self._coarse, self._coarse, half=False
        )

    def filter(self, y: Array, phi: Any) -> Array:
        x = super().filter(y, phi)
        return namespace(x).real(x) if self._real and not is_complex(y) else x


def gram_response(regularizer: LinearOperator, y: Array, *, half: bool) -> Array:
    """Return |l|², the eigenvalues of LᴴL for a circulant L."""
    if isinstance(regularizer, Convolution):
        l_hat = regularizer.circulant.response(y, half=half)  # type: ignore[union-attr]
        return namespace(l_hat).real(l_hat) ** 2 + namespace(l_hat).imag(l_hat) ** 2
    shape = regularizer.input_shape
    total = np.zeros((1,) * len(shape))
    for axis in regularizer.axes:  # type: ignore[attr-defined]
        n = shape[axis]
        count = n // 2 + 1 if half and axis == len(shape) - 1 else n
        eigenvalues = 4 * np.sin(np.pi * np.arange(count) / n) ** 2
        total = total + eigenvalues.reshape([-1 if i == axis else 1 for i in range(len(shape))])
    return like(total, y)


def decompose_fourier(operator: LinearOperator, regularizer: LinearOperator | None) -> Decomposition | None:
    """Return the DFT decomposition if C is a sampled circulant and L a circulant."""
    if not isinstance(operator, Convolution) or operator.circulant is None:
        return None
    if any(axis.n != axis.m * axis.stride for axis in operator.axes):
        return None
    if isinstance(regularizer, Identity):
        regularizer = None
    if regularizer is not None and not _is_circulant(regularizer):
        return None
    one_to_one = all(axis.stride == 1 for axis in operator.axes)
    return (FourierDecomposition if one_to_one else AliasedFourierDecomposition)(operator, regularizer)


def _is_circulant(regularizer: LinearOperator) -> bool:
    if isinstance(regularizer, Differences):
        return regularizer.boundary == "periodic"
    return (
        isinstance(regularizer, Convolution)
        and regularizer.circulant is not None
        and regularizer.input_shape == regularizer.output_shape
    )


def _complex(k: Array) -> Array:
    if is_complex(k):
        return k
    xp = namespace(k)
    return xp.astype(k, xp.complex64 if k.dtype == xp.float32 else xp.complex128)
