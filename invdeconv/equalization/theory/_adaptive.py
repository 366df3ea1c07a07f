"""Constants of adaptive equalizers."""

from __future__ import annotations

import numpy as np

from invdeconv.checks import flag, integer, positive, refuse
from invdeconv.equalization._constellation import Constellation

__all__ = ["dispersion", "dispersion_constant", "lms_misadjustment"]


def lms_misadjustment(step: float, taps: int, *, power: float = 1.0, real: bool = False) -> float:
    """Return the excess error of LMS over the least one, for white Gaussian input.

    μPM/(2 − μP(M + 1)) for M complex taps, with M + 2 for real ones; w ← w + μ e x*, P = E|x|².

    Parameters
    ----------
    step : float
        μ, below 2/(P(M + 1)), real 2/(P(M + 2)).
    taps : int
        M.
    power : float, default 1.0
        P of a sample.
    real : bool, default False
        Real samples, whose fourth moment is larger.

    Returns
    -------
    float
        (J − J_min)/J_min in the steady state.

    Raises
    ------
    InvalidInputError
        If a number is out of range, or the step diverges in the mean square.

    References
    ----------
    .. [1] A. Feuer, E. Weinstein, "Convergence analysis of LMS filters with uncorrelated Gaussian data",
       IEEE Trans. Acoust., Speech, Signal Process. 33(1), 1985.

    Examples
    --------
    >>> round(lms_misadjustment(0.01, 8, real=True), 6)
    0.042105
    """
    name = "theory.lms_misadjustment"
    count = integer(name, "taps", taps, minimum=1)
    mu = positive(name, "step", step) * positive(name, "power", power)
    moment = count + (2 if flag(name, "real", real) else 1)
    if mu * moment >= 2:
        refuse(name, "step", f"be below {2 * step / (mu * moment):g}", step, "A larger step diverges.")
    return mu * count / (2 - mu * moment)


def dispersion_constant(constellation: Constellation) -> float:
    """Return R₂ = E|a|⁴/E|a|², the squared modulus that CMA pulls its output to.

    Of the alphabet, never of the received signal, whose interference would change it.

    Parameters
    ----------
    constellation : Constellation

    Returns
    -------
    float

    Raises
    ------
    InvalidInputError
        If `constellation` is no Constellation.

    References
    ----------
    .. [1] D. N. Godard, "Self-recovering equalization and carrier tracking in two-dimensional data
       communication systems", IEEE Trans. Commun. 28(11), 1980.

    Examples
    --------
    >>> round(dispersion_constant(Constellation.qam(16)), 12)
    1.32
    """
    if not isinstance(constellation, Constellation):
        name, got = "theory.dispersion_constant", type(constellation).__name__
        refuse(
            name, "constellation", "be a Constellation", got, "Pass one, for instance Constellation.qam(16)."
        )
    return dispersion(constellation.points)


def dispersion(points: np.ndarray) -> float:
    """Return E|a|⁴/E|a|² of points that are equally likely."""
    power = np.abs(points) ** 2
    return float(np.mean(power**2) / np.mean(power))
