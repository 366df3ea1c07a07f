"""Bit error rates over Rayleigh fading."""

from __future__ import annotations

import math

from invdeconv.checks import finite, integer

__all__ = ["rayleigh_bit_error_rate"]


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
    .. [1] J. G. Proakis, "Digital Communications", 4th ed., McGraw-Hill, 2001, section 14.4-1.

    Examples
    --------
    >>> round(rayleigh_bit_error_rate(10), 7)
    0.0232687
    """
    name = "theory.rayleigh_bit_error_rate"
    snr = 10 ** (finite(name, "ebn0_db", ebn0_db, "Pass decibels.") / 10)
    order = integer(name, "branches", branches, minimum=1)
    mu = math.sqrt(snr / (1 + snr))
    # (1 − μ)/2 without cancellation
    low = 0.5 / ((1 + snr) * (1 + mu))
    return float(low**order * sum(math.comb(order - 1 + k, k) * (1 - low) ** k for k in range(order)))
