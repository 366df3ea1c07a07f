"""Figures of comparisons, signals and spectra: one range of values for all methods.

Every function returns ``(figure, axes)`` and draws on a `matplotlib.figure.Figure` of its own: nothing is
shown, no global state is touched. Save it with ``figure.savefig(path)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from invdeconv.arrays import to_numpy
from invdeconv.checks import refuse
from invdeconv.comparison import Comparison
from invdeconv.operators import Decomposition

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["compare_images", "plot_signals", "plot_spectrum"]


def compare_images(
    comparison: Comparison, *, limits: tuple[float, float] | None = None, columns: int = 3
) -> tuple[Figure, np.ndarray]:
    """Draw the truth, the data and every estimate as gray pictures on one range of values.

    Parameters
    ----------
    comparison : Comparison
        Of two-dimensional data; complex values are drawn by their magnitude.
    limits : (float, float), optional
        Black and white; by default those of the truth, or of the data where there is none. Never of an
        estimate: scaling each picture to itself is how Cᵀ is made to look good.
    columns : int, default 3
        Pictures per row.

    Returns
    -------
    figure : matplotlib.figure.Figure
    axes : ndarray of Axes

    Raises
    ------
    InvalidInputError
        If the data do not have two dimensions.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import compare, plots
    >>> from invdeconv.simulate import observe
    >>> seen = observe(np.random.default_rng(0).random((30, 40)), np.ones((3, 3)) / 9)
    >>> figure, axes = plots.compare_images(compare(seen))
    >>> axes.shape, axes.flat[0].get_title()
    ((3, 3), 'truth')
    """
    from matplotlib.figure import Figure

    seen = comparison.observation
    if seen.data.ndim != 2:
        advice = "Use plot_signals for one dimension, and select a plane of a volume."
        refuse("compare_images", "comparison", "be of 2-D data", f"shape {tuple(seen.data.shape)}", advice)
    pictures = {} if seen.truth is None else {"truth": seen.truth}
    if comparison.entries[0].name != "data":
        pictures["data"] = seen.data
    for entry in comparison:
        if entry.estimate is not None:
            psnr = entry.metrics["psnr"]
            title = entry.name if psnr is None else f"{entry.name}: {psnr:.1f} dB"
            pictures[title] = entry.estimate
    reference = _real(seen.data if seen.truth is None else seen.truth)
    low, high = (float(reference.min()), float(reference.max())) if limits is None else limits
    rows = -(-len(pictures) // columns)
    figure = Figure(figsize=(3.2 * columns, 3.4 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, (title, picture) in zip(axes.flat, pictures.items(), strict=False):
        ax.imshow(_real(picture), cmap="gray", vmin=low, vmax=high)
        ax.set_title(title, fontsize=9)
    return figure, axes


def plot_signals(
    signals: Mapping[str, Any], *, limits: tuple[float, float] | None = None
) -> tuple[Figure, Axes]:
    """Draw signals over their sample number, in one frame.

    Parameters
    ----------
    signals : mapping of str to array
        Name to a one-dimensional array; complex values are drawn by their magnitude.
    limits : (float, float), optional
        Of the vertical axis; by default those of the first signal and a tenth more: pass the truth or the
        data first.

    Returns
    -------
    figure : matplotlib.figure.Figure
    axes : matplotlib.axes.Axes

    Raises
    ------
    InvalidInputError
        If there is no signal, or one is not one-dimensional.

    Examples
    --------
    >>> from invdeconv import plots
    >>> figure, ax = plots.plot_signals({"truth": [0.0, 1.0, 0.0], "data": [0.2, 0.5, 0.3]})
    >>> len(ax.lines)
    2
    """
    from matplotlib.figure import Figure

    if not signals:
        refuse("plot_signals", "signals", "hold at least one signal", "none", "Pass {name: array}.")
    drawn = {name: _real(signal) for name, signal in signals.items()}
    for name, signal in drawn.items():
        if signal.ndim != 1:
            advice = "Flatten it, or use compare_images."
            refuse("plot_signals", f"signals[{name!r}]", "be 1-D", f"shape {signal.shape}", advice)
    first = next(iter(drawn.values()))
    low, high = (float(first.min()), float(first.max())) if limits is None else limits
    margin = 0.1 * (high - low) if limits is None else 0.0
    figure = Figure(figsize=(8, 3), layout="constrained")
    ax = figure.subplots()
    # Told apart without color as well.
    for index, (name, signal) in enumerate(drawn.items()):
        ax.plot(signal, label=name, linestyle=("-", "--", "-.", ":")[index % 4], linewidth=1.2)
    if high > low:
        ax.set_ylim(low - margin, high + margin)
    ax.set_xlabel("sample")
    ax.legend(fontsize=8)
    return figure, ax


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


def _real(array: Any) -> np.ndarray:
    values = np.asarray(to_numpy(array))
    return np.abs(values) if np.iscomplexobj(values) else values
