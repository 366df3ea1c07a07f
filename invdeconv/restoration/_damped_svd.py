"""Damped singular value decomposition."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from invdeconv import checks
from invdeconv.restoration import _filters
from invdeconv.restoration._closed_form import closed_form
from invdeconv.restoration._model import decomposed, model_of
from invdeconv.restoration._rehearsal import rehearse
from invdeconv.result import Result
from invdeconv.selection import (
    SelectionStatus,
    gcv_score,
    lambda_grid,
    raise_while_better,
    refine_minimum,
)

__all__ = ["damped_svd"]


def damped_svd(data: Any, blur: Any, *, lam: float | str = "gcv", boundary: str | None = None) -> Result:
    """Divide by the singular values plus a constant.

    x̂ = Σ vᵢ uᵢᴴy/(σᵢ + λ). Its filter factors σ/(σ + λ) fall off more slowly than those of `tikhonov`,
    σ²/(σ² + λ): more detail and more noise. It is here to be compared; `tikhonov` and `wiener` do better.

    Parameters
    ----------
    data : array, shape (n1, …, nd)
        Observed data; must be finite.
    blur : array, shape (k1, …, kd), or LinearOperator
        Point-spread function with its origin at k // 2, or C itself; needs a decomposition.
    lam : float >= 0 or "gcv", default "gcv"
        λ in the units of σ, not of σ²; "gcv" chooses it by generalized cross-validation, and under "taper"
        raises it as far as the error at the edges asks for. 0 is `pseudo_inverse`.
    boundary : str, optional
        What lies outside the data, for a PSF: "taper" (default), "unknown", or a word of `Convolution`.

    Returns
    -------
    Result
        ``parameters["lam"]`` is the value in force.

    Raises
    ------
    InvalidInputError
        As `adjoint`; if `lam` is negative or an unknown word; if C has no decomposition.

    Warns
    -----
    InputWarning
        IDW004 if GCV ends at the edge of its interval.

    Notes
    -----
    Cost: two transforms, and one more for each of some 30 values tried under "gcv" with a PSF.

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
    if isinstance(lam, str):
        checks.choice("damped_svd", "lam", lam, ("gcv",))
    else:
        lam = checks.nonnegative("damped_svd", "lam", lam, "Pass a number >= 0, or 'gcv'.")
    found = decomposed("damped_svd", model)
    if found is None:
        advice = "Use tikhonov, which has an iterative path, or a boundary that has a transform."
        checks.refuse("damped_svd", "blur", "have a decomposition", repr(model.operator), advice)
    chosen = {}
    if isinstance(lam, str):
        score = gcv_score(found, model.data, _filters.damped, inside=model.inside)
        selection = refine_minimum(score, np.sqrt(lambda_grid(found)))
        rehearsal = rehearse(model) if model.boundary == "taper" else None
        if rehearsal is not None:
            selection = raise_while_better(
                selection, lambda value: rehearsal.bias(found, _filters.damped(value))
            )
        if selection.status is SelectionStatus.EDGE:
            checks.warn(
                "IDW004",
                f"damped_svd: GCV chose lam = {selection.value:.3g} at the edge of its interval",
                "The data may hold no noise, or correlated noise; pass lam",
            )
        lam, chosen = selection.value, {"selection": "gcv", "selection_status": selection.status.name}
    phi = _filters.damped(lam) if lam > 0 else _filters.truncated(found.rounding(model.data))
    return closed_form("damped_svd", model, found, phi, began, lam=lam, **chosen)
