"""The one loop: it owns stopping, history, timing, the callback and finiteness."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeAlias

from invdeconv.arrays import Array
from invdeconv.errors import SolverError
from invdeconv.result import Iteration, Result, Status

__all__ = ["Callback", "iterate"]

# Called after each step; returning True stops.
Callback: TypeAlias = Callable[[Iteration], bool | None]


def iterate(
    steps: Iterator[tuple[Array, float]],
    *,
    method: str,
    start: Array,
    max_iter: int,
    rtol: float | None = None,
    callback: Callback | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> Result:
    """Run a generator of (iterate, measure) and report.

    Parameters
    ----------
    steps : iterator of (array, float)
        Each iterate with the measure its stopping rule looks at; iterates are not written to again. It
        ends where rounding leaves nothing to gain.
    method : str
        Name for the result and for errors.
    start : array
        What the iteration starts from: the estimate if no step is done.
    max_iter : int
        Steps at most.
    rtol : float, optional
        Stop when the measure is at most this; without it all `max_iter` steps are the plan.
    callback : callable, optional
        Gets each `Iteration`; returning True stops.
    parameters : mapping, optional
        Passed on to the result.

    Returns
    -------
    Result

    Raises
    ------
    SolverError
        If the measure of an iterate is not finite; it carries the last good result.
    """
    began = time.perf_counter()
    history: list[Iteration] = []
    estimate = start
    status = Status.ITERATIONS_DONE if rtol is None else Status.TOLERANCE_NOT_MET

    def result(status: Status) -> Result:
        return Result(
            estimate,
            status,
            n_iter=len(history),
            parameters=parameters or {},
            optimality=history[-1].measure if history else None,
            history=tuple(history),
            method=method,
            seconds=time.perf_counter() - began,
        )

    for number, (candidate, measure) in enumerate(islice(steps, max_iter), 1):
        if not math.isfinite(measure):
            message = f"{method}: iterate {number} is not finite; the last good result is attached"
            raise SolverError(message, result(Status.ITERATIONS_DONE))
        estimate = candidate
        elapsed = time.perf_counter() - began
        history.append(Iteration(number, None, measure, elapsed))
        if rtol is not None and measure <= rtol:
            status = Status.CONVERGED
            break
        if callback is not None and callback(Iteration(number, candidate, measure, elapsed)):
            status = Status.STOPPED_BY_CALLBACK
            break
    else:
        if len(history) < max_iter:
            status = Status.STAGNATED
    return result(status)
