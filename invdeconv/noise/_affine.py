"""How the variance of the noise grows with the signal, from the data alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.optimize

from invdeconv.arrays import along, to_numpy
from invdeconv.checks import finite_array, refuse
from invdeconv.noise._estimate import estimate_noise_std

__all__ = ["estimate_noise_variance"]

_ROOT = math.sqrt(3)
# db2: the high-pass has two vanishing moments; its low-pass, of sum 1, is the mean of the same window.
_HIGH = np.array([1 - _ROOT, _ROOT - 3, 3 + _ROOT, -1 - _ROOT]) / math.sqrt(32)
_LOW = np.array([1 + _ROOT, 3 + _ROOT, 3 - _ROOT, 1 - _ROOT]) / 8
_MEDIAN = 0.6744897501960817
# Details in a level of brightness, whose spread is then known to some 15 %; and levels at most.
_DETAILS = 256
_LEVELS = 16
# Details looked at, about: more would make the spread in a level no better known than the model is right.
_ENOUGH = 1 << 18


def estimate_noise_variance(data: Any) -> tuple[float, float]:
    """Estimate (a, b) of noise whose variance is a + b·mean, from the data alone.

    Constant (a) for thermal and read noise, proportional (b, the gain) for counts, and anything between.
    The finest diagonal wavelet details are sorted by the local mean into levels of brightness; the robust
    spread of each is a point, and the line through them is fitted with a, b >= 0. As `estimate_noise_std`,
    it reads high on sharp texture and low on smoothed noise.

    Parameters
    ----------
    data : array
        Real, any number of axes. Too few samples for two levels give (σ², 0).

    Returns
    -------
    tuple of float
        a in data units squared and b in data units. For data of one sample, (0, 0).

    Raises
    ------
    InvalidInputError
        If the data are empty, not finite or complex.

    Notes
    -----
    Two strided passes with 4 taps per axis and one sort, on a host copy; of large data some 2¹⁸ windows.

    References
    ----------
    .. [1] A. Foi, M. Trimeche, V. Katkovnik, K. Egiazarian, "Practical Poissonian-Gaussian noise modeling
       and fitting for single-image raw-data", IEEE Trans. Image Process. 17 (2008) 1737, section II.

    Examples
    --------
    >>> import numpy as np
    >>> ramp = np.linspace(5, 500, 256) * np.ones((256, 1))
    >>> a, b = estimate_noise_variance(2.0 * np.random.default_rng(0).poisson(ramp / 2))
    >>> bool(1.8 < b < 2.2)
    True
    """
    name = "estimate_noise_variance"
    data = to_numpy(finite_array(name, "data", data))
    if data.dtype.kind == "c":
        refuse(name, "data", "be real", data.dtype, "Use estimate_noise_std for complex data.")
    if data.size == 1:
        return 0.0, 0.0
    data = data.reshape([n for n in data.shape if n > 1])
    levels = (
        min(_LEVELS, math.prod(n // 2 - 1 for n in data.shape) // _DETAILS) if min(data.shape) >= 4 else 0
    )
    rounding = 1e-24 * float(np.abs(data).max()) ** 2
    if levels < 2:
        power = estimate_noise_std(data.astype(np.float64)) ** 2
        return (power, 0.0) if power > rounding else (0.0, 0.0)
    skip = math.ceil(max(1.0, math.prod(n // 2 - 1 for n in data.shape) / _ENOUGH) ** (1 / data.ndim))
    details, means = _windows(data, _HIGH, skip), _windows(data, _LOW, skip)
    groups = np.array_split(np.argsort(means, kind="stable"), levels)
    variance = np.array([(np.median(np.abs(details[group])) / _MEDIAN) ** 2 for group in groups])
    mean = np.array([means[group].mean() for group in groups])
    known = variance > rounding
    if not known.any():
        return 0.0, 0.0
    line = np.stack([np.ones(levels), np.maximum(mean, 0)], axis=1)[known]
    variance = variance[known]
    fit = np.array([variance.mean(), 0.0])
    # Relative errors, so that bright levels do not rule; to the line, since those to the points are biased.
    for _ in range(5):
        weight = 1 / np.maximum(line @ fit, 1e-3 * variance.mean())
        scaled = weight[:, None] * line
        size = np.maximum(np.linalg.norm(scaled, axis=0), np.finfo(float).tiny)
        fit = scipy.optimize.nnls(scaled / size, weight * variance)[0] / size
    return float(fit[0]), float(fit[1])


def _windows(data: np.ndarray, taps: np.ndarray, skip: int) -> np.ndarray:
    """Return the taps' products at every 2·skip-th sample of each axis."""
    values = data
    for axis in range(data.ndim):
        last = data.shape[axis] - taps.size
        starts = (slice(i, last + i + 1, 2 * skip) for i in range(taps.size))
        parts = [values[along(data.ndim, axis, start)] for start in starts]
        values = sum(tap * part for tap, part in zip(taps[::-1], parts, strict=True))
    return values.ravel()
