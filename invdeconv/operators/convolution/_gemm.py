"""Many-channel convolution as matrix products."""

from __future__ import annotations

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
from invdeconv.operators.convolution._frames import ShiftedSum, write_sums
from invdeconv.operators.convolution._geometry import Axis
from invdeconv.operators.convolution._phases import (
    Tap,
    Window,
    input_windows,
    output_windows,
    promoted,
    put_at,
    samples,
    taps_of,
)


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
        matrices = self._matrix(self._reads, x, adjoint=False)
        if not is_numpy(x):
            return _add_by_taps(matrices, input_windows(x, self._reads, self._axes), y, ())
        y = np.empty(y.shape, y.dtype)
        phases = list(dict.fromkeys(tap.phase for tap in self._reads))
        reads = [(phases.index(tap.phase), tap.shift) for tap in self._reads]
        for matrix, read, made in zip(matrices, self._split(x), self._split(y), strict=True):
            write_sums(
                [read[samples(phase, self._axes)] for phase in phases], [ShiftedSum(made, matrix, reads)]
            )
        return y

    def adjoint(self, y: Array) -> Array:
        """Return x[c, s·q + ρ] = Σ_o Σⱼ conj(taps[o, c, j])·y[o, q − δⱼ]: a small kernel per phase."""
        y = promoted(y, complex_=np.iscomplexobj(self._taps))
        x = zeros_like_data((self._taps.shape[1] * self._groups, *(axis.n for axis in self._axes)), y)
        if not is_numpy(y):
            for part in output_windows(y, self._reads, self._axes):
                x = _add_by_taps(self._matrix(part.taps, y, adjoint=True), part.windows, x, part.where[1:])
            return x
        if not self._reads:
            return x
        phases: dict[tuple[int, ...], list[Tap]] = {}
        for tap in self._reads:
            phases.setdefault(tap.phase, []).append(tap)
        matrices = [self._matrix(taps, y, adjoint=True) for taps in phases.values()]
        reads = [[(0, tuple(-delta for delta in tap.shift)) for tap in taps] for taps in phases.values()]
        for group, (read, made) in enumerate(zip(self._split(y), self._split(x), strict=True)):
            targets = [made[samples(phase, self._axes)] for phase in phases]
            weights = [some[group] for some in matrices]
            write_sums([read], list(map(ShiftedSum, targets, weights, reads)))
        return x

    def _split(self, x: np.ndarray) -> list[np.ndarray]:
        """Return views of the channels of each group."""
        return np.split(x, self._groups)

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


def _add_by_taps(matrices: Array, windows: list[Window], y: Array, where: tuple[Any, ...]) -> Array:
    """Return y with Σₜ matrixₜ·windowₜ of each group added at `where`, for arrays that may be frozen."""
    xp = namespace(matrices)
    groups, rows, width = matrices.shape
    channels = width // len(windows)
    for group in range(groups):
        made = (slice(group * rows, (group + 1) * rows), *(where or (...,)))
        total = xp.zeros_like(y[made])
        for t, window in enumerate(windows):
            weights = matrices[group, :, t * channels : (t + 1) * channels]
            values = window.values[group * channels : (group + 1) * channels, ...]
            term = weights @ xp.reshape(values, (channels, -1))
            total = add_at(total, window.where, xp.reshape(term, (rows, *values.shape[1:])))
        y = put_at(y, made, total)
    return y
