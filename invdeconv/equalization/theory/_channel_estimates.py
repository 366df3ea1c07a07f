"""Mean-square errors of channel estimates from white pilots."""

from __future__ import annotations

from typing import Any

import numpy as np

from invdeconv.arrays import to_numpy
from invdeconv.checks import integer, kernel, positive, refuse

__all__ = ["estimate_least_squares", "estimate_lmmse"]


def estimate_least_squares(length: int, pilots: int, *, n0: float, es: float = 1.0) -> float:
    """Return the mean-square error per frequency of a least-squares channel estimate from white pilots.

    N0·length/(Es·pilots): ``length = pilots`` is one division per bin, fewer taps are the estimate
    confined to them. Real pilots through real taps meet real noise, N0/2: half of it.

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
