"""Channels by Fourier transform, and channels that do not mix."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from invdeconv.arrays import Array, is_complex, namespace, signal, spectrum
from invdeconv.operators.convolution._fourier import FourierEngine
from invdeconv.operators.convolution._geometry import Axis
from invdeconv.operators.convolution._taps import TapEngine


class DepthwiseEngine:
    """Every input channel makes outputs of its own: taps broadcast over the channels.

    Parameters
    ----------
    taps : numpy array, shape (C_out, 1, k1, …, kd)
        Correlation taps.
    groups : int
        Number of input channels; it divides C_out.
    axes : tuple of Axis
        Geometry of each spatial axis.
    """

    def __init__(self, taps: np.ndarray, groups: int, axes: tuple[Axis, ...]) -> None:
        self._channels = taps.shape[0]
        self._groups = groups
        self._engine = TapEngine(taps.reshape(groups, -1, *taps.shape[2:]), axes)

    def forward(self, x: Array) -> Array:
        """Return y[o] = taps[o] ∗ x[c], the outputs o of one channel c in a row."""
        y = self._engine.forward(x[:, None, ...])
        return namespace(y).reshape(y, (self._channels, *y.shape[2:]))

    def adjoint(self, y: Array) -> Array:
        """Return x[c], the sum over the outputs of channel c."""
        xp = namespace(y)
        x = self._engine.adjoint(xp.reshape(y, (self._groups, -1, *y.shape[1:])))
        return xp.sum(x, axis=1) if x.shape[1] > 1 else x[:, 0, ...]


class ChannelFourierEngine:
    """One transform per channel, one transfer function per pair of channels.

    Parameters
    ----------
    taps : numpy array, shape (C_out, C_in / groups, k1, …, kd)
        Correlation taps.
    groups : int
        Output channels of a group see the input channels of that group only.
    axes : tuple of Axis
        Geometry of each spatial axis.
    periodic : tuple of bool
        Which axes wrap round at their own length.
    """

    def __init__(
        self, taps: np.ndarray, groups: int, axes: tuple[Axis, ...], periodic: tuple[bool, ...]
    ) -> None:
        self._taps = taps
        self._groups = groups
        self._axes = axes
        self._periodic = periodic
        self._complex = np.iscomplexobj(taps)
        self._any = FourierEngine(taps[0, 0], axes, periodic)
        self.frame = self._any.frame
        self._start()

    def _start(self) -> None:
        self._kept: list[list[list[FourierEngine]]] = []
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("_kept", "_lock")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._start()

    def _engines(self) -> list[list[list[FourierEngine]]]:
        """Return the engine of each pair as [group][output][input], made at the first use."""
        with self._lock:
            if not self._kept:
                pairs = self._taps.reshape(self._groups, -1, *self._taps.shape[1:])
                self._kept = [
                    [[FourierEngine(taps, self._axes, self._periodic) for taps in row] for row in rows]
                    for rows in pairs
                ]
            return self._kept

    def forward(self, x: Array) -> Array:
        """Return y[o] = Σ_c taps[o, c] ∗ x[c]."""
        half = not (self._complex or is_complex(x))
        reach = tuple(axis.reach for axis in self._axes)
        parts = []
        for g, rows in enumerate(self._engines()):
            inputs = len(rows[0])
            mine = [x[c, ...] for c in range(g * inputs, (g + 1) * inputs)]
            if inputs == 1:
                parts += [row[0].forward(mine[0]) for row in rows]
                continue
            spectra = [spectrum(channel, self.frame, half=half) for channel in mine]
            for row in rows:
                total = _sum_of_products(spectra, [engine.response(x, half=half) for engine in row])
                parts.append(self._any.sampled(signal(total, self.frame, reach, half=half)))
        return namespace(x).stack(parts)

    def adjoint(self, y: Array) -> Array:
        """Return x[c] = Σ_o (taps[o, c] ∗)ᴴ y[o]."""
        half = not (self._complex or is_complex(y))
        turned: dict[str, Any] = {"half": half, "conjugate": not self._complex}
        shape = tuple(axis.n for axis in self._axes)
        xp = namespace(y)
        parts = []
        for g, rows in enumerate(self._engines()):
            mine = [y[o, ...] for o in range(g * len(rows), (g + 1) * len(rows))]
            if len(rows) == 1:
                parts += [engine.adjoint(mine[0]) for engine in rows[0]]
                continue
            spectra = [spectrum(self._any.spread(channel), self.frame, **turned) for channel in mine]
            for column in zip(*rows, strict=True):
                responses = [engine.response(y, half=half) for engine in column]
                responses = [xp.conj(response) for response in responses] if self._complex else responses
                parts.append(signal(_sum_of_products(spectra, responses), self.frame, shape, **turned))
        return xp.stack(parts)


def _sum_of_products(spectra: list[Array], responses: list[Array]) -> Array:
    total = spectra[0] * responses[0]
    for one, response in zip(spectra[1:], responses[1:], strict=True):
        total += one * response
    return total
