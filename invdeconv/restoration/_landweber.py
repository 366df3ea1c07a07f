"""Landweber iteration: from τCᵀy at the first step to C⁺y in the limit."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

from invdeconv import checks
from invdeconv.arrays import zeros_like_data
from invdeconv.noise import Gaussian
from invdeconv.restoration import _filters
from invdeconv.restoration._channels import by_channel
from invdeconv.restoration._closed_form import closed_form
from invdeconv.restoration._model import decomposed, model_of
from invdeconv.restoration._whitening import boundary_for, noise_model, whitened
from invdeconv.result import Result, Status
from invdeconv.solvers import iterate, landweber_steps

__all__ = ["landweber"]


@by_channel
def landweber(
    data: Any,
    blur: Any,
    *,
    n_iter: int = 100,
    step: float | None = None,
    noise: Gaussian | float | None = None,
    boundary: str | None = None,
    channel_axis: int | None = None,
) -> Result:
    """Restore by gradient descent on the data, stopped early.

    k steps of xₖ₊₁ = xₖ + τCᴴ(y − Cxₖ) from zero. One step is τCᵀy, infinitely many are C⁺y: the number
    of steps is the regularization. It teaches how Cᵀ and C⁺ are one family; `wiener` and `tikhonov` get
    further at once.

    Parameters
    ----------
    data : array, shape (n1, …, nd)
        Observed data; must be finite.
    blur : array, shape (k1, …, kd), or LinearOperator
        Point-spread function with its origin at k // 2, or C itself.
    n_iter : int >= 1, default 100
        k.
    step : float, optional
        τ in (0, 2/σ₁²); default 1/σ₁².
    noise : noise.Gaussian or float, optional
        Covariance N of the noise, of which the level does not matter: one deviation per sample (``inf`` where
        it is missing), or a spectrum. C and y are then WC and Wy, W = N^−½ with weights near 1.
    boundary : str, optional
        Outside the data, for a PSF: "taper" (default), "liu-jia", "unknown", or a word of `Convolution`.
    channel_axis : int, optional
        Axis of colors or channels, which are restored one by one; `blur` serves all or has that axis too.

    Returns
    -------
    Result
        With a decomposition all k steps are one filter and cost the same for every k.

    Raises
    ------
    InvalidInputError
        As `adjoint`; if `n_iter` is not a positive integer, or `step` is outside its interval; if `noise` is
        no noise model or does not fit the data.

    Notes
    -----
    Cost: two transforms with a decomposition, four an iteration without.

    References
    ----------
    .. [1] L. Landweber, "An iteration formula for Fredholm integral equations of the first kind",
       Amer. J. Math. 73 (1951) 615.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import Convolution, landweber
    >>> C = Convolution(np.ones((3, 3)), (4, 4), padding="valid")
    >>> y = C(np.ones((4, 4)))
    >>> bool(np.allclose(landweber(y, C, n_iter=1, step=0.01).estimate, 0.01 * C.H(y)))
    True
    """
    began = time.perf_counter()
    known = None if noise is None else noise_model("landweber", noise)
    default = boundary_for("landweber", known, boundary, blur)
    plain = model_of("landweber", data, blur, boundary, default=default)
    model, _ = whitened("landweber", plain, known)
    n_iter = checks.integer("landweber", "n_iter", n_iter, minimum=1)
    if step is not None:
        step = checks.positive("landweber", "step", step)
    decomposition = decomposed("landweber", model)
    largest = float(decomposition.c.max()) if decomposition is not None else model.operator.norm()
    if largest == 0:
        advice = "Nothing of the input reaches the data; check the kernel and the padding."
        checks.refuse("landweber", "blur", "not be the zero operator", repr(model.operator), advice)
    tau = 1 / largest**2 if step is None else step
    if tau * largest**2 >= 2:
        advice = "Leave it out for 1/σ₁²."
        checks.refuse("landweber", "step", f"be less than 2/σ₁² = {2 / largest**2:.4g}", step, advice)
    if decomposition is not None:
        phi = _filters.landweber(tau, n_iter)
        result = closed_form("landweber", model, decomposition, phi, began, n_iter=n_iter, step=tau)
        return dataclasses.replace(result, status=Status.ITERATIONS_DONE, n_iter=n_iter)
    start = zeros_like_data(model.operator.input_shape, model.data)
    result = iterate(
        landweber_steps(model.operator, model.data, start, tau),
        method="landweber (iterated)",
        start=start,
        max_iter=n_iter,
        parameters={
            "n_iter": n_iter,
            "step": tau,
            "boundary": model.boundary,
            "measure": "relative gradient",
        },
    )
    return dataclasses.replace(result, estimate=model.restore(result.estimate))
