"""Hybrid LSQR: the iteration brings out the signal, λ keeps down the noise."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import Any

from invdeconv import checks
from invdeconv.arrays import Array
from invdeconv.noise import Gaussian
from invdeconv.restoration._channels import by_channel
from invdeconv.restoration._krylov import SAFETY, flat_start
from invdeconv.restoration._missing import with_gaps_filled
from invdeconv.restoration._model import model_of
from invdeconv.restoration._whitening import boundary_for, noise_model, power_left_out, whitened
from invdeconv.result import Result
from invdeconv.solvers import Callback, hybrid_lsqr_steps, iterate

__all__ = ["hybrid_lsqr"]


@by_channel
def hybrid_lsqr(
    data: Any,
    blur: Any,
    *,
    lam: float | str = "weighted_gcv",
    noise: Gaussian | float | None = None,
    rtol: float = 1e-6,
    max_iter: int = 100,
    reorthogonalize: bool = True,
    boundary: str | None = None,
    callback: Callback | None = None,
    channel_axis: int | None = None,
) -> Result:
    """Restore by LSQR with Tikhonov regularization of every projected problem.

    Minimize ½‖Cx − y‖² + ½λ‖x − x₀‖² over a Krylov space that grows, λ chosen anew in every step, so that
    the step at which it stops hardly matters. x₀ is the mean of the data for a PSF under "unknown", else
    zero. It asks nothing of an operator but C and Cᴴ. Pass the `noise` where it is known: the rule that does
    without it can choose λ far too small where C is only mildly ill-posed, as a compact PSF with much noise
    is. For pictures prefer `tikhonov`, whose gradient penalty suits them better.

    Parameters
    ----------
    data : array, shape (n1, …, nd)
        Observed data; must be finite.
    blur : array, shape (k1, …, kd), or LinearOperator
        Point-spread function with its origin at k // 2, or C itself.
    lam : float >= 0 or "weighted_gcv", default "weighted_gcv"
        λ, or how to choose it: generalized cross-validation on the projected problem, its weight adapted
        to the steps, needs no noise level.
    noise : noise.Gaussian or float, optional
        Covariance N of the noise: one deviation, one per sample (``inf`` where it is missing), or a spectrum.
        The data term is ½‖N^−½(Cx − y)‖², and λ, unless it is a number, the one that leaves 1.01 times the
        noise: the discrepancy principle.
    rtol : float > 0, default 1e-6
        Stop where the minimum of the GCV curve changes by at most this times its first value, or has
        risen for three steps; with a known λ or noise, where the gradient is this times its first value.
    max_iter : int >= 1, default 100
        Iterations at most.
    reorthogonalize : bool, default True
        Keep all vectors orthogonal, so that converged singular values do not come back as copies.
    boundary : str, optional
        Outside the data, for a PSF: "unknown" (default), "taper", "liu-jia", or a word of `Convolution`.
    callback : callable, optional
        Gets each `Iteration`; returning True stops.
    channel_axis : int, optional
        Axis of colors or channels, which are restored one by one, each with parameters chosen for it.
        `blur` serves all channels or has that axis too.

    Returns
    -------
    Result
        The step of least GCV; ``parameters["lam"]`` is its λ.

    Raises
    ------
    InvalidInputError
        As `adjoint`; if `lam` is negative or an unknown word; if `noise` is no noise model or does not fit
        the data; if `rtol` is not positive; if `max_iter` is no positive integer; if `reorthogonalize` is no
        bool.
    SolverError
        If an iterate is not finite.

    Notes
    -----
    Cost: two applications of C an iteration. It keeps k arrays after k steps, 2k and 4k passes over them
    with `reorthogonalize`. Of several minima of the curve the one of largest λ is taken: once the steps
    resolve noise, the deepest lies next to λ = 0 (on the problem gravity, 1 % noise, that one was up to 380
    times worse than the best λ).

    References
    ----------
    .. [1] J. Chung, J. G. Nagy, D. P. O'Leary, "A weighted-GCV method for Lanczos-hybrid regularization",
       Electron. Trans. Numer. Anal. 28 (2008) 149.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import Convolution, hybrid_lsqr, psf
    >>> C = Convolution(psf.gaussian((9,), 1.5), (64,))
    >>> x = np.exp(-np.linspace(-4, 4, 64) ** 2)
    >>> y = C(x) + 0.01 * np.random.default_rng(0).standard_normal(64)
    >>> bool(np.linalg.norm(hybrid_lsqr(y, C).estimate - x) < np.linalg.norm(y - x))
    True
    """
    known = None if noise is None else noise_model("hybrid_lsqr", noise)
    word = boundary_for("hybrid_lsqr", known, boundary, blur, default="unknown")
    plain = model_of("hybrid_lsqr", data, blur, boundary, default=word)
    if isinstance(lam, str):
        checks.choice("hybrid_lsqr", "lam", lam, ("weighted_gcv",))
        fixed = None
    else:
        advice = "Pass a number >= 0, or 'weighted_gcv'."
        fixed = checks.nonnegative("hybrid_lsqr", "lam", lam, advice)
    rtol = checks.positive("hybrid_lsqr", "rtol", rtol)
    max_iter = checks.integer("hybrid_lsqr", "max_iter", max_iter, minimum=1)
    reorthogonalize = checks.flag("hybrid_lsqr", "reorthogonalize", reorthogonalize)
    checks.optional_callable("hybrid_lsqr", "callback", callback)
    model, _ = whitened("hybrid_lsqr", plain, known)
    residual = None
    if known is not None and fixed is None:
        residual = SAFETY * known.level / plain.scale * math.sqrt(math.prod(model.data.shape))
    start = flat_start(with_gaps_filled(plain, known))
    power = power_left_out(known)
    steps = hybrid_lsqr_steps(
        model.operator,
        model.data - model.operator(start),
        lam=None if fixed is None else fixed * power,
        residual=residual,
        reorthogonalize=reorthogonalize,
    )
    chosen: list[float] = []

    def from_start() -> Iterator[tuple[Array, float]]:
        for x, measure, value in steps:
            chosen.append(value)
            yield start + x, measure

    result = iterate(
        from_start(),
        method="hybrid_lsqr",
        start=start,
        max_iter=max_iter,
        rtol=rtol,
        callback=callback,
    )
    rule = "discrepancy" if residual is not None else "given" if fixed is not None else "weighted_gcv"
    parameters = {
        "lam": chosen[-1] / power,
        "selection": rule,
        "boundary": model.boundary,
        "rtol": rtol,
        "measure": "change of GCV" if rule == "weighted_gcv" else "relative gradient",
    }
    return dataclasses.replace(result, estimate=model.restore(result.estimate), parameters=parameters)
