"""What an equalizer is made of: its taps, and its spectrum between channel and cascade."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from invdeconv.arrays import to_numpy
from invdeconv.checks import refuse
from invdeconv.equalization import DecisionFeedbackEqualizer, LinearEqualizer

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_equalizer"]

_FREQUENCIES = 1024


def plot_equalizer(equalizer: LinearEqualizer | DecisionFeedbackEqualizer) -> tuple[Figure, np.ndarray]:
    """Draw the taps of an equalizer, and the spectra of channel, equalizer and both together.

    Zero forcing answers a null of the channel with a peak, and noise goes through it; MMSE leaves the
    null in the cascade. With feedback the cascade is what right decisions leave of the channel.

    Parameters
    ----------
    equalizer : LinearEqualizer or DecisionFeedbackEqualizer
        Of `mmse`, `zero_forcing`, `mmse_dfe` or `zf_dfe`.

    Returns
    -------
    figure : matplotlib.figure.Figure
    axes : ndarray of Axes
        Taps by magnitude where they are complex, and spectra in dB. Frequencies are in units of the symbol
        rate: to half the samples per symbol for channel and equalizer, to one half for the cascade.

    Raises
    ------
    InvalidInputError
        If `equalizer` is not a designed one.

    Examples
    --------
    >>> from invdeconv import plots
    >>> from invdeconv.equalization import Channel, zero_forcing
    >>> figure, axes = plots.plot_equalizer(zero_forcing(Channel.proakis_b(), taps=31))
    >>> [line.get_label() for line in axes[1].lines]
    ['channel', 'equalizer', 'cascade']
    """
    from matplotlib.figure import Figure

    if not isinstance(equalizer, LinearEqualizer | DecisionFeedbackEqualizer):
        advice = "Make one: mmse(…)."
        refuse("plot_equalizer", "equalizer", "be a designed equalizer", type(equalizer).__name__, advice)
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    axes = figure.subplots(1, 2)
    _draw_taps(axes[0], equalizer)
    channel = equalizer.link.channel
    s = channel.samples_per_symbol
    for label, taps, reach, style in (
        ("channel", to_numpy(channel.taps), s / 2, "-"),
        ("equalizer", equalizer.taps, s / 2, "--"),
        ("cascade", equalizer.cascade, 0.5, "-."),
    ):
        cycles = np.linspace(-reach, reach, _FREQUENCIES + 1)
        rate = 2 * reach
        spectrum = np.exp(-2j * np.pi * np.outer(cycles / rate, np.arange(taps.size))) @ taps
        kept = cycles >= (0 if np.isrealobj(taps) else -reach)
        axes[1].plot(cycles[kept], _decibels(spectrum[kept]), style, label=label)
    axes[1].set(xlabel="frequency in symbol rates", ylabel="magnitude in dB")
    axes[1].legend(fontsize=8)
    return figure, axes


def _draw_taps(ax: Axes, equalizer: LinearEqualizer | DecisionFeedbackEqualizer) -> None:
    s = equalizer.link.channel.samples_per_symbol
    time = np.arange(equalizer.taps.size) / s
    rows: list[tuple[str, np.ndarray, np.ndarray, str]] = [("feedforward", time, equalizer.taps, "C1o")]
    if isinstance(equalizer, DecisionFeedbackEqualizer) and equalizer.feedback.size:
        later = equalizer.delay + 1 + np.arange(equalizer.feedback.size)
        rows.append(("feedback", later, equalizer.feedback, "C3s"))
    for label, time, taps, style in rows:
        shown = taps if np.isrealobj(taps) else np.abs(taps)
        ax.stem(time, shown, linefmt=style[:2], markerfmt=style, basefmt="k-", label=label)
    ax.set(xlabel="delay in symbol periods", ylabel="tap" if np.isrealobj(equalizer.taps) else "|tap|")
    ax.legend(fontsize=8)


def _decibels(spectrum: np.ndarray) -> np.ndarray:
    power = np.abs(spectrum) ** 2
    floor = np.finfo(float).tiny
    return np.asarray(10 * np.log10(np.maximum(power, floor)))
