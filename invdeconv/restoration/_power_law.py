"""The spectrum of natural scenes: a power law, fitted where the data rise above their noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invdeconv.arrays import Array, to_numpy
from invdeconv.noise import windowed
from invdeconv.operators import Decomposition

__all__ = ["PowerLaw", "cautious_power_law", "fit_power_law"]

# Rings of frequency for the fit, per decade.
_RINGS = 8


@dataclass(frozen=True, slots=True)
class PowerLaw:
    """S(f) = amplitude·f^−exponent for the power per frequency, f in cycles per sample."""

    amplitude: float
    exponent: float

    def noise_to_signal(self, frequency: np.ndarray, variance: float | np.ndarray) -> np.ndarray:
        """Return N/S; zero frequency gets the value of the lowest other one."""
        lowest = frequency[frequency > 0].min()
        return variance / self.amplitude * np.maximum(frequency, lowest) ** self.exponent


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
    positive = frequency > 0
    lowest = frequency[positive].min()
    ring = np.zeros(frequency.shape, int)
    ring[positive] = 1 + np.floor(_RINGS * np.log10(frequency[positive] / lowest)).astype(int)
    weight = np.broadcast_to(decomposition.multiplicity, ring.shape).ravel()
    count = np.bincount(ring.ravel(), weight)
    occupied = count > 0
    occupied[0] = False

    def mean(values: np.ndarray) -> np.ndarray:
        return np.bincount(ring.ravel(), weight * values.ravel())[occupied] / count[occupied]

    seen, passed, noise = mean(power), mean(gain), mean(np.broadcast_to(variance, ring.shape))
    radius = np.exp(mean(np.log(np.maximum(frequency, lowest))))
    # Twice the noise, and four deviations of a ring's mean above that: noise alone is no signal.
    clear = (seen > (2 + 4 / np.sqrt(count[occupied])) * noise) & (passed > 1e-3 * passed.max())
    if clear.sum() < 2:
        return None
    signal = (seen[clear] - noise[clear]) / passed[clear]
    # Weights: the logarithm of a mean of n exponential variates has a variance near 1/n.
    slope, intercept = np.polyfit(np.log(radius[clear]), np.log(signal), 1, w=np.sqrt(count[occupied][clear]))
    return PowerLaw(amplitude=float(np.exp(intercept)), exponent=max(float(-slope), 0.0))


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
