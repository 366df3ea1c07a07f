"""Average pooling: the convolution with a constant kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, like
from invdeconv.neural._pool_windows import pool_pads, window_size
from invdeconv.operators import Batched, Convolution, LinearOperator

__all__ = ["average_pool"]


def average_pool(
    input_shape: Sequence[int],
    size: Sequence[int],
    *,
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] | str = 0,
    count_include_pad: bool = True,
) -> LinearOperator:
    """Return average pooling: the convolution with a constant kernel.

    Parameters
    ----------
    input_shape : sequence of int
        (…, n1, …, nd); leading axes are batch and channels.
    size : sequence of int
        The window, one entry per spatial axis.
    stride : int or sequence, optional
        The window's size by default.
    padding : int, sequence, "SAME" or "VALID", default 0
        Zeros at both ends.
    count_include_pad : bool, default True
        Divide by the whole window, as PyTorch; False: by the samples inside the data, as TensorFlow.

    Returns
    -------
    LinearOperator

    Raises
    ------
    InvalidInputError
        If no window fits.
    """
    name = "average_pool"
    shape = checks.shape(name, "input_shape", input_shape)
    window = window_size(name, size, len(shape))
    d = len(window)
    strides = window if stride is None else checks.integers(name, "stride", stride, d, minimum=1)
    n, ones = shape[-d:], (1,) * d
    pads = pool_pads(name, padding, n, window, strides, ones)
    checks.flag(name, "count_include_pad", count_include_pad)
    options: dict[str, Any] = {"stride": strides, "padding": tuple(pads), "correlate": True}
    pool: LinearOperator = Convolution(np.full(window, 1 / np.prod(window)), n, **options)
    if not count_include_pad:
        pool = _Weighted(1 / pool(np.ones(n))) @ pool
    return Batched(pool, shape[:-d]) if len(shape) > d else pool


class _Weighted(LinearOperator):
    """Multiply entry by entry."""

    def __init__(self, weights: np.ndarray) -> None:
        self._weights = weights
        super().__init__(weights.shape, weights.shape)

    def _forward(self, x: Array) -> Array:
        return like(self._weights, x) * x

    def _adjoint(self, y: Array) -> Array:
        return self._forward(y)
