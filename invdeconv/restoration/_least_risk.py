"""How many Richardson–Lucy iterations a scene asks for, from its spectrum and the noise, before the first.

On a scene of nearly one brightness k iterations are the filter φ = 1 − (1 − c²/s²)ᵏ of Landweber, with c the
transfer function and s its value at zero. With a power law for the scene, as Wiener's automatic ratio takes,
its expected error Σ (1 − φ)²·S + (φ/c)²·N is known for every k, and has one minimum.
"""

from __future__ import annotations

import math

import numpy as np

from invdeconv.arrays import Array
from invdeconv.restoration._power_law import PASSED, PowerLaw, Spectrum
from invdeconv.restoration._sampled_spectrum import sampled_spectrum

__all__ = ["least_risk_iterations"]

_CANDIDATES = np.geomspace(1, 1e5, 61)
# The risk is flat about its minimum: a count with so much more of it, and less of the gain, is as good.
_AS_GOOD = 0.02
# Power is noise where the blur passes next to nothing and the scene explains less than this share of it.
_EXPLAINED = 0.1
# A level of noise is read off so many frequencies at least.
_FEWEST = 16


def least_risk_iterations(signal: Array, psf: np.ndarray, variance: float) -> float | None:
    """Return the number of plain iterations of least expected error.

    None where the spectrum of the signal does not stand out of noise of this variance, or does not fall.
    """
    if variance <= 0 or math.prod(signal.shape) == 1:
        return None
    spectrum = sampled_spectrum(signal, psf)
    noise = np.full(spectrum.power.shape, variance)
    law = spectrum.fit(noise)
    if law is None:
        return None
    # The law says where the noise is seen, and the noise where the law is: twice settles it (measured).
    for _ in range(2):
        noise = _noise_floor(spectrum, law, variance)
        law = spectrum.fit(noise) or law
    if law.exponent == 0:
        return None  # a scene that does not fall off tells nothing of what the blur hides
    ratio = law.noise_to_signal(spectrum.frequency, noise)
    passed = np.clip(spectrum.passed, np.finfo(float).tiny ** 0.5, 1.0)
    power, kept = spectrum.weight * noise, 1 - passed

    def risk(k: float) -> float:
        left = kept**k
        return float(np.sum(power * (left**2 / ratio + (1 - left) ** 2 / passed)))

    risks = np.array([risk(k) for k in _CANDIDATES])
    least = risks.min()
    return float(_CANDIDATES[np.argmax(risks - least <= _AS_GOOD * min(least, risks[0] - least))])


def _noise_floor(spectrum: Spectrum, law: PowerLaw, variance: float) -> np.ndarray:
    """Return the noise per frequency: `variance`, and more where the spectrum shows more.

    What interpolation, compression or a microscope's own processing has smoothed is least at the highest
    frequencies, where the variance is measured, and hides under the scene at low ones. Between, where the
    blur passes nothing, it is seen; and it is taken not to fall towards low frequencies.
    """
    ring, weight = spectrum.ring, spectrum.weight
    total = np.bincount(ring, weight)
    level = np.maximum(np.bincount(ring, weight * spectrum.power) / np.maximum(total, 1), variance)
    scene = spectrum.passed * variance / law.noise_to_signal(spectrum.frequency, variance)
    blind = (spectrum.passed < PASSED * spectrum.passed.max()) & (scene < _EXPLAINED * level[ring])
    seen = np.bincount(ring, blind * weight * spectrum.power) / np.maximum(
        np.bincount(ring, blind * weight), 1
    )
    floor = np.where(np.bincount(ring, blind) >= _FEWEST, np.maximum(seen, variance), variance)
    return np.maximum.accumulate(floor[::-1])[::-1][ring]
