"""Where no structure fits: Krylov solvers on the data and the regularizer together."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeAlias

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, namespace, norm, zeros_like_data
from invdeconv.operators import Extension, Identity, LinearOperator, Stacked
from invdeconv.restoration._missing import with_gaps_filled
from invdeconv.restoration._model import Model, model_of
from invdeconv.restoration._preconditioner import cosine_preconditioner
from invdeconv.restoration._whitening import boundary_for, noise_model, power_left_out, whitened
from invdeconv.result import Result, Status
from invdeconv.selection import Selection, SelectionStatus
from invdeconv.solvers import (
    Callback,
    cgls_steps,
    generalized_krylov_steps,
    iterate,
    leaving,
    trace_gcv,
)

__all__ = ["SAFETY", "by_gradient", "choose_in_krylov_space", "flat_start", "krylov", "least_squares"]

# (A, b, x₀) → iterates with ‖Aᴴr‖/‖Aᴴb‖ and ‖r‖.
Steps: TypeAlias = Callable[[LinearOperator, Array, Array], Iterator[tuple[Array, float, float]]]

# The discrepancy principle asks for a residual of this times the noise: a little above, for its spread.
SAFETY = 1.01

# Steps of the space that chooses λ, and how many numbers it may keep.
_STEPS = 30
_MEMORY = 1 << 27


def krylov(
    name: str,
    steps: Steps,
    data: Any,
    blur: Any,
    *,
    lam: float,
    noise: Any,
    start: Any,
    rtol: float,
    max_iter: int,
    boundary: str | None,
    callback: Callback | None,
) -> Result:
    """Run one of the public solvers: they differ in `steps` only."""
    known = None if noise is None else noise_model(name, noise)
    word = boundary_for(name, known, boundary, blur, default="unknown")
    plain = model_of(name, data, blur, boundary, default=word)
    lam = checks.nonnegative(name, "lam", lam)
    rtol = checks.positive(name, "rtol", rtol)
    max_iter = checks.integer(name, "max_iter", max_iter, minimum=1)
    checks.optional_callable(name, "callback", callback)
    model, _ = whitened(name, plain, known)
    return least_squares(
        name,
        model,
        steps=steps,
        rtol=rtol,
        max_iter=max_iter,
        lam=lam * power_left_out(known),
        noise_std=None if known is None or lam > 0 else known.level / plain.scale,
        start=flat_start(with_gaps_filled(plain, known)) if start is None else _extended(name, plain, start),
        callback=callback,
        parameters={"lam": lam, **({} if known is None else {"noise": repr(known)})},
    )


def least_squares(
    name: str,
    model: Model,
    *,
    rtol: float,
    max_iter: int,
    steps: Steps | None = None,
    lam: float = 0.0,
    regularizer: LinearOperator | None = None,
    noise_std: float | None = None,
    start: Array | None = None,
    callback: Callback | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> Result:
    """Minimize ½‖Cx − y‖² + ½λ‖Lx‖² on the stack [C; √λ L], so that CᴴC is never formed.

    CGLS unless other `steps` are given. Starts from the mean of the data where a PSF keeps it and a
    penalty asks for a smooth estimate, else from zero, whose limit is the solution of least norm. With
    `noise_std`, for λ = 0, it stops where the residual is the noise.
    """
    operator, data = model.operator, model.data
    if start is None:
        start = zeros_like_data(operator.input_shape, data)
        if lam > 0 and model.boundary != "operator":
            start = start + namespace(data).mean(data)
    # Below some rounding units the gradient is noise, and an iteration wanders off.
    rtol = max(rtol, 50 * float(namespace(data).finfo(data.dtype).eps))
    solve = None
    if lam > 0:
        penalty = Identity(operator.input_shape) if regularizer is None else regularizer
        if steps is None:
            solve = cosine_preconditioner(operator, regularizer, lam)
        operator = Stacked(operator, lam**0.5 * penalty)
        xp = namespace(data)
        zeros = zeros_like_data((penalty.shape[0],), data)
        data = xp.concat([xp.reshape(data, (-1,)), zeros])
    if steps is None:
        iterates = cgls_steps(operator, data, start, solve)
        label = f"{name} (CGLS{', DCT preconditioner,' if solve else ''} to a relative gradient of {rtol:g})"
    else:
        iterates, label = steps(operator, data, start), name
    level = None if noise_std is None else noise_std * math.sqrt(math.prod(data.shape))
    result = iterate(
        by_gradient(iterates) if level is None else _by_residual(iterates, level, rtol),
        method=label,
        start=start,
        max_iter=max_iter,
        rtol=rtol if level is None else SAFETY,
        callback=callback,
        parameters={
            **(parameters or {}),
            "boundary": model.boundary,
            "rtol": rtol,
            "measure": "relative gradient" if level is None else "residual / noise",
        },
    )
    if level is None and result.status is Status.CONVERGED:
        result = _certified(result, operator, data, rtol)
    return dataclasses.replace(result, estimate=model.restore(result.estimate))


def choose_in_krylov_space(
    model: Model, regularizer: LinearOperator | None, *, noise_std: float | None = None
) -> tuple[Selection, Array]:
    """Choose λ of Tikhonov regularization where no structure fits, and return an estimate to start from.

    By GCV, or with `noise_std`, in units of ``model.data``, by the discrepancy principle. 30 steps at most,
    fewer where their memory would be more than 1 GiB or λ has settled to 3 %.
    """
    C, L, y = model.operator, regularizer, model.data
    level = None if noise_std is None else SAFETY * noise_std * math.sqrt(C.shape[0])
    rule = trace_gcv(C, L, y) if level is None else leaving(level)
    numbers = 2 * (C.shape[0] + C.shape[1] + (0 if L is None else L.shape[0]))
    steps = islice(generalized_krylov_steps(C, L, y, rule), min(_STEPS, max(8, _MEMORY // numbers)))
    # Data that C cannot have made say nothing of λ.
    estimate = zeros_like_data(C.input_shape, y)
    selection = Selection(1.0, (np.ones(1), np.zeros(1)), SelectionStatus.EDGE)
    tried: list[float] = []
    for x, _, choice in steps:
        estimate, selection = x, choice
        tried.append(choice.value)
        if len(tried) > 5 and abs(math.log(tried[-1] / tried[-6])) < 0.03:
            break
    return selection, estimate


def flat_start(model: Model) -> Array:
    """Return what an iteration on a PSF with an unknown boundary starts from: C maps it to the mean.

    Zero elsewhere, and for a PSF that does not keep a mean.
    """
    start = zeros_like_data(model.operator.input_shape, model.data)
    if model.boundary != "unknown":
        return start
    kernel = model.operator.kernel  # type: ignore[attr-defined]
    total = float(np.real(kernel.sum()))
    if total < 0.5 * float(np.abs(kernel).sum()):
        return start
    return start + namespace(model.data).mean(model.data) / total


def _extended(name: str, model: Model, start: Any) -> Array:
    """Return a start in the shape of the estimate on the model's domain, continued at the edges."""
    start = checks.finite_array(name, "start", start)
    shape = model.operator.input_shape if model.crop is None else tuple(model.observed.shape)
    if tuple(start.shape) != shape:
        checks.refuse(name, "start", f"have shape {shape}", tuple(start.shape), "It is an estimate.")
    start = start / model.scale
    if model.crop is None:
        return start
    pads = tuple(
        (part.start, n - part.stop) for part, n in zip(model.crop, model.operator.input_shape, strict=True)
    )
    return Extension(shape, pads, ("edge",) * len(shape))(start)


def by_gradient(steps: Iterator[tuple[Array, float, float]]) -> Iterator[tuple[Array, float]]:
    """Measure by the relative gradient."""
    return ((x, gradient) for x, gradient, _ in steps)


def _by_residual(
    steps: Iterator[tuple[Array, float, float]], level: float, rtol: float
) -> Iterator[tuple[Array, float]]:
    """Measure by the noise, and end where the gradient says that no x comes closer to the data."""
    for x, gradient, residual in steps:
        yield x, residual / level
        if gradient <= rtol:
            return


def _certified(result: Result, A: LinearOperator, b: Array, rtol: float) -> Result:
    """Look at the gradient itself: the recursions of a solver go on falling below their rounding error."""
    gradient = norm(A.H(b - A(result.estimate))) / (norm(A.H(b)) or 1.0)
    if gradient <= 2 * rtol:
        return result
    return dataclasses.replace(result, status=Status.STAGNATED, optimality=gradient)
