"""What an equalizer is designed for: a channel with its symbols and its noise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from invdeconv.arrays import is_complex, to_numpy
from invdeconv.checks import finite_array, flag, nonnegative, positive, refuse
from invdeconv.equalization._channel import Channel

__all__ = ["Link", "link_of", "trusted"]


@dataclass(frozen=True, eq=False)
class Link:
    """A channel, the energy of its symbols and the power of its noise; made by `mmse` and kin.

    Attributes
    ----------
    channel : Channel
    n0 : float
        Noise per complex sample.
    es : float
        Energy per symbol.
    real_symbols : bool
        Symbols, taps and noise are real.
    noise_correlation : ndarray
        ρ[m] = E n[k+m] n*[k] / E|n|², from lag 0 on.
    """

    channel: Channel
    n0: float
    es: float
    real_symbols: bool
    noise_correlation: np.ndarray

    @property
    def taps(self) -> np.ndarray:
        """The impulse response on the host, in double precision."""
        h = to_numpy(self.channel.taps)
        return h.astype(np.complex128 if np.iscomplexobj(h) else np.float64)

    @property
    def noise_power(self) -> float:
        """E|n|² of a sample: N0, or N0/2 where it is real."""
        return self.n0 / 2 if self.real_symbols else self.n0

    @property
    def memory(self) -> int:
        """Symbols before the present one that a sample can hear."""
        s = self.channel.samples_per_symbol
        return -(-(self.taps.size - 1) // s)

    def snr_density(self, n: int) -> np.ndarray:
        """Return S(ω) = Es·Σ|H|²/N over the aliases of n symbol-rate frequencies, per unit noise power."""
        s = self.channel.samples_per_symbol
        power = np.abs(_transform(self.taps, n * s)) ** 2
        if self.noise_correlation.size > 1:
            rho = self.noise_correlation
            both = 2 * _transform(rho, n * s).real - rho[0].real
            power = power / np.maximum(both, trusted(both))
        return np.asarray(self.es * power.reshape(s, n).mean(0))


def link_of(
    function: str, channel: Any, n0: Any, es: Any, real_symbols: Any, noise_correlation: Any = None
) -> Link:
    """Return the checked link."""
    if not isinstance(channel, Channel):
        advice = "Make one: Channel(taps)."
        refuse(function, "channel", "be a Channel", type(channel).__name__, advice)
    n0 = nonnegative(function, "n0", n0, "Use n0_from_ebn0_db.")
    es = positive(function, "es", es)
    flag(function, "real_symbols", real_symbols)
    if real_symbols and is_complex(channel.taps):
        advice = "Leave real_symbols out: the complex equalizer serves any symbols."
        refuse(function, "channel", "have real taps for real symbols", "complex taps", advice)
    rho = (
        np.ones(1)
        if noise_correlation is None
        else _correlation(function, noise_correlation, real=real_symbols)
    )
    return Link(channel, n0, es, bool(real_symbols), rho)


def _correlation(function: str, value: Any, *, real: bool) -> np.ndarray:
    name = "noise_correlation"
    rho = to_numpy(finite_array(function, name, value))
    if rho.ndim != 1 or abs(rho[0] - 1) > 1e-9:
        advice = "It starts at lag 0 and counts in units of n0: divide it by its first value."
        refuse(function, name, "be 1-D and start with 1", f"{rho.ravel()[0]:g}, shape {rho.shape}", advice)
    if real and np.iscomplexobj(rho):
        refuse(function, name, "be real for real symbols", rho.dtype, "Real noise has a real correlation.")
    n = 4 << math.ceil(math.log2(rho.size + 1))
    density = 2 * _transform(rho, n).real - 1
    if density.min() < -0.01:
        advice = "No noise has this correlation: pass more lags, or taper the estimate."
        refuse(function, name, "have a spectrum >= 0", f"{density.min():.3g}", advice)
    return rho.astype(np.complex128 if np.iscomplexobj(rho) else np.float64)


def trusted(power: np.ndarray) -> float:
    """Return the least power to believe in: a correlation cut off shows its error as negative power."""
    return float(max(-power.min(), power.size * np.finfo(float).eps * power.max()))


def _transform(taps: np.ndarray, n: int) -> np.ndarray:
    """Return Σ taps[k] exp(−jωk) at n frequencies, also where there are more taps than frequencies."""
    folded = np.zeros(-(-taps.size // n) * n, taps.dtype)
    folded[: taps.size] = taps
    return np.fft.fft(folded.reshape(-1, n).sum(0))
