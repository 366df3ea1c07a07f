"""Some thousand frequencies of a picture of any size, without a copy of it."""

from __future__ import annotations

import functools
import math

import numpy as np

from invdeconv.arrays import Array, like, namespace, spectrum, take, to_numpy
from invdeconv.restoration._power_law import Spectrum

__all__ = ["sampled_spectrum", "windowed_mean"]

# About as many frequencies are looked at: a sum over all of them is as well estimated by a sample.
_FREQUENCIES = 1 << 13
# Samples of the picture that are transformed at a time.
_BLOCK = 1 << 18
# Share of an axis over which the window rises at each end, or the size of the PSF if that is more: a shorter
# rise leaks into frequencies that the blur leaves empty, a longer one sees the middle of the picture only.
_RISE = 0.125


def sampled_spectrum(data: Array, psf: np.ndarray) -> Spectrum:
    """Return the power of real data less their mean under a window, and what the PSF passes of its sum.

    The window rises as sin² (Tukey) and has unit mean square, so that white noise keeps its variance. The
    frequencies are a grid out of those of the data, closer together near zero, where spectra are steep.
    """
    shape = tuple(data.shape)
    half = max(4, round((2 * _FREQUENCIES) ** (1 / len(shape)) / 2))
    last = len(shape) - 1
    chosen = [_chosen(n, half, both_signs=axis != last) for axis, n in enumerate(shape)]
    windows = list(map(_window, shape, psf.shape))
    seen = _rows(data, windows[last], chosen[last][0])
    transfer = psf / psf.sum()
    for axis in reversed(range(len(shape))):
        n, index = shape[axis], chosen[axis][0]
        if axis != last:
            window = windows[axis].reshape(-1, *(1,) * (last - axis))
            seen = np.fft.fft(seen * window, axis=axis).take(index, axis)
        turns = -(-psf.shape[axis] // n)
        transfer = np.fft.fft(transfer, turns * n, axis).take(turns * index, axis)
    constant = _outer([np.fft.fft(window)[index] for window, (index, _) in zip(windows, chosen, strict=True)])
    zero = np.argmax(np.abs(constant))
    seen -= seen.ravel()[zero] / constant.ravel()[zero] * constant
    frequencies = [np.abs(index) / n for n, (index, _) in zip(shape, chosen, strict=True)]
    squared = sum(np.square(grid) for grid in np.meshgrid(*frequencies, indexing="ij", sparse=True))
    return Spectrum(
        frequency=np.sqrt(squared).ravel(),
        power=(np.abs(seen) ** 2 / math.prod(shape)).ravel(),
        passed=(np.abs(transfer) ** 2).ravel(),
        weight=_outer([weight for _, weight in chosen]).ravel(),
        count=np.ones(seen.size),
    )


def windowed_mean(data: Array, psf: np.ndarray) -> float:
    """Return the mean of data weighted by the square of the window."""
    for n, k in zip(reversed(tuple(data.shape)), reversed(psf.shape), strict=True):
        data = namespace(data).matmul(data, like(_window(n, k) ** 2 / n, data))
    return float(data)


def _window(n: int, k: int) -> np.ndarray:
    inward = np.minimum(np.arange(n), np.arange(n)[::-1]) + 0.5
    window = np.sin(np.pi / 2 * np.minimum(inward / min(max(_RISE * n, k), n / 2), 1)) ** 2
    return window / np.sqrt(np.mean(window**2))


def _chosen(n: int, half: int, *, both_signs: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return frequencies of an axis in turns per n, and how many of its frequencies each stands for."""
    top = n // 2
    near = min(top, half // 2)
    index = np.unique(np.rint(np.concatenate([np.arange(near), np.linspace(near, top, half - near + 1)])))
    edges = np.concatenate([[-0.5], (index[1:] + index[:-1]) / 2, [top + 0.5]])
    mirrored = (index > 0) & (2 * index < n)
    # Zero and an even axis' last frequency are their own mirrors.
    weight = np.where(mirrored, 1, 2) * np.diff(edges) - np.where(mirrored, 0, 1)
    if both_signs:
        index = np.concatenate([index, -index[mirrored]])
        return index.astype(int), np.concatenate([weight, weight[mirrored]])
    return index.astype(int), np.where(mirrored, 2 * weight, weight)


def _rows(data: Array, window: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Transform the last axis under a window and keep some frequencies of it."""
    n = window.size
    rows = namespace(data).reshape(data, (-1, n))
    weight = like(window, data)
    step = max(1, _BLOCK // n)
    blocks = (slice(first, min(first + step, rows.shape[0])) for first in range(0, rows.shape[0], step))
    parts = [to_numpy(take(spectrum(rows[block, :] * weight, (n,), half=True), index, 1)) for block in blocks]
    return np.concatenate(parts).reshape(*data.shape[:-1], -1).astype(complex)


def _outer(factors: list[np.ndarray]) -> np.ndarray:
    return functools.reduce(np.multiply.outer, factors)
