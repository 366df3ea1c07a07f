"""Rules that choose λ on a projected problem of k values c and s, |Uᴴy|² = power, and the rest unseen."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.optimize

from invdeconv.selection import refine_minimum

__all__ = ["adapted_weight", "discrepancy", "gcv", "weighted_gcv"]


def gcv(lam: float, c: np.ndarray, power: np.ndarray, unseen: float, size: float, weight: float) -> float:
    """Return ‖r‖²/(size − ω Σφ)² with φ = c²/(c² + λ): GCV for ω = 1."""
    kept = c**2 / (c**2 + lam)
    return float((np.sum((1 - kept) ** 2 * power) + unseen) / (size - weight * np.sum(kept)) ** 2)


def adapted_weight(c: np.ndarray, power: np.ndarray, unseen: float) -> float:
    """Return the ω ≤ 1 for which the curve has its minimum at the square of the smallest c.

    While the projected problem is well posed it needs no more regularization than that: Chung, Nagy and
    O'Leary, ETNA 28 (2008) 149, §5.1.
    """
    lam, size = float(c[-1]) ** 2, len(c) + 1
    kept = c**2 / (c**2 + lam)
    left = float(np.sum((1 - kept) ** 2 * power)) + unseen
    left_slope = 2 * float(np.sum((1 - kept) * kept * power / (c**2 + lam)))
    trace, trace_slope = float(np.sum(kept)), -float(np.sum(kept / (c**2 + lam)))
    # d/dλ of left/(size − ω·trace)² is zero.
    return min(1.0, left_slope * size / (left_slope * trace - 2 * left * trace_slope))


def weighted_gcv(c: np.ndarray, power: np.ndarray, unseen: float, weight: float) -> float:
    """Return the largest λ at which the curve has a minimum.

    Once the space resolves noise there is another near λ = 0, often the deeper one and always wrong.
    """

    def score(lam: float) -> float:
        return gcv(lam, c, power, unseen, len(c) + 1, weight)

    top = 2 * math.log10(c[0])
    grid = np.logspace(top + 1, top - 14, 76)
    falls = np.diff([score(float(lam)) for lam in grid]) < 0
    first = int(np.argmax(falls))
    rises = np.flatnonzero(~falls[first:])
    index = first + int(rises[0]) if falls.any() and len(rises) else len(grid) - 1
    return refine_minimum(score, grid[max(index - 1, 0) : index + 2][::-1]).value


def discrepancy(
    c: np.ndarray, s: Any, power: np.ndarray, unseen: float, residual: float
) -> tuple[float, bool]:
    """Return the λ that leaves ‖r‖ = residual, and True; an end of the interval, and False, where none does.

    Morozov, Soviet Math. Dokl. 7 (1966) 414.
    """

    def excess(exponent: float) -> float:
        penalty = 10.0**exponent * s**2
        return float(np.sum((penalty / (c**2 + penalty)) ** 2 * power)) + unseen - residual**2

    gamma = 2 * np.log10(c[c > 0] / np.where(s > 0, s, 1.0)[c > 0])
    low, high = float(gamma.min()) - 10, float(gamma.max()) + 10
    if excess(low) >= 0 or excess(high) <= 0:
        return 10.0 ** (low if excess(low) >= 0 else high), False
    return 10.0 ** float(scipy.optimize.brentq(excess, low, high)), True
