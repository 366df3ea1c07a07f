"""Restoration with any denoiser as the prior."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, namespace
from invdeconv.functionals import denoisers
from invdeconv.noise import Gaussian, estimate_noise_std
from invdeconv.operators import Extension
from invdeconv.restoration._channels import by_channel
from invdeconv.restoration._krylov import flat_start
from invdeconv.restoration._missing import evened, with_gaps_filled
from invdeconv.restoration._model import Model, model_of, periodic_kin
from invdeconv.restoration._rehearsal import spread
from invdeconv.restoration._split_problems import largest_of
from invdeconv.restoration._whitening import boundary_for, noise_model, whitened
from invdeconv.result import Result
from invdeconv.solvers import Callback, iterate, plug_and_play_steps

__all__ = ["plug_and_play"]

# Least noise that is assumed, as a share of the deviation of the data: where a word says what lies outside
# them, the edges are wrong by more.
_EDGE_FLOOR, _FLOOR = 1e-2, 1e-4


@by_channel
def plug_and_play(
    data: Any,
    blur: Any,
    *,
    denoiser: Callable[[Array, float], Array] = denoisers.sliding_dct,
    lam: float = 0.25,
    noise: Gaussian | float | None = None,
    boundary: str | None = None,
    n_iter: int = 10,
    callback: Callback | None = None,
    channel_axis: int | None = None,
) -> Result:
    """Restore by turns of exact deconvolution and a denoiser, whose strength falls to that of the noise.

    xₖ = argmin ½‖Cx − y‖² + ½ρₖ‖x − zₖ‖² and zₖ₊₁ = denoiser(xₖ, σₖ), with ρₖ = λσ²/σₖ². The denoiser is the
    prior: the best known ones make the best known restorations. There is no objective, so no proof; for
    one use `total_variation`.

    Parameters
    ----------
    data : array, shape (n1, …, nd)
        Observed data; must be finite.
    blur : array, shape (k1, …, kd), or LinearOperator
        Point-spread function with its origin at k // 2, or C itself.
    denoiser : callable, default ``functionals.denoisers.sliding_dct``
        (image, sigma) → image of the same shape, on the model's own domain and in the units of the estimate.
    lam : float > 0, default 0.25
        Weight of the prior, without unit: larger is smoother, and less than 0.2 can let noise through. On
        photographs 0.25 is within 0.3 dB of the best value for the default denoiser.
    noise : noise.Gaussian or float, optional
        Covariance N of the noise: one deviation, one per sample (``inf`` where it is missing), or a spectrum;
        the fit is then ½σ²‖N^−½(Cx − y)‖². By default white, of a deviation σ estimated from the data.
    boundary : str, optional
        What lies outside the data, for a PSF: "unknown" (default), "taper" (faster; default beside a noise
        spectrum), "liu-jia", or a word of `Convolution`.
    n_iter : int >= 1, default 10
        Turns; σₖ falls geometrically from a tenth of the largest size of the data to σ/2, both over ‖C‖.
    callback : callable, optional
        Gets each `Iteration` on the model's own domain; returning True stops.
    channel_axis : int, optional
        Axis of colors or channels, which are restored one by one, each with parameters chosen for it.
        `blur` serves all channels or has that axis too.

    Returns
    -------
    Result
        ``history`` holds the relative change of each turn.

    Raises
    ------
    InvalidInputError
        As `adjoint`; if `denoiser` cannot be called or returns another shape; if `lam` is not positive, or
        `n_iter` no positive integer; if `noise` is no noise model or does not fit the data; if the blur is
        the zero operator; if a denoiser of scikit-image gets complex data or another library's array.

    Notes
    -----
    Cost: two transforms and one denoising a turn; where C is not periodic, up to 40 steps of conjugate
    gradients instead of the transforms.

    References
    ----------
    .. [1] S. V. Venkatakrishnan, C. A. Bouman, B. Wohlberg, "Plug-and-play priors for model based
       reconstruction", GlobalSIP 2013, Eqs. (6)–(8).
    .. [2] K. Zhang, W. Zuo, S. Gu, L. Zhang, "Learning deep CNN denoiser prior for image restoration",
       CVPR 2017, Eqs. (6)–(7).

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import plug_and_play
    >>> step = np.repeat([0.0, 1.0], 32)
    >>> data = np.convolve(step, [0.25, 0.5, 0.25], "same")
    >>> data += 0.02 * np.random.default_rng(0).standard_normal(64)
    >>> estimate = plug_and_play(data, np.array([0.25, 0.5, 0.25])).estimate
    >>> float(np.abs(estimate - step)[4:-4].max()) < float(np.abs(data - step)[4:-4].max())
    True
    """
    name = "plug_and_play"
    known = None if noise is None else noise_model(name, noise)
    word = boundary_for(name, known, boundary, blur)
    colored = known is not None and known.spectrum is not None
    plain = model_of(name, data, blur, boundary, default=word if colored else "unknown")
    plain = with_gaps_filled(plain, known)
    if not callable(denoiser):
        checks.refuse(name, "denoiser", "be callable", repr(denoiser), "Pass a function (image, sigma).")
    lam = checks.positive(name, "lam", lam)
    n_iter = checks.integer(name, "n_iter", n_iter, minimum=1)
    checks.optional_callable(name, "callback", callback)
    model, _ = whitened(name, plain, known)
    gain = _gain(name, plain)
    sigma = _noise_std(plain, known) or 1.0  # constant data: any noise does
    xp = namespace(plain.data)
    reach = float(xp.max(xp.abs(plain.data))) if spread(plain.observed) else 0.0
    strengths = np.geomspace(max(reach / 10, 2 * sigma), sigma / 2, n_iter)
    schedule = [(float(s) / gain, lam * (gain * sigma / float(s)) ** 2) for s in strengths]

    def denoise(image: Array, strength: float) -> Array:
        clean = denoiser(image * plain.scale, strength * plain.scale)
        if tuple(getattr(clean, "shape", ())) != tuple(image.shape):
            got = getattr(clean, "shape", type(clean).__name__)
            checks.refuse(
                name, "denoiser", f"return shape {tuple(image.shape)}", got, "Check it on an image."
            )
        return clean / plain.scale

    start = _start(plain, evened(plain, known))
    result = iterate(
        plug_and_play_steps(model.operator, model.data, denoise, start, schedule, near=periodic_kin(plain)),
        method=name,
        start=start,
        max_iter=n_iter,
        callback=callback,
        parameters={
            "lam": lam,
            "noise_std": sigma * plain.scale,
            **({} if known is None else {"noise": repr(known)}),
            "n_iter": n_iter,
            "boundary": plain.boundary,
            "measure": "relative change",
        },
    )
    return dataclasses.replace(result, estimate=plain.restore(result.estimate))


def _noise_std(plain: Model, noise: Gaussian | None) -> float:
    """Return σ in the scale of the model; 0 for data that do not vary."""
    if noise is not None:
        return noise.level / plain.scale
    floor = _FLOOR if plain.boundary in ("unknown", "operator") else _EDGE_FLOOR
    return max(estimate_noise_std(plain.observed, plain.operator), floor * spread(plain.observed))


def _gain(function: str, plain: Model) -> float:
    """Return ‖C‖, which takes the units of the data to those of the estimate."""
    C = periodic_kin(plain)
    if C is None or C.circulant is None:
        return largest_of(function, plain.operator)
    return float(np.abs(C.circulant.response(np.empty(1), half=False)).max()) or largest_of(function, C)


def _start(plain: Model, observed: Array) -> Array:
    """Return the data where they have the shape of the estimate, continued by their edges if need be."""
    shape = plain.operator.input_shape
    if plain.fill is not None:
        return plain.data
    if shape == tuple(observed.shape):
        return observed
    if plain.crop is None:
        return flat_start(plain)
    pads = tuple((part.start, n - part.stop) for part, n in zip(plain.crop, shape, strict=True))
    return Extension(tuple(plain.observed.shape), pads, ("edge",) * len(shape))(observed)
