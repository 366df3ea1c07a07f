"""Richardson–Lucy deconvolution."""

from __future__ import annotations

import dataclasses
from typing import Any

from invdeconv import checks
from invdeconv.arrays import is_complex, namespace, zeros_like_data
from invdeconv.operators import Convolution
from invdeconv.restoration._model import Model, model_of
from invdeconv.result import Result
from invdeconv.solvers import Callback, iterate, richardson_lucy_steps

__all__ = ["richardson_lucy"]


def richardson_lucy(
    data: Any,
    blur: Any,
    *,
    max_iter: int = 30,
    rtol: float | None = None,
    boundary: str | None = None,
    callback: Callback | None = None,
) -> Result:
    """Restore counts by Richardson–Lucy iteration: maximum likelihood for Poisson noise.

    xₖ₊₁ = xₖ·Cᵀ(y/Cxₖ)/Cᵀ1, from the constant Σy/ΣCᵀ1: positive, keeping the total, keeping a constant
    picture constant under every boundary but zero. The number of iterations is the regularization: few
    are smooth, many amplify noise. For data with negative values use `wiener` or `tikhonov`.

    Parameters
    ----------
    data : array, shape (n1, …, nd)
        Observed counts or intensities, real. Negative values count as zero; warns where they weigh
        more than a thousandth of the total.
    blur : array, shape (k1, …, kd), or LinearOperator
        Point-spread function without negative values, its origin at k // 2, or C itself.
    max_iter : int >= 1, default 30
        Iterations.
    rtol : float, optional
        Stop when the relative change of an iteration is at most this.
    boundary : str, optional
        What lies outside the data, for a PSF: "unknown" (default: nothing is assumed), "taper", or a word of
        `Convolution` but "antireflect".
    callback : callable, optional
        Gets each `Iteration` on the model's own domain; returning True stops.

    Returns
    -------
    Result
        ``history`` holds the relative change of every iteration.

    Raises
    ------
    InvalidInputError
        As `adjoint`; if data are complex or have a sum that is negative or cancels; if the kernel is
        complex or negative anywhere, or nothing reaches the data; if `max_iter` or `rtol` are not positive.
    SolverError
        If an iterate is not finite; it carries the last good result.

    Notes
    -----
    Cost: four transforms an iteration on ``n + k − 1`` points. Cᵀ1 is floored at a hundredth of its
    largest value, without which pixels that are hardly seen diverge.

    References
    ----------
    .. [1] W. H. Richardson, JOSA 62 (1972) 55, Eq. (6).
    .. [2] L. B. Lucy, Astron. J. 79 (1974) 745, Eq. (15).
    .. [3] M. Bertero, P. Boccacci, "A simple method for the reduction of boundary effects in the
       Richardson-Lucy approach to image deconvolution", Astron. Astrophys. 437 (2005) 369, Eq. (6).

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import richardson_lucy
    >>> flat = richardson_lucy(np.full((16, 12), 0.5), np.ones((3, 3)) / 9).estimate
    >>> bool(np.abs(flat - 0.5).max() < 1e-14)
    True
    """
    model = model_of("richardson_lucy", data, blur, boundary, default="unknown")
    max_iter = checks.integer("richardson_lucy", "max_iter", max_iter, minimum=1)
    checks.optional_callable("richardson_lucy", "callback", callback)
    if rtol is not None:
        rtol = checks.positive("richardson_lucy", "rtol", rtol)
    _check_positive(model)
    xp = namespace(model.data)
    # A Poisson count is never negative: y < 0 has no likelihood, and its ratio y/Cx no bound.
    data = xp.clip(model.data, min=0.0)
    weight = model.operator.H(xp.ones_like(model.data))
    seen = float(xp.sum(weight, dtype=xp.float64))
    if seen == 0:
        advice = "Nothing of the input reaches the data; check the kernel and the padding."
        checks.refuse("richardson_lucy", "blur", "not be the zero operator", repr(model.operator), advice)
    level = float(xp.sum(data, dtype=xp.float64)) / seen
    start = zeros_like_data(model.operator.input_shape, model.data) + level
    result = iterate(
        richardson_lucy_steps(model.operator, data, start, weight),
        method="richardson_lucy",
        start=start,
        max_iter=max_iter,
        rtol=rtol,
        callback=callback,
        parameters={
            "max_iter": max_iter,
            "rtol": rtol,
            "boundary": model.boundary,
            "measure": "relative change",
        },
    )
    return dataclasses.replace(result, estimate=model.restore(result.estimate))


def _check_positive(model: Model) -> None:
    """Refuse what the Poisson likelihood has no meaning for; warn of what it has little for."""
    name, data, operator = "richardson_lucy", model.observed, model.operator
    if is_complex(data):
        advice = "Counts and intensities are real; use wiener for complex data."
        checks.refuse(name, "data", "be real", data.dtype, advice)
    xp = namespace(data)
    if isinstance(operator, Convolution):
        kernel = operator.kernel
        # A PSF that comes from a transform has rounding errors below zero.
        if kernel.dtype.kind == "c" or kernel.min() < -1e-6 * kernel.max():
            advice = "A blur of intensities is >= 0 everywhere; use tikhonov for other kernels."
            got = "complex values" if kernel.dtype.kind == "c" else f"values down to {kernel.min():.4g}"
            checks.refuse(name, "kernel", "not be negative", got, advice)
        if "antireflect" in operator.boundaries:
            advice = 'It extends by 2a − b, which can be negative; use "reflect" or "symmetric".'
            checks.refuse(name, "boundary", "keep positive values positive", "'antireflect'", advice)
    elif operator.dtype.kind == "c" or float(xp.min(operator.H(xp.ones_like(model.data)))) < 0:
        advice = "A blur of intensities is >= 0 everywhere; use tikhonov for other operators."
        checks.refuse(name, "blur", "be real and not negative", repr(operator), advice)
    total = float(xp.sum(data, dtype=xp.float64))
    if total < 0 or (total == 0 and bool(xp.any(data != 0))):
        advice = "Subtract less background, or use wiener."
        checks.refuse(name, "data", "not have a negative or canceling sum", f"{total:.4g}", advice)
    # A few values that noise took below zero do no harm; a background taken off does.
    below = -float(xp.sum(xp.clip(data, max=0.0), dtype=xp.float64))
    if below > 1e-3 * total:
        checks.warn(
            "IDW005",
            f"richardson_lucy: negative data weigh {below / total:.1%} of the total",
            "Add the background back, or use wiener, which takes data of any sign",
        )
