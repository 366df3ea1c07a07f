"""The pseudo-inverse: least squares, and of those the least norm."""

from __future__ import annotations

import time
from typing import Any

from invdeconv import checks
from invdeconv.restoration import _filters
from invdeconv.restoration._channels import by_channel
from invdeconv.restoration._closed_form import closed_form
from invdeconv.restoration._krylov import least_squares
from invdeconv.restoration._model import decomposed, model_of
from invdeconv.result import Result

__all__ = ["pseudo_inverse"]


@by_channel
def pseudo_inverse(
    data: Any,
    blur: Any,
    *,
    rtol: float | None = None,
    max_iter: int = 2000,
    boundary: str | None = None,
    channel_axis: int | None = None,
) -> Result:
    """Apply the pseudo-inverse C⁺: of all least-squares solutions the one of least norm.

    x̂ = C⁺y closes the scale gap that Cᵀy leaves, but not the null-space gap: what C maps to zero stays
    zero. It divides noise by small singular values, so for noisy data prefer `wiener` or `tikhonov`. In
    communications it is the zero-forcing equalizer.

    Parameters
    ----------
    data : array, shape (n1, …, nd)
        Observed data; must be finite.
    blur : array, shape (k1, …, kd), or LinearOperator
        Point-spread function with its origin at k // 2, or C itself.
    rtol : float, optional
        Singular values up to this times the largest count as zero; default the rounding error of the
        decomposition in the precision of the data.
    max_iter : int, default 2000
        Where C has no decomposition: iterations at most.
    boundary : str, optional
        Outside the data, for a PSF: "taper" (default), "liu-jia", "unknown", or a word of `Convolution`.
    channel_axis : int, optional
        Axis of colors or channels, which are restored one by one; `blur` serves all or has that axis too.

    Returns
    -------
    Result
        Exact by decomposition; where C has none, CGLS from zero to a relative gradient of 1e-10.

    Raises
    ------
    InvalidInputError
        As `adjoint`; if `rtol` is negative, or given where C has no decomposition; if `max_iter` is not
        positive.

    Notes
    -----
    Cost: two transforms for periodic and symmetric boundaries, an SVD for small operators.

    References
    ----------
    .. [1] R. Penrose, "A generalized inverse for matrices", Proc. Camb. Phil. Soc. 51 (1955) 406.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import Convolution, pseudo_inverse
    >>> C = Convolution(np.ones((3, 3)), (4, 4), correlate=True)
    >>> x = np.arange(16.0).reshape(4, 4)
    >>> bool(np.abs(pseudo_inverse(C(x), C) - x).max() < 1e-12)
    True
    """
    began = time.perf_counter()
    model = model_of("pseudo_inverse", data, blur, boundary, default="taper")
    if rtol is not None:
        rtol = checks.nonnegative("pseudo_inverse", "rtol", rtol)
    max_iter = checks.integer("pseudo_inverse", "max_iter", max_iter, minimum=1)
    decomposition = decomposed("pseudo_inverse", model)
    if decomposition is None:
        if rtol is not None:
            advice = "Singular values are not at hand here; max_iter is what regularizes."
            checks.refuse("pseudo_inverse", "rtol", "be None where C has no decomposition", rtol, advice)
        return least_squares("pseudo_inverse", model, rtol=1e-10, max_iter=max_iter)
    rtol = decomposition.rounding(model.data) if rtol is None else rtol
    return closed_form("pseudo_inverse", model, decomposition, _filters.truncated(rtol), began, rtol=rtol)
