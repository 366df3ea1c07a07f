"""Sums over rings of frequencies."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.fft

__all__ = ["Rings"]


class Rings:
    """Sums over rings of frequencies, for pictures of one shape."""

    def __init__(
        self, shape: tuple[int, ...], spacing: tuple[float, ...], taper: float, *, complex_: bool
    ) -> None:
        self.shape = shape
        self.transform: Any = scipy.fft.fftn if complex_ else scipy.fft.rfftn
        self.window = functools.reduce(np.multiply.outer, [_tukey(n, taper) for n in shape])
        self.waves = [np.fft.fftfreq(n, 1 / n) for n in shape]
        self.copies = np.ones(shape[-1])  # of each frequency in the whole plane
        if not complex_:
            self.waves[-1] = np.fft.rfftfreq(shape[-1], 1 / shape[-1])
            self.copies = np.where(np.isin(self.waves[-1], (0, shape[-1] / 2)), 1.0, 2.0)
        lengths = [n * d for n, d in zip(shape, spacing, strict=True)]
        self.step = min(1 / length for n, length in zip(shape, lengths, strict=True) if n > 1)
        highest = max(n // 2 / length for n, length in zip(shape, lengths, strict=True))
        self.last = int(highest / self.step + 1e-6)
        square = sum((wave / length) ** 2 for wave, length in zip(_open(self.waves), lengths, strict=True))
        ring = np.rint(np.sqrt(square) / self.step)
        self.ring = np.minimum(ring, self.last + 1).astype(np.intp).ravel()

    def sums(self, a: np.ndarray, b: np.ndarray, shift: Sequence[float] | None = None) -> np.ndarray:
        """Return Re Σ A·B̄, Σ|A|², Σ|B|² and the number of frequencies of each ring.

        `shift` is taken back: b(x) then shows what a shows at x + shift.
        """
        A, B = (self._spectrum(x) for x in (a, b))
        cross, weight = A * B.conj(), np.broadcast_to(self.copies, A.shape)
        if shift is not None:
            for wave, part, n in zip(_open(self.waves), shift, self.shape, strict=True):
                cross = cross * np.exp(2j * np.pi * wave * part / n)
                # The shift of a wave at the limit of sampling cannot be told from a lower amplitude.
                weight = np.where(2 * np.abs(wave) == n, 0, weight)
        parts = (cross.real, np.abs(A) ** 2, np.abs(B) ** 2, np.ones(A.shape))
        return np.stack(
            [np.bincount(self.ring, (weight * part).ravel(), self.last + 2)[1:-1] for part in parts]
        )

    def _spectrum(self, x: np.ndarray) -> np.ndarray:
        mean = np.sum(self.window * x) / np.sum(self.window)
        return np.asarray(self.transform(self.window * (x - mean)))


def _tukey(n: int, taper: float) -> np.ndarray:
    """Return Tukey's window at the centers of n samples; that of SciPy is 0 at the first and the last."""
    if taper == 0:
        return np.ones(n)
    x = (np.arange(n) + 0.5) / n
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * np.minimum(1, 2 * np.minimum(x, 1 - x) / taper)))


def _open(axes: list[np.ndarray]) -> list[np.ndarray]:
    return list(np.meshgrid(*axes, indexing="ij", sparse=True))
