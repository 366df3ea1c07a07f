"""A PSF on another grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import scipy.ndimage

from invdeconv.arrays import to_numpy
from invdeconv.checks import flag, kernel, per_axis, positive, refuse
from invdeconv.checks import shape as check_shape


def resample(
    psf: Any,
    pixel: float | Sequence[float],
    to: float | Sequence[float],
    *,
    shape: int | Sequence[int] | None = None,
    average: bool = True,
) -> np.ndarray:
    """Return a PSF on pixels of another size, so that it fits the data.

    A PSF whose pixels are not those of the data is the commonest wrong PSF, and nothing in the numbers
    shows it.

    Parameters
    ----------
    psf : array
        Any number of dimensions, origin at ``n // 2``.
    pixel : float or sequence of float
        Size of its pixels, one number or one per axis.
    to : float or sequence of float
        Size of the data's pixels, in the same unit.
    shape : int or tuple of int, optional
        Shape of the result; by default the odd sizes that hold all of `psf`.
    average : bool, default True
        Take the mean over each new pixel, as a detector does. False takes the values at the centers: for
        finer pixels than the old ones, or for a measured response that has the new pixel in it already.

    Returns
    -------
    ndarray
        float64, sum 1, origin at ``n // 2``.

    Raises
    ------
    InvalidInputError
        A psf that is no kernel or sums to nothing, a size that is not positive, not one size per axis, or
        a shape of another dimension.

    Notes
    -----
    Cubic splines; values outside `psf` are zero. What they put below zero is set to zero, unless `psf` has
    negative values itself: methods for counts refuse those. The mean is Gauss' rule with more nodes than
    there are old pixels in a new one.

    Examples
    --------
    >>> from invdeconv import psf
    >>> fine = psf.gaussian((81, 81), 8.0)
    >>> bool(abs(psf.resample(fine, 0.05, 0.2)[10, 10] - 1 / (8 * 3.14159)) < 1e-3)
    True
    """
    name = "psf.resample"
    values = to_numpy(kernel(name, "psf", psf)).astype(np.float64)
    old = np.array(per_axis(name, "pixel", pixel, values.ndim, positive))
    new = np.array(per_axis(name, "to", to, values.ndim, positive))
    flag(name, "average", average)
    ratio = new / old
    if shape is None:
        reach = np.maximum(
            np.array(values.shape) // 2, np.array(values.shape) - 1 - np.array(values.shape) // 2
        )
        sizes = tuple(2 * int(np.ceil(r / q)) + 1 for r, q in zip(reach, ratio, strict=True))
    else:
        sizes = check_shape(name, "shape", shape)
        if len(sizes) != values.ndim:
            refuse(name, "shape", f"have {values.ndim} axes as the psf", sizes, "Pass one size per axis.")
    coefficients = scipy.ndimage.spline_filter(np.pad(values, 2), order=3, mode="constant")
    nodes = [_nodes(int(np.ceil(q)) + 1 if average else 1) for q in ratio]
    grids = [np.arange(n) - n // 2 for n in sizes]
    total = np.zeros(sizes)
    for parts in product(*nodes):
        points = [
            (grid + shift) * q + n // 2 + 2
            for grid, (shift, _), q, n in zip(grids, parts, ratio, values.shape, strict=True)
        ]
        where = np.meshgrid(*points, indexing="ij")
        weight = math.prod(weight for _, weight in parts)
        total += weight * scipy.ndimage.map_coordinates(
            coefficients, where, order=3, mode="constant", prefilter=False
        )
    if values.min() >= 0:
        total = np.maximum(total, 0)
    light = float(total.sum())
    if abs(light) < 1e-12 * float(np.abs(total).sum()) or light == 0:
        refuse(name, "psf", "not sum to nothing on the new grid", f"{light:.3g}", "Check sizes and shape.")
    return np.asarray(total / light)


def _nodes(count: int) -> list[tuple[float, float]]:
    """Return positions and weights of Gauss' rule over one pixel."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return list(zip(0.5 * nodes, 0.5 * weights, strict=True))
