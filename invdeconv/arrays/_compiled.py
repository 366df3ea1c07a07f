"""One plain source for a recursion: compiled where numba is installed, plain Python everywhere."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

__all__ = ["Kernel", "compiled", "has_compiler", "reassociated"]


class Kernel:
    """A function of arrays that is compiled on its first call, if numba is there.

    Attributes
    ----------
    py_func : callable
        The plain function.
    """

    def __init__(self, py_func: Callable[..., Any], **options: Any) -> None:
        self.py_func = py_func
        self._options = options
        functools.update_wrapper(self, py_func)

    def __call__(self, *args: Any) -> Any:
        return (self.machine_code if has_compiler() else self.py_func)(*args)

    @functools.cached_property
    def machine_code(self) -> Callable[..., Any]:
        """The compiled function; numba is imported here, never with the package."""
        # The compiler knows functions, not this class: kernels that this one calls go in compiled.
        used = {name: self.py_func.__globals__.get(name) for name in self.py_func.__code__.co_names}
        inner = {name: value.machine_code for name, value in used.items() if isinstance(value, Kernel)}
        plain = types.FunctionType(
            self.py_func.__code__, {**self.py_func.__globals__, **inner}, self.py_func.__name__
        )
        # One thread: numba's OpenMP layer is never started, whose spinning threads halve FFT speed.
        return _numba().njit(nogil=True, cache=True, error_model="numpy", **self._options)(plain)


def compiled(function: Callable[..., Any]) -> Kernel:
    """Decorate a recursion written in plain Python on arrays; its sums keep their order."""
    return Kernel(function)


def reassociated(function: Callable[..., Any]) -> Kernel:
    """Decorate as `compiled`, where sums may be taken in any order: in vectors, equal to rounding.

    Not for recursions that live on exact symmetry or exact ties. NaN and infinity keep their rules.
    """
    # Not "contract": numba shares complex products between kernels, and fused ones would reach the others.
    return Kernel(function, fastmath={"reassoc"})


def has_compiler() -> bool:
    """Say whether numba can be used: the extra ``fast``."""
    return _numba() is not None


@functools.cache
def _numba() -> Any:
    try:
        import numba
    except ImportError:  # absent, or not made for this NumPy
        return None
    return numba
