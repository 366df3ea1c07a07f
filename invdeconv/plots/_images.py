"""Pictures of a comparison side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from invdeconv.checks import refuse
from invdeconv.comparison import Comparison
from invdeconv.plots._values import drawable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["compare_images"]


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
    reference = drawable(seen.data if seen.truth is None else seen.truth)
    low, high = (float(reference.min()), float(reference.max())) if limits is None else limits
    rows = -(-len(pictures) // columns)
    figure = Figure(figsize=(3.2 * columns, 3.4 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, (title, picture) in zip(axes.flat, pictures.items(), strict=False):
        ax.imshow(drawable(picture), cmap="gray", vmin=low, vmax=high)
        ax.set_title(title, fontsize=9)
    return figure, axes
