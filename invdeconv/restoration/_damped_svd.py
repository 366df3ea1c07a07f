"""Damped singular value decomposition."""

from __future__ import annotations

import time
from typing import Any

from invdeconv import checks
from invdeconv.restoration import _filters
from invdeconv.restoration._channels import by_channel
from invdeconv.restoration._closed_form import closed_form
from invdeconv.restoration._model import decomposed, model_of
from invdeconv.result import Result

__all__ = ["damped_svd"]


@by_channel
def damped_svd(
    data: Any, blur: Any, *, lam: float, boundary: str | None = None, channel_axis: int | None = None
) -> Result:
    """Divide by the singular values plus a constant.

    x̂ = Σ vᵢ uᵢᴴy/(σᵢ + λ). Its filter factors σ/(σ + λ) fall off more slowly than those of `tikhonov`,
    σ²/(σ² + λ): noise behind the smallest σ is divided by λ and passes. It is here to be compared; `tikhonov`
    and `wiener` do better.

    Parameters
    ----------
    data : array, shape (n1, …, nd)
        Observed data; must be finite.
    blur : array, shape (k1, …, kd), or LinearOperator
        Point-spread function with its origin at k // 2, or C itself; needs a decomposition.
    lam : float >= 0
        λ in the units of σ, not of σ². 0 is `pseudo_inverse`. No rule chooses it: those that look at the
        data do not see what small σ let through, and GCV makes noisy photographs 20 dB worse.
    boundary : str, optional
        Outside the data, for a PSF: "taper" (default), "liu-jia", "unknown", or a word of `Convolution`.
    channel_axis : int, optional
        Axis of colors or channels, which are restored one by one; `blur` serves all or has that axis too.

    Returns
    -------
    Result
        ``parameters["lam"]`` is the value in force.

    Raises
    ------
    InvalidInputError
        As `adjoint`; if `lam` is negative; if C has no decomposition.

    Notes
    -----
    Cost: two transforms.

    References
    ----------
    .. [1] M. P. Ekstrom, R. L. Rhoads, "On the application of eigenvector expansions to numerical
       deconvolution", J. Comput. Phys. 14 (1974) 319.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import Convolution, damped_svd
    >>> C = Convolution([0.5, 0.5], (4,), boundary="periodic")
    >>> damped_svd(C(np.ones(4)), C, lam=0.25).estimate
    array([0.8, 0.8, 0.8, 0.8])
    """
    began = time.perf_counter()
    model = model_of("damped_svd", data, blur, boundary, default="taper")
    lam = checks.nonnegative("damped_svd", "lam", lam)
    decomposition = decomposed("damped_svd", model)
    if decomposition is None:
        advice = "Use tikhonov, which has an iterative path, or a boundary that has a transform."
        checks.refuse("damped_svd", "blur", "have a decomposition", repr(model.operator), advice)
    phi = _filters.damped(lam) if lam > 0 else _filters.truncated(decomposition.rounding(model.data))
    return closed_form("damped_svd", model, decomposition, phi, began, lam=lam)
