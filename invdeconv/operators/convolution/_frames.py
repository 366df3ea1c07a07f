"""Sums of shifted channels as matrix products, a few rows at a time, on memory that stays in the cache.

Rows of the input are laid end to end with the zeros that separate them: a *frame*. A shift in space is then
a shift of one offset in memory, so what a tap reads is one contiguous run of a frame, its values beyond the
end of a row computed and dropped. BLAS takes such a run as it lies; the textbook's matrix of columns is
copied only where channels are so few that a product per tap would starve it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Entries of the frames and products of one block: 1 MB in single precision, as a second-level cache.
# Four times fewer or more cost 5 to 15 % (measured).
_BLOCK = 1 << 18
# Input channels from which a product per tap beats one on copied columns (measured: 32 loses, 64 wins).
_MANY_CHANNELS = 48


@dataclass(frozen=True, slots=True)
class ShiftedSum:
    """A target that becomes Σₜ matrixₜ·source[sₜ] shifted by δₜ.

    Attributes
    ----------
    target : numpy array, shape (rows, m1, …, md)
        Where the sum is written.
    matrix : numpy array, shape (rows, taps · channels)
        The weights, taps in the order of `reads`.
    reads : sequence of (int, tuple of int)
        For each tap its source and its shift: target sample i reads source sample i + shift, or zero.
    """

    target: np.ndarray
    matrix: np.ndarray
    reads: Sequence[tuple[int, tuple[int, ...]]]


def write_sums(sources: Sequence[np.ndarray], sums: Sequence[ShiftedSum]) -> None:
    """Fill the targets of some sums over sources of shape (channels, q1, …, qd)."""
    channels = sources[0].shape[0]
    shifts = [shift for one in sums for _, shift in one.reads]
    low, high = tuple(map(min, zip(*shifts, strict=True))), tuple(map(max, zip(*shifts, strict=True)))
    sizes = tuple(map(max, zip(*(one.target.shape[1:] for one in sums), strict=True)))
    row = tuple(m + h - b for m, b, h in zip(sizes[1:], low[1:], high[1:], strict=True))
    width = math.prod(row)
    strides = [math.prod(row[i:]) for i in range(len(row) + 1)]
    offsets = [
        [
            (source, sum(s * (a - b) for s, a, b in zip(strides, shift, low, strict=True)))
            for source, shift in one.reads
        ]
        for one in sums
    ]
    copied = 0 if channels >= _MANY_CHANNELS else max(len(one.reads) for one in sums) * channels
    made = max(one.target.shape[0] for one in sums)
    step = min(sizes[0], max(1, _BLOCK // (width * (len(sources) * channels + 2 * made))))

    rows = step + high[0] - low[0]
    slack = sum(s * (h - b) for s, b, h in zip(strides[1:], low[1:], high[1:], strict=True))
    dtype = sums[0].matrix.dtype
    frames = np.zeros((len(sources), channels, rows * width + slack), dtype)
    columns = np.empty(copied * step * width, dtype)
    total, product = np.empty((2, made * step * width), dtype)
    for start in range(0, sizes[0], step):
        for source, frame in zip(sources, frames, strict=True):
            _lay_out(
                source, frame[:, : rows * width].reshape(channels, rows, *row), (start + low[0], *low[1:])
            )
        for one, places in zip(sums, offsets, strict=True):
            target = one.target[:, start : start + step]
            length = target.shape[1] * width
            if length == 0:  # a phase may have one row less than another
                continue
            runs = [frames[source, :, offset : offset + length] for source, offset in places]
            result = total[: target.shape[0] * length].reshape(-1, length)
            if copied:
                _multiply_columns(one.matrix, runs, columns, result)
            else:
                _multiply_runs(one.matrix, runs, product, result)
            kept = (slice(None), slice(None), *map(slice, target.shape[2:]))
            target[...] = result.reshape(*target.shape[:2], *row)[kept]


def _lay_out(source: np.ndarray, frame: np.ndarray, first: tuple[int, ...]) -> None:
    """Write the samples from `first` on into the frame; zeros stand where the source has none.

    Blocks differ in their rows alone: beside the samples the zeros of a fresh frame remain.
    """
    inside, there = [], []
    for n, size, begin in zip(source.shape[1:], frame.shape[1:], first, strict=True):
        start, stop = max(0, begin), max(0, begin, min(n, begin + size))
        there.append(slice(start, stop))
        inside.append(slice(start - begin, stop - begin))
    frame[:, : inside[0].start] = 0
    frame[:, inside[0].stop :] = 0
    frame[(slice(None), *inside)] = source[(slice(None), *there)]


def _multiply_columns(
    matrix: np.ndarray, runs: Sequence[np.ndarray], columns: np.ndarray, result: np.ndarray
) -> None:
    channels, length = runs[0].shape
    columns = columns[: matrix.shape[1] * length].reshape(-1, length)
    for column, run in zip(columns.reshape(-1, channels, length), runs, strict=True):
        column[...] = run
    np.matmul(matrix, columns, out=result)


def _multiply_runs(
    matrix: np.ndarray, runs: Sequence[np.ndarray], product: np.ndarray, result: np.ndarray
) -> None:
    product = product[: result.size].reshape(result.shape)
    channels = runs[0].shape[0]
    for t, run in enumerate(runs):
        weights = matrix[:, t * channels : (t + 1) * channels]
        np.matmul(weights, run, out=product if t else result)
        if t:
            result += product
