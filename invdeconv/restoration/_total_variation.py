"""Total-variation restoration."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from itertools import islice
from typing import Any

from invdeconv import checks
from invdeconv.arrays import Array, is_complex
from invdeconv.functionals import L1, Box, SquaredError, TotalVariation
from invdeconv.noise import Gaussian
from invdeconv.operators import Convolution, Differences, LinearOperator, regularizer_for
from invdeconv.restoration._by_discrepancy import choose_lambda_by_residual, residual_target
from invdeconv.restoration._krylov import flat_start
from invdeconv.restoration._model import Model, model_of
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

__all__ = ["box_of", "circulant", "lam_of", "steepness", "total_variation"]

# Iterations for the first value of λ that is tried, and for each further one, which goes on from there.
_FIRST, _FURTHER = 40, 20


def total_variation(
    data: Any,
    blur: Any,
    *,
    lam: float | str = "discrepancy",
    isotropic: bool = True,
    bounds: tuple[float | None, float | None] | None = None,
    noise: Gaussian | float | None = None,
    boundary: str | None = None,
    rtol: float = 1e-3,
    max_iter: int = 300,
    callback: Callback | None = None,
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
    rtol : float, default 1e-3
        Relative duality gap at which the iteration stops.
    max_iter : int, default 300
        Iterations at most, after the search for λ.
    callback : callable, optional
        Gets each `Iteration` on the model's own domain; returning True stops.

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
    lam = lam_of(name, lam)
    checks.flag(name, "isotropic", isotropic)
    box = box_of(name, bounds, plain)
    rtol = checks.positive(name, "rtol", rtol)
    max_iter = checks.integer(name, "max_iter", max_iter, minimum=1)
    checks.optional_callable(name, "callback", callback)
    model, _ = whitened(name, plain, known)
    # The whitener leaves out the level of the noise; λ takes it in, and the scale of the data with it.
    power = (1.0 if known is None else known.level**2) / plain.scale
    problem = _Problem(plain, model, box, isotropic=isotropic)
    chosen: dict[str, Any] = {}
    if isinstance(lam, str):
        target = residual_target(plain, known)
        chosen["selection"] = lam
        if target is None:
            lam = 1.0 / power
        else:
            chosen["noise_std"] = target.noise_std * plain.scale
            start = 0.25 * target.noise_std**2 * problem.steepness
            selection = choose_lambda_by_residual(name, lambda t: target.excess(problem.residual(t)), start)
            chosen["selection_status"] = selection.status.name
            lam = selection.value / power
    result = iterate(
        problem.steps(lam * power),
        method=problem.method,
        start=problem.start,
        max_iter=max_iter,
        rtol=rtol,
        callback=callback,
        parameters={
            "lam": lam,
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


class _Problem:
    """½‖Cx − y‖² + λ‖∇x‖ with the solver that fits C; every call goes on from the one before."""

    def __init__(self, plain: Model, model: Model, box: Box | None, *, isotropic: bool) -> None:
        self.operator, self.data = model.operator, model.data
        self._box, self._isotropic = box, isotropic
        self._periodic = circulant(model.operator)
        self.steepness = steepness(model.observed)
        self._count = _FIRST
        if self._periodic is not None:
            self.method = "total_variation (ADMM)"
            self.start = model.data
            self._state: Any = split_gradient(model.data, self.steepness, isotropic=isotropic, box=box)
        else:
            self.method = "total_variation (primal–dual)"
            self.start = flat_start(model)
            self._state = None
            self._gradient: Any = regularizer_for("total_variation", "gradient", plain.operator)
            self._norms = model.operator.norm(), 2 * len(self._gradient.axes) ** 0.5

    def steps(self, lam: float) -> Iterator[tuple[Array, float]]:
        if self._periodic is not None:
            return tv_admm_steps(self._periodic, self.data, lam, self._state, box=self._box)
        if self._state is None:
            self._state = PrimalDual(self.start, lam * self.steepness)
        return primal_dual_steps(
            self.operator,
            SquaredError(self.data),
            self._gradient,
            TotalVariation(lam, self._isotropic).norm,
            self._state,
            norms=self._norms,
            box=self._box,
        )

    def residual(self, lam: float) -> Array:
        """Return Cx − y after some iterations with λ."""
        count, self._count = self._count, _FURTHER
        x = self.start
        for estimate, _ in islice(self.steps(lam), count):
            x = estimate
        return self.operator(x) - self.data


def steepness(data: Array) -> float:
    """Return one over the mean size of a difference in the data: a first guess of ρ/λ."""
    mean = L1().value(Differences(tuple(data.shape))(data)) / math.prod(data.shape)
    return 1 / mean if mean > 0 else 1.0
