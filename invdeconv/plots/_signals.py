"""Signals over their sample number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from invdeconv.checks import refuse
from invdeconv.plots._values import drawable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_signals"]


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
    drawn = {name: drawable(signal) for name, signal in signals.items()}
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
