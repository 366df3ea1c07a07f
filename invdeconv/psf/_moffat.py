"""A star through the atmosphere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from invdeconv.checks import positive, refuse
from invdeconv.psf._radial import pixel_averages
from invdeconv.psf._two_axes import two_axes


def moffat(shape: Sequence[int], *, fwhm: float, beta: float = 2.5) -> np.ndarray:
    """Return Moffat's profile, (1 + (r/α)²)^−β: a core like a Gaussian with the wings that stars have.

    Parameters
    ----------
    shape : tuple of int
        (rows, columns).
    fwhm : float
        Full width at half maximum in pixels; α = fwhm/(2√(2^(1/β) − 1)).
    beta : float
        Exponent of the wings, above 1: 2.5 for a usual telescope, 4.765 for Kolmogorov turbulence;
        a Gaussian as it grows.

    Returns
    -------
    ndarray
        float64, sum 1, origin at ``n // 2``; each value is the mean over its pixel.

    Raises
    ------
    InvalidInputError
        A shape without two axes, a width that is not positive, or a beta of at most 1.

    References
    ----------
    .. [1] A. F. J. Moffat, Astron. Astrophys. 3 (1969) 455, Eq. (7).
    .. [2] I. Trujillo et al., MNRAS 328 (2001) 977, section 2.

    Examples
    --------
    >>> from invdeconv import psf
    >>> star = psf.moffat((41, 41), fwhm=4.0)
    >>> round(float(star[20, 22] / star[20, 20]), 1)
    0.5
    """
    sizes = two_axes("psf.moffat", shape)
    fwhm, beta = positive("psf.moffat", "fwhm", fwhm), positive("psf.moffat", "beta", beta)
    if beta <= 1:
        refuse("psf.moffat", "beta", "be above 1", beta, "With less the wings hold infinite light.")
    alpha = fwhm / (2 * np.sqrt(2 ** (1 / beta) - 1))
    values = pixel_averages(sizes, (1.0, 1.0), lambda r: (1 + (r / alpha) ** 2) ** -beta)
    return np.asarray(values / values.sum())
