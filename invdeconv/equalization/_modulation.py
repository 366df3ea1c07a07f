"""Bits to symbols and back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from invdeconv.arrays import Array, is_complex, namespace
from invdeconv.checks import finite, finite_array, integer, positive
from invdeconv.equalization._bits import as_bits

__all__ = ["bpsk_bits", "bpsk_symbols", "n0_from_ebn0_db"]


def bpsk_symbols(bits: Any, *, es: float = 1.0) -> np.ndarray:
    """Map bits to binary antipodal symbols: 0 to +√es, 1 to -√es.

    Parameters
    ----------
    bits : array of 0 and 1
        Shape (n,).
    es : float
        Energy per symbol; for BPSK also the energy per bit.

    Returns
    -------
    ndarray
        Shape (n,), float64.

    Raises
    ------
    InvalidInputError
        If `bits` holds anything but 0 and 1, or `es` is not positive.

    Examples
    --------
    >>> bpsk_symbols([0, 1, 1])
    array([ 1., -1., -1.])
    """
    es = positive("bpsk_symbols", "es", es)
    return math.sqrt(es) * (1.0 - 2.0 * as_bits("bpsk_symbols", "bits", bits))


def bpsk_bits(samples: Any) -> Array:
    """Decide each bit by the sign of its sample: 1 where the real part is negative.

    Parameters
    ----------
    samples : array
        Received or equalized, shape (n,), real or complex.

    Returns
    -------
    array
        Shape (n,), uint8, in the library of the samples.

    Raises
    ------
    InvalidInputError
        If the samples are empty or not finite.

    Examples
    --------
    >>> bpsk_bits([0.9, -0.1, -2.0])
    array([0, 1, 1], dtype=uint8)
    """
    samples = finite_array("bpsk_bits", "samples", samples)
    xp = namespace(samples)
    decided = (xp.real(samples) if is_complex(samples) else samples) < 0
    return xp.astype(decided, xp.uint8)


def n0_from_ebn0_db(ebn0_db: float, *, bits_per_symbol: int = 1, es: float = 1.0) -> float:
    """Return N0 for an Eb/N0 in decibels: N0 = (es / bits_per_symbol) · 10^(-ebn0_db/10).

    Parameters
    ----------
    ebn0_db : float
        Energy per bit over N0, at the receiver if the channel has unit energy.
    bits_per_symbol : int
        1 for BPSK, 2 for QPSK.
    es : float
        Energy per symbol.

    Returns
    -------
    float
        Noise per complex sample; a real sample carries N0/2.

    Raises
    ------
    InvalidInputError
        If `ebn0_db` is not a finite number, `bits_per_symbol` is below 1, or `es` is not positive.

    Examples
    --------
    >>> round(n0_from_ebn0_db(10), 12)
    0.1
    """
    name = "n0_from_ebn0_db"
    decibels = finite(name, "ebn0_db", ebn0_db, "Pass decibels; for no noise transmit with n0=0.")
    bits = integer(name, "bits_per_symbol", bits_per_symbol, minimum=1)
    return positive(name, "es", es) / bits * 10 ** (-decibels / 10)
