"""The normalized cumulative periodogram: stop where the residual looks like white noise."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from invdeconv.arrays import Array, like, namespace, norm, spectrum, take
from invdeconv.operators import LinearOperator
from invdeconv.selection._fit import SpectralFit
from invdeconv.selection._problem import spectral_fit_of
from invdeconv.selection._selection import Selection, refine_minimum

__all__ = ["ncp", "ncp_score"]


def ncp(
    data: Array, operator: LinearOperator, *, regularizer: str | LinearOperator = "gradient"
) -> Selection:
    """Choose λ of Tikhonov regularization by the normalized cumulative periodogram.

    Minimize the distance of the residual's cumulative periodogram from the straight line of white noise,
    frequencies in the order of their radius and zero frequency left out. It needs no noise level and uses
    more of the residual than its size; noise that is not white misleads it.

    Parameters
    ----------
    data : array, shape operator.output_shape
        Observed data on a regular grid, any number of axes.
    operator : LinearOperator
        C; must have a decomposition.
    regularizer : {"gradient", "identity", "laplacian"} or LinearOperator, default "gradient"
        L.

    Returns
    -------
    Selection
        λ > 0; the curve is the root mean square distance of the two cumulative curves.

    Raises
    ------
    InvalidInputError
        If the pair has no decomposition, or shapes do not fit.

    Notes
    -----
    Cost: no transform per trial value where the decomposition is by frequencies; otherwise one synthesis
    and one FFT of the data.

    References
    ----------
    .. [1] P. C. Hansen, M. E. Kilmer, R. H. Kjeldsen, "Exploiting residual information in the parameter
       choice for discrete ill-posed problems", BIT 46 (2006) 41, section 3.
    .. [2] B. W. Rust, D. P. O'Leary, "Residual periodograms for choosing regularization parameters for
       ill-posed problems", Inverse Problems 24 (2008) 034005.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import Convolution, selection
    >>> C = Convolution(np.ones(5) / 5, (64,), boundary="periodic")
    >>> y = C(np.cumsum(np.sin(np.arange(64.0)))) + 0.1 * np.random.default_rng(0).standard_normal(64)
    >>> selection.ncp(y, C).status.name
    'FOUND'
    """
    fit = spectral_fit_of("ncp", data, operator, regularizer)
    return refine_minimum(ncp_score(fit), fit.grid)


def ncp_score(fit: SpectralFit) -> Callable[[float], float]:
    """Return the distance of the residual from white noise as a function of the parameter."""
    radius = fit.decomposition.frequency
    by_frequency = radius is not None and radius.shape == tuple(fit.c.shape)
    if not by_frequency:
        axes = [np.fft.fftfreq(n) for n in fit.data.shape]
        radius = np.sqrt(sum(np.square(grid) for grid in np.meshgrid(*axes, indexing="ij", sparse=True)))
    assert radius is not None
    count = np.broadcast_to(fit.decomposition.multiplicity if by_frequency else 1.0, radius.shape).ravel()
    order = np.argsort(radius, axis=None, kind="stable")
    order = order[radius.ravel()[order] > 0]
    if order.size == 0:
        return lambda _parameter: float("inf")
    # Frequencies of one radius come together: their order among themselves means nothing.
    last = np.flatnonzero(np.append(np.diff(radius.ravel()[order]) > 1e-9, True))
    straight = np.cumsum(count[order])[last]
    step = np.diff(straight, prepend=0.0) / straight[-1]
    line, weight = like(straight / straight[-1], fit.c), like(step, fit.c)
    # Below rounding the residual is always white.
    least = (fit.decomposition.rounding(fit.data) * norm(fit.data)) ** 2

    def score(parameter: float) -> float:
        power = fit.left(parameter) ** 2 * fit.power if by_frequency else _periodogram(fit, parameter)
        xp = namespace(power)
        sums = xp.cumulative_sum(take(xp.reshape(power, (-1,)), order, 0))
        total = float(sums[-1])
        if total <= least:
            return float("inf")
        return fit.total(weight * (take(sums, last, 0) / total - line) ** 2) ** 0.5

    return score


def _periodogram(fit: SpectralFit, parameter: float) -> Array:
    """Return the power of the residual per frequency, in double precision; the scale is that of ‖y‖²."""
    shape = tuple(fit.data.shape)
    parts = [spectrum(residual, shape, half=False) for residual in fit.residuals(parameter)]
    xp = namespace(fit.data)
    return sum(xp.astype(xp.abs(k), xp.float64) ** 2 for k in parts) / math.prod(shape)
