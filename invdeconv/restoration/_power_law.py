"""The spectrum of natural scenes: a power law, fitted where the data rise above their noise."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from invdeconv.arrays import Array, to_numpy
from invdeconv.noise import windowed
from invdeconv.operators import Decomposition

__all__ = ["PASSED", "PowerLaw", "Spectrum", "cautious_power_law", "fit_power_law", "noise_beside_scene"]

# Rings of frequency for the fit, per decade.
_RINGS = 8
# Frequencies at which C passes less of the power than this share of its peak tell nothing of the scene.
PASSED = 1e-3
# The level of the noise is looked for at this share of the frequencies, those where least of a scene is left,
# and believed while the scene explains no more than the other share of it.
_EMPTIEST, _EXPLAINED = 0.1, 0.75


@dataclass(frozen=True, slots=True)
class PowerLaw:
    """S(f) = amplitude·f^−exponent for the power per frequency, f in cycles per sample."""

    amplitude: float
    exponent: float

    def noise_to_signal(self, frequency: np.ndarray, variance: float | np.ndarray) -> np.ndarray:
        """Return N/S; zero frequency gets the value of the lowest other one."""
        lowest = frequency[frequency > 0].min()
        return variance / self.amplitude * np.maximum(frequency, lowest) ** self.exponent


@dataclass(frozen=True, eq=False)
class Spectrum:
    """What is seen of a scene, per frequency, in arrays of one axis.

    Attributes
    ----------
    frequency : numpy array
        Distance from zero in cycles per sample.
    power : numpy array
        |Uᴴy|².
    passed : numpy array
        c².
    weight : numpy array
        How many frequencies an entry stands for.
    count : numpy array
        How many of these were looked at.
    """

    frequency: np.ndarray
    power: np.ndarray
    passed: np.ndarray
    weight: np.ndarray
    count: np.ndarray

    @cached_property
    def lowest(self) -> float:
        """Least frequency above zero."""
        return float(self.frequency[self.frequency > 0].min())

    @cached_property
    def ring(self) -> np.ndarray:
        """Number of the ring of each entry, of equal width in log f; 0 for zero frequency."""
        ring = np.zeros(self.frequency.shape, int)
        positive = self.frequency > 0
        ring[positive] = 1 + np.floor(_RINGS * np.log10(self.frequency[positive] / self.lowest)).astype(int)
        return ring

    def fit(self, variance: float | np.ndarray) -> PowerLaw | None:
        """Fit power ≈ c²·S(f) + variance, as `fit_power_law`."""
        count = np.bincount(self.ring, self.count)
        occupied = count > 0
        occupied[0] = False
        count = count[occupied]
        weight = np.bincount(self.ring, self.weight)[occupied]

        def mean(values: np.ndarray) -> np.ndarray:
            return np.bincount(self.ring, self.weight * values)[occupied] / weight

        seen, passed = mean(self.power), mean(self.passed)
        noise = mean(np.broadcast_to(variance, self.ring.shape))
        radius = np.exp(mean(np.log(np.maximum(self.frequency, self.lowest))))
        # Twice the noise, and four deviations of a ring's mean above that: noise alone is no signal.
        clear = (seen > (2 + 4 / np.sqrt(count)) * noise) & (passed > PASSED * passed.max())
        if clear.sum() < 2:
            return None
        signal = (seen[clear] - noise[clear]) / passed[clear]
        # Weights: the logarithm of a mean of n exponential variates has a variance near 1/n.
        weight, level = np.sqrt(count[clear]), np.log(signal)
        slope, intercept = np.polyfit(np.log(radius[clear]), level, 1, w=weight)
        if slope > 0:
            slope, intercept = 0.0, np.average(level, weights=weight**2)
        return PowerLaw(amplitude=float(np.exp(intercept)), exponent=float(-slope))


def fit_power_law(decomposition: Decomposition, data: Array, variance: float | np.ndarray) -> PowerLaw | None:
    """Fit |Uᴴy|² ≈ c²·S(f) + variance, one or one per frequency, over rings of equal width in log f.

    Only rings count whose power is clearly above twice the noise, where C passes a thousandth of its peak.
    Field, JOSA A 4 (1987) 2379: natural pictures have an exponent near 2 in two dimensions.

    Returns
    -------
    PowerLaw or None
        None where fewer than two rings stand out.
    """
    frequency = decomposition.frequency
    if frequency is None:
        return None
    power = to_numpy(decomposition.power(data)).astype(float) / decomposition.multiplicity
    gain = to_numpy(decomposition.factors(data)[0]).astype(float) ** 2
    weight = np.broadcast_to(decomposition.multiplicity, frequency.shape).ravel()
    variance = np.ravel(variance) if np.ndim(variance) else variance
    return Spectrum(frequency.ravel(), power.ravel(), gain.ravel(), weight, weight).fit(variance)


def cautious_power_law(
    decomposition: Decomposition, data: Array, variance: float | np.ndarray
) -> PowerLaw | None:
    """Fit tapered data twice, as they are and under a window, and return the law with less fine detail.

    The joint of a made-up period passes for detail; a window looks at the middle of the picture, where
    photographers put the detail.
    """
    laws = [fit_power_law(decomposition, seen, variance) for seen in (data, windowed(data))]
    found = [law for law in laws if law is not None]
    return min(found, key=lambda law: law.amplitude * 0.5**-law.exponent, default=None)


def noise_beside_scene(decomposition: Decomposition, data: Array, noise_std: float) -> float | None:
    """Return a noise level less what the scene itself leaves at the frequencies where there is least of it.

    Under a strong blur that is nothing. Where the blur hardly attenuates, fine detail passes and counts as
    noise; the power law tells how much of it is the scene's. The law needs the noise, and the noise the law:
    two rounds settle it (measured). None without a law, as for signals of one axis, whose spectra are of any
    kind; and where the scene explains most of the level: what is left then is the error of the law.
    """
    frequency = decomposition.frequency
    if frequency is None or sum(n > 1 for n in frequency.shape) < 2 or noise_std == 0:
        return None
    frequency = np.maximum(frequency, frequency[frequency > 0].min())
    passed = (decomposition.c / frequency) ** 2
    emptiest = np.argsort(passed, axis=None, kind="stable")[: max(1, int(_EMPTIEST * passed.size))]
    gain, frequency = decomposition.c.ravel()[emptiest] ** 2, frequency.ravel()[emptiest]
    level = variance = noise_std**2
    for _ in range(2):
        law = fit_power_law(decomposition, data, variance)
        if law is None:
            return None
        scene = float(np.median(gain * law.amplitude * frequency**-law.exponent))
        if scene > _EXPLAINED * level:
            return None
        variance = level - scene
    return float(variance**0.5)
