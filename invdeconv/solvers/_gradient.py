"""Periodic differences: whole arrays of any library, and ADMM in compiled rows where numba is there."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from invdeconv.arrays import (
    Array,
    Kernel,
    along,
    by_threads,
    empty,
    has_compiler,
    is_complex,
    is_numpy,
    namespace,
)
from invdeconv.solvers._analysis import Analysis
from invdeconv.solvers._gradient_kernels import reflect_rows, relax_rows

__all__ = ["gradient_power", "periodic_gradient"]


def periodic_gradient(shape: tuple[int, ...]) -> Analysis:
    """Return the periodic differences along each axis."""
    return _Gradient(len(shape), _gradient, _adjoint, lambda half: gradient_power(shape, half=half))


def gradient_power(shape: tuple[int, ...], *, half: bool) -> np.ndarray:
    """Return |D̂|² = Σ 4 sin²(πf), the eigenvalues of DᵀD, on the grid of the spectrum."""
    axes = [np.fft.fftfreq(n) for n in shape]
    if half:
        axes[-1] = np.fft.rfftfreq(shape[-1])
    grids = np.meshgrid(*axes, indexing="ij", sparse=True)
    return sum(4 * np.sin(np.pi * grid) ** 2 for grid in grids)


@dataclass(frozen=True)
class _Gradient(Analysis):
    """The same steps in one pass over memory each, for real NumPy arrays where numba is there."""

    def reflected(self, v: Array, keep: Array) -> Array:
        if not _compilable(v):
            return super().reflected(v, keep)
        image = empty(v.shape[1:], v)
        _by_rows(reflect_rows, image, v, keep, 1)
        return image

    def relaxed(self, x: Array, v: Array, keep: Array, alpha: float, threshold: float) -> tuple[Array, Array]:
        if not _compilable(v):
            return super().relaxed(x, v, keep, alpha, threshold)
        _by_rows(relax_rows, x, v, keep, 1, alpha, threshold)
        return v, keep


def _compilable(v: Array) -> bool:
    return has_compiler() and is_numpy(v) and not is_complex(v)


def _by_rows(kernel: Kernel, image: np.ndarray, v: np.ndarray, keep: np.ndarray, *numbers: float) -> None:
    """Let the kernel write into `image`, or into `v` and `keep`, by a slice of the rows for each thread."""
    *sizes, n = image.shape
    rows = math.prod(sizes)
    arrays = image.reshape(rows, n), v.reshape(-1, rows, n), keep.reshape(-1, rows, n)
    lengths, scalars = np.array(sizes, dtype=np.int64), [v.dtype.type(number) for number in numbers]

    def work(part: slice) -> None:
        kernel(*arrays, lengths, part.start, part.stop, *scalars)

    by_threads(work, rows, image.size)


def _gradient(x: Array, out: Array) -> Array:
    """Return D x, x[i + 1] − x[i] along each axis, the last one taken to the first sample."""
    if not is_numpy(x):
        xp = namespace(x)
        return xp.stack([xp.roll(x, -1, axis=axis) - x for axis in range(x.ndim)])
    # In memory order, then again where an axis ends: twice as fast as row by row (measured).
    flat = x.reshape(-1)
    for axis, part in enumerate(out):
        step, first, last = _axis(x.shape, axis)
        np.subtract(flat[step:], flat[:-step], out=part.reshape(-1)[:-step])
        np.subtract(x[first], x[last], out=part[last])
    return out


def _adjoint(p: Array, out: Array) -> Array:
    """Return Dᵀp = Σ p[i − 1] − p[i]."""
    if not is_numpy(p):
        xp = namespace(p)
        parts = [xp.roll(p[axis, ...], 1, axis=axis) for axis in range(p.shape[0])]
        return xp.sum(xp.stack(parts) - p, axis=0)
    flat = out.reshape(-1)
    out[...] = 0
    for axis, part in enumerate(p):
        step, first, last = _axis(out.shape, axis)
        out -= part
        start = out[first] + part[last]
        flat[step:] += part.reshape(-1)[:-step]
        out[first] = start
    return out


def _axis(shape: tuple[int, ...], axis: int) -> tuple[int, tuple[slice, ...], tuple[slice, ...]]:
    """Return how far apart neighbors lie in memory, and where the first and the last ones are."""
    first, last = (along(len(shape), axis, part) for part in (slice(0, 1), slice(-1, None)))
    return math.prod(shape[axis + 1 :]), first, last
