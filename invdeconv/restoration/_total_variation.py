"""Total-variation restoration."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from itertools import islice
from typing import Any, Protocol, cast

from invdeconv import checks
from invdeconv.arrays import Array, is_complex, namespace
from invdeconv.functionals import L1, Box, SquaredError, TotalVariation
from invdeconv.noise import Gaussian
from invdeconv.operators import Convolution, Differences, LinearOperator, regularizer_for
from invdeconv.restoration._by_discrepancy import choose_lambda_by_residual, residual_target
from invdeconv.restoration._channels import by_channel
from invdeconv.restoration._krylov import flat_start
from invdeconv.restoration._missing import present, with_gaps_filled
from invdeconv.restoration._model import Model, model_of, tapered
from invdeconv.restoration._whitening import boundary_for, noise_model, whitened
from invdeconv.result import Result
from invdeconv.solvers import (
    Callback,
    PrimalDual,
    iterate,
    primal_dual_steps,
    split_gradient,
    tv_admm_steps,
)

__all__ = ["automatic", "box_of", "circulant", "lam_of", "largest_of", "steepness", "total_variation"]

# Iterations for the first value of λ that is tried, and for each further one, which goes on from there.
_FIRST, _FURTHER = 40, 20


@by_channel
def total_variation(
    data: Any,
    blur: Any,
    *,
    lam: float | str = "discrepancy",
    isotropic: bool = True,
    bounds: tuple[float | None, float | None] | None = None,
    noise: Gaussian | float | None = None,
    boundary: str | None = None,
    rtol: float = 5e-3,
    max_iter: int = 300,
    callback: Callback | None = None,
    channel_axis: int | None = None,
) -> Result:
    """Restore by least squares with total variation as the penalty: flat areas and sharp edges.

    Minimize ½‖Cx − y‖² + λΣ‖(∇x)ᵢ‖, or ½‖N^−½(Cx − y)‖² + … for noise of covariance N. The method for scenes
    with edges, and where samples are missing; `wiener` and `tikhonov` are faster and keep slopes and faint
    texture, which total variation turns into steps.

    Parameters
    ----------
    data : array, shape (n1, …, nd)
        Observed data; must be finite.
    blur : array, shape (k1, …, kd), or LinearOperator
        Point-spread function with its origin at k // 2, or C itself.
    lam : float > 0 or "discrepancy", default "discrepancy"
        λ, in units of the data. "discrepancy" takes the λ whose residual is what the noise leaves after a
        good estimate has fitted some of it: ‖Cx − y‖² = (1 − 0.7·d)mσ², d the degrees of freedom of the
        Wiener filter per sample.
    isotropic : bool, default True
        The lengths of the gradients count; else the sizes of their components, which favors edges along
        the axes.
    bounds : (lower, upper), optional
        What each sample of the estimate lies between; None leaves a side open. ``(0, None)`` for light.
    noise : noise.Gaussian or float, optional
        Covariance N of the noise: one deviation, one per sample (``inf`` where it is missing), or a spectrum.
        λ is then in units of 1/x. Without it the noise is white, and λ in units of |C|²x.
    boundary : str, optional
        What lies outside the data, for a PSF: "taper" (default), "unknown" (default beside a deviation per
        sample), or a word of `Convolution`.
    rtol : float, default 5e-3
        Relative duality gap at which the iteration stops; pictures stop changing to the eye at 0.01.
    max_iter : int, default 300
        Iterations at most, after the search for λ.
    callback : callable, optional
        Gets each `Iteration` on the model's own domain; returning True stops.
    channel_axis : int, optional
        Axis of colors or channels, which are restored one by one, each with parameters chosen for it.
        `blur`, and arrays among the options, serve all channels or have that axis too.

    Returns
    -------
    Result
        ``optimality`` is the relative duality gap: the objective is at most that much above its least value.
        Beside ADMM without bounds it is proved; otherwise among all x up to twice as large as the estimate.
        ``method`` names the solver: ADMM where C is periodic, as under "taper"; else primal–dual.

    Raises
    ------
    InvalidInputError
        As `adjoint`; if `lam` is not positive or an unknown word; if `bounds` are no pair, in the wrong
        order, or asked for complex data; if `noise` is no noise model or does not fit the data.

    Warns
    -----
    InputWarning
        IDW004 if no λ leaves the expected residual.

    Notes
    -----
    Cost of an iteration: two transforms and passes over the gradient (ADMM), C and Cᴴ (primal–dual). λ takes
    some 100 further iterations. The gap is looked at every tenth one.

    References
    ----------
    .. [1] L. I. Rudin, S. Osher, E. Fatemi, Physica D 60 (1992) 259, Eq. (2.5).
    .. [2] Y. Wang, J. Yang, W. Yin, Y. Zhang, "A new alternating minimization algorithm for total variation
       image reconstruction", SIAM J. Imaging Sci. 1 (2008) 248, Eq. (2.5).
    .. [3] A. Chambolle, T. Pock, J. Math. Imaging Vis. 40 (2011) 120, Algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import metrics, total_variation
    >>> step = np.repeat([0.0, 1.0], 32)
    >>> data = np.convolve(step, [0.25, 0.5, 0.25], "same")
    >>> data += 0.02 * np.random.default_rng(0).standard_normal(64)
    >>> estimate = total_variation(data, np.array([0.25, 0.5, 0.25])).estimate
    >>> bool(np.abs(estimate - step)[4:-4].max() < 0.1)
    True
    """
    name = "total_variation"
    known = None if noise is None else noise_model(name, noise)
    plain = model_of(name, data, blur, boundary, default=boundary_for(name, known, boundary, blur))
    plain = with_gaps_filled(plain, known)
    lam = lam_of(name, lam)
    checks.flag(name, "isotropic", isotropic)
    box = box_of(name, bounds, plain)
    rtol = checks.positive(name, "rtol", rtol)
    max_iter = checks.integer(name, "max_iter", max_iter, minimum=1)
    checks.optional_callable(name, "callback", callback)
    model, _ = whitened(name, plain, known)
    # The whitener leaves out the level of the noise; λ takes it in, and the scale of the data with it.
    power = (1.0 if known is None else known.level**2) / plain.scale
    C = circulant(model.operator)
    periodic = None if C is None else model
    if C is None and isinstance(plain.operator, Convolution) and plain.boundary != "operator":
        # λ has the same meaning under every boundary model, and in the periodic frame it costs little.
        periodic = tapered(plain.observed, plain.operator.kernel)
    guide = None if periodic is None else _Periodic(periodic, present(plain, known), box, isotropic=isotropic)
    problem = (
        guide if C is not None and guide is not None else _General(plain, model, box, isotropic=isotropic)
    )
    chosen: dict[str, Any] = {}
    if isinstance(lam, str):
        lam, chosen = automatic(name, guide or problem, plain, known)
    else:
        lam *= power
    if guide is not None and guide is not problem:
        guide.residual(last(guide, lam, _FIRST))
        problem.start = within(plain, last(guide, lam, _FIRST))
    result = iterate(
        problem.steps(lam),
        method=problem.method,
        start=problem.start,
        max_iter=max_iter,
        rtol=rtol,
        callback=callback,
        parameters={
            "lam": lam / power,
            **chosen,
            "isotropic": isotropic,
            "bounds": bounds,
            **({} if known is None else {"noise": repr(known)}),
            "boundary": plain.boundary,
            "rtol": rtol,
            "measure": "relative duality gap",
        },
    )
    return dataclasses.replace(result, estimate=plain.restore(result.estimate))


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
    if is_complex(model.data) or model.operator.dtype.kind == "c":
        checks.refuse(function, "bounds", "be None for complex data", repr(bounds), "Leave them out.")
    sides = [
        end if side is None else checks.finite(function, "bounds", side, "Use None for an open side.")
        for side, end in zip(bounds, (-math.inf, math.inf), strict=True)
    ]
    if sides[0] >= sides[1]:
        checks.refuse(function, "bounds", "rise from lower to upper", repr(bounds), "Swap them.")
    return Box(sides[0] / model.scale, sides[1] / model.scale)


def circulant(operator: LinearOperator) -> Convolution | None:
    """Return the operator if it is a periodic convolution with one number per frequency."""
    if isinstance(operator, Convolution) and operator.circulant is not None and operator.groups is None:
        return operator if all(axis.stride == 1 for axis in operator.axes) else None
    return None


class Problem(Protocol):
    """An objective with its solver, which goes on from where it was when λ changes."""

    model: Model
    steepness: float

    def steps(self, lam: float) -> Iterator[tuple[Array, float]]:
        """Yield estimates with a measure of their optimality."""

    def residual(self, x: Array) -> Array:
        """Return Cx − y."""


class _Periodic:
    method = "total_variation (ADMM)"

    def __init__(self, model: Model, there: Array | None, box: Box | None, *, isotropic: bool) -> None:
        self.model, self._there, self._box = model, there, box
        self.start = model.data
        self.steepness = steepness(model.observed)
        self._state = split_gradient(model.data, self.steepness, isotropic=isotropic, box=box)

    def steps(self, lam: float) -> Iterator[tuple[Array, float]]:
        C: Any = self.model.operator
        return tv_admm_steps(C, self.model.data, lam, self._state, box=self._box)

    def residual(self, x: Array) -> Array:
        """Return Cx − y, and take Cx for the samples that are missing: the iteration goes on from there."""
        error = self.model.operator(x) - self.model.data
        if self._there is not None:
            part = tuple(slice(0, n) for n in self._there.shape)
            gaps = error[part] * (1 - self._there)
            data = self.model.data + 0
            data[part] += gaps
            error[part] -= gaps
            self.model = dataclasses.replace(self.model, data=data)
            # What is left is the residual of fewer samples.
            error /= float(namespace(x).mean(self._there)) ** 0.5
        return error


class _General:
    method = "total_variation (primal–dual)"

    def __init__(self, plain: Model, model: Model, box: Box | None, *, isotropic: bool) -> None:
        self.model, self._box, self._isotropic = model, box, isotropic
        self.steepness = steepness(plain.observed)
        self.start = flat_start(plain)
        self._state: PrimalDual | None = None
        self._gradient = cast(Differences, regularizer_for("total_variation", "gradient", plain.operator))
        self._norms = largest_of("total_variation", model.operator), 2 * len(self._gradient.axes) ** 0.5

    def steps(self, lam: float) -> Iterator[tuple[Array, float]]:
        if self._state is None:
            self._state = PrimalDual(self.start, lam * self.steepness)
        return primal_dual_steps(
            self.model.operator,
            SquaredError(self.model.data),
            self._gradient,
            TotalVariation(lam, self._isotropic).norm,
            self._state,
            norms=self._norms,
            box=self._box,
        )

    def residual(self, x: Array) -> Array:
        return self.model.operator(x) - self.model.data


def automatic(
    function: str, problem: Problem, plain: Model, noise: Gaussian | None
) -> tuple[float, dict[str, Any]]:
    """Return λ by discrepancy in the units of the problem, and what to report of it."""
    target = residual_target(plain, noise)
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
        "noise_std": target.noise_std * plain.scale,
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
