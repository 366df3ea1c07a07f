"""The eye diagram: a waveform folded on the symbol period."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from invdeconv.arrays import to_numpy
from invdeconv.checks import finite_array, integer, refuse

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["plot_eye"]


def plot_eye(
    waveform: Any, samples_per_symbol: int, *, start: int = 0, traces: int = 200
) -> tuple[Figure, np.ndarray]:
    """Draw the eye diagram of an oversampled waveform: pieces of two symbol periods on each other.

    Where the eye is open at the instant of decision, in the middle, a threshold tells the symbols apart;
    a closed eye is what an equalizer is for. Equalize oversampled data with symbol-spaced taps to see it
    open: the filter ``np.kron(taps, np.eye(1, samples_per_symbol)[0])``.

    Parameters
    ----------
    waveform : array, shape (m,)
        Samples behind the receive filter, real or complex. Some eight or more per symbol draw smooth
        traces; `root_raised_cosine` makes the filter.
    samples_per_symbol : int
        At least 2.
    start : int, default 0
        Sample at which a symbol is decided; it and each symbol period after it fall in the middle.
    traces : int, default 200
        Drawn at most.

    Returns
    -------
    figure : matplotlib.figure.Figure
    axes : ndarray of Axes
        One, or for complex data two: the real part and the imaginary part.

    Raises
    ------
    InvalidInputError
        If `waveform` is not 1-D and finite, or too short for one trace; if `samples_per_symbol` is below 2,
        `start` is negative, or `traces` is below 1.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import plots
    >>> figure, axes = plots.plot_eye(np.sin(np.arange(64) / 3), 8)
    >>> axes.size, len(axes[0].lines)
    (1, 6)
    """
    from matplotlib.figure import Figure

    name = "plot_eye"
    samples = to_numpy(finite_array(name, "waveform", waveform))
    s = integer(name, "samples_per_symbol", samples_per_symbol, minimum=2)
    start = integer(name, "start", start, minimum=0)
    traces = integer(name, "traces", traces, minimum=1)
    if samples.ndim != 1:
        refuse(name, "waveform", "be 1-D", f"shape {samples.shape}", "Draw one burst at a time.")
    first = start if start >= s else start + s
    if samples.size < first + s + 1:
        advice = "A trace reaches one symbol period to both sides of a decision."
        refuse(name, "waveform", f"hold at least {first + s + 1} samples", samples.size, advice)
    pieces = np.lib.stride_tricks.sliding_window_view(samples, 2 * s + 1)[first - s :: s][:traces]
    parts = {"real part": pieces.real, "imaginary part": pieces.imag}
    if not np.iscomplexobj(pieces):
        parts = {"amplitude": pieces}
    figure = Figure(figsize=(4.5 * len(parts), 3.2), layout="constrained")
    axes = figure.subplots(1, len(parts), squeeze=False, sharey=True)[0]
    time = np.arange(-s, s + 1) / s
    for ax, (label, part) in zip(axes, parts.items(), strict=True):
        ax.plot(time, part.T, color="C0", alpha=0.3, linewidth=0.7)
        ax.set(xlim=(-1, 1), xlabel="time in symbol periods", ylabel=label)
    return figure, axes
