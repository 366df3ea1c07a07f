"""What a rule that chooses a parameter returns, and the search they share."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.optimize

__all__ = ["Selection", "SelectionStatus", "minimize_on_grid", "raise_while_better", "refine_minimum"]


class SelectionStatus(enum.Enum):
    """How the value was found; the value is the advice."""

    FOUND = "The rule found its value inside the interval."
    RAISED = "The rule chose less; the error of the boundary model asked for more."
    EDGE = "Minimum at the edge of the interval: the rule found no trade-off in these data."
    NO_CORNER = "No corner: the L-curve bends nowhere inside the interval. Use another rule."
    NOISE_EXCEEDS_DATA = "The noise exceeds the data: any residual is smaller. Check noise_std."
    NOISE_NEVER_REACHED = "No residual is as small as the noise. Check noise_std and the model of the blur."


@dataclass(frozen=True, eq=False)
class Selection:
    """A chosen parameter.

    Attributes
    ----------
    value : float
        The choice.
    curve : tuple of two arrays
        Every value tried, sorted, and its score.
    status : SelectionStatus
        Whether the choice can be trusted.
    """

    value: float
    curve: tuple[np.ndarray, np.ndarray]
    status: SelectionStatus


def minimize_on_grid(score: Callable[[float], float], grid: np.ndarray) -> Selection:
    """Return the grid value of least score."""
    scores = np.array([score(float(value)) for value in grid])
    best = int(np.argmin(scores))
    flat = scores[best] == np.max(scores, where=np.isfinite(scores), initial=-np.inf)
    status = SelectionStatus.EDGE if flat or best in (0, len(grid) - 1) else SelectionStatus.FOUND
    return Selection(float(grid[best]), (grid, scores), status)


def refine_minimum(score: Callable[[float], float], grid: np.ndarray, *, decades: float = 1e-3) -> Selection:
    """Return the minimum between the neighbors of the best grid value, by Brent's method in log₁₀."""
    coarse = minimize_on_grid(score, grid)
    if coarse.status is SelectionStatus.EDGE:
        return coarse
    best = int(np.argmin(coarse.curve[1]))
    seen: dict[float, float] = dict(zip(*coarse.curve, strict=True))

    def remember(exponent: float) -> float:
        value = float(10.0**exponent)  # a NumPy scalar would turn other arrays into NumPy ones
        return seen.setdefault(value, score(value))

    bounds = (np.log10(grid[best - 1]), np.log10(grid[best + 1]))
    scipy.optimize.minimize_scalar(remember, bounds=bounds, method="bounded", options={"xatol": decades})
    values = np.array(sorted(seen))
    scores = np.array([seen[value] for value in values])
    return Selection(float(values[np.argmin(scores)]), (values, scores), SelectionStatus.FOUND)


def raise_while_better(selection: Selection, score: Callable[[float], float]) -> Selection:
    """Raise a choice by half decades while another score falls; two rises in a row end the climb."""
    best, least = selection.value, score(selection.value)
    value, patience = best, 2
    while patience > 0:
        value *= 10**0.5
        trial = score(value)
        if trial < least:
            best, least, patience = value, trial, 2
        else:
            patience -= 1
    if best == selection.value:
        return selection
    return Selection(best, selection.curve, SelectionStatus.RAISED)
