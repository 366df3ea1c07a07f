"""Motion of the camera: along a straight line, or along any path."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from invdeconv.arrays import to_numpy
from invdeconv.checks import finite, finite_array, nonnegative, refuse
from invdeconv.checks import shape as check_shape
from invdeconv.psf._two_axes import two_axes


def motion(shape: Sequence[int], length: float, angle: float = 0.0) -> np.ndarray:
    """Return the PSF of a steady motion: the share of the exposure that a point spends over each pixel.

    Parameters
    ----------
    shape : tuple of int
        (rows, columns); must hold the whole line.
    length : float
        Length of the path in pixels; 0 is no motion.
    angle : float
        In degrees, counter-clockwise from the +x axis (growing column index) as an image is displayed, with
        the row index growing downwards: 90 points to smaller row indices. Angles 180° apart are the same.

    Returns
    -------
    ndarray
        float64, sum 1. The middle of the path is the origin ``n // 2``, which is also the centroid.

    Raises
    ------
    InvalidInputError
        A shape that is not 2-D or does not hold the line, a negative length, or an angle that is not finite.

    Notes
    -----
    Exact: the path is cut where it crosses a pixel border, and each piece counts by its length.

    Examples
    --------
    >>> from invdeconv import psf
    >>> psf.motion((3, 5), 4)
    array([[0.   , 0.   , 0.   , 0.   , 0.   ],
           [0.125, 0.25 , 0.25 , 0.25 , 0.125],
           [0.   , 0.   , 0.   , 0.   , 0.   ]])
    """
    sizes = two_axes("psf.motion", shape)
    length = max(nonnegative("psf.motion", "length", length), 1e-6)  # no motion stays within one pixel
    angle = finite("psf.motion", "angle", angle, "Pass degrees; 0 is a horizontal line.")
    direction = np.array([-math.sin(math.radians(angle)), math.cos(math.radians(angle))])
    reach = 0.5 * length * np.abs(direction)
    if any(r > n - 1 - n // 2 + 0.5 + 1e-9 for r, n in zip(reach, sizes, strict=True)):
        need = tuple(2 * int(np.ceil(r - 0.5 - 1e-9)) + 1 for r in reach)
        what = f"hold a line of {length:g} pixels around n // 2"
        refuse("psf.motion", "shape", what, sizes, f"Pass at least {need}.")
    return _time_per_pixel(sizes, -0.5 * length * direction, 0.5 * length * direction, 1.0)


def trajectory(shape: Sequence[int], path: Any, times: Any = None) -> np.ndarray:
    """Return the PSF of a moving camera: the share of the exposure that a point spends over each pixel.

    Parameters
    ----------
    shape : tuple of int
        Any number of dimensions; must hold the whole path around ``n // 2``.
    path : array, shape (points, axes)
        Corners of the path in pixels from the origin, (row, column) each, straight in between.
    times : array, shape (points − 1,), optional
        Time spent on each straight piece, in any unit; by default the speed is constant.

    Returns
    -------
    ndarray
        float64, sum 1. The origin of the path is the origin ``n // 2``: shift the path to its centroid
        if the picture should not move.

    Raises
    ------
    InvalidInputError
        A path of fewer than two points, of another dimension than `shape`, or that leaves it; times that
        are negative, all zero, or not one per piece.

    Notes
    -----
    Exact: each piece is cut where it crosses a pixel border, and counts by its time.

    Examples
    --------
    >>> from invdeconv import psf
    >>> psf.trajectory((3, 3), [(0, -1), (0, 0), (1, 0)])
    array([[0.  , 0.  , 0.  ],
           [0.25, 0.5 , 0.  ],
           [0.  , 0.25, 0.  ]])
    """
    name = "psf.trajectory"
    sizes = check_shape(name, "shape", shape)
    corners = to_numpy(finite_array(name, "path", path)).astype(np.float64)
    if corners.ndim != 2 or corners.shape[0] < 2 or corners.shape[1] != len(sizes):
        what = f"have shape (points, {len(sizes)}) with at least two points"
        refuse(name, "path", what, f"shape {corners.shape}", "Pass one row per corner.")
    low, high = corners.min(axis=0), corners.max(axis=0)
    if any(a < -(n // 2) - 0.5 or b > n - 1 - n // 2 + 0.5 for a, b, n in zip(low, high, sizes, strict=True)):
        need = tuple(2 * int(np.ceil(max(-a, b) - 0.5 - 1e-9)) + 1 for a, b in zip(low, high, strict=True))
        refuse(name, "shape", "hold the whole path around n // 2", sizes, f"Pass at least {need}.")
    pieces = np.linalg.norm(np.diff(corners, axis=0), axis=1)
    if times is not None:
        pieces = to_numpy(finite_array(name, "times", times)).astype(np.float64)
        if pieces.shape != (corners.shape[0] - 1,) or pieces.min() < 0:
            what = f"hold one number >= 0 per piece ({corners.shape[0] - 1})"
            refuse(name, "times", what, f"shape {pieces.shape}", "Pass the time from corner to corner.")
    if pieces.sum() == 0:
        advice = "Pass times for a camera that stands still."
        refuse(name, "path" if times is None else "times", "have a length", "zeros", advice)
    shares = pieces / pieces.sum()
    psf = np.zeros(sizes)
    for start, stop, share in zip(corners[:-1], corners[1:], shares, strict=True):
        psf += _time_per_pixel(sizes, start, stop, share)
    return psf


def _time_per_pixel(sizes: tuple[int, ...], start: np.ndarray, stop: np.ndarray, share: float) -> np.ndarray:
    """Return the time over each pixel on a straight way that takes `share` in all."""
    cuts = [np.array([0.0, 1.0])]
    for begin, step, n in zip(start, stop - start, sizes, strict=True):
        if abs(step) > 1e-12:
            borders = np.arange(-(n // 2), n - n // 2) + 0.5
            cuts.append(np.clip((borders - begin) / step, 0, 1))
    t = np.sort(np.concatenate(cuts))
    middle = start + 0.5 * (t[1:] + t[:-1])[:, None] * (stop - start)
    pixels = np.rint(middle).astype(int) + np.array(sizes) // 2
    # Pieces of rounding length can fall outside at a corner; they weigh nothing.
    pixels = np.clip(pixels, 0, np.array(sizes) - 1)
    psf = np.zeros(sizes)
    np.add.at(psf, tuple(pixels.T), share * np.diff(t))
    return psf
