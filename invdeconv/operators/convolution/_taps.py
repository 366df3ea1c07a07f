"""Convolution tap by tap: exact for integers, best for small kernels, right on every array library."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from invdeconv.arrays import Array, add_at, is_complex, is_numpy, like, zeros_like_data
from invdeconv.operators.convolution._geometry import Axis
from invdeconv.operators.convolution._phases import (
    Tap,
    Window,
    blocks,
    input_windows,
    output_windows,
    put_at,
    taps_of,
)

# Entries of a block: with its window and the product it stays in the second-level cache.
_BLOCK = 1 << 15


class TapEngine:
    """Strided correlation as a sum of weighted windows.

    Parameters
    ----------
    taps : numpy array, shape (…, k1, …, kd)
        Correlation taps; leading axes are channels that do not mix, and lead the arrays too.
    axes : tuple of Axis
        Geometry of each spatial axis; zeros beyond its ends.
    """

    def __init__(self, taps: np.ndarray, axes: tuple[Axis, ...]) -> None:
        self._taps = taps
        self._axes = axes
        self._lead = taps.shape[: taps.ndim - len(axes)]
        self._reads = taps_of((taps != 0).any(axis=tuple(range(len(self._lead)))), axes)

    def forward(self, x: Array) -> Array:
        """Return y[i] = Σⱼ taps[j]·x[s·i + d·j − before]."""
        size = tuple(axis.m for axis in self._axes)
        return self._sum(input_windows(x, self._reads, self._axes), self._taps, self._reads, size, x)

    def adjoint(self, y: Array) -> Array:
        """Return x[s·q + ρ] = Σⱼ conj(taps[j])·y[q − δⱼ]: gathered phase by phase."""
        taps = np.conj(self._taps)
        shape = self._lead + tuple(axis.n for axis in self._axes)
        x = None
        for phase in output_windows(y, self._reads, self._axes):
            part = self._sum(phase.windows, taps, phase.taps, phase.size, y)
            if self._lead + phase.size == shape:  # stride 1: the one phase is all
                return part
            if x is None:
                x = zeros_like_data(shape, y, complex_=self._is_complex(y))
            x = put_at(x, phase.where, part)
        return zeros_like_data(shape, y, complex_=self._is_complex(y)) if x is None else x

    def _is_complex(self, x: Array) -> bool:
        return np.iscomplexobj(self._taps) or is_complex(x)

    def _sum(
        self, windows: list[Window], taps: np.ndarray, reads: Sequence[Tap], size: tuple[int, ...], x: Array
    ) -> Array:
        weights = like(taps, x)
        total = zeros_like_data(self._lead + size, x, complex_=self._is_complex(x))
        column = (..., *(None for _ in size)) if self._lead else (...,)
        if not is_numpy(x):
            for window, read in zip(windows, reads, strict=True):
                weight = weights[(..., *read.index)][column]
                total = add_at(total, window.where, weight * window.values)
            return total
        lead = len(self._lead)
        scratch = np.empty(min(total.size, _BLOCK), total.dtype)
        for block in blocks(total.shape, _BLOCK):
            piece = total[block]
            product = scratch[: piece.size].reshape(piece.shape)
            for window, read in zip(windows, reads, strict=True):
                where, values = window.meet(block[lead:])
                if lead:
                    weight = weights[(*block[:lead], *read.index)][column]
                    values = values[_parts(values.shape[:lead], block[:lead])]
                else:
                    weight = weights[read.index]
                # Zeros at the rim of the product let the sum run through memory without a break.
                if values.shape[lead:] != piece.shape[lead:]:
                    product.fill(0)
                np.multiply(weight, values, out=product[where])
                piece += product
        return total


def _parts(shape: tuple[int, ...], block: tuple[slice, ...]) -> tuple[slice, ...]:
    """Return a block of leading axes; an axis of length 1 serves every block."""
    return tuple(part if n > 1 else slice(0, 1) for n, part in zip(shape, block, strict=True))
