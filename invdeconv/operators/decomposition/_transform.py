"""The orthonormal transform that diagonalizes: DFT along periodic axes, DCT-II along mirrored ones."""

from __future__ import annotations

import math

import numpy as np

from invdeconv.arrays import Array, dct2, idct2, is_complex, namespace, signal, spectrum


class Transform:
    """An orthonormal DFT or DCT-II along each of the last axes; axes before them are a batch.

    Spectra have the DCT axes first; of real arrays the last DFT axis keeps its half, each inner entry
    standing for two.

    Parameters
    ----------
    shape : tuple of int
        Lengths of the axes.
    mirrored : tuple of bool
        Which axes take the DCT-II.
    half : bool
        Keep half of the last DFT axis.
    """

    def __init__(self, shape: tuple[int, ...], mirrored: tuple[bool, ...], *, half: bool) -> None:
        self.shape = shape
        self.mirrored = mirrored
        cosine = [i for i, word in enumerate(mirrored) if word]
        fourier = [i for i, word in enumerate(mirrored) if not word]
        self._order = (*cosine, *fourier)
        self._frame = tuple(shape[i] for i in fourier)
        self._scale = math.sqrt(math.prod(self._frame))
        self.halved = fourier[-1] if half and fourier else None

    @property
    def half(self) -> bool:
        """Whether complex arrays must go through as two real ones."""
        return self.halved is not None

    def forward(self, x: Array) -> Array:
        """Return the spectrum of the last axes of `x`."""
        x = self.arranged(x)
        for axis in self._mirrored_of(x):
            x = dct2(x, axis)
        return spectrum(x, self._frame, half=self.half) / self._scale if self._frame else x

    def inverse(self, k: Array) -> Array:
        """Return the array with the spectrum `k`."""
        if self._frame:
            k = signal(_complex(k) * self._scale, self._frame, self._frame, half=self.half)
        for axis in self._mirrored_of(k):
            k = idct2(k, axis)
        return self._permuted(k, tuple(int(i) for i in np.argsort(self._order)))

    def _mirrored_of(self, x: Array) -> range:
        return range(x.ndim - len(self.shape), x.ndim - len(self._frame))

    def arranged(self, x: Array) -> Array:
        """Return `x` with its last axes in the order of the spectrum."""
        return self._permuted(x, self._order)

    def _permuted(self, x: Array, order: tuple[int, ...]) -> Array:
        if order == tuple(range(len(order))):
            return x
        batch = x.ndim - len(order)
        return namespace(x).permute_dims(x, (*range(batch), *(batch + i for i in order)))

    @property
    def multiplicity(self) -> np.ndarray | float:
        """2 inside a half spectrum, 1 on its zero and Nyquist columns."""
        if self.halved is None:
            return 1.0
        n = self._frame[-1]
        weight = np.full(n // 2 + 1, 2.0)
        weight[0] = 1
        if n % 2 == 0:
            weight[-1] = 1
        return np.broadcast_to(weight, (*(self.shape[i] for i in self._order[:-1]), weight.size))

    @property
    def frequency(self) -> np.ndarray:
        """Distance from zero frequency in cycles per sample."""
        axes = []
        for i in self._order:
            turns = self.angles(i, np.ones(1, int))[0] / (2 * np.pi)
            axes.append(np.minimum(turns, 1 - turns))
        return np.sqrt(sum(np.square(grid) for grid in np.meshgrid(*axes, indexing="ij", sparse=True)))

    def angles(self, axis: int, offsets: np.ndarray) -> np.ndarray:
        """Return θ·offset for the frequencies of one axis, reduced to one turn so that no digit is lost."""
        n = self.shape[axis]
        count = n // 2 + 1 if axis == self.halved else n
        period = 2 * n if self.mirrored[axis] else n
        return 2 * np.pi * (np.outer(offsets, np.arange(count)) % period) / period


def _complex(k: Array) -> Array:
    if is_complex(k):
        return k
    xp = namespace(k)
    return xp.astype(k, xp.complex64 if k.dtype == xp.float32 else xp.complex128)
