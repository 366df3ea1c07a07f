"""Least F(Cx) + λ‖Dx‖ to be solved: by ADMM where C is periodic in some frame, else primal–dual."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from invdeconv import checks
from invdeconv.arrays import Array, namespace
from invdeconv.functionals import L1, Box, Part, Proximable, SquaredError
from invdeconv.operators import Convolution, Differences, LinearOperator
from invdeconv.restoration._data_terms import BySample, DataTerm
from invdeconv.restoration._missing import refilled
from invdeconv.restoration._model import Model, tapered
from invdeconv.solvers import (
    Analysis,
    PrimalDual,
    SplitData,
    primal_dual_steps,
    split_data,
    split_data_steps,
    split_gradient,
    tv_admm_steps,
)

__all__ = [
    "Framed",
    "General",
    "Periodic",
    "Prior",
    "Problem",
    "Solvable",
    "circulant",
    "frame_of",
    "largest_of",
    "steepness",
]


@dataclasses.dataclass(frozen=True)
class Prior:
    """What is sparse: D, and the norm of Dx.

    Attributes
    ----------
    periodic : callable
        shape → D for the Fourier domain.
    operator : callable
        C → D on its input.
    largest : callable
        C → a bound of ‖D‖.
    norm : callable
        λ → λ‖·‖.
    isotropic : bool
        Whether the norm takes the lengths of vectors.
    pace : float
        A good λ over that of total variation.
    """

    periodic: Callable[[tuple[int, ...]], Analysis]
    operator: Callable[[LinearOperator], LinearOperator]
    largest: Callable[[LinearOperator], float]
    norm: Callable[[float], Proximable]
    isotropic: bool = False
    pace: float = 1.0


class Problem(Protocol):
    """An objective with its solver, which goes on from where it was when λ changes."""

    model: Model
    steepness: float

    def steps(self, lam: float) -> Iterator[tuple[Array, float]]:
        """Yield estimates with a measure of their optimality."""

    def residual(self, x: Array) -> Array:
        """Return Cx − y."""


class Solvable(Problem, Protocol):
    """A problem that can be the last word: it has a start, and its solver a name."""

    solver: str
    start: Array


class Periodic:
    """½‖Cx − y‖² + λ‖Dx‖ with periodic C and D, by ADMM.

    Parameters
    ----------
    model : Model
        With a circulant operator.
    there : array or None
        1 where a sample is there, 0 where it is missing.
    box : Box or None
        Bounds.
    prior : Prior
        D and its norm.
    """

    solver = "ADMM"

    def __init__(self, model: Model, there: Array | None, box: Box | None, prior: Prior) -> None:
        self.model, self._there, self._box = model, there, box
        self.start = model.data
        self.steepness = prior.pace * steepness(model.observed)
        self._state = split_gradient(
            model.data,
            self.steepness,
            isotropic=prior.isotropic,
            box=box,
            D=prior.periodic(tuple(model.data.shape)),
        )

    def steps(self, lam: float) -> Iterator[tuple[Array, float]]:
        """Yield estimates with the relative duality gap."""
        C: Any = self.model.operator
        return tv_admm_steps(C, self.model.data, lam, self._state, box=self._box)

    def residual(self, x: Array) -> Array:
        """Return Cx − y, and take Cx for the samples that are missing: the iteration goes on from there."""
        error = self.model.operator(x) - self.model.data
        if self._there is not None:
            self.model, error = refilled(self.model, self._there, error)
        return error


class Framed:
    """F(Cx) + λ‖Dx‖ with periodic C and D and a sum over samples F, which may see a part of the frame.

    Parameters
    ----------
    fidelity : SquaredError, AbsoluteError or PoissonDivergence
        F.
    observed : array
        Data to take sizes from.
    frame : Model
        Where C is periodic; its first samples are those of the data.
    box : Box or None
        Bounds.
    prior : Prior
        D and its norm.
    """

    solver = "ADMM"

    def __init__(
        self, fidelity: BySample, observed: Array, frame: Model, box: Box | None, prior: Prior
    ) -> None:
        self.model, self._data, self._box, self._prior = frame, fidelity, box, prior
        self.start = frame.data
        self.steepness = prior.pace * steepness(observed)
        self._part = tuple(slice(0, n) for n in fidelity.data.shape)
        self._analysis = prior.periodic(tuple(frame.data.shape))
        self._state: SplitData | None = None

    def steps(self, lam: float) -> Iterator[tuple[Array, float]]:
        """Yield estimates with the relative partial duality gap."""
        if self._state is None:
            self._state = split_data(self.start, self._analysis, lam * self.steepness, box=self._box)
        C: Any = self.model.operator
        F = Part(self._data, self._part)
        return split_data_steps(C, F, self._prior.norm(lam), self._state, box=self._box)

    def residual(self, x: Array) -> Array:
        """Return Cx − y of the samples, weighted if F is a square."""
        error = self.model.operator(x)[self._part] - self._data.data
        if not isinstance(self._data, SquaredError) or isinstance(self._data.weights, float):
            return error
        xp, weights = namespace(error), self._data.weights
        # Samples that are missing have none.
        share = float(xp.mean(xp.astype(weights > 0, weights.dtype)))
        return error * (weights / share) ** 0.5


class General:
    """F(Cx) + λ‖Dx‖ with any operators and any fidelity that has a prox, by a primal–dual method.

    Parameters
    ----------
    function : str
        For error messages.
    term : DataTerm
        C and F.
    box : Box or None
        Bounds.
    prior : Prior
        D and its norm.
    """

    solver = "primal–dual"

    def __init__(self, function: str, term: DataTerm, box: Box | None, prior: Prior) -> None:
        self.model, self._box, self._prior = term.model, box, prior
        self._fidelity: Any = term.fidelity
        self.steepness = prior.pace * steepness(term.plain.observed)
        self.start = term.start
        self._state: PrimalDual | None = None
        self._analysis = prior.operator(term.plain.operator)
        self._norms = largest_of(function, term.model.operator), prior.largest(term.plain.operator)

    def steps(self, lam: float) -> Iterator[tuple[Array, float]]:
        """Yield estimates with the relative partial duality gap."""
        if self._state is None:
            self._state = PrimalDual(self.start, lam * self.steepness)
        return primal_dual_steps(
            self.model.operator,
            self._fidelity,
            self._analysis,
            self._prior.norm(lam),
            self._state,
            norms=self._norms,
            box=self._box,
        )

    def residual(self, x: Array) -> Array:
        """Return Cx − y, y as the fidelity has it: whitened, or counts with their shift."""
        return self.model.operator(x) - self._fidelity.data


def circulant(operator: LinearOperator) -> Convolution | None:
    """Return the operator if it is a periodic convolution with one number per frequency."""
    if isinstance(operator, Convolution) and operator.circulant is not None and operator.groups is None:
        return operator if all(axis.stride == 1 for axis in operator.axes) else None
    return None


def frame_of(plain: Model) -> Model | None:
    """Return the model where C is periodic and the data are the first samples; None if there is none."""
    if circulant(plain.operator) is not None:
        return plain
    if plain.boundary != "unknown" or not isinstance(plain.operator, Convolution):
        return None
    return tapered(plain.observed, plain.operator.kernel, plain.scale)


def largest_of(function: str, operator: LinearOperator) -> float:
    """Return ‖C‖, a little above what a converging iteration for it gives; refuse the zero operator."""
    largest = operator.norm()
    if largest == 0:
        advice = "Nothing of the input reaches the data; check the kernel and the padding."
        checks.refuse(function, "blur", "not be the zero operator", repr(operator), advice)
    return 1.001 * largest


def steepness(data: Array) -> float:
    """Return one over the mean size of a difference in the data: a first guess of ρ/λ."""
    mean = L1().value(Differences(tuple(data.shape))(data)) / math.prod(data.shape)
    return 1 / mean if mean > 0 else 1.0
