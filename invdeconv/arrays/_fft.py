"""The FFT layer: N-D transforms one axis at a time, so that padded and cropped lines are skipped.

A transform to a larger grid pads an axis only when its turn comes, and the inverse crops an axis as
soon as it is done: lines that padding made zero, or that the crop throws away, are never transformed.
`fft_options` says which library serves NumPy arrays (float32 stays float32); ``xp.fft`` serves all others.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import scipy.fft

from invdeconv.arrays._engines import (
    by_threads,
    in_parallel,
    norm_of,
    parts,
    threads,
    transform,
    transform_in_place,
    transform_last_into,
)
from invdeconv.arrays._namespace import Array, along, is_complex, is_numpy, like, namespace
from invdeconv.arrays._pool import empty

# Points of an axis from which it is lengthened to a multiple of 8 (measured).
_LONG = 1 << 8

# Points in a block of rows or columns: complex, 0.5 to 1 MB, which the C allocator hands out again.
_BLOCK = 1 << 16

# Points of a transfer function from which it pays to leave out steps of its FFT (measured).
_LARGE = 1 << 20

# Columns to transform together: multiples of it take as little as half the time of others (measured).
_LANES = 16


def next_fast_length(n: int) -> int:
    """Return the next length >= n with prime factors up to 5: fast in real transforms and in complex ones."""
    return int(scipy.fft.next_fast_len(n, real=True))


def fast_frame(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the next fast lengths for transforms of which those of the last axis are real.

    Prime factors are 2, 3 and 5 on the last axis, and 7 and 11 too on the others: in complex transforms these
    are as fast. From 256 points on the others are 8 times such a number. Over 40 sizes of pictures that took
    0.93 (SciPy) and 0.97 (ducc0) of the time of the next lengths with factors up to 11.
    """
    *leading, last = shape
    step = [8 if n >= _LONG else 1 for n in leading]
    fast = [k * scipy.fft.next_fast_len(-(-n // k), real=False) for n, k in zip(leading, step, strict=True)]
    return (*map(int, fast), next_fast_length(last))


def spectrum(x: Array, frame: tuple[int, ...], *, half: bool, conjugate: bool = False) -> Array:
    """Transform the last axes of `x`, zero-padded to `frame`; half spectrum on the last one if `half`.

    With ``conjugate=True`` the sign of the exponent is turned round: for real `x` that is the conjugate
    spectrum, which lets an adjoint use the same transfer function without a conjugate copy of it.
    """
    if half:
        x = _line(x, "ihfft" if conjugate else "rfft", frame[-1], -1, unscaled=True)
        axes = range(-2, -len(frame) - 1, -1)
    else:
        axes = range(-1, -len(frame) - 1, -1)
    for axis in axes:
        x = _line(x, "ifft" if conjugate else "fft", frame[axis], axis, unscaled=True, ours=axis != -1)
    return x


def signal(
    x: Array, frame: tuple[int, ...], shape: tuple[int, ...], *, half: bool, conjugate: bool = False
) -> Array:
    """Undo `spectrum` and keep the first `shape` points of each axis; leading axes are a batch."""
    batch = x.ndim - len(frame)
    for i in range(len(frame) - 1):
        axis = batch + i
        x = _line(x, "fft" if conjugate else "ifft", frame[i], axis, unscaled=False, ours=i > 0)
        x = x[along(x.ndim, axis, slice(shape[i]))]
    last = ("hfft" if conjugate else "irfft") if half else ("fft" if conjugate else "ifft")
    x = _line(x, last, frame[-1], -1, unscaled=False)
    return x[..., : shape[-1]]


def spectrum_of_taps(
    taps: np.ndarray, where: list[np.ndarray], frame: tuple[int, ...], x: Array, *, half: bool
) -> Array:
    """Transform taps set on an empty frame, in the library and precision of `x`.

    `where` holds the place of the taps along each axis, counted round the frame; what meets there adds up.
    An axis is spread out when its turn comes: most lines of the frame are never transformed.
    """
    values = like(taps, x)
    if not is_numpy(x):
        for axis, places in enumerate(where):
            taps = _spread(taps, places % frame[axis], frame[axis], axis)
        return spectrum(like(taps, x), frame, half=half)
    for axis in reversed(range(len(frame))):
        n, places = frame[axis], where[axis] % frame[axis]
        if axis == len(frame) - 1:
            values = _spread(values, places, n, axis)
            values = transform(values, "rfft" if half else "fft", n, axis, unscaled=True)
        elif axis == 0 and values[0].size * n >= _LARGE:
            values = _transform_of_rows(values, places, n)
        else:
            values = _spread(values, places, n, axis)
            transform_in_place(values, "fft", axis, unscaled=True, workers=threads(values.size))
    return values


def _transform_of_rows(rows: np.ndarray, places: np.ndarray, n: int) -> np.ndarray:
    """Return the FFT along the first axis of n points, zero but for a few rows: most steps fall away.

    With n = r·m and k = m·a + b, Σ_q x_q·e^{−2πiqk/n} is Σ_q (x_q·e^{−2πiqb/n})·e^{−2πiqa/r}: for each b an
    FFT of length r, as many as there are rows. Markel, IEEE Trans. Audio Electroacoust. 19 (1971) 305.
    """
    r = next(d for d in range(min(len(rows), n), n + 1) if n % d == 0)
    m, workers = n // r, threads(n * rows[0].size)
    if m < workers:  # nothing to leave out, or to share
        values = _spread(rows, places, n, 0)
        transform_in_place(values, "fft", 0, unscaled=True, workers=workers)
        return values
    waves = np.exp(-2j * np.pi * np.arange(n) / n).astype(rows.dtype)
    values = np.empty((r, m, *rows.shape[1:]), rows.dtype)

    def work(part: slice) -> None:
        block, b = values[:, part], np.arange(m)[part].reshape(-1, *(1 for _ in rows.shape[1:]))
        empty_rows = set(range(r))
        for row, q in zip(rows, places, strict=True):
            if q % r in empty_rows:
                np.multiply(waves[q * b % n], row, out=block[q % r])
                empty_rows.remove(q % r)
            else:  # taps that meet, going round
                block[q % r] += waves[q * b % n] * row
        block[list(empty_rows)] = 0
        transform_in_place(block, "fft", 0, unscaled=True)

    by_threads(work, m, n * rows[0].size)
    return values.reshape(n, *rows.shape[1:])


def _spread(taps: np.ndarray, places: np.ndarray, n: int, axis: int) -> np.ndarray:
    values = np.zeros((*taps.shape[:axis], n, *taps.shape[axis + 1 :]), taps.dtype)
    for tap, place in enumerate(places):
        values[along(taps.ndim, axis, slice(place, place + 1))] += taps[
            along(taps.ndim, axis, slice(tap, tap + 1))
        ]
    return values


def filtered(
    x: Array,
    response: Array | Callable[[slice], Array],
    frame: tuple[int, ...],
    shape: tuple[int, ...],
    *,
    half: bool,
    conjugate: bool = False,
) -> Array:
    """Return ``signal(spectrum(x) * response)`` without ever holding the whole padded spectrum.

    `response` may be a function that makes any slice of its columns: it then need never be whole either.

    The last axis is transformed in blocks of rows. Between its two transforms everything happens in blocks
    of columns, where they stand. Large temporaries cost more in page faults than their transforms do in
    arithmetic (measured: a third of the time). Threads take whole blocks, copies and products included.
    """
    part_of = response if callable(response) else lambda part: response[..., part]
    if not is_numpy(x) or len(frame) == 1:
        x = spectrum(x, frame, half=half, conjugate=conjugate)
        x *= part_of(slice(None))
        return signal(x, frame, shape, half=half, conjugate=conjugate)
    forward, backward = ("ifft", "fft") if conjugate else ("fft", "ifft")
    first, last = (("ihfft", "hfft") if conjugate else ("rfft", "irfft")) if half else (forward, backward)
    workers = threads(math.prod(frame))
    # The spectrum of every row that comes in or goes out: both lie in one array.
    dtype = np.result_type(x.dtype, np.complex64)
    lines = empty((*map(max, x.shape[:-1], shape[:-1]), frame[-1] // 2 + 1 if half else frame[-1]), x, dtype)
    rows = lines[tuple(slice(n) for n in x.shape[:-1])]
    kept = lines[tuple(slice(n) for n in shape[:-1])]

    def into_rows(part: slice) -> None:
        transform_last_into(rows[part], x[part], first, frame[-1], unscaled=True)

    def between(part: slice) -> None:
        block = empty((*frame[:-1], part.stop - part.start), lines)
        filled = [slice(n) for n in x.shape[:-1]]
        block[tuple(filled)] = rows[..., part]
        for axis in reversed(range(len(frame) - 1)):
            block[(*filled[:axis], slice(filled[axis].stop, None))] = 0
            filled[axis] = slice(None)
            transform_in_place(block[tuple(filled)], forward, axis, unscaled=True)
        block *= part_of(part)
        for axis in range(len(frame) - 1):
            transform_in_place(block, backward, axis, unscaled=False)
            block = block[along(block.ndim, axis, slice(shape[axis]))]
        kept[..., part] = block

    def out_of_rows(part: slice) -> None:
        transform_last_into(y[part], kept[part], last, frame[-1], unscaled=False)

    in_parallel(into_rows, _blocks(x.shape[0], math.prod(frame[1:]), workers), workers)
    in_parallel(between, _column_blocks(lines.shape[-1], math.prod(frame[:-1]), workers), workers)
    y = empty(shape, x, x.dtype if half else lines.dtype)
    in_parallel(out_of_rows, _blocks(shape[0], math.prod(frame[1:]), workers), workers)
    return y


def _blocks(n: int, points: int, workers: int) -> list[slice]:
    """Cut n lines of so many points each into blocks of about `_BLOCK` points, the same number per worker."""
    count = math.ceil(n / max(1, _BLOCK // points))
    count = min(n, -(-count // workers) * workers)
    return parts(n, count)


def _column_blocks(n: int, points: int, workers: int) -> list[slice]:
    """Cut n columns of so many points each into blocks of `_BLOCK` points, twice that in a large frame."""
    room = min(2 * _BLOCK, max(_BLOCK, 2 * n * points // (16 * workers))) / points
    lanes = min(_LANES if room > _LANES / 2 else _LANES // 2, math.ceil(n / workers))
    width = lanes * max(1, min(round(room / lanes), math.ceil(n / workers / lanes)))
    return [slice(i, min(i + width, n)) for i in range(0, n, width)]


def _line(x: Array, kind: str, n: int, axis: int, *, unscaled: bool, ours: bool = False) -> Array:
    """Transform one axis: unscaled, or divided by n, whatever the sign of the exponent; `ours` in place."""
    if is_numpy(x):
        if ours and x.shape[axis] == n:
            transform_in_place(x, kind, axis, unscaled=unscaled, workers=threads(x.size))
            return x
        return transform(x, kind, n, axis, unscaled=unscaled)
    xp = namespace(x)
    if kind in ("fft", "ifft") and not is_complex(x):
        x = xp.astype(x, xp.complex64 if x.dtype == xp.float32 else xp.complex128)
    return getattr(xp.fft, kind)(x, n=n, axis=axis, norm=norm_of(kind, unscaled=unscaled))
