"""Argument checks; the one place that words an error.

Every message reads ``{function}: {argument} must {requirement}; got {value}. {what to do}``
and is raised before any computation.
"""

from __future__ import annotations

import inspect
import math
import operator
import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from numbers import Real
from typing import Any, NoReturn, TypeVar

import numpy as np

from invdeconv.arrays import Array, as_working, namespace
from invdeconv.errors import InputWarning, InvalidInputError

__all__ = [
    "axis",
    "choice",
    "finite",
    "finite_array",
    "flag",
    "integer",
    "integers",
    "kernel",
    "nonnegative",
    "optional_callable",
    "per_axis",
    "positive",
    "refuse",
    "shape",
    "warn",
]


T = TypeVar("T")


def refuse(function: str, argument: str, requirement: str, got: object, advice: str) -> NoReturn:
    """Raise `InvalidInputError` in the one format."""
    raise InvalidInputError(f"{function}: {argument} must {requirement}; got {got}. {advice}")


def warn(code: str, message: str, advice: str) -> None:
    """Issue an `InputWarning`, ``{code} {message}. {advice}``, at the line that called the package."""
    level, frame = 1, inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "invdeconv":
        level, frame = level + 1, frame.f_back
    warnings.warn(f"{code} {message}. {advice}", InputWarning, stacklevel=level)


def choice(function: str, argument: str, value: object, allowed: Iterable[str]) -> str:
    """Return `value` if it is one of the allowed words."""
    words = list(allowed)
    if not isinstance(value, str) or value not in words:
        refuse(function, argument, f"be one of {', '.join(words)}", repr(value), "Check the spelling.")
    return value


def flag(function: str, argument: str, value: object) -> bool:
    """Return `value` if it is a bool."""
    if not isinstance(value, bool | np.bool_):
        refuse(function, argument, "be True or False", repr(value), "Pass a bool.")
    return bool(value)


def finite(function: str, argument: str, value: object, advice: str) -> float:
    """Return `value` as a finite float."""
    number = _finite(value)
    if number is None:
        refuse(function, argument, "be a finite number", repr(value), advice)
    return number


def nonnegative(function: str, argument: str, value: object, advice: str = "Pass a number >= 0.") -> float:
    """Return `value` as a finite float >= 0."""
    number = _finite(value)
    if number is None or number < 0:
        refuse(function, argument, "be a finite number >= 0", repr(value), advice)
    return number


def positive(function: str, argument: str, value: object, advice: str = "Pass a number > 0.") -> float:
    """Return `value` as a finite float > 0."""
    number = _finite(value)
    if number is None or number <= 0:
        refuse(function, argument, "be a finite number > 0", repr(value), advice)
    return number


def _finite(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        number = float(value)
    except OverflowError:  # an int beyond the range of floats
        return None
    return number if math.isfinite(number) else None


def optional_callable(function: str, argument: str, value: object) -> None:
    """Check that `value` is None or can be called."""
    if value is not None and not callable(value):
        advice = "Pass a function of one Iteration, or leave it out."
        refuse(function, argument, "be callable", repr(value), advice)


def integer(function: str, argument: str, value: object, *, minimum: int) -> int:
    """Return `value` as an int >= minimum; floats and bools are refused."""
    number = _whole(value)
    if number is None or number < minimum:
        refuse(function, argument, f"be an integer >= {minimum}", repr(value), "Pass a whole number.")
    return number


def _whole(value: object) -> int | None:
    try:
        return None if isinstance(value, bool) else operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        return None


def integers(function: str, argument: str, value: object, ndim: int, *, minimum: int) -> tuple[int, ...]:
    """Return one int per axis; a single int serves all axes."""
    return per_axis(function, argument, value, ndim, partial(integer, minimum=minimum))


def per_axis(
    function: str, argument: str, value: object, ndim: int, check: Callable[[str, str, object], T]
) -> tuple[T, ...]:
    """Return one checked number per axis; a single number serves all axes."""
    if isinstance(value, Sequence | np.ndarray) and not isinstance(value, str):
        if len(value) != ndim:
            advice = f"Pass one number, or {ndim} of them."
            refuse(function, argument, f"have one entry per axis ({ndim})", f"{len(value)} entries", advice)
        return tuple(check(function, argument, item) for item in value)
    return (check(function, argument, value),) * ndim


def axis(function: str, argument: str, value: object, ndim: int) -> int:
    """Return an axis of an array of `ndim` dimensions, counted from the front."""
    number = _whole(value)
    if number is None or not -ndim <= number < ndim:
        requirement = f"be an integer from {-ndim} to {ndim - 1}"
        refuse(function, argument, requirement, repr(value), "Pass an axis of the data; -1 is the last.")
    return number % ndim


def shape(function: str, argument: str, value: object) -> tuple[int, ...]:
    """Return a shape: a non-empty tuple of ints >= 1; a single int is a 1-D shape."""
    if isinstance(value, float | str):
        refuse(function, argument, "be a tuple of integers", repr(value), "Pass (n,) for a signal.")
    sizes = tuple(value) if isinstance(value, Iterable) else (value,)
    if not sizes:
        refuse(function, argument, "have at least one axis", "()", "Pass (n,) for a signal.")
    return tuple(integer(function, argument, size, minimum=1) for size in sizes)


def finite_array(function: str, argument: str, value: Any) -> Array:
    """Return `value` as a non-empty, finite array in a working precision."""
    try:
        array = as_working(value)
    except (TypeError, ValueError) as error:
        refuse(function, argument, "be a numeric array", error, "Convert it to float32, float64 or complex.")
    if array.ndim == 0:
        refuse(function, argument, "have at least one axis", "a scalar", "Wrap it in a 1-D array.")
    if math.prod(array.shape) == 0:
        advice = "Check how it was cropped or loaded."
        refuse(function, argument, "not be empty", f"shape {tuple(array.shape)}", advice)
    xp = namespace(array)
    if not bool(xp.all(xp.isfinite(array))):
        bad = int(xp.sum(xp.astype(~xp.isfinite(array), xp.int64)))
        advice = "Replace or mask the NaN and infinite values."
        refuse(function, argument, "be finite", f"{bad} values that are not", advice)
    return array


def kernel(function: str, argument: str, value: Any) -> Array:
    """Return a kernel: a finite array with at least one value that is not zero."""
    array = finite_array(function, argument, value)
    xp = namespace(array)
    if not bool(xp.any(array != 0)):
        advice = "A zero kernel erases everything; check how it was cropped or loaded."
        refuse(function, argument, "not be all zeros", f"shape {tuple(array.shape)}", advice)
    return array
