"""A convolution of one number: what zeros beyond the ends leave of the kernel's sum, without a transform."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from invdeconv.arrays import Array, like
from invdeconv.operators.convolution._geometry import Axis


def sums_of_taps(taps: np.ndarray, windows: Sequence[np.ndarray], x: Array) -> Array:
    """Return the sum of the taps in every window, in the library and precision of `x`.

    ``windows[axis]`` holds the first tap of each window along that axis, and the one after its last.
    """
    places = []
    for axis, (first, stop) in enumerate(windows):
        k = taps.shape[axis]
        codes, place = np.unique(first * (k + 1) + stop, return_inverse=True)  # inside, all windows are one
        none = np.zeros_like(taps, shape=(*taps.shape[:axis], 1, *taps.shape[axis + 1 :]))
        cumulated = np.concatenate([none, np.cumsum(taps, axis, np.result_type(taps, float))], axis)
        taps = cumulated.take(codes % (k + 1), axis) - cumulated.take(codes // (k + 1), axis)
        places.append(place)
    sums = like(taps, x)
    for axis in reversed(range(len(places))):  # whole rows last: a copy each
        sums = sums.take(places[axis], axis)
    return sums


def taps_that_read(axis: Axis) -> np.ndarray:
    """Return, for each output of stride 1, the range of taps that read an input, shape (2, m)."""
    start = np.arange(axis.m) - axis.before
    return _range(axis, -(start // axis.dilation), -((start - axis.n) // axis.dilation))


def taps_that_are_read(axis: Axis) -> np.ndarray:
    """Return, for each input, the range of taps by which an output of stride 1 reads it, shape (2, n)."""
    last = np.arange(axis.n) + axis.before
    return _range(axis, (last - axis.m) // axis.dilation + 1, last // axis.dilation + 1)


def all_taps(axis: Axis) -> np.ndarray:
    """Return the range of all taps for each sample of a period."""
    return np.repeat([[0], [axis.k]], axis.n, axis=1)


def _range(axis: Axis, first: np.ndarray, stop: np.ndarray) -> np.ndarray:
    return np.clip([first, stop], 0, axis.k)
