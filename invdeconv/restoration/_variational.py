"""What the variational methods share: arguments, the choice of λ, and the run."""

from __future__ import annotations

import dataclasses
import math
from itertools import islice
from typing import Any

from invdeconv import checks
from invdeconv.arrays import Array, is_complex, namespace
from invdeconv.functionals import Box
from invdeconv.noise import Gaussian
from invdeconv.operators import Convolution
from invdeconv.restoration._by_discrepancy import Target, choose_lambda_by_residual, residual_target
from invdeconv.restoration._data_terms import DataTerm
from invdeconv.restoration._missing import is_even, present
from invdeconv.restoration._model import Model, tapered
from invdeconv.restoration._split_problems import (
    Framed,
    General,
    Periodic,
    Prior,
    Problem,
    Solvable,
    circulant,
    frame_of,
)
from invdeconv.result import Result
from invdeconv.solvers import Callback, iterate

__all__ = [
    "automatic",
    "box_of",
    "chosen_by",
    "guide_of",
    "lam_of",
    "last",
    "minimize",
    "problem_of",
    "within",
]

# Iterations for the first value of λ that is tried, and for each further one, which goes on from there.
_FIRST, _FURTHER = 40, 20


def minimize(
    function: str,
    term: DataTerm,
    problem: Solvable,
    *,
    guide: Periodic | None = None,
    lam: float | str,
    rtol: float,
    max_iter: int,
    callback: Callback | None,
    parameters: dict[str, Any],
) -> Result:
    """Choose λ, solve and report.

    Parameters
    ----------
    function : str
        For error messages and the name of the method.
    term : DataTerm
        Data, C and F.
    problem : Solvable
        What to solve.
    guide : Periodic, optional
        Where λ and a start are found at less cost.
    lam, rtol, max_iter, callback : object
        As the methods take them, checked.
    parameters : dict
        What else to report.
    """
    plain = term.plain
    chosen: dict[str, Any] = {}
    if isinstance(lam, str):
        lam, chosen = chosen_by(function, guide or problem, term.target(), plain.scale)
        lam *= 1.0 if guide is None else problem.steepness / guide.steepness
    else:
        lam *= term.power
    if guide is not None:
        near = lam * guide.steepness / problem.steepness
        guide.residual(last(guide, near, _FIRST))
        problem.start = within(plain, last(guide, near, _FIRST))
    result = iterate(
        problem.steps(lam),
        method=f"{function} ({problem.solver})",
        start=problem.start,
        max_iter=max_iter,
        rtol=rtol,
        callback=callback,
        parameters={
            "lam": lam / term.power,
            **chosen,
            **parameters,
            **({} if term.noise is None else {"noise": repr(term.noise)}),
            "boundary": plain.boundary,
            "rtol": rtol,
            "measure": "relative duality gap",
        },
    )
    return dataclasses.replace(result, estimate=problem.model.restore(result.estimate))


def problem_of(
    function: str, term: DataTerm, prior: Prior, box: Box | None = None
) -> tuple[Solvable, Periodic | None]:
    """Return least F(Cx) + λ‖Dx‖ with the solver that fits, and a guide for it.

    Parameters
    ----------
    function : str
        For error messages.
    term : DataTerm
        Data, C and F.
    prior : Prior
        D and its norm.
    box : Box or None
        Bounds in the scale of the model.
    """
    if term.quadratic and circulant(term.model.operator) is not None:
        return Periodic(term.model, present(term.plain, term.gaussian), box, prior), None
    frame = frame_of(term.plain)
    if frame is not None and term.plain_fidelity is not None:
        return Framed(term.plain_fidelity, term.plain.observed, frame, box, prior), None
    return General(function, term, box, prior), guide_of(term, prior, box)


def guide_of(term: DataTerm, prior: Prior, box: Box | None = None) -> Periodic | None:
    """Return the problem in a periodic frame, where λ means the same and costs little; None if there is none.

    Parameters
    ----------
    term : DataTerm
        Data, C and F.
    prior : Prior
        D and its norm.
    box : Box or None
        Bounds in the scale of the model.
    """
    plain = term.plain
    if not term.quadratic or not is_even(term.gaussian):
        return None
    there = present(plain, term.gaussian)
    if circulant(plain.operator) is not None:
        return Periodic(plain, there, box, prior)
    if plain.boundary == "operator" or not isinstance(plain.operator, Convolution):
        return None
    return Periodic(tapered(plain.observed, plain.operator.kernel), there, box, prior)


def lam_of(function: str, lam: float | str) -> float | str:
    """Return λ > 0, or the word for an automatic one."""
    if isinstance(lam, str):
        return checks.choice(function, "lam", lam, ("discrepancy",))
    return checks.positive(function, "lam", lam, "Pass a number > 0, or 'discrepancy'.")


def box_of(function: str, bounds: Any, model: Model) -> Box | None:
    """Return the bounds in the scale of the model."""
    if bounds is None:
        return None
    if not isinstance(bounds, tuple | list) or len(bounds) != 2:
        checks.refuse(function, "bounds", "be a pair", repr(bounds), "Pass (0, None) for x >= 0.")
    if is_complex(model.data):
        checks.refuse(function, "bounds", "be None for complex data or PSFs", repr(bounds), "Pass None.")
    sides = [
        end if side is None else checks.finite(function, "bounds", side, "Use None for an open side.")
        for side, end in zip(bounds, (-math.inf, math.inf), strict=True)
    ]
    if sides[0] >= sides[1]:
        checks.refuse(function, "bounds", "rise from lower to upper", repr(bounds), "Swap them.")
    return Box(sides[0] / model.scale, sides[1] / model.scale)


def automatic(
    function: str, problem: Problem, plain: Model, noise: Gaussian | None
) -> tuple[float, dict[str, Any]]:
    """Return λ by discrepancy for Gaussian noise, in the units of the problem, and what to report of it."""
    return chosen_by(function, problem, residual_target(plain, noise), plain.scale)


def chosen_by(
    function: str, problem: Problem, target: Target | None, scale: float
) -> tuple[float, dict[str, Any]]:
    """Return the λ that meets a target, and what to report of it; any λ without a target."""
    if target is None:
        return 1.0, {"selection": "discrepancy"}
    model, count = problem.model, [_FIRST]

    def excess(lam: float) -> float:
        x = last(problem, lam, count[0])
        count[0] = _FURTHER
        return target.excess(problem.residual(x), model.inside)

    start = 0.25 * target.noise_std**2 * problem.steepness
    selection = choose_lambda_by_residual(function, excess, start)
    return selection.value, {
        "selection": "discrepancy",
        "selection_status": selection.status.name,
        "noise_std": target.noise_std * scale,
    }


def last(problem: Problem, lam: float, count: int) -> Array:
    """Return the estimate after some iterations."""
    *_, (x, _) = islice(problem.steps(lam), count)
    return x


def within(plain: Model, x: Array) -> Array:
    """Return a picture on the taper's frame as one on the domain of a model: both know where the data lie."""
    xp = namespace(x)
    offsets = tuple(0 if plain.crop is None else part.start for part in plain.crop or [slice(0)] * x.ndim)
    rolled = xp.roll(x, offsets, axis=tuple(range(x.ndim)))
    return xp.asarray(rolled[tuple(slice(0, n) for n in plain.operator.input_shape)], copy=True)
