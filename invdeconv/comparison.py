"""Many methods on one observation, side by side."""

from __future__ import annotations

import json
import math
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np

from invdeconv import metrics, restoration
from invdeconv.arrays import Array, namespace, norm, to_numpy
from invdeconv.checks import finite_array, refuse
from invdeconv.errors import InputWarning, InvalidInputError, SolverError
from invdeconv.operators import Convolution, LinearOperator
from invdeconv.result import Result
from invdeconv.simulate import Observation

__all__ = ["Comparison", "Entry", "compare"]

Method: TypeAlias = Callable[[Array, Any], Result | Array]

# Cᵀ first: the others complete it.
_DEFAULT = (
    "adjoint",
    "pseudo_inverse",
    "truncated_svd",
    "tikhonov",
    "wiener",
    "landweber",
    "richardson_lucy",
)

# metric: heading and number format in the table.
_COLUMNS = {
    "relative_error": ("rel. error", ".4g"),
    "best_scaled_error": ("best-scaled", ".4g"),
    "psnr": ("PSNR/dB", ".2f"),
    "isnr": ("ISNR/dB", ".2f"),
    "ssim": ("SSIM", ".4f"),
    "residual_whiteness": ("whiteness", ".3g"),
    "seconds": ("seconds", ".3f"),
}


@dataclass(frozen=True, eq=False)
class Entry:
    """One row of a comparison.

    Attributes
    ----------
    name : str
        The method, or "data" for the data taken as they are.
    estimate : array or None
        None where the method refused.
    result : Result or None
        None for the data, for a refusal, and where the method returned a bare array.
    refusal : str or None
        Why there is no estimate.
    metrics : mapping of str to float or None
        None where a metric is not defined: no truth, another shape, a constant picture, an exact fit.
    seconds : float
        Wall time of the call.
    warnings : tuple of str
        What the method found suspicious.
    """

    name: str
    estimate: Array | None
    result: Result | None
    refusal: str | None
    metrics: Mapping[str, float | None]
    seconds: float
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "metrics", MappingProxyType(dict(self.metrics)))

    def __reduce__(self) -> tuple[Any, ...]:
        # A mapping proxy does not pickle; the constructor wraps a plain dict again.
        named = (self.name, self.estimate, self.result, self.refusal, dict(self.metrics))
        return Entry, (*named, self.seconds, self.warnings)


@dataclass(frozen=True, eq=False)
class Comparison:
    """What each method made of one observation; ``print`` shows a table.

    Iterates over its entries; ``comparison["wiener"]`` is one of them.

    Attributes
    ----------
    observation : Observation
        The data, the blur, and the truth where it is known.
    entries : tuple of Entry
        In the order the methods were given, the data first where their shape is the estimate's.
    """

    observation: Observation
    entries: tuple[Entry, ...]

    def __getitem__(self, name: str) -> Entry:
        for entry in self.entries:
            if entry.name == name:
                return entry
        raise KeyError(f"no entry {name!r}: there are {', '.join(entry.name for entry in self.entries)}")

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __str__(self) -> str:
        values = [{**entry.metrics, "seconds": entry.seconds} for entry in self.entries]
        shown = [key for key in _COLUMNS if any(row[key] is not None for row in values)]
        width = max(len(entry.name) for entry in self.entries)
        lines = [" " * width + "".join(f"  {_COLUMNS[key][0]:>11}" for key in shown)]
        for entry, row in zip(self.entries, values, strict=True):
            cells = "".join(f"  {_cell(key, row[key]):>11}" for key in shown)
            lines.append(
                f"{entry.name:<{width}}" + (cells if entry.refusal is None else f"  {_refused(entry)}")
            )
        lines += [f"{entry.name}: {text}" for entry in self.entries for text in entry.warnings]
        return "\n".join(lines)

    def to_dict(self, *, arrays: bool = False) -> dict[str, Any]:
        """Return everything but the arrays as plain Python values.

        Parameters
        ----------
        arrays : bool
            Include data, blur, truth and estimates as nested lists; complex ones as a mapping with
            "real" and "imag".

        Returns
        -------
        dict
            ``schema_version`` 1, ``observation`` (shapes, noise, blur) and ``entries`` (name,
            method, status, parameters, metrics, refusal, warnings, seconds). Infinite values are
            the strings "inf" and "-inf", undefined ones None: JSON has neither.
        """
        seen = self.observation
        has_operator = isinstance(seen.blur, LinearOperator)
        observation: dict[str, Any] = {
            "data_shape": list(seen.data.shape),
            "truth_shape": None if seen.truth is None else list(seen.truth.shape),
            "blur": str(seen.blur) if has_operator else f"PSF {_shape(seen.blur)}",
            "noise": seen.noise,
        }
        if arrays:
            observation["data"] = _nested(seen.data)
            observation["truth"] = None if seen.truth is None else _nested(seen.truth)
            observation["psf"] = None if has_operator else _nested(seen.blur)
        entries = [_entry_dict(entry, arrays=arrays) for entry in self.entries]
        return {"schema_version": 1, "observation": observation, "entries": entries}

    def to_json(self, *, arrays: bool = False) -> str:
        """Return `to_dict` as JSON text.

        Parameters
        ----------
        arrays : bool
            As in `to_dict`.

        Returns
        -------
        str
            Strict JSON, non-ASCII characters kept.
        """
        return json.dumps(self.to_dict(arrays=arrays), ensure_ascii=False, allow_nan=False, indent=1)


def compare(observation: Observation, methods: Mapping[str, Method] | None = None) -> Comparison:
    """Run many methods on one observation and measure each.

    Every method sees the same data and the same blur. Errors against the truth are measured where
    there is one; the whiteness of the residual data - C(estimate) always: a good fit leaves noise,
    an over-smoothed one leaves structure. For a PSF the residual is taken inside, half a PSF from
    the border, where no boundary model enters.

    Parameters
    ----------
    observation : Observation
        From `observe`, or made from real data and a PSF.
    methods : mapping of str to callable, optional
        Name to ``method(data, blur)``, which returns a Result or an array. By default the seven of
        `restoration` with parameters chosen automatically, Cᵀ first. Set parameters with a lambda
        or ``functools.partial``.

    Returns
    -------
    Comparison
        The data themselves come first where estimates have their shape: a method below that row is
        worse than doing nothing. A method that refuses the data, diverges, or returns an estimate
        of a wrong shape has a row saying so.

    Raises
    ------
    InvalidInputError
        If `observation` is no Observation, or `methods` is empty, holds something that is not
        callable, or uses the name "data".

    Notes
    -----
    Methods run one after the other; a warning from one is kept in its entry and printed below the
    table.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv.operators import Convolution
    >>> C = Convolution([[1, 0], [-1, -2]], (4, 4), stride=2, padding="valid", correlate=True)
    >>> comparison = compare(Observation(C(np.ones((4, 4))), C, np.ones((4, 4))))
    >>> round(comparison["adjoint"].metrics["relative_error"], 4)
    2.2361
    >>> comparison["richardson_lucy"].refusal is None
    False
    """
    _check_observation(observation)
    chosen = _checked(methods)
    entries = [_run(name, method, observation) for name, method in chosen.items()]
    if _estimate_shape(observation) == tuple(observation.data.shape):
        as_is = Entry("data", observation.data, None, None, _measure(observation.data, observation), 0.0)
        entries.insert(0, as_is)
    return Comparison(observation, tuple(entries))


def _check_observation(value: object) -> None:
    if not isinstance(value, Observation):
        advice = "Make one with observe(truth, blur) or Observation(data, psf)."
        refuse("compare", "observation", "be an Observation", type(value).__name__, advice)


def _checked(methods: Mapping[str, Method] | None) -> dict[str, Method]:
    if methods is None:
        return {name: getattr(restoration, name) for name in _DEFAULT}
    advice = 'For example {"mine": lambda data, blur: wiener(data, blur)}.'
    if not isinstance(methods, Mapping) or not methods:
        refuse("compare", "methods", "map names to callables", repr(methods), advice)
    for name, method in methods.items():
        if not isinstance(name, str) or name == "data":
            refuse("compare", "methods", 'have names other than "data"', repr(name), "Rename it.")
        if not callable(method):
            refuse("compare", "methods", "map names to callables", f"{name}: {method!r}", advice)
    return dict(methods)


def _run(name: str, method: Method, observation: Observation) -> Entry:
    """Call one method; a refusal is a row, a warning is kept, any other exception is the caller's."""
    began = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", InputWarning)
        try:
            returned = method(observation.data, observation.blur)
            refusal = None
        except (InvalidInputError, SolverError) as error:
            returned, refusal = None, str(error)
    seconds = time.perf_counter() - began
    told = tuple(str(item.message) for item in caught if issubclass(item.category, InputWarning))
    for item in caught:
        if not issubclass(item.category, InputWarning):
            warnings.warn_explicit(item.message, item.category, item.filename, item.lineno)
    result = returned if isinstance(returned, Result) else None
    estimate = returned if result is None else result.estimate
    if refusal is None:
        estimate, refusal = _accepted(name, estimate, _estimate_shape(observation))
    return Entry(name, estimate, result, refusal, _measure(estimate, observation), seconds, told)


def _accepted(name: str, estimate: Any, expected: tuple[int, ...]) -> tuple[Array | None, str | None]:
    try:
        estimate = finite_array("compare", f"the estimate of {name}", estimate)
    except InvalidInputError as error:
        return None, str(error)
    if tuple(estimate.shape) != expected:
        return (
            None,
            f"compare: the estimate of {name} must have shape {expected}; got {tuple(estimate.shape)}.",
        )
    return estimate, None


def _estimate_shape(observation: Observation) -> tuple[int, ...]:
    blur = observation.blur
    return blur.input_shape if isinstance(blur, LinearOperator) else tuple(observation.data.shape)


def _measure(estimate: Array | None, observation: Observation) -> dict[str, float | None]:
    values: dict[str, float | None] = dict.fromkeys(key for key in _COLUMNS if key != "seconds")
    truth, data = observation.truth, observation.data
    if estimate is None:
        return values
    if truth is not None:
        values["relative_error"] = _or_none(metrics.relative_error, estimate, truth)
        values["best_scaled_error"] = _or_none(metrics.best_scaled_error, estimate, truth)
        values["psnr"] = _or_none(metrics.psnr, estimate, truth)
        if truth.shape == data.shape:
            values["isnr"] = _or_none(metrics.isnr, estimate, truth, data)
        if truth.ndim == 2:
            values["ssim"] = _or_none(metrics.ssim, estimate, truth)
    residual = _residual(estimate, observation)
    # A residual of rounding errors is an exact fit: it has no structure to judge.
    if residual is not None and norm(residual) > 1e3 * _eps(data) * norm(data):
        values["residual_whiteness"] = _or_none(metrics.residual_whiteness, residual)
    return values


def _residual(estimate: Array, observation: Observation) -> Array | None:
    """Return data - C(estimate); for a PSF only where the whole PSF lies on the estimate."""
    data, blur = observation.data, observation.blur
    if isinstance(blur, LinearOperator):
        return data - blur(estimate)
    sizes = tuple(zip(data.shape, blur.shape, strict=True))
    if any(n < k for n, k in sizes):
        return None
    inside = tuple(slice(k - 1 - k // 2, n - k // 2) for n, k in sizes)
    return data[inside] - Convolution(blur, tuple(data.shape), padding="valid")(estimate)


def _or_none(metric: Callable[..., float], *arrays: Array) -> float | None:
    """Return the metric, or None where it says that it is not defined."""
    try:
        value = float(metric(*arrays))
    except InvalidInputError:
        return None
    return None if math.isnan(value) else value


def _eps(array: Array) -> float:
    return float(namespace(array).finfo(array.dtype).eps)


def _entry_dict(entry: Entry, *, arrays: bool) -> dict[str, Any]:
    result = entry.result
    described = {
        "name": entry.name,
        "method": None if result is None else result.method,
        "status": None if result is None else result.status.name,
        "n_iter": None if result is None else result.n_iter,
        "parameters": {} if result is None else {k: _plain(v) for k, v in result.parameters.items()},
        "metrics": {key: _plain(value) for key, value in entry.metrics.items()},
        "refusal": entry.refusal,
        "warnings": list(entry.warnings),
        "seconds": entry.seconds,
    }
    if arrays:
        described["estimate"] = None if entry.estimate is None else _nested(entry.estimate)
    return described


def _plain(value: Any) -> Any:
    """Return a value JSON can hold; arrays and operators become their description."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, LinearOperator) or not hasattr(value, "dtype"):
        return str(value)
    return f"array {_shape(value)}"


def _nested(array: Array) -> Any:
    host = to_numpy(array)
    if np.iscomplexobj(host):
        return {"real": host.real.tolist(), "imag": host.imag.tolist()}
    return host.tolist()


def _cell(key: str, value: float | None) -> str:
    return "-" if value is None else format(value, _COLUMNS[key][1])


def _refused(entry: Entry) -> str:
    return f"refused: {entry.refusal}"


def _shape(array: Array) -> str:
    return " × ".join(map(str, array.shape))
