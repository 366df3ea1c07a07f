"""Colors and channels: a method for one picture becomes one for each of them."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from invdeconv import checks
from invdeconv.arrays import Array, namespace
from invdeconv.noise import Gaussian, Poisson
from invdeconv.operators import LinearOperator
from invdeconv.result import Result, Status

__all__ = ["by_channel"]

Method = TypeVar("Method", bound=Callable[..., Result])


def by_channel(method: Method) -> Method:
    """Make a method restore the channels along its keyword `channel_axis` one by one."""

    @functools.wraps(method)
    def restored(data: Any, blur: Any, *, channel_axis: int | None = None, **options: Any) -> Result:
        if channel_axis is None:
            return method(data, blur, **options)
        name = method.__name__
        if isinstance(blur, LinearOperator):
            advice = "An operator has its own axes: build it for all channels, or pass one channel."
            checks.refuse(name, "channel_axis", "be None beside an operator", repr(channel_axis), advice)
        data, blur = _array(name, "data", data), _array(name, "psf", blur)
        ndim = len(data.shape)
        axis = checks.axis(name, "channel_axis", channel_axis, ndim)
        if ndim < 2 or data.shape[axis] == 0:
            advice = "A single signal or picture needs no channel_axis."
            checks.refuse(name, "data", "have channels beside another axis", tuple(data.shape), advice)
        if blur.ndim not in (ndim - 1, ndim):
            what = f"have as many dimensions as a channel ({ndim - 1}), or one more"
            checks.refuse(name, "psf", what, blur.ndim, "Pass one for all channels, or one for each.")
        split = _Split(name, ndim, axis, data.shape[axis])
        results = [
            method(
                split.part("data", data, index),
                split.part("psf", blur, index),
                **{key: split.part(key, value, index) for key, value in options.items()},
            )
            for index in range(split.count)
        ]
        return _joined(results, axis)

    return cast(Method, restored)


@dataclasses.dataclass(frozen=True)
class _Split:
    function: str
    ndim: int
    axis: int
    count: int

    def part(self, argument: str, value: Any, index: int) -> Any:
        """Return what belongs to one channel: a part of what has the axis, all of what has not."""
        if isinstance(value, Gaussian | Poisson):
            arrays = {
                field.name: self.part(f"{argument}.{field.name}", getattr(value, field.name), index)
                for field in dataclasses.fields(value)
            }
            return dataclasses.replace(value, **arrays)
        if isinstance(value, Result) and value.channels:
            self._check(argument, len(value.channels))
            return value.channels[index]
        if getattr(value, "ndim", 0) != self.ndim:
            return value
        self._check(argument, value.shape[self.axis])
        return value[_index(self.ndim, self.axis, index)]

    def _check(self, argument: str, count: int) -> None:
        if count != self.count:
            what = f"have {self.count} channels along axis {self.axis}, or not that axis"
            checks.refuse(self.function, argument, what, count, "Pass one for all channels, or one for each.")


def _joined(results: list[Result], axis: int) -> Result:
    """Return one result for all channels: the worst status, the longest history, the time of all."""
    estimate = namespace(results[0].estimate).stack([result.estimate for result in results], axis=axis)
    ndim = len(estimate.shape)
    longest = max(results, key=lambda result: result.n_iter)
    names = dict.fromkeys(name for result in results for name in result.parameters)
    parameters = {name: _shared([result.parameters.get(name) for result in results]) for name in names}
    known = [result.optimality for result in results if result.optimality is not None]
    return Result(
        estimate,
        max((result.status for result in results), key=list(Status).index),
        n_iter=longest.n_iter,
        parameters={**parameters, "channel_axis": axis},
        optimality=max(known, default=None),
        history=longest.history,
        method=", ".join(dict.fromkeys(result.method for result in results)),
        seconds=sum(result.seconds for result in results),
        channels=tuple(
            dataclasses.replace(result, estimate=estimate[_index(ndim, axis, index)])
            for index, result in enumerate(results)
        ),
    )


def _shared(values: list[Any]) -> Any:
    """Return the value all channels share, or one value for each."""
    first = values[0]
    return first if all(value is first or value == first for value in values) else tuple(values)


def _index(ndim: int, axis: int, index: int) -> tuple[Any, ...]:
    return tuple(index if i == axis else slice(None) for i in range(ndim))


def _array(function: str, argument: str, value: Any) -> Array:
    """Return an array as it is, in any precision: each channel is converted when its turn comes."""
    return value if hasattr(value, "ndim") else checks.finite_array(function, argument, value)
