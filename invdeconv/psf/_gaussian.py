"""The Gaussian."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce

import numpy as np

from invdeconv.checks import nonnegative, per_axis
from invdeconv.checks import shape as check_shape


def gaussian(shape: int | Sequence[int], sigma: float | Sequence[float]) -> np.ndarray:
    """Return a Gaussian PSF, exp(−½ Σ (xᵢ/σᵢ)²) sampled at the pixel centers and scaled to sum 1.

    Stands for a diffraction-limited or atmospheric blur of which only the width is known.

    Parameters
    ----------
    shape : int or tuple of int
        Any number of dimensions. About 8σ + 1 per axis keeps all but 1e-4 of the light; what does not fit
        is cut off and the rest scaled to sum 1.
    sigma : float or sequence of float
        Standard deviation in pixels, for all axes or one per axis; 0 for no blur along an axis.
        The full width at half maximum is 2.355 σ.

    Returns
    -------
    ndarray
        float64, origin at ``n // 2`` along each axis.

    Raises
    ------
    InvalidInputError
        A size below 1, a negative or infinite sigma, or not one sigma per axis.

    Examples
    --------
    >>> from invdeconv import psf
    >>> psf.gaussian(5, 1.0).round(3)
    array([0.054, 0.244, 0.403, 0.244, 0.054])
    """
    sizes = check_shape("psf.gaussian", "shape", shape)
    widths = per_axis("psf.gaussian", "sigma", sigma, len(sizes), nonnegative)
    profiles = [_profile(n, width) for n, width in zip(sizes, widths, strict=True)]
    return reduce(np.multiply.outer, profiles)


def _profile(n: int, sigma: float) -> np.ndarray:
    x = np.arange(n) - n // 2
    # Below a hundredth of a pixel the neighbors are zero to the last bit.
    values = np.exp(-0.5 * (x / sigma) ** 2) if sigma > 0.01 else (x == 0).astype(np.float64)
    return np.asarray(values / math.fsum(values))
