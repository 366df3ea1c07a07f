"""Symbols in the complex plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from invdeconv.arrays import to_numpy
from invdeconv.checks import finite_array, refuse
from invdeconv.equalization import Constellation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_constellation"]


def plot_constellation(symbols: Any, constellation: Constellation | None = None) -> tuple[Figure, Axes]:
    """Draw received or equalized symbols in the complex plane, on the points they are decided to.

    A cloud round each point is noise, a small copy of the alphabet there is intersymbol interference, a
    grid that shrank is the bias of an MMSE equalizer: decide after ``unbiased()``.

    Parameters
    ----------
    symbols : array
        Of any shape, real or complex.
    constellation : Constellation, optional
        The alphabet. It sets the range of the axes, or else the symbols do.

    Returns
    -------
    figure : matplotlib.figure.Figure
    axes : matplotlib.axes.Axes

    Raises
    ------
    InvalidInputError
        If `symbols` is empty or not finite; if `constellation` is no Constellation.

    Examples
    --------
    >>> from invdeconv import plots
    >>> from invdeconv.equalization import Constellation
    >>> qpsk = Constellation.qam(4)
    >>> figure, ax = plots.plot_constellation(qpsk.modulate([0, 0, 1, 0]) + 0.1, qpsk)
    >>> [len(line.get_xdata()) for line in ax.lines]
    [2, 4]
    """
    from matplotlib.figure import Figure

    name = "plot_constellation"
    drawn = to_numpy(finite_array(name, "symbols", symbols)).ravel()
    if constellation is not None and not isinstance(constellation, Constellation):
        advice = "Pass one, for instance Constellation.qam(4)."
        refuse(name, "constellation", "be a Constellation", type(constellation).__name__, advice)
    figure = Figure(figsize=(4, 4), layout="constrained")
    ax = figure.subplots()
    ax.plot(drawn.real, np.imag(drawn), ".", markersize=2, alpha=0.5, label="symbols")
    if constellation is not None:
        points = constellation.points
        ax.plot(points.real, np.imag(points), "+", color="black", markersize=9, label="alphabet")
        drawn = points
    reach = 1.6 * float(np.abs(drawn).max()) or 1.0
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), xlabel="real part", ylabel="imaginary part")
    ax.set_aspect("equal")
    ax.legend(fontsize=8, loc="upper right")
    return figure, ax
