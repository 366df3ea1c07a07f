"""Convolution by FFT on one frame: one transfer function serves C and Cᴴ."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from invdeconv.arrays import (
    Array,
    add_at,
    fast_frame,
    filtered,
    is_complex,
    is_constant,
    namespace,
    precision_key,
    spectrum_of_taps,
    zeros_like_data,
)
from invdeconv.operators.convolution._constant import (
    all_taps,
    sums_of_taps,
    taps_that_are_read,
    taps_that_read,
)
from invdeconv.operators.convolution._geometry import Axis


class FourierEngine:
    """Strided correlation with fixed taps, for zero and periodic axes.

    A periodic axis works on a frame of its own length, a zero axis on the next fast length that keeps
    wrapped samples away from the output. The kernel is rolled by its pad, so that input and output
    both start at the frame's first sample and every crop is a view.

    Parameters
    ----------
    taps : numpy array
        Correlation taps.
    axes : tuple of Axis
        Geometry of each axis.
    periodic : tuple of bool
        Which axes wrap round at their own length.
    """

    def __init__(self, taps: np.ndarray, axes: tuple[Axis, ...], periodic: tuple[bool, ...]) -> None:
        self._taps = taps
        self._axes = axes
        self._periodic = periodic
        fast = fast_frame(
            tuple(max(axis.n, axis.reach + axis.extent - 1 - axis.before) + axis.before for axis in axes)
        )
        self.frame = tuple(
            axis.n if wraps else n for axis, wraps, n in zip(axes, periodic, fast, strict=True)
        )
        self._responses: dict[tuple[Any, ...], Array] = {}
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {name: self.__dict__[name] for name in ("_taps", "_axes", "_periodic", "frame")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._responses = {}
        self._lock = threading.Lock()

    def response(self, x: Array, *, half: bool) -> Array:
        """Return the transfer function on the frame, in the library and precision of `x`; kept."""
        return self._kept(x, self._response, half=half)

    def _response(self, x: Array, *, half: bool) -> Array:
        # y[i] reads x[s·i + d·j − before]: as a convolution, tap j sits at before − d·j.
        where = [axis.before - axis.dilation * np.arange(axis.k) for axis in self._axes]
        return spectrum_of_taps(self._taps, where, self.frame, x, half=half)

    def _multiplier(self, x: Array, *, half: bool) -> Array:
        """Return the transfer function, real where it is: half the memory."""
        if np.iscomplexobj(self._taps) or not self._is_even:
            return self.response(x, half=half)
        return self._kept(x, self._real_response, half=half)

    def _real_response(self, x: Array, *, half: bool) -> Array:
        xp = namespace(x)
        return xp.asarray(xp.real(self._response(x, half=half)), copy=True)

    @functools.cached_property
    def _is_even(self) -> bool:
        """Whether the taps are the same to both sides of the frame's first sample."""
        centered = all(2 * axis.before == (axis.k - 1) * axis.dilation for axis in self._axes)
        return centered and np.array_equal(self._taps, np.flip(self._taps))

    def _kept(self, x: Array, make: Callable[..., Array], *, half: bool) -> Array:
        key = (*precision_key(x), make.__name__, half)
        with self._lock:
            if key not in self._responses:
                self._responses[key] = make(x, half=half)
            return self._responses[key]

    def forward(self, x: Array) -> Array:
        """Return the strided correlation of `x`."""
        if is_constant(x) and self._takes_constants:
            return sums_of_taps(x.flat[0] * self._taps, self._windows(taps_that_read), x)
        half = not (is_complex(x) or np.iscomplexobj(self._taps))
        reach = tuple(axis.reach for axis in self._axes)
        return self.sampled(filtered(x, self._multiplier(x, half=half), self.frame, reach, half=half))

    def adjoint(self, y: Array) -> Array:
        """Return the adjoint: samples put back on their positions, then the conjugate response."""
        if is_constant(y) and self._takes_constants:
            return sums_of_taps(y.flat[0] * np.conj(self._taps), self._windows(taps_that_are_read), y)
        y = self.spread(y)
        complex_taps = np.iscomplexobj(self._taps)
        half = not (is_complex(y) or complex_taps)
        response = self._multiplier(y, half=half)
        # Real taps: turning both transforms round conjugates the response without a copy of it.
        response = namespace(y).conj(response) if complex_taps else response
        shape = tuple(axis.n for axis in self._axes)
        return filtered(y, response, self.frame, shape, half=half, conjugate=not complex_taps)

    @property
    def _takes_constants(self) -> bool:
        """Whether the taps that meet a constant stand side by side."""
        axes = zip(self._axes, self._periodic, strict=True)
        return all(axis.stride == 1 and (axis.m == axis.n or not wraps) for axis, wraps in axes)

    def _windows(self, taps_of: Callable[[Axis], np.ndarray]) -> list[np.ndarray]:
        axes = zip(self._axes, self._periodic, strict=True)
        return [all_taps(axis) if wraps else taps_of(axis) for axis, wraps in axes]

    def sampled(self, y: Array) -> Array:
        """Keep every s-th sample."""
        if all(axis.stride == 1 for axis in self._axes):
            return y
        return namespace(y).asarray(y[self._samples()], copy=True)

    def spread(self, y: Array) -> Array:
        """Put samples back on their positions, zeros between them: the adjoint of `sampled`."""
        if all(axis.stride == 1 for axis in self._axes):
            return y
        return add_at(zeros_like_data(tuple(axis.reach for axis in self._axes), y), self._samples(), y)

    def _samples(self) -> tuple[slice, ...]:
        return tuple(slice(0, axis.reach, axis.stride) for axis in self._axes)
