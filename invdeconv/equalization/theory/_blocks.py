"""Blocks with a cyclic prefix: mean-square errors of one-tap equalization, fading, channel estimates."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from invdeconv.arrays import to_numpy
from invdeconv.checks import integer, kernel, positive, refuse
from invdeconv.equalization._channel import Channel
from invdeconv.equalization._link import link_of
from invdeconv.equalization._modulation import finite_number

__all__ = [
    "block_mmse",
    "block_zf",
    "estimate_least_squares",
    "estimate_lmmse",
    "rayleigh_bit_error_rate",
]


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


def rayleigh_bit_error_rate(ebn0_db: float, *, branches: int = 1) -> float:
    """Return the bit error rate of BPSK or Gray-labeled QPSK over Rayleigh fading.

    With μ = √(γ/(1 + γ)), γ = Eb/N0 per branch: ((1 − μ)/2)^L Σₖ C(L−1+k, k) ((1 + μ)/2)^k. One branch is
    a bin of OFDM over any delay profile that the prefix covers; n_r − n_t + 1 branches are zero forcing
    of n_t streams by n_r antennas.

    Parameters
    ----------
    ebn0_db : float
        Mean energy per bit over N0 of a branch, in decibels.
    branches : int, default 1
        Order L of maximum-ratio combining.

    Returns
    -------
    float

    Raises
    ------
    InvalidInputError
        If `ebn0_db` is not a finite number or `branches` is not a positive integer.

    References
    ----------
    .. [1] J. G. Proakis, "Digital Communications", 4th ed., McGraw-Hill, 2001, equation (14.4-15).

    Examples
    --------
    >>> round(rayleigh_bit_error_rate(10), 7)
    0.0232687
    """
    name = "theory.rayleigh_bit_error_rate"
    snr = 10 ** (finite_number(name, "ebn0_db", ebn0_db, "Pass decibels.") / 10)
    order = integer(name, "branches", branches, minimum=1)
    mu = math.sqrt(snr / (1 + snr))
    # (1 − μ)/2 without cancellation
    low = 0.5 / ((1 + snr) * (1 + mu))
    return float(low**order * sum(math.comb(order - 1 + k, k) * (1 - low) ** k for k in range(order)))


def estimate_least_squares(length: int, pilots: int, *, n0: float, es: float = 1.0) -> float:
    """Return the mean-square error per frequency of a least-squares channel estimate from white pilots.

    N0·length/(Es·pilots): ``length = pilots`` is one division per bin, fewer taps are the estimate
    confined to them.

    Parameters
    ----------
    length : int
        Taps that are estimated.
    pilots : int
        Known symbols of constant modulus, one per bin or with a flat spectrum.
    n0 : float
        Noise per complex sample.
    es : float, default 1.0
        Energy of a pilot.

    Returns
    -------
    float
        E|Ĥₖ − Hₖ|², which is also E Σ|ĥ − h|².

    Raises
    ------
    InvalidInputError
        If a count is not a positive integer, `length` exceeds `pilots`, or `n0` or `es` is not positive.

    Examples
    --------
    >>> round(estimate_least_squares(6, 64, n0=0.1), 6)
    0.009375
    """
    name = "theory.estimate_least_squares"
    pilots = integer(name, "pilots", pilots, minimum=1)
    length = integer(name, "length", length, minimum=1)
    if length > pilots:
        refuse(name, "length", f"be at most pilots ({pilots})", length, "Each tap needs a pilot.")
    return positive(name, "n0", n0) * length / (positive(name, "es", es) * pilots)


def estimate_lmmse(profile: Any, pilots: int, *, n0: float, es: float = 1.0) -> float:
    """Return the mean-square error per frequency of the linear MMSE channel estimate from white pilots.

    Σₗ pₗν/(pₗ + ν) with the delay profile p and the noise ν = N0/(Es·pilots) on each tap.

    Parameters
    ----------
    profile : array, shape (L,)
        E|hₗ|² of uncorrelated taps, as it is.
    pilots, n0, es
        As in `estimate_least_squares`.

    Returns
    -------
    float
        E|Ĥₖ − Hₖ|².

    Raises
    ------
    InvalidInputError
        If `profile` is not 1-D, complex, negative somewhere or all zeros; if `pilots` is not a positive
        integer, or `n0` or `es` is not positive.

    Examples
    --------
    >>> round(estimate_lmmse(np.ones(6) / 6, 64, n0=0.1), 6)
    0.009288
    """
    name = "theory.estimate_lmmse"
    power = to_numpy(kernel(name, "profile", profile))
    if power.ndim != 1 or np.iscomplexobj(power) or power.min() < 0:
        refuse(
            name, "profile", "be 1-D, real and >= 0", f"shape {power.shape}", "It holds E|h|² of each tap."
        )
    count = integer(name, "pilots", pilots, minimum=1)
    noise = positive(name, "n0", n0) / (positive(name, "es", es) * count)
    return float(np.sum(power * noise / (power + noise)))
