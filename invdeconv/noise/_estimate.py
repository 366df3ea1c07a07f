"""How much noise the data carry, and how to draw it."""

from __future__ import annotations

import functools
import math
import operator
from typing import Any

import numpy as np

from invdeconv.arrays import Array, is_complex, like, namespace, take, to_numpy
from invdeconv.checks import finite_array, kernel, nonnegative, refuse
from invdeconv.operators import Convolution, Decomposition, LinearOperator, decompose

__all__ = ["estimate_noise_std", "generator", "white_noise", "windowed"]

# median|w| / σ for w ~ N(0, σ²), and for circular complex w with E|w|² = σ².
_MEDIAN_REAL = 0.6744897501960817
_MEDIAN_COMPLEX = math.sqrt(math.log(2))

_ROOT = math.sqrt(3)
# db2, Daubechies' high-pass with two vanishing moments: constants and straight slopes give zero.
_DB2 = np.array([1 - _ROOT, _ROOT - 3, 3 + _ROOT, -1 - _ROOT]) / math.sqrt(32)
_HAAR = np.array([1.0, -1.0]) / math.sqrt(2)
_NONE = np.ones(1)


# The spectral estimate looks at this share of the frequencies, those that C and scenes leave emptiest; with
# fewer of them than the other number its spread is larger than the error it mends.
_EMPTIEST = 0.1
_FEWEST = 256


def estimate_noise_std(data: Any, blur: Any = None) -> float:
    """Estimate the standard deviation of white Gaussian noise from the data alone.

    σ = median|w| / 0.6745, with w the finest diagonal wavelet details of the data: smooth parts
    and straight edges hardly reach them, and the median ignores the few they do reach. With `blur`
    the spectrum is asked too, at the tenth of the frequencies where c²/f² is smallest, and the lesser of
    the two answers is returned: fine texture has no way through the zeros of a blur, and edges none
    into the corners of the spectrum. Pass it whenever it is known. Where a flat patch or a dark frame
    exists, its spread is better than either.

    Parameters
    ----------
    data : array
        Real or complex, any number of axes. An axis with two or three samples uses the Haar pair,
        an axis with one sample none.
    blur : array or LinearOperator, optional
        What blurred the data: a point-spread function, or a convolution of stride 1. Other operators,
        and fewer than 2560 samples, leave it at the wavelet details.

    Returns
    -------
    float
        In data units; for complex data √E|n|² of circular noise n, that is √2 times the standard
        deviation of either part. ``estimate_noise_std(a * data)`` is ``|a|`` times as much.

    Raises
    ------
    InvalidInputError
        If the data are empty, not finite, or a single sample.
        If `blur` is a point-spread function with another number of dimensions.

    Notes
    -----
    One strided pass with 4ᵈ taps and one sort of N/2ᵈ values; only full windows are used, so no
    boundary model enters. With M details the estimate spreads by about 1.2 σ/√M. If more than half
    of the data are exactly flat (clipped or masked), the answer is 0. With `blur` one FFT more, of the
    data under a Hann window, which keeps what lies outside them out. On photographs blurred in the five
    ways usual in the literature the details are up to 33 % high, the two together within 4 %.

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
    ratio = _MEDIAN_COMPLEX if is_complex(data) else _MEDIAN_REAL
    from_details = _median(namespace(details).abs(details)) / ratio
    periodic = None if blur is None else _periodic(data, blur)
    return from_details if periodic is None else min(from_details, _floor(data, periodic))


def _periodic(data: Array, blur: Any) -> Decomposition | None:
    """Return the periodic model of a blur, or None where it has no spectrum or the data too few samples."""
    if isinstance(blur, Convolution):
        if blur.groups is not None or any(axis.stride != 1 or axis.dilation != 1 for axis in blur.axes):
            return None
        psf = np.flip(blur.taps)
    elif isinstance(blur, LinearOperator):
        return None
    else:
        psf = to_numpy(kernel("estimate_noise_std", "blur", blur))
    if psf.ndim != data.ndim:
        advice = "Pass the point-spread function of the data."
        requirement = f"have as many dimensions as data ({data.ndim})"
        refuse("estimate_noise_std", "blur", requirement, psf.ndim, advice)
    if _EMPTIEST * math.prod(data.shape) < _FEWEST or any(map(operator.gt, psf.shape, data.shape)):
        return None
    # A half spectrum would add the two parts of complex data: no longer exponential variates.
    psf = psf.astype(complex) if is_complex(data) else psf
    return decompose(Convolution.from_psf(psf, tuple(data.shape), boundary="periodic"))


def _floor(data: Array, decomposition: Decomposition) -> float:
    """Return the noise at the frequencies where scenes of spectrum 1/f² leave least behind the blur."""
    power = decomposition.power(windowed(data))
    frequency = np.asarray(decomposition.frequency)
    lowest = frequency[frequency > 0].min()
    left = (decomposition.c / np.maximum(frequency, lowest)) ** 2
    emptiest = np.argsort(left, axis=None, kind="stable")[: int(_EMPTIEST * left.size)]
    single = power / like(np.broadcast_to(decomposition.multiplicity, left.shape), power)
    return math.sqrt(_median(take(namespace(single).reshape(single, (-1,)), emptiest, 0))) / _MEDIAN_COMPLEX


def windowed(data: Array) -> Array:
    """Return data less their mean under a Hann window of unit mean square: white noise keeps its power.

    The spectrum is then that of the middle, untouched by how a period would join the edges.
    """
    total, weight = 1.0, data
    windows = []
    for axis, n in enumerate(data.shape):
        hann = np.sin(np.pi * (np.arange(n) + 0.5) / n) ** 2
        hann /= np.sqrt(np.mean(hann**2))
        windows.append(like(hann.reshape([-1 if i == axis else 1 for i in range(data.ndim)]), data))
        total *= float(hann.sum())
        weight = weight * windows[-1]
    centered = data - namespace(data).sum(weight) / total
    for window in windows:
        centered = centered * window
    return centered


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
