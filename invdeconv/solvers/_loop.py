"""The one loop: it owns stopping, history, timing, the callback, finiteness and memory."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from invdeconv.arrays import Array, recycling
from invdeconv.errors import SolverError
from invdeconv.result import Iteration, Result, Status

if TYPE_CHECKING:
    from invdeconv.solvers._stopping import StoppingRule

__all__ = ["Callback", "Step", "iterate"]

# Called after each step; returning True stops.
Callback: TypeAlias = Callable[[Iteration], bool | None]


class Step(NamedTuple):
    """What a generator of iterates yields where rules look at more than one measure, or a run can resume.

    `state` returns what is needed to go on from here; asked for once, at the end, so that no step has to keep
    the arrays of the one before.
    """

    estimate: Array
    measure: float
    figures: Mapping[str, float] = {}
    state: Callable[[], Mapping[str, Any]] = dict


def iterate(
    steps: Iterator[Step | tuple[Array, float]],
    *,
    method: str,
    start: Array,
    max_iter: int,
    rtol: float | None = None,
    stop: StoppingRule | None = None,
    before: Result | None = None,
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
    stop : StoppingRule, optional
        Looks at the figures of each `Step`, beside or instead of `rtol`.
    before : Result, optional
        What is resumed: its history goes on, and `max_iter` counts from its end.
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
        If the measure of an iterate is not finite; it carries the last good result, which cannot be resumed.
    """
    began = time.perf_counter()
    history = [] if before is None else list(before.history)
    first = len(history) + 1
    estimate = start
    state: Callable[[], Mapping[str, Any]] = dict if before is None else lambda: before.state
    status = Status.ITERATIONS_DONE if rtol is None and stop is None else Status.TOLERANCE_NOT_MET

    def result(status: Status) -> Result:
        return Result(
            estimate,
            status,
            n_iter=len(history),
            parameters=parameters or {},
            optimality=history[-1].measure if history else None,
            history=tuple(history),
            state=state(),
            method=method,
            seconds=time.perf_counter() - began,
        )

    with recycling():
        for number, step in enumerate(islice(steps, max_iter), first):
            candidate, measure, figures, latest = Step(*step)
            if not math.isfinite(measure):
                message = f"{method}: iterate {number} is not finite; the last good result is attached"
                state = dict  # that of the last good iterate is gone
                raise SolverError(message, result(Status.ITERATIONS_DONE))
            estimate, state = candidate, latest
            elapsed = time.perf_counter() - began
            history.append(Iteration(number, None, measure, elapsed, figures))
            if rtol is not None and measure <= rtol:
                status = Status.CONVERGED
                break
            met = None if stop is None else stop.met(history)
            if met is not None:
                status = met
                break
            if callback is not None and callback(Iteration(number, candidate, measure, elapsed, figures)):
                status = Status.STOPPED_BY_CALLBACK
                break
        else:
            if len(history) < first - 1 + max_iter:
                status = Status.STAGNATED
    return result(status)
