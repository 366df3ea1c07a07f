"""How much noise the data carry, and how to draw it."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from invdeconv.arrays import Array, is_complex, like, namespace
from invdeconv.checks import finite_array, nonnegative, refuse
from invdeconv.operators import Convolution

__all__ = ["estimate_noise_std", "generator", "white_noise"]

# median|w| / σ for w ~ N(0, σ²), and for circular complex w with E|w|² = σ².
_MEDIAN_REAL = 0.6744897501960817
_MEDIAN_COMPLEX = math.sqrt(math.log(2))

_ROOT = math.sqrt(3)
# db2, Daubechies' high-pass with two vanishing moments: constants and straight slopes give zero.
_DB2 = np.array([1 - _ROOT, _ROOT - 3, 3 + _ROOT, -1 - _ROOT]) / math.sqrt(32)
_HAAR = np.array([1.0, -1.0]) / math.sqrt(2)
_NONE = np.ones(1)


def estimate_noise_std(data: Any) -> float:
    """Estimate the standard deviation of white Gaussian noise from the data alone.

    σ = median|w| / 0.6745, with w the finest diagonal wavelet details of the data: smooth parts
    and straight edges hardly reach them, and the median ignores the few they do reach. Use it on
    data blurred by an optical system. On sharp texture it reads high, on data whose noise was
    smoothed or interpolated low: where a flat patch or a dark frame exists, its spread is better.

    Parameters
    ----------
    data : array
        Real or complex, any number of axes. An axis with two or three samples uses the Haar pair,
        an axis with one sample none.

    Returns
    -------
    float
        In data units; for complex data √E|n|² of circular noise n, that is √2 times the standard
        deviation of either part. ``estimate_noise_std(a * data)`` is ``|a|`` times as much.

    Raises
    ------
    InvalidInputError
        If the data are empty, not finite, or a single sample.

    Notes
    -----
    One strided pass with 4ᵈ taps and one sort of N/2ᵈ values; only full windows are used, so no
    boundary model enters. With M details the estimate spreads by about 1.2 σ/√M. If more than half
    of the data are exactly flat (clipped or masked), the answer is 0.

    References
    ----------
    .. [1] D. L. Donoho and I. M. Johnstone, "Ideal spatial adaptation by wavelet shrinkage",
       Biometrika 81(3), 1994, section 5.2.
    .. [2] I. Daubechies, "Ten Lectures on Wavelets", SIAM, 1992, table 6.1 (N = 2).

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(0).normal(scale=0.1, size=(256, 256))
    >>> slope = np.linspace(0, 5, 256)
    >>> round(estimate_noise_std(slope + noise), 2)
    0.1
    """
    data = finite_array("estimate_noise_std", "data", data)
    shape = tuple(data.shape)
    if max(shape) == 1:
        advice = "One value does not show its own spread: pass noise_std instead."
        refuse(
            "estimate_noise_std", "data", "have at least two samples along an axis", f"shape {shape}", advice
        )
    taps = [_DB2 if n >= 4 else _HAAR if n >= 2 else _NONE for n in shape]
    details = Convolution(functools.reduce(np.multiply.outer, taps), shape, stride=2, padding="valid")(data)
    return _median(namespace(details).abs(details)) / (_MEDIAN_COMPLEX if is_complex(data) else _MEDIAN_REAL)


def white_noise(data: Array, noise_std: float, rng: Any = None) -> Array:
    """Draw white Gaussian noise that fits an array.

    Parameters
    ----------
    data : array
        The noise gets its shape, library, device and precision; complex data get circular noise.
    noise_std : float
        √E|n|² in data units.
    rng : int, numpy.random.Generator or None
        Seed; None draws a fresh one.

    Returns
    -------
    array
        The noise alone.

    Raises
    ------
    InvalidInputError
        If `noise_std` is negative or `rng` is no seed.

    Examples
    --------
    >>> import numpy as np
    >>> white_noise(np.zeros(3, np.float32), 2.0, rng=0).dtype
    dtype('float32')
    """
    noise_std = nonnegative("white_noise", "noise_std", noise_std)
    draw = generator("white_noise", rng)
    shape = tuple(data.shape)
    if not is_complex(data):
        return like(noise_std * draw.standard_normal(shape), data)
    parts = draw.standard_normal((2, *shape))
    return like(noise_std * math.sqrt(0.5) * (parts[0] + 1j * parts[1]), data)


def generator(function: str, rng: Any) -> np.random.Generator:
    """Return `rng` as a NumPy random generator, or refuse it in the name of `function`."""
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError):
        advice = "Pass an integer seed, or None for a fresh one."
        refuse(function, "rng", "be a seed or a numpy.random.Generator", repr(rng), advice)


def _median(x: Array) -> float:
    xp = namespace(x)
    ordered = xp.sort(xp.reshape(x, (-1,)))
    n = ordered.shape[0]
    return (float(ordered[(n - 1) // 2]) + float(ordered[n // 2])) / 2
