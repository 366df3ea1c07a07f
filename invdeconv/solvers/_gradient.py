"""Periodic differences, written into memory the solver owns."""

from __future__ import annotations

import numpy as np

from invdeconv.arrays import Array, along, is_numpy, namespace

__all__ = ["gradient", "gradient_adjoint", "gradient_power"]


def gradient(x: Array, out: Array) -> Array:
    """Return D x, x[i + 1] − x[i] along each axis, the last one taken to the first sample."""
    if not is_numpy(x):
        xp = namespace(x)
        return xp.stack([xp.roll(x, -1, axis=axis) - x for axis in range(x.ndim)])
    for axis, part in enumerate(out):
        for here, ahead in _neighbors(x.ndim, axis):
            np.subtract(x[ahead], x[here], out=part[here])
    return out


def gradient_adjoint(p: Array, out: Array) -> Array:
    """Return Dᵀp = Σ p[i − 1] − p[i]."""
    if not is_numpy(p):
        xp = namespace(p)
        parts = [xp.roll(p[axis, ...], 1, axis=axis) for axis in range(p.shape[0])]
        return xp.sum(xp.stack(parts) - p, axis=0)
    np.subtract(p[0, -1:], p[0, :1], out=out[:1])
    np.subtract(p[0, :-1], p[0, 1:], out=out[1:])
    for axis in range(1, p.shape[0]):
        out -= p[axis]
        for here, ahead in _neighbors(out.ndim, axis):
            out[ahead] += p[axis][here]
    return out


def gradient_power(shape: tuple[int, ...], *, half: bool) -> np.ndarray:
    """Return |D̂|² = Σ 4 sin²(πf), the eigenvalues of DᵀD, on the grid of the spectrum."""
    axes = [np.fft.fftfreq(n) for n in shape]
    if half:
        axes[-1] = np.fft.rfftfreq(shape[-1])
    grids = np.meshgrid(*axes, indexing="ij", sparse=True)
    return sum(4 * np.sin(np.pi * grid) ** 2 for grid in grids)


def _neighbors(ndim: int, axis: int) -> tuple[tuple[tuple[slice, ...], tuple[slice, ...]], ...]:
    inner = along(ndim, axis, slice(0, -1)), along(ndim, axis, slice(1, None))
    last = along(ndim, axis, slice(-1, None)), along(ndim, axis, slice(0, 1))
    return inner, last
