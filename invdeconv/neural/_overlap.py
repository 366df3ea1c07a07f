"""Checkerboards: how unevenly a transposed convolution covers its output."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

from invdeconv import checks
from invdeconv.arrays import to_numpy
from invdeconv.operators import Convolution

__all__ = ["overlap_map", "phase_gains"]


def overlap_map(kernel: Any, input_shape: Sequence[int], *, stride: int | Sequence[int]) -> np.ndarray:
    """Return what a transposed convolution makes of a constant: Cᵀ1, without a crop.

    With a kernel of ones it counts the windows over each output.

    Parameters
    ----------
    kernel : array, shape (k1, …, kd)
        One channel.
    input_shape : sequence of int
        Shape (m1, …, md) of the layer's input.
    stride : int or sequence
        The layer's stride.

    Returns
    -------
    array, shape ((m1 − 1)·s1 + k1, …)

    Raises
    ------
    InvalidInputError
        If the ranks differ.

    Examples
    --------
    >>> import numpy as np
    >>> overlap_map(np.ones(3), (4,), stride=2)
    array([1., 1., 2., 1., 2., 1., 2., 1., 1.])
    """
    name = "overlap_map"
    w, strides = _checked(name, kernel, stride)
    m = checks.integers(name, "input_shape", tuple(input_shape), w.ndim, minimum=1)
    n = tuple((size - 1) * s + k for size, s, k in zip(m, strides, w.shape, strict=True))
    C = Convolution(w, n, stride=strides, padding="valid", correlate=True)
    return np.asarray(C.T(np.ones(m)))


def phase_gains(kernel: Any, *, stride: int | Sequence[int]) -> np.ndarray:
    """Return the pattern that repeats inside `overlap_map`: the kernel summed at every stride-th sample.

    All equal: a constant stays constant, no checkerboard. A kernel of ones does that exactly when
    stride divides its size; that is not enough for other kernels.

    Parameters
    ----------
    kernel : array, shape (k1, …, kd)
        One channel.
    stride : int or sequence
        The layer's stride.

    Returns
    -------
    array, shape (s1, …, sd)

    Raises
    ------
    InvalidInputError
        If the ranks differ.

    References
    ----------
    Odena, Dumoulin, Olah (2016), "Deconvolution and checkerboard artifacts", Distill.

    Examples
    --------
    >>> import numpy as np
    >>> phase_gains(np.ones((3, 3)), stride=2)                        # 4 : 1
    array([[4., 2.],
           [2., 1.]])
    >>> phase_gains([1, 0.5, 1, 0.5], stride=2)                       # size divisible, and still 2 : 1
    array([2., 1.])
    """
    w, strides = _checked("phase_gains", kernel, stride)
    gains = np.zeros(strides, w.dtype)
    for phase in product(*map(range, strides)):
        gains[phase] = w[tuple(slice(i, None, s) for i, s in zip(phase, strides, strict=True))].sum()
    return gains


def _checked(name: str, kernel: Any, stride: Any) -> tuple[np.ndarray, tuple[int, ...]]:
    w = to_numpy(checks.kernel(name, "kernel", kernel))
    return w, checks.integers(name, "stride", stride, w.ndim, minimum=1)
