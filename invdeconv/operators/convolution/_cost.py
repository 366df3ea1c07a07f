"""Direct or Fourier: chosen by counting work, never by timing."""

from __future__ import annotations

import math

import numpy as np

from invdeconv.operators.convolution._geometry import Axis

# The unit is one point of a pair of real transforms, times log₂ of the grid. The constants were fitted to
# the fastest of many runs on two cores with AVX-512, forward and adjoint, float32 and float64, on images
# of 128², 512² and 1024² with kernels from 3×3 to 31×31 (`python benchmarks/convolution.py` prints the
# ratios again). With two cores free, taps and transforms cost the same at about 16 taps: 3×3 goes direct at
# 0.5 to 0.7 of the FFT's time, 5×5 by FFT at 0.6 to 0.7 of the taps' time, 7×7 at a third. The precision
# hardly moves the ratio; on a busy machine, where transforms lose their second thread, 5×5 is a draw.
_TAP = 0.9  # a multiplication and an addition of arrays that stay in the cache, per output
_PASSES = 4  # padding, zeros and page faults, counted in taps
_TAP_CALL = 2000.0  # two NumPy calls; low, so that small examples stay exact on integers
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
        used = int(np.count_nonzero(taps))
        return (used + _PASSES) * _TAP * outputs + used * _TAP_CALL <= transform
    used = int(np.count_nonzero((taps != 0).any(axis=(0, 1))))
    made, read = taps.shape[:2]
    if read == 1:
        return made * (used + _PASSES) * _TAP * outputs + used * _TAP_CALL <= made * transform
    direct = used * (outputs * (_MAC * made * read + _TAP * read * groups) + _TAP_CALL)
    fourier = (made + read * groups) / 2 * transform + _MIX * made * read * points
    return direct <= fourier or made * read * points > _RESPONSES
