"""The FFT layer: N-D transforms one axis at a time, so that padded and cropped lines are skipped.

A transform to a larger grid pads an axis only when its turn comes, and the inverse crops an axis as
soon as it is done: lines that padding made zero, or that the crop throws away, are never transformed.
SciPy serves NumPy arrays (float32 stays float32, threads by `fft_options`), ``xp.fft`` all others.
"""

from __future__ import annotations

import contextlib
import contextvars
import math
import os
from collections.abc import Iterator

import numpy as np
import scipy.fft

from invdeconv.arrays._namespace import Array, along, is_complex, is_numpy, like, namespace, take

_workers: contextvars.ContextVar[int | None] = contextvars.ContextVar("invdeconv_fft_workers", default=None)

# Below about 512² points a second thread gains nothing (measured), so small transforms stay on one.
_THREAD_MINIMUM = 1 << 18

# Points in a block of columns: 2¹⁹ complex values are 4 to 8 MB.
_BLOCK = 1 << 19


@contextlib.contextmanager
def fft_options(*, workers: int) -> Iterator[None]:
    """Set the number of FFT threads inside a ``with`` block, for this context only.

    Parameters
    ----------
    workers : int
        Threads per transform, >= 1; the default is all cores for 2¹⁸ points or more, else one.

    Raises
    ------
    ValueError
        If `workers` is less than 1.

    Examples
    --------
    >>> import numpy as np, invdeconv
    >>> with invdeconv.fft_options(workers=1):
    ...     result = invdeconv.wiener(np.eye(16), np.ones((3, 3)) / 9, noise_to_signal=0.01)
    """
    if workers < 1:
        raise ValueError(
            f"fft_options: workers must be an integer >= 1; got {workers}. Pass a number of threads."
        )
    token = _workers.set(workers)
    try:
        yield
    finally:
        _workers.reset(token)


def next_fast_length(n: int) -> int:
    """Return the next length >= n with prime factors up to 11.

    The factors 7 and 11 are as fast per point as 2, 3 and 5 (measured), also in real transforms.
    """
    return int(scipy.fft.next_fast_len(n, real=False))


def spectrum(x: Array, frame: tuple[int, ...], *, half: bool, conjugate: bool = False) -> Array:
    """Transform the last axes of `x`, zero-padded to `frame`; half spectrum on the last one if `half`.

    With ``conjugate=True`` the sign of the exponent is turned round: for real `x` that is the conjugate
    spectrum, which lets an adjoint use the same transfer function without a conjugate copy of it.
    """
    if half:
        x = _line(x, "ihfft" if conjugate else "rfft", frame[-1], -1)
        axes = range(-2, -len(frame) - 1, -1)
    else:
        axes = range(-1, -len(frame) - 1, -1)
    for axis in axes:
        x = _line(x, "ifft" if conjugate else "fft", frame[axis], axis, unscaled=True)
    return x


def signal(
    x: Array, frame: tuple[int, ...], shape: tuple[int, ...], *, half: bool, conjugate: bool = False
) -> Array:
    """Undo `spectrum` and keep the first `shape` points of each axis; leading axes are a batch."""
    batch = x.ndim - len(frame)
    for i in range(len(frame) - 1):
        axis = batch + i
        x = _line(x, "fft" if conjugate else "ifft", frame[i], axis, unscaled=False)
        x = x[along(x.ndim, axis, slice(shape[i]))]
    last = ("hfft" if conjugate else "irfft") if half else ("fft" if conjugate else "ifft")
    x = _line(x, last, frame[-1], -1, unscaled=False)
    return x[..., : shape[-1]]


def filtered(
    x: Array,
    response: Array,
    frame: tuple[int, ...],
    shape: tuple[int, ...],
    *,
    half: bool,
    conjugate: bool = False,
) -> Array:
    """Return ``signal(spectrum(x) * response)`` without ever holding the whole padded spectrum.

    Between the two transforms of the last axis everything happens in blocks of columns that are small
    enough to stay in memory that is already there: large temporaries cost more in page faults than
    their transforms do in arithmetic (measured: a third of the time).
    """
    if not is_numpy(x) or len(frame) == 1:
        x = spectrum(x, frame, half=half, conjugate=conjugate)
        x *= response
        return signal(x, frame, shape, half=half, conjugate=conjugate)
    forward, backward = ("ifft", "fft") if conjugate else ("fft", "ifft")
    first, last = (("ihfft", "hfft") if conjugate else ("rfft", "irfft")) if half else (forward, backward)
    threads = _threads(math.prod(frame))
    rows = _line(x, first, frame[-1], -1, threads=threads)
    leading = len(frame) - 1
    kept = rows if rows.shape[:-1] == shape[:-1] else np.empty((*shape[:-1], rows.shape[-1]), rows.dtype)
    width = max(16, _BLOCK // math.prod(frame[:-1]))
    buffer = np.empty((*frame[:-1], min(width, rows.shape[-1])), rows.dtype)
    for start in range(0, rows.shape[-1], width):
        columns = (..., slice(start, start + width))
        block = buffer[..., : rows[columns].shape[-1]]
        filled = [slice(n) for n in x.shape[:-1]]
        block[tuple(filled)] = rows[columns]
        for axis in reversed(range(leading)):
            block[(*filled[:axis], slice(filled[axis].stop, None))] = 0
            filled[axis] = slice(None)
            _in_place(block[tuple(filled)], forward, axis, threads, unscaled=True)
        block *= response[columns]
        for axis in range(leading):
            _in_place(block, backward, axis, threads, unscaled=False)
            block = block[along(block.ndim, axis, slice(shape[axis]))]
        kept[columns] = block
    return _line(kept, last, frame[-1], -1, unscaled=False, threads=threads)[..., : shape[-1]]


def _in_place(block: np.ndarray, kind: str, axis: int, threads: int, *, unscaled: bool) -> None:
    """Transform one axis of a complex block where it stands: SciPy may, and need not, do that itself."""
    done = _line(block, kind, block.shape[axis], axis, unscaled=unscaled, overwrite=True, threads=threads)
    if not np.may_share_memory(done, block):
        block[...] = done


def _line(
    x: Array,
    kind: str,
    n: int,
    axis: int,
    *,
    unscaled: bool = True,
    overwrite: bool = False,
    threads: int | None = None,
) -> Array:
    """Transform one axis: forward unscaled, backward divided by n, whatever the sign of the exponent."""
    plus = kind in ("ifft", "ihfft", "irfft")  # the kinds that NumPy's "backward" norm divides by n
    norm = "backward" if plus is not unscaled else "forward"
    if is_numpy(x):
        workers = _threads(x.size) if threads is None else threads
        return getattr(scipy.fft, kind)(x, n, axis, norm=norm, overwrite_x=overwrite, workers=workers)
    xp = namespace(x)
    if kind in ("fft", "ifft") and not is_complex(x):
        x = xp.astype(x, xp.complex64 if x.dtype == xp.float32 else xp.complex128)
    return getattr(xp.fft, kind)(x, n=n, axis=axis, norm=norm)


def _threads(points: int) -> int:
    """Return how many threads a transform of so many points gets."""
    return _workers.get() or (_cores() if points >= _THREAD_MINIMUM else 1)


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def dct2(x: Array, axis: int) -> Array:
    """Return the orthonormal DCT-II of real or complex `x` along one axis."""
    if is_numpy(x) and not is_complex(x):
        return scipy.fft.dct(x, type=2, axis=axis, norm="ortho")
    if is_complex(x):
        xp = namespace(x)
        return dct2(xp.real(x), axis) + 1j * dct2(xp.imag(x), axis)
    return _dct2_by_fft(x, axis)


def idct2(x: Array, axis: int) -> Array:
    """Return the inverse of `dct2` along one axis."""
    if is_numpy(x) and not is_complex(x):
        return scipy.fft.idct(x, type=2, axis=axis, norm="ortho")
    if is_complex(x):
        xp = namespace(x)
        return idct2(xp.real(x), axis) + 1j * idct2(xp.imag(x), axis)
    return _idct2_by_fft(x, axis)


def _dct2_by_fft(x: Array, axis: int) -> Array:
    # Makhoul, "A fast cosine transform in one and two dimensions", IEEE TASSP 28 (1980), Eq. (10):
    # the even samples followed by the odd ones reversed, one FFT, one twist.
    xp = namespace(x)
    n = x.shape[axis]
    even = x[along(x.ndim, axis, slice(0, None, 2))]
    odd = x[along(x.ndim, axis, slice(1, None, 2))]
    v = xp.concat([even, xp.flip(odd, axis=axis)], axis=axis)
    v = xp.fft.fft(xp.astype(v, xp.complex64 if x.dtype == xp.float32 else xp.complex128), axis=axis)
    return xp.real(v * _half_sample_twist(n, x, axis))


def _idct2_by_fft(x: Array, axis: int) -> Array:
    xp = namespace(x)
    n = x.shape[axis]
    # The spectrum of the permuted signal is (X[k] − i·X[n−k])·conj(twist)/|twist|², with X[n] = 0.
    first = xp.zeros_like(x[along(x.ndim, axis, slice(1))])
    mirrored = xp.concat([first, xp.flip(x[along(x.ndim, axis, slice(1, None))], axis=axis)], axis=axis)
    twist = _half_sample_twist(n, x, axis)
    magnitude = xp.real(twist) ** 2 + xp.imag(twist) ** 2
    v = xp.real(xp.fft.ifft((x - 1j * mirrored) * xp.conj(twist) / magnitude, axis=axis))
    # Undo the permutation: sample k sits at k/2 if even, at n − (k+1)/2 if odd.
    k = np.arange(n)
    order = np.where(k % 2 == 0, k // 2, n - (k + 1) // 2)
    return take(v, order, axis)


def _half_sample_twist(n: int, x: Array, axis: int) -> Array:
    """Return exp(−iπk/2n)·scale, the factor between one FFT and the orthonormal DCT-II."""
    k = np.arange(n)
    scale = np.sqrt(np.where(k == 0, 1 / n, 2 / n))
    shape = [1] * x.ndim
    shape[axis] = n
    return like((scale * np.exp(-0.5j * np.pi * k / n)).reshape(shape), x)
