"""ADMM's steps for periodic differences, row by row: one pass over memory where array arithmetic takes ten.

Arrays are (bands, rows, n), (rows, n) and, for f, (1 or bands, rows, n); `sizes` are those of the axes whose
entries are rows. Numbers come in an array of the data's precision: a literal would widen what it meets.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from invdeconv.arrays import compiled

__all__ = ["reflect_rows", "relax_rows"]


@compiled
def reflect_rows(image: Any, v: Any, keep: Any, sizes: Any, numbers: Any, first: int, last: int) -> None:
    """Dᵀ(2f − 1)v for some of the rows."""
    bands, rows, _ = v.shape
    for r in range(first, last):
        out, stride = image[r], rows
        out[:] = 0
        for band in range(bands - 1):
            w, f = v[band], keep[band % len(keep)]
            stride //= sizes[band]
            behind = r - stride if r // stride % sizes[band] else r + stride * (sizes[band] - 1)
            _add_difference(out, w[behind], f[behind], w[r], f[r], numbers)
        w, f = v[bands - 1], keep[len(keep) - 1]
        _add_difference(out[1:], w[r, :-1], f[r, :-1], w[r, 1:], f[r, 1:], numbers)
        _add_difference(out[:1], w[r, -1:], f[r, -1:], w[r, :1], f[r, :1], numbers)


@compiled
def relax_rows(x: Any, v: Any, keep: Any, sizes: Any, numbers: Any, first: int, last: int) -> None:
    """Relax v to αDx + (1 − αf)v, then f is 1 − t/max(|v|, t), for some of the rows."""
    bands, rows, _ = v.shape
    one, threshold = numbers[0], numbers[2]
    for r in range(first, last):
        here, stride = x[r], rows
        for band in range(bands - 1):
            stride //= sizes[band]
            ahead = r + stride if (r // stride + 1) % sizes[band] else r - stride * (sizes[band] - 1)
            _relax(v[band, r], keep[band % len(keep), r], here, x[ahead], numbers)
        w, f = v[bands - 1, r], keep[len(keep) - 1, r]
        _relax(w[:-1], f[:-1], here[:-1], here[1:], numbers)
        _relax(w[-1:], f[-1:], here[-1:], here[:1], numbers)
        if len(keep) == bands:
            for band in range(bands):
                w, f = v[band, r], keep[band, r]
                for i in range(f.size):
                    f[i] = one - threshold / max(abs(w[i]), threshold)
        else:
            _squared_lengths(v[:, r], f)
            for i in range(f.size):
                f[i] = one - threshold / max(np.sqrt(f[i]), threshold)


@compiled
def _add_difference(out: Any, before: Any, kept_before: Any, here: Any, kept: Any, numbers: Any) -> None:
    one, two = numbers[0], numbers[1]
    for i in range(out.size):
        out[i] += (two * kept_before[i] - one) * before[i] - (two * kept[i] - one) * here[i]


@compiled
def _relax(w: Any, kept: Any, here: Any, ahead: Any, numbers: Any) -> None:
    one, alpha = numbers[0], numbers[1]
    for i in range(w.size):
        w[i] = alpha * (ahead[i] - here[i]) + (one - alpha * kept[i]) * w[i]


@compiled
def _squared_lengths(v: Any, out: Any) -> None:
    out[:] = 0
    for w in v:
        for i in range(out.size):
            out[i] += w[i] * w[i]
