"""What every restoration returns."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from invdeconv.arrays import Array

__all__ = ["Iteration", "Result", "Status"]


class Status(enum.Enum):
    """Why a computation ended, from best to worst; the value is the advice."""

    CLOSED_FORM = "Exact to rounding: a closed form, nothing to wait for."
    CONVERGED = "The stopping rule was met."
    NOISE_REACHED = "The residual is as large as the noise: what further iterations add is noise."
    COUNT_REACHED = "The iterations that the scene and its noise ask for were done."
    FLAT = "The fit hardly improves any more: what further iterations add is mostly noise."
    ITERATIONS_DONE = "All iterations asked for were done. That is a choice of smoothness, not a failure."
    TOLERANCE_NOT_MET = "The tolerance was not met within max_iter. Raise max_iter or rtol, or regularize."
    STAGNATED = (
        "Nothing is left to gain in this precision, and the rule is not met. Loosen it, or regularize."
    )
    STOPPED_BY_CALLBACK = "The callback asked to stop. `estimate` is the last iterate."


@dataclass(frozen=True, slots=True)
class Iteration:
    """One step of an iterative method, as passed to callbacks and kept in the history.

    Attributes
    ----------
    number : int
        Counts from 1.
    estimate : array or None
        The iterate, valid until the next step: copy what you keep. None in a history.
    measure : float
        What the stopping rule looks at, named in ``Result.parameters["measure"]``.
    seconds : float
        Since the start of the iteration.
    figures : mapping
        What else the stopping rules may look at, by name.
    """

    number: int
    estimate: Array | None
    measure: float
    seconds: float
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Result:
    """The outcome of a restoration.

    Attributes
    ----------
    estimate : array
        Same library, device and precision as the data.
    status : Status
        Why the computation ended; ``status.value`` says what to do about it.
    n_iter : int
        Iterations done; 0 for a closed form.
    parameters : mapping
        The values in force, chosen ones among them (``lam``, ``boundary``, …).
    optimality : float or None
        Relative size of what is zero at the solution; None where a closed form needs no such proof.
    history : tuple of Iteration
        One entry per iteration, without the iterates.
    state : mapping
        What the method needs to resume.
    method : str
        The method and the path taken, for example "tikhonov (periodic DFT)".
    seconds : float
        Wall time.
    channels : tuple of Result
        Beside a `channel_axis` the result of each channel, its estimate a view. The rest then tells of all:
        parameters that differ are tuples, the status is the worst, optimality the largest, the history the
        longest, the seconds those of all channels.
    """

    estimate: Array
    status: Status
    n_iter: int = 0
    parameters: Mapping[str, Any] = field(default_factory=dict)
    optimality: float | None = None
    history: tuple[Iteration, ...] = ()
    state: Mapping[str, Any] = field(default_factory=dict)
    method: str = ""
    seconds: float = 0.0
    channels: tuple[Result, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))
        object.__setattr__(self, "state", MappingProxyType(dict(self.state)))

    @property
    def converged(self) -> bool:
        """Whether the estimate solves the stated problem: a closed form, or a stopping rule that was met."""
        met = (Status.CONVERGED, Status.NOISE_REACHED, Status.COUNT_REACHED, Status.FLAT)
        return self.status is Status.CLOSED_FORM or self.status in met

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:  # noqa: FBT001  NumPy's protocol
        if not isinstance(self.estimate, np.ndarray):
            raise TypeError(f"the estimate is a {type(self.estimate).__name__}, not NumPy: use .estimate")
        if copy is False and dtype is not None and np.dtype(dtype) != self.estimate.dtype:
            raise ValueError(f"a {self.estimate.dtype} estimate cannot be viewed as {dtype} without a copy")
        return np.array(self.estimate, dtype=dtype, copy=True if copy else None)

    def __reduce__(self) -> tuple[Any, ...]:
        # A mapping proxy does not pickle; the constructor wraps plain dicts again.
        names = ("estimate", "status", "n_iter", "parameters", "optimality", "history", "state", "method")
        values = [getattr(self, name) for name in names]
        plain = [dict(value) if isinstance(value, MappingProxyType) else value for value in values]
        return Result, (*plain, self.seconds, self.channels)

    def __repr__(self) -> str:
        shape = " × ".join(map(str, self.estimate.shape))
        chosen = ", ".join(f"{k}={_short(v)}" for k, v in self.parameters.items())
        done = f", {self.n_iter} iterations" if self.n_iter else ""
        return f"Result({self.method}: {shape}, {self.status.name}{done}; {chosen})"


def _short(value: object) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(_short, value))})"
    return f"{value:.3g}" if isinstance(value, float) else str(value)
