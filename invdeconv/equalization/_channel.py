"""Channels: intersymbol interference and noise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from invdeconv.arrays import Array, is_complex, norm, to_numpy
from invdeconv.checks import choice, finite_array, flag, integer, kernel, nonnegative, positive, refuse, shape
from invdeconv.equalization._measured import sampled_response
from invdeconv.noise import generator, white_noise
from invdeconv.operators import Convolution, LinearOperator

__all__ = ["Channel"]


@dataclass(frozen=True, eq=False)
class Channel:
    """A channel y = h * a + n, sampled once or several times per symbol.

    The taps are used as they are; channels made by a class method have unit energy Σ|h|² = 1 unless
    asked for as printed, so that Eb/N0 at the receiver is Eb/N0 of the symbols. Noise is N0 per complex
    sample, E|n|² = N0; real samples carry half of it, N0/2. With s samples per symbol of energy Es the
    receiver gets Es·Σ|h|² per symbol, and Eb is that over the bits of a symbol.

    Parameters
    ----------
    taps : array, shape (L,)
        The impulse response h, real or complex, at the spacing of the samples.
    samples_per_symbol : int, default 1
        s: 1 for taps at the symbol period T, 2 for taps at T/2.

    Attributes
    ----------
    taps : array
        As given. In a block ("periodic", "zero") the origin is the middle tap ``L // 2``: symbol k lands
        on sample s·k through that tap. In a burst it is the first tap.
    samples_per_symbol : int

    Raises
    ------
    InvalidInputError
        If the taps are not 1-D, not finite, or all zeros; if `samples_per_symbol` is not a positive
        integer.

    Examples
    --------
    >>> channel = Channel.proakis_b()
    >>> channel.taps.round(3), round(channel.energy, 12)
    (array([0.408, 0.817, 0.408]), 1.0)
    >>> channel.operator(100).output_shape
    (100,)
    """

    taps: Array
    samples_per_symbol: int = 1

    def __post_init__(self) -> None:
        taps = kernel("Channel", "taps", self.taps)
        if taps.ndim != 1:
            refuse("Channel", "taps", "be 1-D", f"shape {tuple(taps.shape)}", "Make one channel per row.")
        object.__setattr__(self, "taps", taps)
        spacing = integer("Channel", "samples_per_symbol", self.samples_per_symbol, minimum=1)
        object.__setattr__(self, "samples_per_symbol", spacing)

    @classmethod
    def proakis_a(cls, *, unit_energy: bool = True) -> Channel:
        """Return Proakis' channel A, eleven taps of a telephone line with mild distortion.

        Parameters
        ----------
        unit_energy : bool, default True
            False keeps the taps as printed, of energy 1.001.

        References
        ----------
        .. [1] J. G. Proakis, "Digital Communications", 4th ed., McGraw-Hill, 2001, figure 10.2-5 (a).
        """
        taps = [0.04, -0.05, 0.07, -0.21, -0.5, 0.72, 0.36, 0.0, 0.21, 0.03, 0.07]
        return cls._printed("proakis_a", taps, unit_energy=unit_energy)

    @classmethod
    def proakis_b(cls, *, unit_energy: bool = True) -> Channel:
        """Return Proakis' channel B, three taps 0.407, 0.815, 0.407.

        Its spectrum falls to -60 dB at the band edge: zero forcing must look absurd there.

        Parameters
        ----------
        unit_energy : bool, default True
            False keeps the taps as printed, of energy 0.995523.

        References
        ----------
        .. [1] J. G. Proakis, "Digital Communications", 4th ed., McGraw-Hill, 2001, figure 10.2-5 (b).
        """
        return cls._printed("proakis_b", [0.407, 0.815, 0.407], unit_energy=unit_energy)

    @classmethod
    def proakis_c(cls, *, unit_energy: bool = True) -> Channel:
        """Return Proakis' channel C, five taps with a null inside the band: the hardest of the three.

        Parameters
        ----------
        unit_energy : bool, default True
            False keeps the taps as printed, of energy 0.999602.

        References
        ----------
        .. [1] J. G. Proakis, "Digital Communications", 4th ed., McGraw-Hill, 2001, figure 10.2-5 (c).
        """
        return cls._printed("proakis_c", [0.227, 0.460, 0.688, 0.460, 0.227], unit_energy=unit_energy)

    @classmethod
    def raised_cosine(cls, w: float = 2.9, *, unit_energy: bool = True) -> Channel:
        """Return Haykin's three taps hₙ = (1 + cos(2π(n − 2)/W))/2, n = 1, 2, 3.

        Parameters
        ----------
        w : float, default 2.9
            W sets the eigenvalue spread that slows LMS down: 2.9, 3.1, 3.3 and 3.5 in the book.
        unit_energy : bool, default True
            False keeps the taps as printed, the middle one 1.

        Raises
        ------
        InvalidInputError
            If `w` is not positive.

        References
        ----------
        .. [1] S. Haykin, "Adaptive Filter Theory", 4th ed., Prentice Hall, 2002, section 5.7.
        """
        w = positive("Channel.raised_cosine", "w", w)
        edge = (1 + math.cos(2 * math.pi / w)) / 2
        return cls._printed("raised_cosine", [edge, 1.0, edge], unit_energy=unit_energy)

    @classmethod
    def epr4(cls, *, unit_energy: bool = True) -> Channel:
        """Return EPR4 of magnetic recording, (1 − D)(1 + D)².

        Parameters
        ----------
        unit_energy : bool, default True
            False keeps the integers 1, 1, −1, −1.
        """
        return cls._printed("epr4", [1.0, 1.0, -1.0, -1.0], unit_energy=unit_energy)

    @classmethod
    def e2pr4(cls, *, unit_energy: bool = True) -> Channel:
        """Return E²PR4 of magnetic recording, (1 − D)(1 + D)³.

        Parameters
        ----------
        unit_energy : bool, default True
            False keeps the integers 1, 2, 0, −2, −1.
        """
        return cls._printed("e2pr4", [1.0, 2.0, 0.0, -2.0, -1.0], unit_energy=unit_energy)

    @classmethod
    def rayleigh(cls, profile: Any, *, samples_per_symbol: int = 1, rng: Any = None) -> Channel:
        """Draw a Rayleigh fading channel: independent circular Gaussian taps.

        Parameters
        ----------
        profile : array, shape (L,)
            Mean power of each tap, the power-delay profile; scaled to the sum 1, so that the energy is
            1 in the mean, not in each draw.
        samples_per_symbol : int, default 1
            Spacing of the taps.
        rng : int, numpy.random.Generator or None
            Seed.

        Raises
        ------
        InvalidInputError
            If `profile` is not 1-D, complex, negative somewhere or all zeros; if `rng` is no seed.
        """
        name = "Channel.rayleigh"
        power = to_numpy(kernel(name, "profile", profile))
        if power.ndim != 1 or np.iscomplexobj(power) or power.min() < 0:
            advice = "It holds E|h|² of each tap."
            refuse(name, "profile", "be 1-D, real and >= 0", f"shape {power.shape}", advice)
        draw = generator(name, rng).standard_normal((2, power.size))
        taps = np.sqrt(power / (2 * power.sum())) * (draw[0] + 1j * draw[1])
        return cls(taps, samples_per_symbol)

    @classmethod
    def from_response(
        cls,
        response: Any,
        *,
        rate_hz: float,
        carrier_hz: float,
        symbol_rate_hz: float,
        taps: int,
        samples_per_symbol: int = 1,
        rolloff: float = 0.25,
        unit_energy: bool = True,
    ) -> Channel:
        """Return the baseband channel of a measured impulse response around a carrier.

        h[k] = Σₙ g[n] exp(−j2πf_c n/rate) p(k·T/s − n/rate). At the symbol rate p is the raised cosine of
        root raised cosine filters at both ends; with more samples the root alone, for a receiver that only
        removes what lies beyond s/(2T). The noise is white in either case. Of the result the `taps` taps
        in a row with the most energy are kept.

        Parameters
        ----------
        response : array, shape (N,)
            Measured real impulse response g, for instance ``samples.living_room_response().data``.
        rate_hz, carrier_hz, symbol_rate_hz : float
            Sampling rate of `response`, carrier, and symbols per second. The band
            carrier ± symbol_rate·(1 + rolloff)/2 must lie between 0 and rate/2.
        taps : int
            Taps to keep.
        samples_per_symbol : int, default 1
            s.
        rolloff : float, default 0.25
            Excess bandwidth of the pulse, in [0, 1].
        unit_energy : bool, default True
            False keeps the gain of the measurement.

        Raises
        ------
        InvalidInputError
            If `response` is not a real 1-D array, a rate is not positive, the band does not fit, or
            `taps`, `samples_per_symbol` or `rolloff` are out of range.

        Examples
        --------
        >>> from invdeconv import samples
        >>> room = samples.living_room_response()
        >>> band = dict(carrier_hz=6000, symbol_rate_hz=2000)
        >>> Channel.from_response(room.data, rate_hz=room.rate_hz, taps=12, **band).taps.shape
        (12,)
        """
        name = "Channel.from_response"
        flag(name, "unit_energy", unit_energy)
        spacing = integer(name, "samples_per_symbol", samples_per_symbol, minimum=1)
        rates = tuple(
            positive(name, word, value)
            for word, value in (
                ("rate_hz", rate_hz),
                ("carrier_hz", carrier_hz),
                ("symbol_rate_hz", symbol_rate_hz),
            )
        )
        h = sampled_response(response, rates, taps, spacing, rolloff)
        return cls(h / np.linalg.norm(h) if unit_energy else h, spacing)

    @classmethod
    def _printed(cls, name: str, taps: list[float], *, unit_energy: bool) -> Channel:
        h = np.array(taps)
        return cls(h / np.linalg.norm(h) if flag(f"Channel.{name}", "unit_energy", unit_energy) else h)

    @property
    def energy(self) -> float:
        """Σ|h|²."""
        return norm(self.taps) ** 2

    def operator(self, n: int | tuple[int, ...], *, boundary: str = "periodic") -> LinearOperator:
        """Return the operator C from `n` symbols to noiseless samples.

        With several samples per symbol it is the adjoint of a strided convolution: what networks call a
        transposed convolution is how a modem makes its samples. Its own adjoint is the matched filter.

        Parameters
        ----------
        n : int or tuple of int
            Symbols in the block; a shape (…, n) is one block per row.
        boundary : {"periodic", "zero", "burst"}
            "periodic": the block has a cyclic prefix, as in OFDM. "zero": silence before and after.
            "burst": silence as well, and every sample that hears a symbol: s·(n − 1) + L of them, the
            first through tap 0. What equalizers receive.

        Returns
        -------
        LinearOperator
            What `adjoint`, `pseudo_inverse` and `wiener` take as ``blur``.

        Raises
        ------
        InvalidInputError
            If `n` is not a positive integer or a tuple of them, or `boundary` is another word.
        """
        return self._operator("Channel.operator", shape("Channel.operator", "n", n), boundary)

    def _operator(self, function: str, sizes: tuple[int, ...], boundary: str) -> LinearOperator:
        choice(function, "boundary", boundary, ("periodic", "zero", "burst"))
        h, s = to_numpy(self.taps), self.samples_per_symbol
        still = (1,) * (len(sizes) - 1)
        word = "periodic" if boundary == "periodic" else "zero"
        padding: Any = "same"
        rows = h.reshape(*still, -1)
        if boundary == "burst":
            # The strided adjoint below has no padding to lose: it grows the block by the taps.
            outside = h.size - 1 if s == 1 else 0
            padding = (*((0, 0) for _ in still), (outside, outside))
        if s == 1:
            return Convolution(rows, sizes, padding=padding, boundary=word)
        samples = sizes[-1] * s if boundary != "burst" else (sizes[-1] - 1) * s + h.size
        receiver = Convolution(
            rows.conj(),
            (*sizes[:-1], samples),
            stride=(*still, s),
            padding=padding,
            boundary=word,
            correlate=True,
        )
        return receiver.H

    def transmit(self, symbols: Any, *, n0: float, rng: Any = None, boundary: str = "burst") -> Array:
        """Return what the receiver samples: C(symbols) + noise.

        Parameters
        ----------
        symbols : array
            Shape (…, n), real or complex: blocks of n symbols, one per row.
        n0 : float
            Noise per complex sample; if taps and symbols are real the noise is real with variance
            N0/2. `n0_from_ebn0_db` gives it.
        rng : int, numpy.random.Generator or None
            Seed of the noise.
        boundary : {"burst", "periodic", "zero"}, default "burst"
            As in `operator`. A burst is what the equalizers here and `mlse` take; "periodic" is for
            ``operator(n)`` with `wiener` and its kin, which refuse the longer burst.

        Returns
        -------
        array
            Shape (…, m), m samples as in `operator`.

        Raises
        ------
        InvalidInputError
            If `symbols` is not finite, `n0` is negative, `boundary` is another word or `rng` is no seed.

        Examples
        --------
        >>> Channel([1.0, -0.5]).transmit([1, 1, -1, 1], n0=0)
        array([ 1. ,  0.5, -1.5,  1.5, -0.5])
        >>> Channel([0.0, 1.0, -0.5]).transmit([1, 1, -1, 1], n0=0, boundary="periodic")
        array([ 0.5,  0.5, -1.5,  1.5])
        """
        name = "Channel.transmit"
        symbols = finite_array(name, "symbols", symbols)
        n0 = nonnegative(name, "n0", n0, "Use n0_from_ebn0_db.")
        draw = generator(name, rng)
        clean = self._operator(name, tuple(symbols.shape), boundary)(symbols)
        return clean + white_noise(clean, math.sqrt(n0 if is_complex(clean) else n0 / 2), draw)
