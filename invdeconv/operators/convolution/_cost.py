"""Direct or Fourier: chosen by counting work, never by timing."""

from __future__ import annotations

import math

import numpy as np

from invdeconv.operators.convolution._geometry import Axis

# The unit is one complex point of a transform times log₂ of the grid, forth and back.
_TAP = 1.0  # a multiplication and an addition of arrays that stay in the cache, per output
_TAP_CALL = 2000.0  # two NumPy calls
_TRANSFORM_CALL = 20000.0  # one pair of transforms of next to nothing
_MAC = 0.05  # one multiplication and addition inside BLAS
_MIX = 2.0  # one product of spectra, per point and pair of channels

# Transfer functions of all pairs of channels: beyond this many values nobody asked for that memory.
_RESPONSES = 1 << 26


def direct_is_cheaper(
    taps: np.ndarray, axes: tuple[Axis, ...], frame: tuple[int, ...], groups: int | None = None
) -> bool:
    """Choose between taps, or BLAS, and FFT.

    Parameters
    ----------
    taps : numpy array
        Taps of one channel, or of all if `groups` is given.
    axes : tuple of Axis
        Geometry of the spatial axes.
    frame : tuple of int
        Grid of the transforms.
    groups : int, optional
        Number of groups of a convolution with channels.
    """
    outputs = math.prod(axis.m for axis in axes)
    points = math.prod(frame)
    transform = points * math.log2(points + 1) + _TRANSFORM_CALL
    if groups is None:
        return int(np.count_nonzero(taps)) * (_TAP * outputs + _TAP_CALL) <= transform
    pairs = taps.shape[0] * taps.shape[1]
    used = int(np.count_nonzero((taps != 0).any(axis=(0, 1))))
    if taps.shape[1] == 1:
        direct = used * (_TAP * outputs * taps.shape[0] + _TAP_CALL)
        return direct <= taps.shape[0] * transform
    direct = used * (_MAC * outputs * pairs + _TAP_CALL)
    fourier = (taps.shape[0] + taps.shape[1] * groups) / 2 * transform + _MIX * pairs * points
    return direct <= fourier or pairs * points > _RESPONSES
