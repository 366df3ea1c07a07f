"""When to stop: rules are functions of the history, so they hold no state and combine with | and &."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from invdeconv import checks
from invdeconv.result import Iteration, Status

__all__ = ["Discrepancy", "Flatness", "PlainIterations", "RelativeChange", "StoppingRule"]


class StoppingRule(ABC):
    """A condition on the history of an iteration; ``a | b`` stops at the first, ``a & b`` when both hold."""

    @property
    @abstractmethod
    def figures(self) -> frozenset[str]:
        """Names of the figures it looks at, besides the measure."""

    @abstractmethod
    def met(self, history: Sequence[Iteration]) -> Status | None:
        """Return what holds after the last entry of a history, or None."""

    def __or__(self, other: StoppingRule) -> StoppingRule:
        return _Either(self, other)

    def __and__(self, other: StoppingRule) -> StoppingRule:
        return _Both(self, other)


@dataclass(frozen=True)
class Discrepancy(StoppingRule):
    """Stop where the residual is as large as the noise: mean of (y − Cx)²/variance ≤ threshold.

    Morozov's principle with Pearson's statistic, whose expectation at the truth is 1 for Poisson noise of
    every count. Needs the noise, given or estimated.

    Parameters
    ----------
    threshold : float > 0, default 1
        Above 1 for smoother estimates.

    Raises
    ------
    InvalidInputError
        If `threshold` is not positive.
    """

    threshold: float = 1.0

    def __post_init__(self) -> None:
        checks.positive("Discrepancy", "threshold", self.threshold)

    @property
    def figures(self) -> frozenset[str]:
        return frozenset({"discrepancy"})

    def met(self, history: Sequence[Iteration]) -> Status | None:
        return Status.NOISE_REACHED if history[-1].figures["discrepancy"] <= self.threshold else None


@dataclass(frozen=True)
class Flatness(StoppingRule):
    """Stop where the I-divergence of the data from Cx hardly falls: by at most rtol of itself a plain step.

    Needs no noise level: at the end the divergence is that of the noise, and what a step can still gain is
    noise too. The fall of an accelerated iteration is shared among the plain ones it stands for.

    Parameters
    ----------
    rtol : float > 0, default 0.001
        Smaller for sharper and noisier estimates.

    Raises
    ------
    InvalidInputError
        If `rtol` is not positive.
    """

    rtol: float = 1e-3

    def __post_init__(self) -> None:
        checks.positive("Flatness", "rtol", self.rtol)

    @property
    def figures(self) -> frozenset[str]:
        return frozenset({"divergence", "plain_equivalent"})

    def met(self, history: Sequence[Iteration]) -> Status | None:
        if len(history) < 2:
            return None
        before, now = history[-2].figures, history[-1].figures
        steps = now["plain_equivalent"] - before["plain_equivalent"]
        fall = before["divergence"] - now["divergence"]
        return Status.FLAT if fall <= self.rtol * steps * before["divergence"] else None


@dataclass(frozen=True)
class PlainIterations(StoppingRule):
    """Stop after what an accelerated iteration needs to stand for so many plain ones.

    Parameters
    ----------
    count : float > 0
        Plain iterations.

    Raises
    ------
    InvalidInputError
        If `count` is not positive.
    """

    count: float

    def __post_init__(self) -> None:
        checks.positive("PlainIterations", "count", self.count)

    @property
    def figures(self) -> frozenset[str]:
        return frozenset({"plain_equivalent"})

    def met(self, history: Sequence[Iteration]) -> Status | None:
        return Status.COUNT_REACHED if history[-1].figures["plain_equivalent"] >= 0.999 * self.count else None


@dataclass(frozen=True)
class RelativeChange(StoppingRule):
    """Stop where an iteration changes the estimate by at most rtol: ‖xₖ − xₖ₋₁‖ ≤ rtol·‖xₖ‖.

    It looks at no data and so knows nothing of noise: use it for data that have none.

    Parameters
    ----------
    rtol : float > 0
        Relative change.

    Raises
    ------
    InvalidInputError
        If `rtol` is not positive.
    """

    rtol: float

    def __post_init__(self) -> None:
        checks.positive("RelativeChange", "rtol", self.rtol)

    @property
    def figures(self) -> frozenset[str]:
        return frozenset()

    def met(self, history: Sequence[Iteration]) -> Status | None:
        return Status.CONVERGED if history[-1].measure <= self.rtol else None


@dataclass(frozen=True, repr=False)
class _Either(StoppingRule):
    first: StoppingRule
    second: StoppingRule

    @property
    def figures(self) -> frozenset[str]:
        return self.first.figures | self.second.figures

    def met(self, history: Sequence[Iteration]) -> Status | None:
        return self.first.met(history) or self.second.met(history)

    def __repr__(self) -> str:
        return f"({self.first!r} | {self.second!r})"


@dataclass(frozen=True, repr=False)
class _Both(StoppingRule):
    first: StoppingRule
    second: StoppingRule

    @property
    def figures(self) -> frozenset[str]:
        return self.first.figures | self.second.figures

    def met(self, history: Sequence[Iteration]) -> Status | None:
        first, second = self.first.met(history), self.second.met(history)
        if first is None or second is None:
            return None
        return first if first is second else Status.CONVERGED

    def __repr__(self) -> str:
        return f"({self.first!r} & {self.second!r})"
