"""The orthonormal DCT-II: SciPy's for real NumPy arrays, by one FFT for all others."""

from __future__ import annotations

import numpy as np
import scipy.fft

from invdeconv.arrays._namespace import Array, along, is_complex, is_numpy, like, namespace, take


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
