"""ADMM's steps for periodic differences, row by row: one pass over memory where array arithmetic takes ten.

Arrays are (rows, n), (bands, rows, n) and, for f, (1 or bands, rows, n); `sizes` are those of the axes whose
entries are rows. All numbers come in the precision of the data, 1 too: a literal would widen what it meets.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from invdeconv.arrays import compiled

__all__ = ["reflect_rows", "relax_rows"]


@compiled
def reflect_rows(image: Any, v: Any, keep: Any, sizes: Any, first: int, last: int, one: Any) -> None:
    """Write Dᵀ(2f − 1)v into some of the rows."""
    bands, rows, n = v.shape
    for r in range(first, last):
        image[r] = 0
        stride = rows
        for b in range(bands - 1):
            c = b % len(keep)
            stride //= sizes[b]
            behind = r - stride if r // stride % sizes[b] else r + stride * (sizes[b] - 1)
            for i in range(n):
                before = _reflected(v[b, behind, i], keep[c, behind, i], one)
                image[r, i] += before - _reflected(v[b, r, i], keep[c, r, i], one)
        b, c = bands - 1, len(keep) - 1
        before = _reflected(v[b, r, n - 1], keep[c, r, n - 1], one)
        image[r, 0] += before - _reflected(v[b, r, 0], keep[c, r, 0], one)
        for i in range(n - 1):
            before = _reflected(v[b, r, i], keep[c, r, i], one)
            image[r, i + 1] += before - _reflected(v[b, r, i + 1], keep[c, r, i + 1], one)


@compiled
def relax_rows(
    x: Any, v: Any, keep: Any, sizes: Any, first: int, last: int, one: Any, alpha: Any, threshold: Any
) -> None:
    """Relax some rows of v to αDx + (1 − αf)v; f is then 1 − t/max(|v|, t)."""
    bands, rows, n = v.shape
    for r in range(first, last):
        stride = rows
        for b in range(bands - 1):
            c = b % len(keep)
            stride //= sizes[b]
            ahead = r + stride if (r // stride + 1) % sizes[b] else r - stride * (sizes[b] - 1)
            for i in range(n):
                v[b, r, i] = _relaxed(v[b, r, i], keep[c, r, i], x[ahead, i] - x[r, i], one, alpha)
        b, c = bands - 1, len(keep) - 1
        for i in range(n - 1):
            v[b, r, i] = _relaxed(v[b, r, i], keep[c, r, i], x[r, i + 1] - x[r, i], one, alpha)
        slope = x[r, 0] - x[r, n - 1]
        v[b, r, n - 1] = _relaxed(v[b, r, n - 1], keep[c, r, n - 1], slope, one, alpha)
        if len(keep) == bands:
            for b in range(bands):
                for i in range(n):
                    keep[b, r, i] = one - threshold / max(abs(v[b, r, i]), threshold)
        else:
            keep[0, r] = 0
            for b in range(bands):
                for i in range(n):
                    keep[0, r, i] += v[b, r, i] * v[b, r, i]
            for i in range(n):
                keep[0, r, i] = one - threshold / max(np.sqrt(keep[0, r, i]), threshold)


@compiled
def _reflected(w: Any, f: Any, one: Any) -> Any:
    return (f + f - one) * w


@compiled
def _relaxed(w: Any, f: Any, slope: Any, one: Any, alpha: Any) -> Any:
    return alpha * slope + (one - alpha * f) * w
