"""Singular values, and data over them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invdeconv.operators import Decomposition

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_spectrum"]


def plot_spectrum(decomposition: Decomposition, data: Any = None) -> tuple[Figure, Axes]:
    """Draw the singular values from the largest; with data, the Picard plot.

    Where the coefficients |uᵢᴴy| stop falling with σᵢ, they are noise: that is where C⁺ divides noise by
    small numbers, and where regularization must set in.

    Parameters
    ----------
    decomposition : Decomposition
        From `decompose`.
    data : array, optional
        y, of the operator's output shape.

    Returns
    -------
    figure : matplotlib.figure.Figure
    axes : matplotlib.axes.Axes

    Examples
    --------
    >>> from invdeconv import Convolution, decompose, plots
    >>> C = Convolution([[1, 0], [-1, -2]], (4, 4), stride=2, padding="valid", correlate=True)
    >>> figure, ax = plots.plot_spectrum(decompose(C))
    >>> ax.get_yscale()
    'log'
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3.5), layout="constrained")
    ax = figure.subplots()
    if data is None:
        ax.plot(decomposition.singular_values, ".-", label="σ")
    else:
        values, coefficients = decomposition.picard(data)
        ax.plot(values, "-", label="σ")
        ax.plot(coefficients, ".", markersize=3, label="|uᴴy|")
    ax.set_yscale("log", nonpositive="mask")
    ax.set_xlabel("index, from the largest")
    ax.legend(fontsize=8)
    return figure, ax
