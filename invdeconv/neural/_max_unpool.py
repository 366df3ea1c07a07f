"""Max unpooling: the transpose, and pseudo-inverse, of the selection a max pooling made."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

from invdeconv import checks
from invdeconv.arrays import to_numpy
from invdeconv.neural._max_pool import MaxPooled
from invdeconv.neural._selection import Selection
from invdeconv.neural._switches import CONVENTIONS, to_flat
from invdeconv.operators import LinearOperator

__all__ = ["best_unpooling_kernel", "max_unpool"]


def max_unpool(
    indices: Any, output_shape: Sequence[int], *, spatial: int = 2, convention: str = "torch"
) -> LinearOperator:
    """Return the unpooling Sᵀ of given switches: values back where they were, zeros elsewhere.

    It is the pseudo-inverse of the selection S the pooling made, for *these* switches. They change with
    the data, so no fixed transposed convolution does it: see `best_unpooling_kernel`.

    Parameters
    ----------
    indices : int array
        The switches, in the shape of the pooled data.
    output_shape : sequence of int
        Shape of the data that were pooled. Indices count in this shape, as in PyTorch and ONNX Runtime.
    spatial : int, default 2
        Spatial axes.
    convention : str, default "torch"
        As in `max_pool`.

    Returns
    -------
    LinearOperator

    Raises
    ------
    InvalidInputError
        If an index lies outside.

    Notes
    -----
    Where two windows share a switch, their values add up; frameworks keep one of them, PyTorch without
    saying which.
    """
    name = "max_unpool"
    shape = checks.shape(name, "output_shape", output_shape)
    checks.choice(name, "convention", convention, CONVENTIONS)
    index = to_numpy(indices)
    if index.dtype.kind not in "iu" or index.ndim != len(shape):
        got = f"{index.dtype} of shape {index.shape}"
        checks.refuse(name, "indices", f"be integers with {len(shape)} axes", got, "Pass them as pooled.")
    return Selection(to_flat(index, shape, spatial, convention), shape).H


def best_unpooling_kernel(pooled: MaxPooled, size: Sequence[int]) -> tuple[np.ndarray, float]:
    """Return the fixed kernel whose transposed convolution comes closest to an unpooling.

    A transposed convolution with stride `size` writes w·v wherever a value v was pooled; unpooling writes
    v in one place of the window, and the place changes. Least squares over w. On a random image and 2 × 2
    windows the four places are equally likely, and √(1 − 1/4) = 0.87 of the unpooled image remains.

    Parameters
    ----------
    pooled : MaxPooled
        Of windows that do not overlap: stride = size, no padding, sizes divisible.
    size : sequence of int
        The window.

    Returns
    -------
    kernel : array, shape `size`
    residual : float
        ‖Cᵀv − Sᵀv‖ / ‖Sᵀv‖; zero only when all windows have their maximum in the same place.

    Raises
    ------
    InvalidInputError
        If the windows overlap or leave samples out.
    """
    name = "best_unpooling_kernel"
    values = to_numpy(pooled.values)
    window = checks.integers(name, "size", tuple(size), len(size), minimum=1)
    d = len(window)
    shape = pooled.switches.input_shape
    tiled = (*values.shape[:-d], *(m * k for m, k in zip(values.shape[-d:], window, strict=True)))
    if tiled != shape:
        advice = "Pool with stride = size on a divisible size, channels first."
        checks.refuse(name, "pooled", f"tile its data {shape}", tiled, advice)
    target = pooled.switches.H(values)
    kernel = np.empty(window, values.dtype)
    for offset in product(*map(range, window)):
        phase = (..., *(slice(j, None, k) for j, k in zip(offset, window, strict=True)))
        kernel[offset] = np.vdot(values, target[phase]) / np.vdot(values, values)
        target[phase] -= kernel[offset] * values
    return kernel, float(np.linalg.norm(target) / np.linalg.norm(values))
