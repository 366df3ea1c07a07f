"""Convolution tap by tap: exact for integers, best for small kernels, right on every array library."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from invdeconv.arrays import Array, add_at, is_complex, like, zeros_like_data
from invdeconv.operators.convolution._geometry import Axis


def correlate(x: Array, taps: np.ndarray, axes: tuple[Axis, ...]) -> Array:
    """Return y[i] = Σⱼ taps[j]·x[s·i + d·j] for a padded input x."""
    weights = like(taps, x)
    promoted = np.iscomplexobj(taps) or is_complex(x)
    y = zeros_like_data(tuple(axis.m for axis in axes), x, complex_=promoted)
    for j, window in _windows(taps, axes):
        y = add_at(y, (...,), weights[j] * x[window])
    return y


def correlate_adjoint(y: Array, taps: np.ndarray, axes: tuple[Axis, ...]) -> Array:
    """Return the padded x with x[s·i + d·j] += conj(taps[j])·y[i]: the scatter form of the adjoint."""
    weights = like(np.conj(taps), y)
    promoted = np.iscomplexobj(taps) or is_complex(y)
    x = zeros_like_data(tuple(axis.padded for axis in axes), y, complex_=promoted)
    for j, window in _windows(taps, axes):
        x = add_at(x, window, weights[j] * y)
    return x


def _windows(taps: np.ndarray, axes: tuple[Axis, ...]) -> Iterator[tuple[tuple[int, ...], tuple[slice, ...]]]:
    """Yield each tap that is not zero with the strided window of the padded input it meets."""
    for j in product(*(range(axis.k) for axis in axes)):
        if taps[j] != 0:
            yield (
                j,
                tuple(
                    slice(axis.dilation * jj, axis.dilation * jj + axis.reach, axis.stride)
                    for axis, jj in zip(axes, j, strict=True)
                ),
            )
