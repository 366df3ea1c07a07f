"""The adjoint, which neural networks call deconvolution."""

from __future__ import annotations

import time
from typing import Any

from invdeconv.restoration._channels import by_channel
from invdeconv.restoration._model import model_of
from invdeconv.result import Result, Status

__all__ = ["adjoint"]


@by_channel
def adjoint(data: Any, blur: Any, *, boundary: str | None = None, channel_axis: int | None = None) -> Result:
    """Apply the adjoint Cᴴ to the data: the "transposed convolution". It is not an inverse.

    x̂ = Cᴴy is the first half of every linear inverse M Cᴴ y and stops there: it puts the data back where
    they came from, blurred a second time and at another scale. Use it to see that, for back-propagation,
    and as the matched filter in front of a detector; to restore, use `wiener` or `tikhonov`.

    Parameters
    ----------
    data : array, shape (n1, …, nd)
        Observed data; must be finite.
    blur : array, shape (k1, …, kd), or LinearOperator
        Point-spread function with its origin at k // 2, or C itself.
    boundary : str, optional
        Outside the data, for a PSF: "taper" (default), "liu-jia", "unknown", or a word of `Convolution`.
    channel_axis : int, optional
        Axis of colors or channels, which are restored one by one; `blur` serves all or has that axis too.

    Returns
    -------
    Result
        ``estimate`` has the shape of the data for a PSF, ``blur.input_shape`` for an operator.

    Raises
    ------
    InvalidInputError
        If data or PSF are empty, not finite or of different rank; if the PSF is zero; if the data do not
        have the output shape of the operator; if a boundary word or a channel axis stands beside an
        operator; if `channel_axis` is no axis of the data, or the PSF has another number of channels.

    Notes
    -----
    Cost: one application of Cᴴ.

    References
    ----------
    .. [1] V. Dumoulin, F. Visin, "A guide to convolution arithmetic for deep learning", 2016,
       arXiv:1603.07285, §4.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import Convolution, adjoint
    >>> C = Convolution([[1, 0], [-1, -2]], (4, 4), stride=2, padding="valid", correlate=True)
    >>> adjoint(C(np.ones((4, 4))), C).estimate[:2, :2]
    array([[-2.,  0.],
           [ 2.,  4.]])
    """
    began = time.perf_counter()
    model = model_of("adjoint", data, blur, boundary, default="taper")
    return Result(
        model.restore(model.operator.H(model.data)),
        Status.CLOSED_FORM,
        parameters={"boundary": model.boundary},
        method="adjoint",
        seconds=time.perf_counter() - began,
    )
