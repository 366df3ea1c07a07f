"""Posterior covariances (CᴴC + λLᴴL)⁻¹ = TTᴴ whose root T structure makes cheap.

Each has `std`, the root of the diagonal of TTᴴ, and `draw`: T times white noise, real or circular as `x`,
the mean, whose library and precision all follow.
"""

from __future__ import annotations

import functools
import math
from typing import Protocol

import numpy as np
import scipy.fft
import scipy.linalg

from invdeconv.arrays import Array, is_complex, like, namespace, signal, spectrum, to_numpy, zeros_like_data
from invdeconv.noise import white_noise
from invdeconv.operators import Decomposition, LinearOperator

__all__ = ["AliasedCovariance", "Covariance", "DenseCovariance", "DiagonalCovariance"]


class Covariance(Protocol):
    """TTᴴ."""

    def std(self) -> Array:
        """Return one deviation per sample."""

    def draw(self, rng: np.random.Generator) -> Array:
        """Return T times white noise of unit variance."""


class DiagonalCovariance:
    """U unitary and X equal to it up to phases, as for the DFT and the DCT-II."""

    def __init__(self, decomposition: Decomposition, lam: float, x: Array) -> None:
        self._pair = decomposition
        self._x = x
        c, s = decomposition.factors(x)[:2]
        self._variance = 1 / (c * c + lam * (1.0 if s is None else s * s))

    def std(self) -> Array:
        """Return one deviation per sample: constant along the axes of the DFT."""
        shape = self._x.shape
        xp = namespace(self._variance)
        words = self._pair.operator.boundaries  # type: ignore[attr-defined]
        mirrored = [i for i, word in enumerate(words) if word != "periodic"]
        kept = tuple(n if i in mirrored else 1 for i, n in enumerate(shape))
        whole = tuple(self._variance.shape)
        counted = self._variance * like(np.broadcast_to(self._pair.multiplicity, whole), self._variance)
        # The axes of the DCT come first: Σₖ vₖ D[k, i]² along each, which goes to the end.
        variance = xp.sum(counted, axis=tuple(range(len(mirrored), len(shape))))
        for i in mirrored:
            squares = scipy.fft.dct(np.eye(shape[i]), axis=0, norm="ortho") ** 2
            variance = xp.tensordot(variance, like(squares, variance), axes=((0,), (0,)))
        size = math.prod(shape) // math.prod(kept)
        return zeros_like_data(shape, variance) + xp.sqrt(xp.reshape(variance, kept) / size)

    def draw(self, rng: np.random.Generator) -> Array:
        """Return T times white noise of unit variance."""
        root = namespace(self._x).sqrt(self._variance)
        return self._pair.filter(white_noise(self._x, 1.0, rng), lambda _c, _s: root)


class AliasedCovariance:
    """A sampled circulant and a circulant L: one small triangle per set of aliases.

    With b = h/√S and D = |l|² on the S aliases of a frequency, [b; √(λD)] = QR and T = R⁻¹.
    """

    def __init__(
        self, operator: LinearOperator, regularizer: LinearOperator | None, lam: float, x: Array
    ) -> None:
        self._x = x
        self._fine, self._coarse = operator.input_shape, operator.output_shape
        self._strides = tuple(n // m for n, m in zip(self._fine, self._coarse, strict=True))
        xp = namespace(x)
        row = self._fold(operator.circulant.response(x, half=False))  # type: ignore[attr-defined]
        aliases = math.prod(self._strides)
        unit = np.zeros(self._fine)
        unit[(0,) * unit.ndim] = 1
        delta = like(unit, x)
        seen = delta if regularizer is None else regularizer.gram(delta)
        power = xp.clip(xp.real(self._fold(spectrum(seen, self._fine, half=False))), min=0.0)
        penalty = xp.sqrt(lam * power)[..., None] * like(np.eye(aliases), x)
        stacked = xp.concat([row[..., None, :] / math.sqrt(aliases), xp.astype(penalty, row.dtype)], axis=-2)
        self._root = xp.linalg.inv(xp.linalg.qr(stacked, mode="reduced")[1])

    def std(self) -> Array:
        """Return one deviation per sample: the same for samples one stride apart."""
        xp = namespace(self._root)
        waves = functools.reduce(
            np.kron, [np.exp(2j * np.pi * np.outer(np.arange(s), np.arange(s)) / s) for s in self._strides]
        )
        parts = like(waves, self._x) @ self._root
        power = xp.real(parts) ** 2 + xp.imag(parts) ** 2
        others = (*range(len(self._coarse)), power.ndim - 1)
        phases = xp.sum(power, axis=others) / math.prod(self._fine)
        return xp.tile(xp.sqrt(xp.reshape(phases, self._strides)), self._coarse)

    def draw(self, rng: np.random.Generator) -> Array:
        """Return T times white noise of unit variance."""
        xp = namespace(self._root)
        real = not is_complex(self._x)
        # Re(Tz) has covariance TTᴴ, real here, if z is circular with twice the variance.
        white = white_noise(self._x + 0j, math.sqrt(2) if real else 1.0, rng)
        k = self._fold(spectrum(white, self._fine, half=False))[..., None]
        drawn = signal(self._unfold((self._root @ k)[..., 0]), self._fine, self._fine, half=False)
        return xp.real(drawn) if real else drawn

    def _fold(self, fine: Array) -> Array:
        """Part each axis of a spectrum into (alias, coarse frequency); the aliases go last, as one axis."""
        xp = namespace(fine)
        d = len(self._fine)
        parted = xp.reshape(fine, sum(zip(self._strides, self._coarse, strict=True), ()))
        blocks = xp.permute_dims(parted, (*range(1, 2 * d, 2), *range(0, 2 * d, 2)))
        return xp.reshape(blocks, (*self._coarse, -1))

    def _unfold(self, blocks: Array) -> Array:
        """Undo `_fold`."""
        xp = namespace(blocks)
        d = len(self._fine)
        parted = xp.reshape(blocks, self._coarse + self._strides)
        order = [axis for pair in zip(range(d, 2 * d), range(d), strict=True) for axis in pair]
        return xp.reshape(xp.permute_dims(parted, tuple(order)), self._fine)


class DenseCovariance:
    """Any small pair: [C; √λ L] = QR and T = R⁻¹."""

    def __init__(
        self, operator: LinearOperator, regularizer: LinearOperator | None, lam: float, x: Array
    ) -> None:
        self._x = x
        C = operator.to_dense()
        L = np.eye(C.shape[1]) if regularizer is None else regularizer.to_dense()
        self._r: np.ndarray = np.linalg.qr(np.concatenate([C, math.sqrt(lam) * L]))[1]

    def std(self) -> Array:
        """Return one deviation per sample."""
        root = scipy.linalg.solve_triangular(self._r, np.eye(self._r.shape[0]))
        return like(np.linalg.norm(root, axis=1).reshape(self._x.shape), self._x)

    def draw(self, rng: np.random.Generator) -> Array:
        """Return T times white noise of unit variance."""
        white = to_numpy(white_noise(self._x, 1.0, rng)).reshape(-1)
        return like(scipy.linalg.solve_triangular(self._r, white).reshape(self._x.shape), self._x)
