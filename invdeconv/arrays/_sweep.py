"""Arithmetic entry by entry in compiled rows: one pass over memory where array arithmetic takes up to six."""

from __future__ import annotations

from typing import TypeGuard

import numpy as np

from invdeconv.arrays._compiled import Kernel, has_compiler
from invdeconv.arrays._engines import by_threads
from invdeconv.arrays._namespace import Array, is_complex, is_numpy

__all__ = ["is_swept", "sweep"]

# Entries from which calls gain enough to repay the import of numba: half a second, what eight calls on 1024²
# pixels gain, or one on 4096² (measured).
_SWEPT = 1 << 20


def is_swept(x: Array) -> TypeGuard[np.ndarray]:
    """Say whether `sweep` serves `x`: a large real NumPy array of rows, and numba is there."""
    rows = is_numpy(x) and x.ndim > 1 and x.flags.c_contiguous and not is_complex(x)
    return rows and x.size >= _SWEPT and has_compiler()


def sweep(kernel: Kernel, *arrays: np.ndarray, numbers: tuple[float, ...] = ()) -> float:
    """Call ``kernel(sums, *arrays, *numbers, 1)`` on rows, by threads, and return Σ sums in double precision.

    Arrays of one shape come as (rows, n), `sums` as (rows,), all with the same rows. Those that are written
    lie in memory order. Numbers come in the precision of the first array, 1 too: a literal would widen.
    """
    first = arrays[0]
    sums = np.empty(first.size // first.shape[-1], first.dtype)
    lines = [x.reshape(len(sums), -1) for x in arrays]
    scalars = [first.dtype.type(number) for number in (*numbers, 1)]

    def work(part: slice) -> None:
        kernel(sums[part], *(line[part] for line in lines), *scalars)

    by_threads(work, len(sums), first.size)
    return float(sums.sum(dtype=float))
