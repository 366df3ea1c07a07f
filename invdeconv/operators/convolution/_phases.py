"""Strided convolution without holes: every tap reads one phase of the input at stride one.

With t = d·j − before and (ρ, δ) = (t mod s, ⌊t/s⌋) per axis, tap j of y[i] = Σⱼ w[j]·x[s·i + t] reads phase
x_ρ[q] = x[s·q + ρ] at i + δ, and the adjoint is the same gather the other way round:

    forward   y[i]   = Σⱼ        w[j]·x_ρ[i + δⱼ]          one sum over all taps
    adjoint   x_ρ[q] = Σ_{j: ρ}  conj(w[j])·y[q − δⱼ]      one sum per phase, over the taps of that phase

Both are sums of weighted windows, so one routine computes either, on memory without gaps, and no zeros
are inserted between samples only to be multiplied.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from invdeconv.arrays import Array, add_at, is_numpy, namespace, zeros_like_data
from invdeconv.operators.convolution._geometry import Axis


@dataclass(frozen=True, slots=True)
class Tap:
    """Where one kernel sample reads: its index, the phase of the input, the shift inside the phase."""

    index: tuple[int, ...]
    phase: tuple[int, ...]
    shift: tuple[int, ...]


def taps_of(used: np.ndarray, axes: tuple[Axis, ...]) -> list[Tap]:
    """Return the taps where `used` is true, in the order of the kernel."""
    rows = [[divmod(axis.dilation * j - axis.before, axis.stride) for j in range(axis.k)] for axis in axes]
    found = []
    for index in product(*(range(axis.k) for axis in axes)):
        if used[index]:
            shifts, phases = zip(*(row[j] for row, j in zip(rows, index, strict=True)), strict=True)
            found.append(Tap(index, phases, shifts))
    return found


def input_windows(x: Array, taps: Sequence[Tap], axes: tuple[Axis, ...]) -> list[Array]:
    """Return, for each tap, the window of x that it weights in y; all have the output's shape."""
    size = tuple(axis.m for axis in axes)
    windows: list[Array] = [None] * len(taps)
    for phase in dict.fromkeys(tap.phase for tap in taps):
        part = x[_samples(phase, axes)]
        members = [i for i, tap in enumerate(taps) if tap.phase == phase]
        for i, window in zip(members, _windows(part, [taps[i].shift for i in members], size), strict=True):
            windows[i] = window
    return windows


def output_windows(y: Array, taps: Sequence[Tap], axes: tuple[Axis, ...]) -> Iterator[PhaseWindows]:
    """Yield the phases of x with the windows of y that they sum."""
    largest = tuple(-(-axis.n // axis.stride) for axis in axes)
    windows = _windows(y, [tuple(-delta for delta in tap.shift) for tap in taps], largest)
    for phase in dict.fromkeys(tap.phase for tap in taps):
        size = tuple(len(range(rho, axis.n, axis.stride)) for rho, axis in zip(phase, axes, strict=True))
        if 0 in size:  # a stride longer than the input: a phase without samples
            continue
        part = (..., *(slice(0, n) for n in size))
        members = [i for i, tap in enumerate(taps) if tap.phase == phase]
        yield PhaseWindows(
            _samples(phase, axes), size, [taps[i] for i in members], [windows[i][part] for i in members]
        )


@dataclass(frozen=True, slots=True)
class PhaseWindows:
    """One phase of the adjoint: where it goes in x, its size, its taps and what each of them reads."""

    where: tuple[Any, ...]
    size: tuple[int, ...]
    taps: list[Tap]
    windows: list[Array]


def _samples(phase: tuple[int, ...], axes: tuple[Axis, ...]) -> tuple[Any, ...]:
    return (
        ...,
        *(slice(min(rho, axis.n), axis.n, axis.stride) for rho, axis in zip(phase, axes, strict=True)),
    )


def _windows(part: Array, shifts: list[tuple[int, ...]], size: tuple[int, ...]) -> list[Array]:
    """Return ``part[q + shift]`` for q in `size`, zero outside of `part`, for each shift."""
    ndim = len(size)
    shape = tuple(part.shape[-ndim:])
    low = tuple(min(shift[axis] for shift in shifts) for axis in range(ndim))
    high = tuple(max(shift[axis] for shift in shifts) for axis in range(ndim))
    if any(a < 0 or b + m > n for a, b, m, n in zip(low, high, size, shape, strict=True)):
        frame = tuple(b - a + m for a, b, m in zip(low, high, size, strict=True))
        # Sample q of the part sits at q − low of the frame; what no window reaches is left out.
        read = tuple(
            slice(min(n, max(0, a)), min(n, max(0, a + f))) for a, f, n in zip(low, frame, shape, strict=True)
        )
        inside = part[(..., *read)]
        part = zeros_like_data((*part.shape[:-ndim], *frame), part)
        if math.prod(inside.shape):
            write = tuple(
                slice(max(0, -a), max(0, -a) + r.stop - r.start) for a, r in zip(low, read, strict=True)
            )
            part = put_at(part, (..., *write), inside)
    else:
        low = (0,) * ndim
        if is_numpy(part):  # read once per tap: strided reads are paid for once
            part = np.ascontiguousarray(part)
    return [
        part[(..., *(slice(d - a, d - a + m) for d, a, m in zip(shift, low, size, strict=True)))]
        for shift in shifts
    ]


def blocks(shape: tuple[int, ...], entries: int) -> Iterator[tuple[slice, ...]]:
    """Cut a shape into blocks of about `entries` that each lie in one piece of memory."""
    whole = len(shape)  # axes from here on are taken whole
    size = 1
    while whole > 0 and size * shape[whole - 1] <= entries:
        whole -= 1
        size *= shape[whole]
    tail = tuple(slice(0, n) for n in shape[whole:])
    if whole == 0:
        yield tail
        return
    step = max(1, entries // size)
    for head in product(*(range(n) for n in shape[: whole - 1])):
        for start in range(0, shape[whole - 1], step):
            stop = min(start + step, shape[whole - 1])
            yield (*(slice(i, i + 1) for i in head), slice(start, stop), *tail)


def put_at(x: Array, where: tuple[Any, ...], part: Array) -> Array:
    """Write `part` to positions of `x` that hold zeros, and return `x`."""
    if is_numpy(x):
        x[where] = part
        return x
    return add_at(x, where, part)


def promoted(x: Array, *, complex_: bool) -> Array:
    """Return x as complex numbers of its precision if `complex_`, else x."""
    xp = namespace(x)
    if not complex_ or xp.isdtype(x.dtype, "complex floating"):
        return x
    return xp.astype(x, xp.complex64 if x.dtype == xp.float32 else xp.complex128)
