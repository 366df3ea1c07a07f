"""Arithmetic entry by entry and inner products: into memory that is there, by threads for large arrays."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg

from invdeconv.arrays._engines import by_threads, parts
from invdeconv.arrays._namespace import Array, is_complex, is_numpy, namespace

# Below about 1024² entries handing work to a thread costs what the thread saves (measured).
_THREAD_MINIMUM = 1 << 20

# Entries that OpenBLAS does not share out to its own threads: they go on spinning after it, and take the
# cores from the FFTs (measured on a busy machine: twice the time of CGLS).
_SERIAL_AXPY = 10_000

# Entries of a one-dimensional array that are summed in its own precision.
_LINE = 4096


def elementwise(function: Callable[..., Array], x: Array, *others: Any) -> Array:
    """Return ``function(x, *others)``, written into `x` where memory allows.

    A large NumPy array is cut into a slice for each thread: `function` must treat each entry by itself,
    with the entry at its place in each array among `others`. Numbers and None are passed on as they are.
    """
    if not is_numpy(x) or x.size < _THREAD_MINIMUM:
        return function(x, *others)

    def cut(value: Any, part: slice) -> Any:
        whole = not isinstance(value, np.ndarray) or value.ndim < x.ndim or len(value) != len(x)
        return value if whole else value[part]

    def work(part: slice) -> None:
        done = function(x[part], *(cut(value, part) for value in others))
        if not np.may_share_memory(done, x):
            x[part] = done

    by_threads(work, len(x), x.size)
    return x


def _is_shared(x: Array) -> bool:
    """Say whether threads share the rows of `x`."""
    return is_numpy(x) and x.ndim > 1 and x.size >= _THREAD_MINIMUM


def dot(x: Array, y: Array) -> complex | float:
    """Return ⟨x, y⟩ = Σ conj(x)·y, of one shape: rows in the precision of the data, their sum in double."""
    xp = namespace(x, y)
    if is_numpy(x) and x.ndim == 1:  # a long row would be summed in the precision of the data
        rows = np.array([np.vecdot(x[part], y[part]) for part in parts(x.size, -(-x.size // _LINE))])
    elif _is_shared(x):
        rows = np.empty(x.shape[:-1], np.result_type(x, y))

        def work(part: slice) -> None:
            np.vecdot(x[part], y[part], out=rows[part])

        by_threads(work, len(x), x.size)
    else:
        rows = xp.vecdot(x, y, axis=-1)
    if is_complex(rows):
        return complex(xp.sum(rows, dtype=xp.complex128))
    return float(xp.sum(rows, dtype=xp.float64))


def total(x: Array) -> float:
    """Return Σx of real entries: rows in the precision of the data, their sum in double."""
    xp = namespace(x)
    # NumPy adds pairs of neighbors in memory, which lose next to nothing; along another axis, one by one.
    if is_numpy(x) and x.strides[-1] != x.itemsize:
        rows = x
    elif _is_shared(x):
        rows = np.empty(x.shape[:-1], x.dtype)

        def work(part: slice) -> None:
            np.sum(x[part], axis=-1, out=rows[part])

        by_threads(work, len(x), x.size)
    else:
        rows = xp.sum(x, axis=-1)
    return float(xp.sum(rows, dtype=xp.float64))


def norm(x: Array) -> float:
    """Return the Euclidean norm over all entries."""
    return math.sqrt(dot(x, x).real)


def add_scaled(x: Array, factor: complex, y: Array) -> Array:
    """Return x + factor·y: in place and without a temporary where memory allows."""
    if is_numpy(x) and x.dtype == y.dtype and x.flags.c_contiguous and y.flags.c_contiguous:
        axpy = scipy.linalg.blas.get_blas_funcs("axpy", dtype=x.dtype)
        to, added = x.reshape(-1), y.reshape(-1)
        for i in range(0, to.size, _SERIAL_AXPY):
            axpy(added[i : i + _SERIAL_AXPY], to[i : i + _SERIAL_AXPY], a=factor)
        return x
    return x + factor * y


def maximum(x: Array, floor: float | Array, out: Array) -> Array:
    """Return x where it exceeds `floor`, else `floor`; written into `out` for NumPy, as all of its kin."""
    return np.maximum(x, floor, out=out) if is_numpy(x) else namespace(x).clip(x, min=floor)


def add(x: Array, y: float | Array, out: Array) -> Array:
    """Return x + y."""
    return np.add(x, y, out=out) if is_numpy(x) else x + y


def multiply(x: Array, y: float | Array, out: Array) -> Array:
    """Return x·y."""
    return np.multiply(x, y, out=out) if is_numpy(x) else x * y


def divide(x: Array, y: Array, out: Array) -> Array:
    """Return x / y."""
    return np.divide(x, y, out=out) if is_numpy(x) else x / y


def log1p(x: Array, out: Array) -> Array:
    """Return log(1 + x)."""
    return np.log1p(x, out=out) if is_numpy(x) else namespace(x).log1p(x)


def absolute(x: Array, out: Array) -> Array:
    """Return |x|, real."""
    return np.abs(x, out=out) if is_numpy(x) else namespace(x).abs(x)


def conjugate(x: Array, out: Array) -> Array:
    """Return the complex conjugate of complex entries."""
    return np.conj(x, out=out) if is_numpy(x) else namespace(x).conj(x)
