"""Motion along a straight line."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from invdeconv.checks import nonnegative, refuse
from invdeconv.checks import shape as check_shape


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
    sizes = check_shape("psf.motion", "shape", shape)
    if len(sizes) != 2:
        refuse("psf.motion", "shape", "have two axes", sizes, "Pass (rows, columns).")
    length = max(nonnegative("psf.motion", "length", length), 1e-6)  # no motion stays within one pixel
    if (
        isinstance(angle, bool)
        or not isinstance(angle, (int, float, np.integer, np.floating))
        or not math.isfinite(angle)
    ):
        refuse(
            "psf.motion",
            "angle",
            "be a finite number of degrees",
            repr(angle),
            "Pass 0 for a horizontal line.",
        )
    direction = np.array([-math.sin(math.radians(angle)), math.cos(math.radians(angle))])
    reach = 0.5 * length * np.abs(direction)
    if any(r > n - 1 - n // 2 + 0.5 + 1e-9 for r, n in zip(reach, sizes, strict=True)):
        need = tuple(2 * int(np.ceil(r - 0.5 - 1e-9)) + 1 for r in reach)
        what = f"hold a line of {length:g} pixels around n // 2"
        refuse("psf.motion", "shape", what, sizes, f"Pass at least {need}.")
    cuts = [np.array([-0.5, 0.5]) * length]
    for slope, n in zip(direction, sizes, strict=True):
        if abs(slope) > 1e-12:
            borders = np.arange(-(n // 2), n // 2 + 1) + 0.5
            cuts.append(np.clip(borders / slope, -0.5 * length, 0.5 * length))
    t = np.sort(np.concatenate(cuts))
    middle = 0.5 * (t[1:] + t[:-1])
    origin = np.array(sizes) // 2
    pixels = np.rint(middle[:, None] * direction).astype(int) + origin
    # Pieces of rounding length can fall outside at a corner; they weigh nothing.
    rows, columns = np.clip(pixels, 0, np.array(sizes) - 1).T
    psf = np.zeros(sizes)
    np.add.at(psf, (rows, columns), np.diff(t))
    return np.asarray(psf / psf.sum())
