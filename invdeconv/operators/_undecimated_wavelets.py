"""Details of undecimated wavelets: every shift of every wavelet, so that nothing depends on a grid."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Sequence

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, along, is_numpy, namespace
from invdeconv.operators._linear_operator import LinearOperator
from invdeconv.operators._wavelets import filters

__all__ = ["UndecimatedDetails"]


class UndecimatedDetails(LinearOperator):
    """The details Dx of the periodic undecimated wavelet transform (à trous), shape (bands, n1, …, nd).

    With the low-pass S that is left, DᴴD + SᴴS = I: the transform is a Parseval frame, and
    ‖Dx‖² = ‖x‖² − ‖Sx‖².

    Parameters
    ----------
    shape : tuple of int
        Shape of x. Axes of one sample are left alone.
    wavelet : str, default "db1"
        Name of an orthogonal wavelet of PyWavelets: "db1" (Haar) to "db38", "sym2" …, "coif1" ….
    level : int >= 1, default 3
        Level j looks 2ʲ samples far.
    axes : sequence of int, optional
        The axes along which neighbors are alike; all by default. Channels are no such axis.

    Raises
    ------
    InvalidInputError
        If the wavelet is unknown or not orthogonal, the level no positive integer, or no axis has two
        samples.

    Notes
    -----
    Cost: each level filters 2ᵈ⁺¹ − 2 arrays, each by one pass per tap; 2ᵈ − 1 bands a level are kept.

    References
    ----------
    .. [1] G. P. Nason, B. W. Silverman, "The stationary wavelet transform and some statistical applications",
       Wavelets and Statistics, Springer (1995) 281.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv.operators import UndecimatedDetails
    >>> UndecimatedDetails((4,), level=1)(np.array([1.0, 1, 5, 5]))
    array([[ 0.,  2.,  0., -2.]])
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        wavelet: str = "db1",
        *,
        level: int = 3,
        axes: Sequence[int] | None = None,
    ) -> None:
        name = "UndecimatedDetails"
        shape = checks.shape(name, "shape", shape)
        self._axes = [axis for axis in (range(len(shape)) if axes is None else axes) if shape[axis] > 1]
        if not self._axes:
            checks.refuse(name, "shape", "have an axis of two samples", shape, "Nothing varies here.")
        self.wavelet, self.level = wavelet, checks.integer(name, "level", level, minimum=1)
        # Read backward, so that Haar details are ahead minus here; 1/√2 makes the two a Parseval frame.
        low, high = (taps[::-1] / math.sqrt(2) for taps in filters(wavelet))
        self._pair = low, high * (1 if high[-1] > 0 else -1)
        self._per_level = 2 ** len(self._axes) - 1
        super().__init__(shape, (self.level * self._per_level, *shape))

    def power(self, *, half: bool) -> np.ndarray:
        """Return the eigenvalues of DᴴD, 1 − |ŝ|², on the grid of the spectrum."""
        passed = []
        for axis, n in enumerate(self.input_shape):
            last = half and axis == len(self.input_shape) - 1
            frequency = np.fft.rfftfreq(n) if last else np.fft.fftfreq(n)
            response = np.ones_like(frequency)
            for level in range(self.level if axis in self._axes else 0):
                phase = np.multiply.outer(2.0**level * frequency, np.arange(self._pair[0].size))
                response *= np.abs(np.exp(-2j * np.pi * phase) @ self._pair[0]) ** 2
            passed.append(response)
        return np.maximum(1 - functools.reduce(np.multiply.outer, passed), 0)

    def analyze(self, x: Array, out: Array) -> Array:
        """Return Dx, written into `out` where arrays are mutable."""
        low, bands = x, []
        for level in range(self.level):
            parts = [low]
            for axis in self._axes[:-1]:
                parts = [_filtered(part, taps, 2**level, axis) for part in parts for taps in self._pair]
            pairs: list[Array] = []
            for part in parts:
                for taps in self._pair:
                    keep = is_numpy(x) and len(pairs) > 0
                    target = out[level * self._per_level + len(pairs) - 1] if keep else None
                    pairs.append(_filtered(part, taps, 2**level, self._axes[-1], target))
            low, *details = pairs
            bands += details
        return out if is_numpy(x) else namespace(x).stack(bands)

    def synthesize(self, p: Array) -> Array:
        """Return Dᴴp."""
        low = None
        for level in reversed(range(self.level)):
            first = level * self._per_level
            parts = [low] + [p[first + i, ...] for i in range(self._per_level)]
            for axis in reversed(self._axes):
                pairs = zip(parts[::2], parts[1::2], strict=True)
                parts = [self._joined(a, b, -(2**level), axis) for a, b in pairs]
            low = parts[0]
        return low

    def _joined(self, a: Array | None, b: Array, step: int, axis: int) -> Array:
        joined = _filtered(b, self._pair[1], step, axis)
        if a is not None:
            joined += _filtered(a, self._pair[0], step, axis)
        return joined

    def _forward(self, x: Array) -> Array:
        out = np.empty(self.output_shape, x.dtype) if is_numpy(x) else x
        return self.analyze(x, out)

    def _adjoint(self, y: Array) -> Array:
        return self.synthesize(y)

    def _label(self) -> str:
        return f"UndecimatedDetails {self.wavelet}, level {self.level}"


def _filtered(x: Array, taps: np.ndarray, step: int, axis: int, out: Array | None = None) -> Array:
    """Return Σ taps[k]·x[i + k·step], the axis periodic."""
    xp, n = namespace(x), x.shape[axis]
    if not is_numpy(x):
        rolled = [float(tap) * xp.roll(x, -k * step, axis=axis) for k, tap in enumerate(taps)]
        return functools.reduce(operator.add, rolled)
    if taps.size == 2 and abs(taps[0]) == abs(taps[1]):  # Haar: no product, no temporary
        out = np.empty_like(x) if out is None else out
        combine = np.add if taps[0] == taps[1] else np.subtract
        for here, there in _shifted(x.ndim, axis, n, step):
            combine(x[there], x[here], out=out[here])
        out *= float(taps[1])
        return out
    out = np.multiply(x, float(taps[0]), out=out)
    for k, tap in enumerate(taps[1:], 1):
        for here, there in _shifted(x.ndim, axis, n, k * step):
            out[here] += float(tap) * x[there]
    return out


def _shifted(ndim: int, axis: int, n: int, shift: int) -> list[tuple[tuple[slice, ...], tuple[slice, ...]]]:
    shift %= n
    parts = [(slice(0, n - shift), slice(shift, n)), (slice(n - shift, n), slice(0, shift))]
    return [(along(ndim, axis, here), along(ndim, axis, there)) for here, there in parts]
