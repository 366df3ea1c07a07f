"""Restoration with any denoiser as the prior."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, namespace
from invdeconv.functionals import denoisers
from invdeconv.noise import estimate_noise_std
from invdeconv.restoration._channels import by_channel
from invdeconv.restoration._hyper_laplacian import periodic_model
from invdeconv.restoration._rehearsal import spread
from invdeconv.result import Result
from invdeconv.solvers import iterate, plug_and_play_steps

__all__ = ["plug_and_play"]


@by_channel
def plug_and_play(
    data: Any,
    blur: Any,
    *,
    denoiser: Callable[[Array, float], Array] = denoisers.nl_means,
    lam: float = 0.23,
    noise: float | None = None,
    boundary: str | None = None,
    n_iter: int = 10,
    channel_axis: int | None = None,
) -> Result:
    """Restore by turns of exact deconvolution and a denoiser, whose strength falls to that of the noise.

    xₖ = argmin ½‖Cx − y‖² + ½ρₖ‖x − zₖ‖² and zₖ₊₁ = denoiser(xₖ, σₖ), with ρₖ = λσ²/σₖ². The denoiser is the
    prior: the best known ones make the best known restorations. There is no objective, so no proof; for
    one use `total_variation`.

    Parameters
    ----------
    data : array, shape (n1, …, nd)
        Observed data; must be finite. A NumPy array beside the denoisers of this library.
    blur : array, shape (k1, …, kd), or Convolution
        Point-spread function with its origin at k // 2, or a periodic convolution.
    denoiser : callable, default ``functionals.denoisers.nl_means``
        (image, sigma) → image of the same shape, on the model's own domain and in the data's units.
    lam : float > 0, default 0.23
        Weight of the prior, without unit: larger is smoother.
    noise : float, optional
        σ, standard deviation of the noise; estimated by default.
    boundary : {"taper", "periodic"}, optional
        What lies outside the data, for a PSF; "taper" by default.
    n_iter : int >= 1, default 10
        Turns; σₖ falls geometrically from a tenth of the range of the data to σ/2.
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
        As `adjoint`; if `denoiser` cannot be called or returns another shape; if `lam` or `noise` is not
        positive, or `n_iter` no positive integer; if the blur is not periodic; if a denoiser of this library
        gets complex data or another library's array.

    Notes
    -----
    Cost: two transforms and one denoising a turn.

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
    >>> data = np.random.default_rng(0).random((12, 10))
    >>> result = plug_and_play(data, np.ones((3, 3)) / 9, denoiser=lambda image, sigma: image)
    >>> result.n_iter
    10
    """
    name = "plug_and_play"
    model = periodic_model(name, data, blur, boundary)
    if not callable(denoiser):
        checks.refuse(name, "denoiser", "be callable", repr(denoiser), "Pass a function (image, sigma).")
    lam = checks.positive(name, "lam", lam)
    n_iter = checks.integer(name, "n_iter", n_iter, minimum=1)
    if noise is None:
        sigma = max(estimate_noise_std(model.observed), 1e-2 * spread(model.observed))
    else:
        sigma = checks.positive(name, "noise", noise) / model.scale
    sigma = sigma or 1.0  # constant data: any noise does
    reach = (
        float(namespace(model.data).max(namespace(model.data).abs(model.data))) if spread(model.data) else 0.0
    )
    strengths = np.geomspace(max(reach / 10, 2 * sigma), sigma / 2, n_iter)
    schedule = [(float(s), lam * sigma**2 / float(s) ** 2) for s in strengths]

    def denoise(image: Array, strength: float) -> Array:
        clean = denoiser(image * model.scale, strength * model.scale)
        if tuple(getattr(clean, "shape", ())) != tuple(image.shape):
            got = getattr(clean, "shape", type(clean).__name__)
            checks.refuse(
                name, "denoiser", f"return shape {tuple(image.shape)}", got, "Check it on an image."
            )
        return clean / model.scale

    C: Any = model.operator
    result = iterate(
        plug_and_play_steps(C, model.data, denoise, model.data, schedule),
        method=name,
        start=model.data,
        max_iter=n_iter,
        parameters={
            "lam": lam,
            "noise_std": sigma * model.scale,
            "n_iter": n_iter,
            "boundary": model.boundary,
            "measure": "relative change",
        },
    )
    return dataclasses.replace(result, estimate=model.restore(result.estimate))
