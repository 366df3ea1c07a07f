"""Error rates over Eb/N0: simulation with its intervals on the curves of theory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from invdeconv.arrays import to_numpy
from invdeconv.checks import finite_array, refuse
from invdeconv.equalization import ErrorRate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_error_rates"]


def plot_error_rates(
    ebn0_db: Any,
    *,
    theory: Mapping[str, Any] | None = None,
    simulated: Mapping[str, Sequence[ErrorRate | None]] | None = None,
) -> tuple[Figure, Axes]:
    """Draw bit error rates over Eb/N0: theory as lines, simulations as points with their intervals.

    A name in both mappings has one color. Where no error was seen, an arrow hangs from the upper limit.

    Parameters
    ----------
    ebn0_db : array, shape (n,)
        Eb/N0 in decibels.
    theory : mapping of str to array, shape (n,)
        Rates from `equalization.theory`; those that are not positive and finite, as of a bound that
        diverges, are left out.
    simulated : mapping of str to sequence of ErrorRate or None
        n results of `error_rate` each; None where nothing was simulated.

    Returns
    -------
    figure : matplotlib.figure.Figure
    axes : matplotlib.axes.Axes

    Raises
    ------
    InvalidInputError
        If `ebn0_db` is not 1-D and finite; if there is nothing to draw, or a curve has another length; if
        `simulated` holds anything but ErrorRate and None.

    Examples
    --------
    >>> from invdeconv import plots
    >>> from invdeconv.equalization import Channel, n0_from_ebn0_db, theory
    >>> bound = [theory.mlse_union_bound(Channel.proakis_b(), n0=n0_from_ebn0_db(db)) for db in (8, 10)]
    >>> figure, ax = plots.plot_error_rates([8, 10], theory={"MLSE, union bound": bound})
    >>> ax.get_yscale()
    'log'
    """
    from matplotlib.figure import Figure

    name = "plot_error_rates"
    decibels = to_numpy(finite_array(name, "ebn0_db", ebn0_db))
    if decibels.ndim != 1:
        refuse(name, "ebn0_db", "be 1-D", f"shape {decibels.shape}", "Pass one value per point.")
    curves = {key: np.asarray(rates, float) for key, rates in (theory or {}).items()}
    points = {key: list(found) for key, found in (simulated or {}).items()}
    if not curves and not points:
        advice = "Pass {name: rates}."
        refuse(name, "theory and simulated", "hold at least one curve together", "none", advice)
    for argument, key, size in [
        *(("theory", key, rates.size) for key, rates in curves.items()),
        *(("simulated", key, len(found)) for key, found in points.items()),
    ]:
        if size != decibels.size:
            advice = "Pass one rate per Eb/N0."
            refuse(name, f"{argument}[{key!r}]", f"have {decibels.size} entries", size, advice)
    figure = Figure(figsize=(6, 4.5), layout="constrained")
    ax = figure.subplots()
    colors = {key: f"C{i % 10}" for i, key in enumerate(dict.fromkeys([*curves, *points]))}
    for index, (key, rates) in enumerate(curves.items()):
        shown = np.where(np.isfinite(rates) & (rates > 0), rates, np.nan)
        style = ("-", "--", "-.", ":")[index % 4]  # told apart without color as well
        ax.plot(decibels, shown, style, color=colors[key], label=key)
    for index, (key, found) in enumerate(points.items()):
        marker = "os^vD"[index % 5]
        label = f"{key}, simulated" if key in curves else key
        _draw_points(ax, decibels, _checked(key, found), colors[key], marker, label)
    ax.set_yscale("log")
    ax.set(xlabel="Eb/N0 in dB", ylabel="bit error rate")
    ax.grid(which="major", alpha=0.4)
    ax.legend(fontsize=8)
    return figure, ax


def _checked(key: str, found: list[Any]) -> list[ErrorRate | None]:
    for rate in found:
        if rate is not None and not isinstance(rate, ErrorRate):
            advice = "error_rate returns them."
            refuse(
                "plot_error_rates",
                f"simulated[{key!r}]",
                "hold ErrorRate or None",
                type(rate).__name__,
                advice,
            )
    return found


def _draw_points(
    ax: Axes, decibels: np.ndarray, found: list[ErrorRate | None], color: str, marker: str, label: str
) -> None:
    seen = [(db, r) for db, r in zip(decibels.tolist(), found, strict=True) if r is not None]
    some = [(db, r) for db, r in seen if r.errors]
    # A lower end at zero has no logarithm: the bar then runs out of the picture.
    below = [r.rate - max(r.low, 1e-3 * r.rate) for _, r in some]
    above = [r.high - r.rate for _, r in some]
    ax.errorbar(
        [db for db, _ in some],
        [r.rate for _, r in some],
        yerr=[below, above],
        fmt=marker,
        color=color,
        markersize=4,
        capsize=3,
        label=label,
    )
    for db, rate in seen:
        if not rate.errors:
            ax.errorbar(db, rate.high, yerr=0.5 * rate.high, uplims=True, color=color, capsize=3)
