"""Channels: intersymbol interference and noise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from invdeconv.arrays import Array, is_complex, norm
from invdeconv.checks import choice, finite_array, kernel, nonnegative, refuse
from invdeconv.noise import generator, white_noise
from invdeconv.operators import Convolution

__all__ = ["Channel"]


@dataclass(frozen=True, eq=False)
class Channel:
    """A symbol-spaced channel y = h * a + n.

    The taps are used as they are; channels made by a class method have unit energy Σ|h|² = 1, so
    that Eb/N0 at the receiver is Eb/N0 of the symbols. Noise is N0 per complex sample, E|n|² = N0;
    real samples carry half of it, N0/2.

    Attributes
    ----------
    taps : array
        The impulse response h, real or complex, of shape (L,). Its origin is the middle tap
        ``L // 2``: symbol k lands on sample k through that tap, and earlier and later taps are
        its interference with samples before and after.

    Raises
    ------
    InvalidInputError
        If the taps are not 1-D, not finite, or all zeros.

    Examples
    --------
    >>> channel = Channel.proakis_b()
    >>> channel.taps.round(3), round(channel.energy, 12)
    (array([0.408, 0.817, 0.408]), 1.0)
    >>> channel.operator(100).output_shape
    (100,)
    """

    taps: Array

    def __post_init__(self) -> None:
        taps = kernel("Channel", "taps", self.taps)
        if taps.ndim != 1:
            refuse("Channel", "taps", "be 1-D", f"shape {tuple(taps.shape)}", "Make one channel per row.")
        object.__setattr__(self, "taps", taps)

    @classmethod
    def proakis_b(cls) -> Channel:
        """Return Proakis' channel B, 0.407, 0.815, 0.407 as printed, scaled to unit energy.

        Its spectrum falls to -60 dB at the band edge: zero forcing must look absurd there.

        References
        ----------
        .. [1] J. G. Proakis, "Digital Communications", 4th ed., McGraw-Hill, 2001, figure 10.2-5 (b).
        """
        taps = np.array([0.407, 0.815, 0.407])
        return cls(taps / np.linalg.norm(taps))

    @property
    def energy(self) -> float:
        """Σ|h|²."""
        return norm(self.taps) ** 2

    def operator(self, n: int, *, boundary: str = "periodic") -> Convolution:
        """Return the operator C from `n` symbols to `n` noiseless samples.

        Parameters
        ----------
        n : int
            Symbols in the block.
        boundary : {"periodic", "zero"}
            "periodic": the block has a cyclic prefix, as in OFDM. "zero": silence before and after.

        Returns
        -------
        Convolution
            What `adjoint`, `pseudo_inverse` and `wiener` take as ``blur``.

        Raises
        ------
        InvalidInputError
            If `n` is not a positive integer or `boundary` is another word.
        """
        choice("Channel.operator", "boundary", boundary, ("periodic", "zero"))
        return Convolution(self.taps, (n,), boundary=boundary)

    def transmit(self, symbols: Any, *, n0: float, rng: Any = None, boundary: str = "periodic") -> Array:
        """Return what the receiver samples: C(symbols) + noise.

        Parameters
        ----------
        symbols : array
            Shape (n,), real or complex.
        n0 : float
            Noise per complex sample; if taps and symbols are real the noise is real with variance
            N0/2. `n0_from_ebn0_db` gives it.
        rng : int, numpy.random.Generator or None
            Seed of the noise.
        boundary : {"periodic", "zero"}
            As in `operator`.

        Returns
        -------
        array
            Shape (n,), sample k aligned with symbol k through the middle tap.

        Raises
        ------
        InvalidInputError
            If `symbols` is not 1-D or not finite, `n0` is negative, or `rng` is no seed.

        Examples
        --------
        >>> Channel([0.0, 1.0, -0.5]).transmit([1, 1, -1, 1], n0=0)
        array([ 0.5,  0.5, -1.5,  1.5])
        """
        symbols = finite_array("Channel.transmit", "symbols", symbols)
        if symbols.ndim != 1:
            refuse(
                "Channel.transmit",
                "symbols",
                "be 1-D",
                f"shape {tuple(symbols.shape)}",
                "Send one block at a time.",
            )
        n0 = nonnegative("Channel.transmit", "n0", n0, "Use n0_from_ebn0_db.")
        draw = generator("Channel.transmit", rng)
        clean = self.operator(symbols.shape[0], boundary=boundary)(symbols)
        return clean + white_noise(clean, math.sqrt(n0 if is_complex(clean) else n0 / 2), draw)
