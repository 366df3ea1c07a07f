"""Figures of comparisons, signals, spectra and modems: one range of values for all methods.

Every function returns ``(figure, axes)`` and draws on a `matplotlib.figure.Figure` of its own: nothing is
shown, no global state is touched. Save it with ``figure.savefig(path)``.
"""

from invdeconv.plots._constellation import plot_constellation
from invdeconv.plots._equalizer import plot_equalizer
from invdeconv.plots._error_rates import plot_error_rates
from invdeconv.plots._eye import plot_eye
from invdeconv.plots._images import compare_images
from invdeconv.plots._signals import plot_signals
from invdeconv.plots._spectrum import plot_spectrum

__all__ = [
    "compare_images",
    "plot_constellation",
    "plot_equalizer",
    "plot_error_rates",
    "plot_eye",
    "plot_signals",
    "plot_spectrum",
]
