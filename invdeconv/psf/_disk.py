"""The disk."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from invdeconv.checks import positive, refuse
from invdeconv.checks import shape as check_shape


def disk(shape: int | Sequence[int], radius: float) -> np.ndarray:
    """Return the PSF of a lens out of focus: the share of each pixel that a uniform disk covers.

    In 3-D it is a ball, in 1-D a box with fractional ends. Geometric optics: right where the disk is much
    wider than λ/NA; nearer to the focus use `microscope` with its `defocus`.

    Parameters
    ----------
    shape : int or tuple of int
        Must hold the whole disk: at least 2·radius, rounded up to the next odd number.
    radius : float
        In pixels.

    Returns
    -------
    ndarray
        float64, sum 1, origin at ``n // 2`` along each axis.

    Raises
    ------
    InvalidInputError
        A size below 1, a radius that is not positive, or a disk that does not fit.

    Notes
    -----
    Coverage is exact along the last axis and sampled along the others, by 256 lines per pixel in 2-D and
    by 16 × 16 in 3-D: right to about 1e-5 and 1e-3 of a pixel.

    Examples
    --------
    >>> from invdeconv import psf
    >>> psf.disk((3, 3), 1.0).round(2)
    array([[0.03, 0.15, 0.03],
           [0.15, 0.32, 0.15],
           [0.03, 0.15, 0.03]])
    """
    sizes = check_shape("psf.disk", "shape", shape)
    radius = positive("psf.disk", "radius", radius)
    if any(radius > n - 1 - n // 2 + 0.5 for n in sizes):
        need = 2 * int(np.ceil(radius - 0.5)) + 1
        advice = f"Pass sizes of at least {need}."
        refuse("psf.disk", "shape", f"hold a disk of radius {radius:g} around n // 2", sizes, advice)
    # The last axis, pixel by pixel, runs from x − ½ to x + ½; on a line at squared distance d from the axis
    # of the disk, the disk runs from −√(radius² − d) to +√(radius² − d).
    x = np.arange(sizes[-1]) - sizes[-1] // 2
    lines = 256 if len(sizes) == 2 else 16
    offsets = (np.arange(lines) + 0.5) / lines - 0.5
    coverage = np.zeros(sizes)
    for shift in itertools.product(offsets, repeat=len(sizes) - 1):
        distance = np.zeros((1,) * len(sizes))
        for axis, s in enumerate(shift):
            line = np.arange(sizes[axis]) - sizes[axis] // 2 + s
            distance = distance + line.reshape((-1,) + (1,) * (len(sizes) - 1 - axis)) ** 2
        half = np.sqrt(np.maximum(radius**2 - distance, 0))
        coverage += np.maximum(np.minimum(x + 0.5, half) - np.maximum(x - 0.5, -half), 0)
    return np.asarray(coverage / coverage.sum())
