"""Least squares within bounds."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from invdeconv import checks
from invdeconv.arrays import Array, norm
from invdeconv.functionals import Box, SquaredError
from invdeconv.noise import Gaussian
from invdeconv.restoration._by_discrepancy import residual_target
from invdeconv.restoration._channels import by_channel
from invdeconv.restoration._krylov import flat_start
from invdeconv.restoration._missing import with_gaps_filled
from invdeconv.restoration._model import model_of
from invdeconv.restoration._split_problems import largest_of
from invdeconv.restoration._variational import box_of
from invdeconv.restoration._whitening import boundary_for, noise_model, whitened
from invdeconv.result import Result
from invdeconv.solvers import Callback, Discrepancy, StoppingRule, fista_steps, iterate

__all__ = ["nnls"]


@by_channel
def nnls(
    data: Any,
    blur: Any,
    *,
    bounds: tuple[float | None, float | None] = (0, None),
    momentum: bool = True,
    noise: Gaussian | float | None = None,
    boundary: str | None = None,
    stop: StoppingRule | str | None = "discrepancy",
    rtol: float | None = None,
    max_iter: int = 100,
    callback: Callback | None = None,
    channel_axis: int | None = None,
) -> Result:
    """Restore by non-negative least squares: projected Landweber iteration, accelerated.

    Minimize ½‖Cx − y‖² over x >= 0. The constraint alone restores what is sparse and positive, such as
    spikes and stars; elsewhere the number of iterations is the regularization, so a rule that knows the
    noise stops it.
    `richardson_lucy` is the same for counts; ``total_variation(bounds=(0, None))`` needs no stopping.

    Parameters
    ----------
    data : array, shape (n1, …, nd)
        Observed data, real; must be finite.
    blur : array, shape (k1, …, kd), or LinearOperator
        Point-spread function with its origin at k // 2, or C itself.
    bounds : (lower, upper), default (0, None)
        What each sample of the estimate lies between; None leaves a side open.
    momentum : bool, default True
        FISTA with restarts; else plain projected Landweber, which needs about the square of the iterations.
    noise : noise.Gaussian or float, optional
        Covariance N of the noise: one deviation, one per sample (``inf`` where it is missing), or a spectrum.
    boundary : str, optional
        What lies outside the data, for a PSF: "unknown" (default), "taper", "liu-jia", or a word of
        `Convolution`.
    stop : solvers.StoppingRule, "discrepancy" or None, default "discrepancy"
        When to stop before `max_iter`: "discrepancy" is ``solvers.Discrepancy()``, a residual as large as the
        noise, given or estimated. None fits the data as closely as `rtol` or `max_iter` allow.
    rtol : float, optional
        Relative projected gradient step at which the iteration stops; default: none.
    max_iter : int, default 100
        Iterations at most.
    callback : callable, optional
        Gets each `Iteration` on the model's own domain; returning True stops.
    channel_axis : int, optional
        Axis of colors or channels, which are restored one by one, each with parameters chosen for it.
        `blur`, and arrays among the options, serve all channels or have that axis too.

    Returns
    -------
    Result
        ``optimality`` is ‖change of a projected gradient step‖/‖x‖.

    Raises
    ------
    InvalidInputError
        As `adjoint`; if data or blur are complex; if `bounds` are no pair or in the wrong order; if `noise`
        is no noise model or does not fit the data; if `stop` is no rule, or one on other figures than the
        discrepancy; if the blur is the zero operator.

    Notes
    -----
    Cost: C and Cᴴ an iteration.

    References
    ----------
    .. [1] A. Beck, M. Teboulle, SIAM J. Imaging Sci. 2 (2009) 183, Eqs. (4.1)–(4.3).
    .. [2] M. Piana, M. Bertero, "Projected Landweber method and preconditioning", Inverse Problems 13 (1997)
       441, Eq. (1.4).

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import nnls
    >>> spikes = np.zeros(32)
    >>> spikes[[7, 20]] = 1, 2
    >>> data = np.convolve(spikes, [0.25, 0.5, 0.25], "same")
    >>> bool(np.abs(nnls(data, np.array([0.25, 0.5, 0.25])).estimate - spikes).max() < 0.01)
    True
    """
    name = "nnls"
    known = None if noise is None else noise_model(name, noise)
    word = boundary_for(name, known, boundary, blur, default="unknown")
    plain = model_of(name, data, blur, boundary, default=word)
    plain = with_gaps_filled(plain, known)
    box = box_of(name, bounds, plain) or Box()
    checks.flag(name, "momentum", momentum)
    rule = _rule(stop)
    rtol = None if rtol is None else checks.positive(name, "rtol", rtol)
    max_iter = checks.integer(name, "max_iter", max_iter, minimum=1)
    checks.optional_callable(name, "callback", callback)
    model, _ = whitened(name, plain, known)
    start = box.prox(flat_start(plain), 1.0)
    step = 1 / largest_of(name, model.operator) ** 2
    target = None if rule is None or not rule.figures else residual_target(plain, known)

    def figures(predicted: Array) -> dict[str, float]:
        if target is None:  # no noise: it is never reached
            return {"discrepancy": math.inf}
        residual = predicted - model.data
        residual = residual if model.inside is None else residual[model.inside]
        return {"discrepancy": norm(residual) ** 2 / (math.prod(residual.shape) * target.noise_std**2)}

    steps = fista_steps(
        model.operator,
        SquaredError(model.data),
        box,
        start,
        step,
        momentum=momentum,
        figures=None if rule is None else figures,
    )
    result = iterate(
        steps,
        method=name,
        start=start,
        max_iter=max_iter,
        rtol=rtol,
        stop=rule,
        callback=callback,
        parameters={
            "bounds": bounds,
            "momentum": momentum,
            "stop": None if rule is None else repr(rule),
            **({} if target is None else {"noise_std": target.noise_std * plain.scale}),
            "max_iter": max_iter,
            "rtol": rtol,
            "boundary": plain.boundary,
            "measure": "relative projected gradient step",
        },
    )
    return dataclasses.replace(result, estimate=plain.restore(result.estimate))


def _rule(stop: StoppingRule | str | None) -> StoppingRule | None:
    if isinstance(stop, str):
        checks.choice("nnls", "stop", stop, ("discrepancy",))
        return Discrepancy()
    if stop is not None and (not isinstance(stop, StoppingRule) or not stop.figures <= {"discrepancy"}):
        advice = "Pass solvers.Discrepancy(…), solvers.RelativeChange(…), or None."
        checks.refuse("nnls", "stop", "be a rule on the discrepancy or the change", repr(stop), advice)
    return stop
