"""Which convolutions have an inverse, over the length of the signal and of the kernel."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from scipy.special import comb

from invdeconv.operators import Convolution
from invdeconv.report._sections._section import Section, decomposed

__all__ = ["BOUNDARIES", "EDGES", "KERNELS", "LENGTHS", "WIDTHS", "condition_number", "invertible"]

BOUNDARIES = ("zero", "periodic", "symmetric")
KERNELS = ("ones", "binomial")
LENGTHS, WIDTHS = range(2, 25), range(2, 10)
# Upper edges of the classes of condition numbers; the next is open, the last is singular.
EDGES = (10.0, 100.0, 10_000.0)
_CELL = 15


def condition_number(kernel: str, k: int, n: int, boundary: str) -> float:
    """Return σ₁/σₙ of the n×n matrix, infinite where it is singular to rounding."""
    weights = np.ones(k) if kernel == "ones" else comb(k - 1, np.arange(k))
    decomposition = decomposed(Convolution(weights / weights.sum(), (n,), boundary=boundary))
    return decomposition.condition_number


def invertible() -> Section:
    """Return how many settings are singular on each map, and the maps."""
    maps: dict[str, dict[str, Any]] = {kernel: {} for kernel in KERNELS}
    counts: dict[str, dict[str, int]] = {kernel: {} for kernel in KERNELS}
    worst: dict[str, dict[str, float]] = {kernel: {} for kernel in KERNELS}
    for kernel, boundary in product(KERNELS, BOUNDARIES):
        cells = {(n, k): condition_number(kernel, k, n, boundary) for k in WIDTHS for n in LENGTHS}
        maps[kernel][boundary] = _paths(cells)
        singular = [cell for cell in cells.values() if np.isinf(cell)]
        counts[kernel][boundary] = len(singular)
        worst[kernel][boundary] = max(c for c in cells.values() if np.isfinite(c))
    box = {n: decomposed(Convolution(np.ones((3, 3)), (n, n))) for n in (4, 5)}
    numbers = {
        "cells": len(LENGTHS) * len(WIDTHS),
        "singular": counts,
        "worst": worst,
        "edges": list(EDGES),
        "lengths": [LENGTHS[0], LENGTHS[-1]],
        "widths": [WIDTHS[0], WIDTHS[-1]],
        "line": condition_number("ones", 3, 4, "zero"),
        "square": box[4].condition_number,
        "rank": box[5].rank(),
        "size": box[5].operator.shape[1],
    }
    view = {
        "edges": EDGES,
        "cell": _CELL,
        "maps": maps,
        "columns": [(_middle(i), str(n)) for i, n in enumerate(LENGTHS) if n % 4 == 0],
        "rows": [(_middle(i), str(k)) for i, k in enumerate(WIDTHS)],
        "width": _CELL * len(LENGTHS),
        "height": _CELL * len(WIDTHS),
    }
    return Section(numbers, view)


def _middle(index: int) -> float:
    return _CELL * (index + 0.5)


def _paths(cells: dict[tuple[int, int], float]) -> dict[str, Any]:
    """Return one path of squares for each class, and crosses for the singular ones."""
    squares = [""] * (len(EDGES) + 2)
    crosses = ""
    for (n, k), value in cells.items():
        x, y = _CELL * (n - LENGTHS[0]), _CELL * (k - WIDTHS[0])
        grade = len(EDGES) + 1 if np.isinf(value) else int(np.searchsorted(EDGES, value, side="right"))
        squares[grade] += f"M{x} {y}h{_CELL - 1}v{_CELL - 1}h{1 - _CELL}z"
        if np.isinf(value):
            crosses += f"M{x + 4} {y + 4}l6 6m0-6l-6 6"
    return {"squares": squares, "crosses": crosses}
