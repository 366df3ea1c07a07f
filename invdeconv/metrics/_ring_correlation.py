"""Fourier ring correlation: how far into the spectrum two pictures of one scene agree."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from invdeconv.arrays import to_numpy
from invdeconv.checks import choice, finite, finite_array, per_axis, positive, refuse
from invdeconv.metrics._pair import pair
from invdeconv.metrics._rings import Rings

__all__ = ["RingCorrelation", "checkerboard_ring_correlation", "fourier_ring_correlation"]


# Samples of a ring from which its correlation is taken for what it says.
_FEW = 32


@dataclass(frozen=True, eq=False)
class RingCorrelation:
    """The correlation of two pictures ring by ring in the plane of frequencies; in 3-D shell by shell.

    Attributes
    ----------
    frequency : ndarray, shape (rings,)
        Of the middle of each ring, in cycles per unit of the spacing; rising, 0 left out.
    correlation : ndarray, shape (rings,)
        From −1 to 1.
    samples : ndarray, shape (rings,)
        Number of frequencies in each ring. Noise alone has correlations of deviation 1/√samples for real
        pictures, and 1/√(2·samples) for complex ones.
    """

    frequency: np.ndarray
    correlation: np.ndarray
    samples: np.ndarray

    def threshold(self, criterion: float | str = 1 / 7) -> np.ndarray:
        """Return the curve below which a ring counts as not resolved.

        Parameters
        ----------
        criterion : float, "half-bit" or "3-sigma", default 1/7
            A number is the same for all rings. "half-bit": (s + (1 + 2√s)/√n)/(1 + s + 2√s/√n) with
            s = (√2 − 1)/2, where both pictures together hold half a bit for each of the n frequencies.
            "3-sigma": 3/√(n/2), where noise alone hardly reaches.

        Returns
        -------
        ndarray, shape (rings,)
            One value for each ring.

        Raises
        ------
        InvalidInputError
            If `criterion` is an unknown word, or a number that is not between 0 and 1.

        References
        ----------
        .. [1] M. van Heel, M. Schatz, "Fourier shell correlation threshold criteria", J. Struct. Biol. 151
           (2005) 250.
        """
        name = "RingCorrelation.threshold"
        if not isinstance(criterion, str):
            return np.full(self.samples.shape, _share(name, "criterion", criterion))
        word = choice(name, "criterion", criterion, ("half-bit", "3-sigma"))
        root = np.sqrt(self.samples)
        if word == "3-sigma":
            return np.asarray(3 * math.sqrt(2) / root)
        s = (math.sqrt(2) - 1) / 2
        return np.asarray((s + (1 + 2 * math.sqrt(s)) / root) / (1 + s + 2 * math.sqrt(s) / root))

    def resolution(self, criterion: float | str = 1 / 7) -> float:
        """Return the period of the frequency at which the correlation first falls below a threshold.

        Parameters
        ----------
        criterion : float, "half-bit" or "3-sigma", default 1/7
            As in `threshold`. 1/7 is usual for light, "half-bit" safer for small pictures, where noise alone
            reaches 1/7.

        Returns
        -------
        float
            In the unit of the spacing, interpolated between rings. The period of the last ring if the
            correlation never falls below: then the sampling is the limit. inf if it is below from the start.

        Raises
        ------
        InvalidInputError
            As `threshold`; if no ring holds 32 samples: those of fewer are passed over, as chance alone takes
            them below.
        """
        limit = self.threshold(criterion)
        telling = self.samples >= _FEW
        if not telling.any():
            advice = "Pass larger pictures; a signal has two samples a ring."
            most = f"at most {self.samples.max():g}"
            refuse("RingCorrelation.resolution", "samples", f"reach {_FEW} in a ring", most, advice)
        frequency, excess = self.frequency[telling], (self.correlation - limit)[telling]
        below = np.flatnonzero(excess < 0)
        if below.size == 0:
            return float(1 / frequency[-1])
        k = int(below[0])
        if k == 0:
            return math.inf
        share = excess[k - 1] / (excess[k - 1] - excess[k])
        return float(1 / (frequency[k - 1] + share * (frequency[k] - frequency[k - 1])))


def fourier_ring_correlation(
    a: Any, b: Any, *, spacing: float | Sequence[float] | None = None, taper: float = 0.25
) -> RingCorrelation:
    """Correlate two pictures of one scene, with noise of their own, ring by ring of frequencies.

    FRC(f) = Re Σ A·B̄ / √(Σ|A|²·Σ|B|²) over the frequencies of length f: 1 where the pictures agree, 0 where
    they are noise, S/(S + N) for signal of power S in noise of power N. It says what detail is real, which
    no comparison with the data can. Both pictures must have been taken, and restored, apart from each
    other: a common prior, or the same noise, correlates too. With one picture only, see
    `checkerboard_ring_correlation`.

    Parameters
    ----------
    a, b : array, shape (n1, …, nd)
        Real or complex, same shape, aligned to a fraction of the resolution.
    spacing : float or sequence of float, optional
        Distance of samples, one number or one per axis; 1 by default. Rings are round in these units; those
        beyond the limit of a coarse axis hold only the frequencies that are sampled.
    taper : float, default 0.25
        Share of each axis, half of it at either end, that a raised cosine fades out (Tukey's window). Without
        it the jump from one edge to the other, which both pictures share, correlates at all frequencies. 0
        for periodic pictures; 1 is Hann's window, which widens the spread of noise by 1.3.

    Returns
    -------
    RingCorrelation
        ``frequency``, ``correlation``, ``samples``, and ``resolution()`` where it falls below 1/7.

    Raises
    ------
    InvalidInputError
        If the arrays are not finite, of different shape, or have no axis of at least 2 samples; if
        `spacing` is not positive or not one per axis; if `taper` is not between 0 and 1.

    Notes
    -----
    The window's mean is taken off. Rings are as wide as the finest step of frequencies. Two FFTs.

    References
    ----------
    .. [1] M. van Heel, M. Schatz, "Fourier shell correlation threshold criteria", J. Struct. Biol. 151
       (2005) 250.
    .. [2] R. P. J. Nieuwenhuizen et al., "Measuring image resolution in optical nanoscopy", Nat. Methods 10
       (2013) 557.
    .. [3] N. Banterle, K. H. Bui, E. A. Lemke, M. Beck, "Fourier ring correlation as a resolution criterion
       for super-resolution microscopy", J. Struct. Biol. 183 (2013) 363.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import metrics
    >>> stripes = np.cos(2 * np.pi * np.arange(64) / 8) * np.ones((64, 1))
    >>> one, other = stripes + np.random.default_rng(0).standard_normal((2, 64, 64))
    >>> rings = metrics.fourier_ring_correlation(one, other)
    >>> float(rings.frequency[rings.correlation.argmax()])
    0.125
    """
    name = "fourier_ring_correlation"
    a, b = (to_numpy(x) for x in pair(name, a, b, name="a", other="b"))
    if max(a.shape) < 2:
        refuse(name, "a", "have an axis of at least 2 samples", a.shape, "There are no rings in fewer.")
    distances = per_axis(name, "spacing", 1.0 if spacing is None else spacing, a.ndim, positive)
    taper = _share(name, "taper", taper)
    rings = Rings(a.shape, distances, taper, complex_=np.iscomplexobj(a) or np.iscomplexobj(b))
    return _correlation(rings, rings.sums(a, b))


def checkerboard_ring_correlation(
    image: Any, *, spacing: float | Sequence[float] | None = None, taper: float = 0.25
) -> RingCorrelation:
    """Correlate the black and the white squares of one picture, ring by ring of frequencies.

    The picture is split into coarser ones of every second sample along each axis, which have the same scene
    and noise of their own. Use it where there is only one picture: it needs noise that is independent from
    sample to sample, as it comes from the detector (not resampled, denoised or restored), and a scene
    without detail finer than four samples, which would fold back.

    Parameters
    ----------
    image : array, shape (n1, …, nd)
        Real or complex.
    spacing : float or sequence of float, optional
        As in `fourier_ring_correlation`.
    taper : float, default 0.25
        As in `fourier_ring_correlation`.

    Returns
    -------
    RingCorrelation
        Up to half the limit of the picture. The noise of a coarse picture weighs 2ᵈ times as much:
        S/(S + 2ᵈN), below the correlation of two pictures like this one.

    Raises
    ------
    InvalidInputError
        As `fourier_ring_correlation`; if an axis has fewer than 4 samples.

    Notes
    -----
    2ᵈ⁻¹ pairs of diagonal neighbors, their sums taken together. The shift of a coarse picture against its
    partner, half of its samples, is taken back exactly, so that the axis of frequencies needs no calibration
    (that of [1] makes up for it). 2ᵈ FFTs of 2⁻ᵈ of the picture.

    References
    ----------
    .. [1] S. Koho et al., "Fourier ring correlation simplifies image restoration in fluorescence
       microscopy", Nat. Commun. 10 (2019) 3103.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import metrics
    >>> stripes = np.cos(2 * np.pi * np.arange(64) / 8) * np.ones((64, 1))
    >>> rings = metrics.checkerboard_ring_correlation(stripes)
    >>> float(rings.frequency[rings.correlation.argmax()])
    0.125
    """
    name = "checkerboard_ring_correlation"
    image = to_numpy(finite_array(name, "image", image))
    if min(image.shape) < 4:
        refuse(name, "image", "have at least 4 samples along each axis", image.shape, "Crop it less.")
    distances = per_axis(name, "spacing", 1.0 if spacing is None else spacing, image.ndim, positive)
    taper = _share(name, "taper", taper)
    shape = tuple(n // 2 for n in image.shape)
    rings = Rings(shape, tuple(2 * d for d in distances), taper, complex_=np.iscomplexobj(image))
    total = np.zeros(())
    for rest in itertools.product((0, 1), repeat=image.ndim - 1):
        parity = (0, *rest)
        a = image[tuple(slice(p, p + 2 * n - 1, 2) for p, n in zip(parity, shape, strict=True))]
        b = image[tuple(slice(1 - p, 2 * n - p, 2) for p, n in zip(parity, shape, strict=True))]
        total = total + rings.sums(a, b, shift=[0.5 - p for p in parity])
    return _correlation(rings, total)


def _correlation(rings: Rings, sums: np.ndarray) -> RingCorrelation:
    """Return the correlation of summed rings; 0 where nothing is."""
    seen = np.flatnonzero(sums[3] > 0)
    cross, power_a, power_b, samples = sums[:, seen]
    power = np.sqrt(power_a) * np.sqrt(power_b)
    found = np.divide(cross, power, out=np.zeros_like(cross), where=power > 0)
    return RingCorrelation(rings.step * (seen + 1), found, samples)


def _share(function: str, argument: str, value: object) -> float:
    number = finite(function, argument, value, "Pass a number from 0 to 1.")
    if not 0 <= number <= 1:
        refuse(function, argument, "be from 0 to 1", number, "It is a share.")
    return number
