"""Richardson–Lucy deconvolution with total variation."""

from __future__ import annotations

import dataclasses
from typing import Any

from invdeconv import checks
from invdeconv.noise import Poisson
from invdeconv.restoration._channels import by_channel
from invdeconv.restoration._counts import counts_of
from invdeconv.result import Result
from invdeconv.solvers import Callback, iterate, richardson_lucy_tv_steps

__all__ = ["richardson_lucy_tv"]

# Of the relative noise: within 0.5 dB of the best on photographs from 20 to 10⁴ counts at their brightest.
_SHARE = 0.3


@by_channel
def richardson_lucy_tv(
    data: Any,
    blur: Any,
    *,
    lam: float | str = "noise",
    max_iter: int = 100,
    rtol: float | None = None,
    noise: Poisson | None = None,
    boundary: str | None = None,
    callback: Callback | None = None,
    channel_axis: int | None = None,
) -> Result:
    """Restore counts by Richardson–Lucy iteration with total variation: smooth areas, sharp edges.

    Seeks the least Σ(Cx − y·log Cx) + λ Σ|∇x|: each step of `richardson_lucy` is followed by a denoising,
    weighted as the step is. The penalty regularizes, not the number of iterations. For pictures of areas
    with edges, which it restores better; for stars and fine texture prefer `richardson_lucy`.

    Parameters
    ----------
    data : array, shape (n1, …, nd)
        Observed counts or intensities, real, as in `richardson_lucy`.
    blur : array, shape (k1, …, kd), or LinearOperator
        Point-spread function without negative values, its origin at k // 2, or C itself.
    lam : float >= 0 or "noise", default "noise"
        λ, without a unit: the same for data in other units. "noise": 0.3 of the noise's deviation over the
        mean of the data, as 0.003 for 10⁴ counts a pixel and 0.1 for ten.
    max_iter : int >= 1, default 100
        Iterations at most.
    rtol : float, optional
        Stop when the relative change of an iteration is at most this.
    noise : noise.Poisson, optional
        Background, read noise, gain, weights. By default none of them, and for λ an estimated variance.
    boundary : str, optional
        What lies outside the data, for a PSF, as in `richardson_lucy`: "unknown" by default.
    callback : callable, optional
        Gets each `Iteration` on the model's own domain; returning True stops.
    channel_axis : int, optional
        Axis of colors or channels, which are restored one by one, each with parameters chosen for it.
        `blur`, and arrays among the options, serve all channels or have that axis too.

    Returns
    -------
    Result
        ``history`` holds the relative change of every iteration.

    Raises
    ------
    InvalidInputError
        As `richardson_lucy`; if `lam` is negative or `rtol` not positive.
    SolverError
        If an iterate is not finite; it carries the last good result.

    Notes
    -----
    Cost: four transforms and seven gradients an iteration. The denoising takes six projected gradients on its
    dual, which goes on from iteration to iteration.

    References
    ----------
    .. [1] A. Sawatzky, C. Brune, F. Wübbeling, T. Kösters, K. Schäfers, M. Burger, "Accurate EM-TV algorithm
       in PET with low SNR", IEEE Nucl. Sci. Symp. (2008) 5133, Eqs. (9)-(11).
    .. [2] N. Dey et al., "Richardson-Lucy algorithm with total variation regularization for 3D confocal
       microscope deconvolution", Microsc. Res. Tech. 69 (2006) 260: the same objective.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import richardson_lucy_tv
    >>> flat = richardson_lucy_tv(np.full((16, 12), 0.5), np.ones((3, 3)) / 9, max_iter=5).estimate
    >>> bool(np.abs(flat - 0.5).max() < 1e-14)
    True
    """
    name = "richardson_lucy_tv"
    if lam != "noise":
        lam = checks.nonnegative(name, "lam", lam, 'Pass a number >= 0, or "noise".')
    max_iter = checks.integer(name, "max_iter", max_iter, minimum=1)
    if rtol is not None:
        rtol = checks.positive(name, "rtol", rtol)
    checks.optional_callable(name, "callback", callback)
    counts = counts_of(name, data, blur, boundary, noise, estimate=lam == "noise")
    value = _SHARE * counts.relative_noise() if isinstance(lam, str) else lam
    result = iterate(
        richardson_lucy_tv_steps(counts.likelihood, counts.flat, counts.divisor, value),
        method=name,
        start=counts.flat,
        max_iter=max_iter,
        rtol=rtol,
        callback=callback,
        parameters={
            "lam": value,
            "max_iter": max_iter,
            "rtol": rtol,
            **counts.parameters,
            "measure": "relative change",
        },
    )
    return dataclasses.replace(result, estimate=counts.model.restore(result.estimate))
