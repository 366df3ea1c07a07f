"""Blocks with a cyclic prefix: what one tap per frequency leaves."""

from __future__ import annotations

import math

import numpy as np

from invdeconv.checks import integer
from invdeconv.equalization._channel import Channel
from invdeconv.equalization._link import link_of

__all__ = ["block_mmse", "block_zf"]


def block_mmse(channel: Channel, n: int, *, n0: float, es: float = 1.0, real_symbols: bool = False) -> float:
    """Return the mean-square error of MMSE equalization of a block with a cyclic prefix.

    meanₖ N/(Sₖ + N/Es) over the n frequencies: what `wiener` leaves on ``channel.operator(n)``. As n grows
    it comes to `mmse_linear`.

    Parameters
    ----------
    channel : Channel
        The prefix covers it.
    n : int
        Symbols per block.
    n0, es, real_symbols
        As in `mmse_linear`.

    Returns
    -------
    float
        E|â − a|².

    Raises
    ------
    InvalidInputError
        As `mmse_linear`; if `n` is not a positive integer.

    Examples
    --------
    >>> round(block_mmse(Channel([1, 0.5]), 64, n0=0.1), 6)
    0.110264
    """
    link = link_of("theory.block_mmse", channel, n0, es, real_symbols)
    n = integer("theory.block_mmse", "n", n, minimum=1)
    if link.n0 == 0:
        return 0.0
    return float(link.es * np.mean(link.noise_power / (link.snr_density(n) + link.noise_power)))


def block_zf(channel: Channel, n: int, *, n0: float, real_symbols: bool = False) -> float:
    """Return the noise that zero forcing lets through on a block with a cyclic prefix.

    meanₖ N/Sₖ over the n frequencies: what `pseudo_inverse` leaves on ``channel.operator(n)``.

    Parameters
    ----------
    channel, n, n0, real_symbols
        As in `block_mmse`.

    Returns
    -------
    float
        E|â − a|²; ``inf`` if a frequency of the block is a null.

    Raises
    ------
    InvalidInputError
        As `block_mmse`.

    Examples
    --------
    >>> round(block_zf(Channel([1, 0.5]), 64, n0=0.1), 6)
    0.133333
    """
    link = link_of("theory.block_zf", channel, n0, 1.0, real_symbols)
    density = link.snr_density(integer("theory.block_zf", "n", n, minimum=1))
    if density.min() <= (np.finfo(float).eps * np.abs(link.taps).sum()) ** 2:
        return math.inf
    return float(np.mean(link.noise_power / density))
