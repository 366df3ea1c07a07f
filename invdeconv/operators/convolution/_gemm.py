"""Many-channel convolution as matrix products on columns that never leave the cache.

The textbook lays out a matrix of columns, k times the size of the image, and multiplies once. Here the
columns of a few output rows at a time are gathered, multiplied and forgotten: the same product, without
the traffic to main memory that costs the textbook half of its time.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from invdeconv.arrays import (
    Array,
    add_at,
    is_complex,
    is_numpy,
    like,
    namespace,
    precision_key,
    zeros_like_data,
)
from invdeconv.operators.convolution._geometry import Axis
from invdeconv.operators.convolution._phases import (
    Tap,
    Window,
    blocks,
    input_windows,
    output_windows,
    promoted,
    put_at,
    taps_of,
)

# Entries of a block of columns: 2 MB in single precision. Both 2¹⁶ and 2²⁰ are slower (measured).
_COLUMNS = 1 << 19


class GemmEngine:
    """Strided correlation that mixes channels.

    Parameters
    ----------
    taps : numpy array, shape (C_out, C_in / groups, k1, …, kd)
        Correlation taps.
    groups : int
        Output channels of a group see the input channels of that group only.
    axes : tuple of Axis
        Geometry of each spatial axis; zeros beyond its ends.
    """

    def __init__(self, taps: np.ndarray, groups: int, axes: tuple[Axis, ...]) -> None:
        self._taps = taps
        self._groups = groups
        self._axes = axes
        self._start()

    def _start(self) -> None:
        self._reads = taps_of((self._taps != 0).any(axis=(0, 1)), self._axes)
        self._matrices: dict[tuple[Any, ...], Array] = {}
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {"_taps": self._taps, "_groups": self._groups, "_axes": self._axes}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._start()

    def forward(self, x: Array) -> Array:
        """Return y[o, i] = Σ_c Σⱼ taps[o, c, j]·x[c, s·i + d·j − before]."""
        x = promoted(x, complex_=np.iscomplexobj(self._taps))
        y = zeros_like_data((self._taps.shape[0], *(axis.m for axis in self._axes)), x)
        if not self._reads:  # pads so long that no tap meets a sample
            return y
        windows = input_windows(x, self._reads, self._axes)
        return self._products(windows, self._matrix(self._reads, x, adjoint=False), y, (...,))

    def adjoint(self, y: Array) -> Array:
        """Return x[c, s·q + ρ] = Σ_o Σⱼ conj(taps[o, c, j])·y[o, q − δⱼ]: a small kernel per phase."""
        y = promoted(y, complex_=np.iscomplexobj(self._taps))
        channels = self._taps.shape[1] * self._groups
        x = zeros_like_data((channels, *(axis.n for axis in self._axes)), y)
        for phase in output_windows(y, self._reads, self._axes):
            matrix = self._matrix(phase.taps, y, adjoint=True)
            x = self._products(phase.windows, matrix, x, phase.where)
        return x

    def _matrix(self, reads: Sequence[Tap], x: Array, *, adjoint: bool) -> Array:
        """Return the weights of some taps, shape (groups, rows, taps·channels); kept per precision."""
        key = (*precision_key(x), is_complex(x), adjoint, reads[0].phase if adjoint else None)
        with self._lock:
            if key not in self._matrices:
                where = tuple(np.array([read.index for read in reads]).T)
                some = self._taps[(slice(None), slice(None), *where)]  # (C_out, C_in / groups, taps)
                some = some.reshape(self._groups, -1, *some.shape[1:])
                some = np.moveaxis(some.conj(), 1, 2) if adjoint else some
                matrix = np.moveaxis(some, 3, 2).reshape(self._groups, some.shape[1], -1)
                self._matrices[key] = promoted(like(matrix, x), complex_=is_complex(x))
            return self._matrices[key]

    def _products(self, windows: list[Window], matrices: Array, y: Array, where: tuple[Any, ...]) -> Array:
        """Add Σₜ matrixₜ·windowₜ to ``y[where]``, zeros so far, group by group: where all the work is."""
        channels = matrices.shape[2] // len(windows)
        for group in range(self._groups):
            mine = slice(group * channels, (group + 1) * channels)
            some = [Window(window.values[mine, ...], window.start, window.stop) for window in windows]
            rows = slice(group * matrices.shape[1], (group + 1) * matrices.shape[1])
            if is_numpy(y):
                _multiply_in_blocks(matrices[group], some, y[where][rows])
            else:
                y = _multiply_by_taps(matrices[group, ...], some, y, (rows, *(where[1:] or (...,))))
        return y


def _multiply_in_blocks(matrix: np.ndarray, windows: list[Window], y: np.ndarray) -> None:
    rows, width = matrix.shape
    channels = width // len(windows)
    gapless = y[0].flags.c_contiguous
    columns_at = products_at = np.empty(0, matrix.dtype)
    for block in blocks(y.shape[1:], max(1, _COLUMNS // width)):
        target = y[(slice(None), *block)]
        shape = target.shape[1:]
        points = math.prod(shape)
        if columns_at.size < width * points:
            columns_at = np.empty(width * points, matrix.dtype)
            products_at = columns_at if gapless else np.empty(rows * points, matrix.dtype)
        columns = columns_at[: width * points].reshape(len(windows), channels, *shape)
        for column, window in zip(columns, windows, strict=True):
            where, values = window.meet(block)
            if values.shape != column.shape:
                column[...] = 0
            column[where] = values
        columns = columns.reshape(width, points)
        if gapless:  # each row of the block lies in one piece: the reshape is a view that BLAS can fill
            np.matmul(matrix, columns, out=target.reshape(rows, points))
        else:
            products = products_at[: rows * points].reshape(rows, points)
            target[...] = np.matmul(matrix, columns, out=products).reshape(target.shape)


def _multiply_by_taps(matrix: Array, windows: list[Window], y: Array, where: tuple[Any, ...]) -> Array:
    """Do the same tap by tap, for arrays that may be frozen."""
    xp = namespace(matrix)
    channels = matrix.shape[1] // len(windows)
    total = xp.zeros_like(y[where])
    for t, window in enumerate(windows):
        weights = matrix[:, t * channels : (t + 1) * channels]
        term = weights @ xp.reshape(window.values, (channels, -1))
        total = add_at(total, window.where, xp.reshape(term, (-1, *window.values.shape[1:])))
    return put_at(y, where, total)
