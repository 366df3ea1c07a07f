"""A straight motion, read off the picture that it blurred."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from invdeconv.arrays import to_numpy
from invdeconv.checks import finite_array, positive, refuse

__all__ = ["Motion", "motion_from_cepstrum"]


@dataclass(frozen=True)
class Motion:
    """A straight, steady motion, in the conventions of `psf.motion`.

    Attributes
    ----------
    length : float
        In pixels.
    angle : float
        In degrees, counter-clockwise from the +x axis of the displayed picture; between -90 and 90.
    """

    length: float
    angle: float


def motion_from_cepstrum(picture: Any, *, longest: float = 100.0) -> Motion:
    """Estimate a straight, steady motion from the picture that it blurred.

    The spectrum of a line of length l has zeros every 1/l, so the logarithm of the picture's spectrum is
    nearly periodic, and the Fourier transform of that logarithm, the cepstrum, is most negative l away from
    its center in the direction of the motion. The centroid of that trough gives fractions of a pixel.

    Parameters
    ----------
    picture : array, shape (n1, n2)
        Real, with little noise: noise fills the zeros that the estimate looks for.
    longest : float, default 100
        Motions from 8 pixels up to this are looked for.

    Returns
    -------
    Motion
        Length and angle for `psf.motion`. There is always one: look at what it restores.

    Raises
    ------
    InvalidInputError
        If `picture` is complex, constant, not 2-D, or has an axis shorter than 32; if `longest` is not more
        than 8.

    Notes
    -----
    Two FFTs.

    References
    ----------
    .. [1] R. Rom, "On the cepstrum of two-dimensional functions", IEEE Trans. Inform. Theory 21(2), 1975.

    Examples
    --------
    >>> from invdeconv import psf, samples
    >>> motion = psf.motion_from_cepstrum(samples.clock())
    >>> round(motion.length, 1), round(motion.angle, 1)
    (35.9, 2.1)
    """
    name = "motion_from_cepstrum"
    values = to_numpy(finite_array(name, "picture", picture))
    if values.ndim != 2 or min(values.shape) < 32 or np.iscomplexobj(values):
        got = f"shape {values.shape} of {values.dtype}"
        refuse(name, "picture", "be real, 2-D, at least 32 × 32", got, "Pass one gray picture.")
    if values.min() == values.max():
        refuse(name, "picture", "not be constant", f"{values.flat[0]:g}", "A motion shows at edges only.")
    if positive(name, "longest", longest) <= 8:
        refuse(
            name, "longest", "be more than 8", longest, "Shorter motions hide in the scene's own spectrum."
        )
    window = np.outer(*(np.hanning(n) for n in values.shape))
    power = np.abs(np.fft.fft2((values - values.mean()) * window)) ** 2
    cepstrum = np.fft.fftshift(np.fft.ifft2(np.log(power + np.finfo(float).tiny)).real)
    row, column = (
        index - n // 2 for index, n in zip(np.indices(cepstrum.shape), cepstrum.shape, strict=True)
    )
    distance = np.hypot(row, column)
    # Near the center lies the scene's own smoothness; one half plane holds all there is.
    searched = (distance > 8) & (distance < longest) & ((column > 0) | ((column == 0) & (row < 0)))
    deepest = np.unravel_index(np.argmin(np.where(searched, cepstrum, np.inf)), cepstrum.shape)
    around = (np.abs(row - row[deepest]) <= 2) & (np.abs(column - column[deepest]) <= 2)
    weight = np.where(around, np.maximum(-cepstrum, 0), 0)
    down, right = (float(np.sum(weight * along) / np.sum(weight)) for along in (row, column))
    return Motion(math.hypot(down, right), math.degrees(math.atan2(-down, right)))
