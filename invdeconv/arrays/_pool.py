"""Memory that goes round: what one step of an iteration lets go, the next one takes.

A fresh array of some megabytes costs more in page faults than its transform in arithmetic. The one loop
opens a pool in a context variable; operators and solvers ask `empty` for results and scratch. A buffer
comes back by itself when the last view of it is gone, so code written for fresh arrays stays right.
"""

from __future__ import annotations

import contextlib
import contextvars
import math
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np

from invdeconv.arrays._namespace import Array, is_numpy, namespace

# What is smaller comes from the C allocator without page faults.
_SMALLEST = 1 << 16


class _Pool:
    """Free buffers by their size in bytes."""

    def __init__(self) -> None:
        self._shelves: dict[int, list[np.ndarray]] = defaultdict(list)
        self._open = True

    def empty(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray:
        size = math.prod(shape) * dtype.itemsize
        if size < _SMALLEST:
            return np.empty(shape, dtype)
        try:
            memory = self._shelves[size].pop()
        except IndexError:
            memory = np.empty(size, np.uint8)
        return np.asarray(_Lent(self, memory, shape, dtype))

    def take_back(self, memory: np.ndarray) -> None:
        if self._open:
            self._shelves[memory.size].append(memory)

    def close(self) -> None:
        self._open = False
        self._shelves.clear()


class _Lent:
    """The base of every view of a lent buffer: it dies with the last of them."""

    def __init__(self, pool: _Pool, memory: np.ndarray, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self._pool, self._memory = pool, memory
        self.__array_interface__ = {
            "version": 3,
            "shape": shape,
            "typestr": dtype.str,
            "data": (memory.ctypes.data, False),
        }

    def __del__(self) -> None:
        self._pool.take_back(self._memory)


_pool: contextvars.ContextVar[_Pool | None] = contextvars.ContextVar("invdeconv_pool", default=None)


@contextlib.contextmanager
def recycling() -> Iterator[None]:
    """Let arrays from `empty` go round inside the ``with`` block, in this context and this thread only.

    An inner block shares the pool of the outer one. Arrays that outlive the block keep their memory.
    """
    if _pool.get() is not None:
        yield
        return
    pool = _Pool()
    token = _pool.set(pool)
    try:
        yield
    finally:
        _pool.reset(token)
        pool.close()


def empty(shape: tuple[int, ...], x: Array, dtype: Any = None) -> Array:
    """Return an array of any content in the library, device and precision of `x`, or of another dtype."""
    dtype = x.dtype if dtype is None else dtype
    if not is_numpy(x):
        return namespace(x).empty(shape, dtype=dtype, device=x.device)
    pool = _pool.get()
    return np.empty(shape, dtype) if pool is None else pool.empty(shape, np.dtype(dtype))
