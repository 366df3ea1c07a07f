"""Strided convolution without holes: every tap reads one phase of the input at stride one.

With t = d·j − before and (δ, ρ) = (⌊t/s⌋, t mod s) per axis, tap j of y[i] = Σⱼ w[j]·x[s·i + t] reads phase
x_ρ[q] = x[s·q + ρ] at i + δ, and the adjoint is the same gather the other way round:

    forward   y[i]   = Σⱼ        w[j]·x_ρ[i + δⱼ]          one sum over all taps
    adjoint   x_ρ[q] = Σ_{j: ρ}  conj(w[j])·y[q − δⱼ]      one sum per phase, over the taps of that phase

Both are sums of weighted windows, so one routine computes either; no zeros are inserted between samples
only to be multiplied, and none are padded: a window ends where the data does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from invdeconv.arrays import Array, add_at, is_numpy, namespace
from invdeconv.operators.convolution._geometry import Axis

_MANY_TAPS = 4


@dataclass(frozen=True, slots=True)
class Tap:
    """Where one kernel sample reads: its index, the phase of the input, the shift inside the phase."""

    index: tuple[int, ...]
    phase: tuple[int, ...]
    shift: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """What one tap adds to a sum: values, and the range of the sum that they meet, per axis."""

    values: Array
    start: tuple[int, ...]
    stop: tuple[int, ...]

    @property
    def where(self) -> tuple[Any, ...]:
        """The index of the range."""
        return (..., *map(slice, self.start, self.stop))

    def meet(self, block: tuple[slice, ...]) -> tuple[tuple[Any, ...], Array]:
        """Return the index, relative to a block of the sum, that the window meets, and the values there."""
        target: list[Any] = [...]
        source: list[Any] = [...]
        for part, start, stop in zip(block, self.start, self.stop, strict=True):
            low, high = max(part.start, start), max(start, min(part.stop, stop))
            target.append(slice(low - part.start, max(low, high) - part.start))
            source.append(slice(low - start, max(low, high) - start))
        return tuple(target), self.values[tuple(source)]


def taps_of(used: np.ndarray, axes: tuple[Axis, ...]) -> list[Tap]:
    """Return the taps where `used` is true and that meet a sample, in the order of the kernel."""
    found = []
    for index in product(*(range(axis.k) for axis in axes)):
        offsets = [axis.dilation * j - axis.before for axis, j in zip(axes, index, strict=True)]
        if used[index] and all(_reads(axis, t) for axis, t in zip(axes, offsets, strict=True)):
            turns = [divmod(t, axis.stride) for axis, t in zip(axes, offsets, strict=True)]
            found.append(Tap(index, tuple(rho for _, rho in turns), tuple(delta for delta, _ in turns)))
    return found


def _reads(axis: Axis, t: int) -> range:
    """Return the outputs i for which sample s·i + t exists."""
    return range(max(0, -(t // axis.stride)), min(axis.m, (axis.n - 1 - t) // axis.stride + 1))


def input_windows(x: Array, taps: Sequence[Tap], axes: tuple[Axis, ...]) -> list[Window]:
    """Return, for each tap, the window of x that it weights in y."""
    readers = Counter(tap.phase for tap in taps)
    phases: dict[tuple[int, ...], Array] = {}
    for phase, count in readers.items():
        part = x[samples(phase, axes)]
        # A strided read costs about two of contiguous memory: copied once where many taps read it.
        phases[phase] = np.ascontiguousarray(part) if is_numpy(x) and count >= _MANY_TAPS else part
    windows = []
    for tap in taps:
        ranges = [
            _reads(axis, axis.stride * delta + rho)
            for axis, rho, delta in zip(axes, tap.phase, tap.shift, strict=True)
        ]
        index = (slice(r.start + d, r.stop + d) for r, d in zip(ranges, tap.shift, strict=True))
        windows.append(_window(phases[tap.phase][(..., *index)], ranges))
    return windows


def output_windows(y: Array, taps: Sequence[Tap], axes: tuple[Axis, ...]) -> Iterator[PhaseWindows]:
    """Yield the phases of x with the windows of y that they sum."""
    for phase in dict.fromkeys(tap.phase for tap in taps):
        members = [tap for tap in taps if tap.phase == phase]
        size = tuple(len(range(rho, axis.n, axis.stride)) for rho, axis in zip(phase, axes, strict=True))
        windows = []
        for tap in members:
            ranges = [
                range(max(0, delta), min(n, axis.m + delta))
                for axis, n, delta in zip(axes, size, tap.shift, strict=True)
            ]
            index = (slice(r.start - d, r.stop - d) for r, d in zip(ranges, tap.shift, strict=True))
            windows.append(_window(y[(..., *index)], ranges))
        yield PhaseWindows(samples(phase, axes), size, members, windows)


def samples(phase: tuple[int, ...], axes: tuple[Axis, ...]) -> tuple[Any, ...]:
    """Return the index of one phase of the input."""
    return (..., *(slice(rho, axis.n, axis.stride) for rho, axis in zip(phase, axes, strict=True)))


def _window(values: Array, ranges: list[range]) -> Window:
    return Window(values, tuple(r.start for r in ranges), tuple(r.stop for r in ranges))


@dataclass(frozen=True, slots=True)
class PhaseWindows:
    """One phase of the adjoint: where it goes in x, its size, its taps and what each of them reads."""

    where: tuple[Any, ...]
    size: tuple[int, ...]
    taps: list[Tap]
    windows: list[Window]


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
