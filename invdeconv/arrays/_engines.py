"""Which library transforms one axis of a NumPy array, and with how many threads."""

from __future__ import annotations

import contextlib
import contextvars
import functools
import importlib.util
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import scipy.fft

ENGINES = ("scipy", "ducc0")


class _Options(NamedTuple):
    engine: str = "scipy"
    workers: int | None = None


_DEFAULT = _Options()
_options: contextvars.ContextVar[_Options] = contextvars.ContextVar("invdeconv_fft", default=_DEFAULT)

# Below about 512² points a second thread gains nothing (measured), so small transforms stay on one.
_THREAD_MINIMUM = 1 << 18

# ducc0 transforms several rows at once. Where they begin so many bytes apart they share their lines of the
# cache, and samples between them make it 2.6 times as fast, a copy included (measured for 1024 to 4096).
_ALIASED, _APART = 1 << 10, 16

# Forward or backward on one axis, by the kind's sign of the exponent.
_NEGATIVE = {"fft", "rfft", "hfft"}


@contextlib.contextmanager
def fft_options(*, engine: str | None = None, workers: int | None = None) -> Iterator[None]:
    """Set the FFT library and its number of threads inside a ``with`` block, for this context only.

    Parameters
    ----------
    engine : {"scipy", "ducc0"}, optional
        Library for NumPy arrays; "scipy" by default. "ducc0" (``pip install 'invdeconv[fft]'``) writes
        into memory that is already there, which saves a fifth to a quarter of a Richardson–Lucy iteration.
    workers : int, optional
        Threads for transforms and arithmetic on whole arrays, >= 1; by default all cores for 2¹⁸ points or
        more, else one.

    Raises
    ------
    ValueError
        If `engine` is unknown or not installed, or `workers` is less than 1.

    Examples
    --------
    >>> import numpy as np, invdeconv
    >>> with invdeconv.fft_options(workers=1):
    ...     result = invdeconv.wiener(np.eye(16), np.ones((3, 3)) / 9, noise_to_signal=0.01)
    """
    if engine is not None and engine not in ENGINES:
        raise ValueError(f"fft_options: engine must be one of {ENGINES}; got {engine!r}. Take 'scipy'.")
    if engine == "ducc0" and importlib.util.find_spec("ducc0") is None:
        raise ValueError(
            "fft_options: engine must be installed; got 'ducc0'. Run pip install 'invdeconv[fft]'."
        )
    if workers is not None and workers < 1:
        raise ValueError(
            f"fft_options: workers must be an integer >= 1; got {workers}. Pass a number of threads."
        )
    outer = _options.get()
    token = _options.set(_Options(engine or outer.engine, workers or outer.workers))
    try:
        yield
    finally:
        _options.reset(token)


def threads(points: int) -> int:
    """Return how many threads a transform of so many points gets."""
    return _options.get().workers or (_cores() if points >= _THREAD_MINIMUM else 1)


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def parts(n: int, count: int) -> list[slice]:
    """Cut n lines into so many slices, as equal as can be."""
    return [slice(n * i // count, n * (i + 1) // count) for i in range(count)]


def in_parallel(work: Callable[[slice], None], pieces: list[slice], workers: int) -> None:
    """Do the pieces of some work in so many threads, this one among them, each piece in one thread.

    Other threads see the options and the pool of this one.
    """
    queue = iter(pieces)

    def take_pieces() -> None:
        for piece in queue:  # the interpreter hands out one piece at a time
            work(piece)

    helpers = [
        _helpers().submit(contextvars.copy_context().run, take_pieces)
        for _ in range(min(workers, len(pieces)) - 1)
    ]
    take_pieces()
    for helper in helpers:
        helper.result()


def by_threads(work: Callable[[slice], None], n: int, points: int) -> None:
    """Do n lines of some work, a slice of them in each thread; all the points say how many threads."""
    workers = min(threads(points), n)
    in_parallel(work, parts(n, workers), workers)


@functools.cache
def _helpers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(64, thread_name_prefix="invdeconv-fft")


# A child process has none of its parent's threads.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_helpers.cache_clear)


def transform(
    x: np.ndarray, kind: str, n: int, axis: int, *, unscaled: bool, workers: int | None = None
) -> np.ndarray:
    """Return one axis of `x`, padded to n points, transformed by ``scipy.fft``'s function `kind`.

    Unscaled, or divided by n, whatever the sign of the exponent.
    """
    workers = threads(x.size) if workers is None else workers
    return getattr(scipy.fft, kind)(x, n, axis, norm=norm_of(kind, unscaled=unscaled), workers=workers)


def transform_in_place(x: np.ndarray, kind: str, axis: int, *, unscaled: bool, workers: int = 1) -> None:
    """Transform one axis of a complex array where it stands."""
    n = x.shape[axis]
    if _options.get().engine == "ducc0":
        from ducc0.fft import c2c

        c2c(x, (axis,), kind in _NEGATIVE, 0 if unscaled else 2, out=x, nthreads=workers)
        return
    norm = norm_of(kind, unscaled=unscaled)
    done = getattr(scipy.fft, kind)(x, n, axis, norm=norm, overwrite_x=True, workers=workers)
    if not np.may_share_memory(done, x):  # SciPy may, and need not, work in place
        x[...] = done


def transform_last_into(out: np.ndarray, x: np.ndarray, kind: str, n: int, *, unscaled: bool) -> None:
    """Write the transform of the last axis, n points long, into `out`, as many samples as it holds."""
    if _options.get().engine == "ducc0":
        _into_by_ducc0(out, x, kind, n, unscaled=unscaled)
    else:
        out[...] = transform(x, kind, n, -1, unscaled=unscaled, workers=1)[..., : out.shape[-1]]


def _into_by_ducc0(out: np.ndarray, x: np.ndarray, kind: str, n: int, *, unscaled: bool) -> None:
    import ducc0.fft

    axes, forward, scale = (x.ndim - 1,), kind in _NEGATIVE, 0 if unscaled else 2
    if kind in ("irfft", "hfft"):
        whole = out
        if out.shape[-1] != n or out.strides[-2] % _ALIASED == 0:
            whole = np.empty((*x.shape[:-1], n + _APART), out.dtype)[..., :n]
        ducc0.fft.c2r(x, axes, n, forward, scale, out=whole)
        if whole is not out:
            out[...] = whole[..., : out.shape[-1]]
        return
    if x.shape[-1] != n:
        padded = np.zeros((*x.shape[:-1], n), x.dtype)
        padded[..., : x.shape[-1]] = x
        x = padded
    if kind in ("rfft", "ihfft"):
        ducc0.fft.r2c(x, axes, forward, scale, out=out)
    else:
        out[...] = ducc0.fft.c2c(x, axes, forward, scale)[..., : out.shape[-1]]


def norm_of(kind: str, *, unscaled: bool) -> str:
    """Return the norm under which NumPy's and SciPy's `kind` is not scaled, or divides by n."""
    divides = kind in ("ifft", "ihfft", "irfft")  # under "backward", the default
    return "backward" if divides is not unscaled else "forward"
