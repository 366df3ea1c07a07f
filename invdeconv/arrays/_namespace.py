"""Namespaces and precision: same library, device and precision out as in."""

from __future__ import annotations

from typing import Any, TypeAlias

import array_api_compat as compat
import numpy as np

# An array of any array-API library. The standard has no static type for it yet.
Array: TypeAlias = Any


def namespace(*arrays: Array) -> Any:
    """Return the array-API namespace the arrays share."""
    return compat.array_namespace(*arrays)


def is_numpy(x: Array) -> bool:
    """Say whether `x` is a NumPy array."""
    return isinstance(x, np.ndarray)


def is_complex(x: Array) -> bool:
    """Say whether `x` holds complex numbers."""
    return bool(namespace(x).isdtype(x.dtype, "complex floating"))


def as_working(value: Any) -> Array:
    """Return `value` as an array in a working precision; lists become NumPy arrays.

    float16 becomes float32, integers and bools become float64, float32, float64 and their complex
    kin stay. Raises TypeError for anything else, longdouble included: no FFT here keeps it.
    """
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError("a masked array, whose mask would be lost")
    x = value if compat.is_array_api_obj(value) and not isinstance(value, np.ndarray) else np.asarray(value)
    xp = namespace(x)
    if is_numpy(x) and not x.dtype.isnative:  # FITS and other files in network order
        x = x.astype(x.dtype.newbyteorder("="))
    if xp.isdtype(x.dtype, ("bool", "integral")):
        return xp.astype(x, xp.float64)
    if x.dtype in (xp.float32, xp.float64, xp.complex64, xp.complex128):
        return x
    if str(x.dtype).rpartition(".")[2] in ("float16", "bfloat16"):
        return xp.astype(x, xp.float32)
    raise TypeError(f"dtype {x.dtype}")


def like(host: np.ndarray, x: Array) -> Array:
    """Return a host array in the namespace, on the device and in the precision of `x`.

    A complex host array stays complex: precision follows the data, complexness is promoted.
    """
    xp = namespace(x)
    single = x.dtype in (xp.float32, xp.complex64)
    if np.iscomplexobj(host):
        cast = host.astype(np.complex64 if single else np.complex128, copy=False)
    else:
        cast = host.astype(np.float32 if single else np.float64, copy=False)
    if is_numpy(x):
        return cast
    # A copy: PyTorch takes neither negative strides nor memory that must not be written.
    return xp.asarray(cast.copy(), device=compat.device(x))


def take(x: Array, index: np.ndarray, axis: int) -> Array:
    """Return the entries of `x` at integer positions along one axis."""
    xp = namespace(x)
    return xp.take(x, xp.asarray(index, device=compat.device(x)), axis=axis)


def along(ndim: int, axis: int, part: slice) -> tuple[slice, ...]:
    """Return the index that takes `part` of one axis and all of the others."""
    return tuple(part if i == axis else slice(None) for i in range(ndim))


def precision_key(x: Array) -> tuple[str, str, bool]:
    """Return a key under which values made for `x` may be kept: library, device, precision."""
    xp = namespace(x)
    return xp.__name__, str(compat.device(x)), x.dtype in (xp.float32, xp.complex64)


def constant(value: float, shape: tuple[int, ...], x: Array) -> Array:
    """Return an array that holds one number, not to be written: NumPy keeps it once."""
    xp = namespace(x)
    return xp.broadcast_to(xp.asarray(value, dtype=x.dtype, device=compat.device(x)), shape)


def is_constant(x: Array) -> bool:
    """Say whether `x` is a NumPy array that keeps one number for all its entries."""
    return is_numpy(x) and x.size > 1 and not any(x.strides)


def zeros_like_data(shape: tuple[int, ...], x: Array, *, complex_: bool = False) -> Array:
    """Return zeros of the given shape in the library, device and precision of `x`."""
    xp = namespace(x)
    dtype = x.dtype
    if complex_:
        dtype = xp.complex64 if x.dtype in (xp.float32, xp.complex64) else xp.complex128
    return xp.zeros(shape, dtype=dtype, device=compat.device(x))


def add_at(x: Array, index: tuple[Any, ...], value: Array) -> Array:
    """Add `value` to ``x[index]`` and return `x`: in place where arrays are mutable."""
    if hasattr(x, "at"):  # JAX: arrays are frozen, the update returns a new one
        return x.at[index].add(value)
    x[index] += value
    return x


def put_at(x: Array, index: tuple[Any, ...], value: Array) -> Array:
    """Set ``x[index]`` and return `x`, as `add_at`."""
    if hasattr(x, "at"):
        return x.at[index].set(value)
    x[index] = value
    return x


def to_numpy(x: Array) -> np.ndarray:
    """Copy `x` to the host: for kernels, reports and files, never inside a computation."""
    if isinstance(x, np.ndarray):
        return x
    if compat.is_torch_array(x):
        return np.asarray(x.detach().cpu().resolve_conj())
    if compat.is_cupy_array(x):
        return np.asarray(x.get())
    return np.asarray(x)
