"""Upsampling layers, each as the transposed convolution it is: nearest, bilinear, sub-pixel."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

from invdeconv import checks
from invdeconv.neural._layer import Layer, build_layer, layer_kernel
from invdeconv.neural._window import Window
from invdeconv.operators import Batched, Convolution, LinearOperator

__all__ = ["bilinear", "nearest", "pixel_shuffle", "sub_pixel"]


def nearest(input_shape: Sequence[int], factor: Sequence[int]) -> LinearOperator:
    """Return upsampling by copying: Cᵀ of a kernel of ones, stride = size = factor.

    Parameters
    ----------
    input_shape : sequence of int
        (…, m1, …, md); leading axes are batch and channels.
    factor : sequence of int
        One entry per spatial axis.

    Returns
    -------
    LinearOperator
        To (…, f1·m1, …, fd·md). Its adjoint sums over each block; divided by the block's size, that
        is average pooling and its pseudo-inverse.

    Raises
    ------
    InvalidInputError
        If `factor` is not one integer per spatial axis.

    Examples
    --------
    >>> nearest((2, 2), (2, 2))([[1.0, 2.0], [3.0, 4.0]])
    array([[1., 1., 2., 2.],
           [1., 1., 2., 2.],
           [3., 3., 4., 4.],
           [3., 3., 4., 4.]])
    """
    lead, m, f = _split("nearest", input_shape, factor)
    return _transposed(np.ones(f), lead, m, f, before=(0,) * len(f))


def bilinear(input_shape: Sequence[int], factor: Sequence[int]) -> LinearOperator:
    """Return bilinear upsampling as fully convolutional networks initialize it.

    Kernel size 2f − f mod 2 on each axis, stride f, pads ⌈(f − 1)/2⌉. The kernel sums to the product of
    the factors: zero insertion divides the mean by that, so a constant stays constant away from the
    rim, where zeros come in.

    Parameters
    ----------
    input_shape : sequence of int
        (…, m1, …, md); leading axes are batch and channels.
    factor : sequence of int
        One entry per spatial axis.

    Returns
    -------
    LinearOperator
        To (…, f1·m1, …, fd·md).

    Raises
    ------
    InvalidInputError
        If `factor` is not one integer per spatial axis.

    References
    ----------
    Long, Shelhamer, Darrell (2015), "Fully convolutional networks for semantic segmentation".
    """
    lead, m, f = _split("bilinear", input_shape, factor)
    kernel = np.ones(())
    for size in f:
        kernel = np.multiply.outer(kernel, _triangle(size))
    return _transposed(kernel, lead, m, f, before=tuple(size // 2 for size in f))


def pixel_shuffle(input_shape: Sequence[int], factor: Sequence[int]) -> Layer:
    """Return the sub-pixel shuffle: channels (C·f1·…·fd) become C channels f times finer.

    Cᵀ of a convolution with one kernel per channel, each 1 at one place of its block; C C ᵀ = CᵀC = I.

    Parameters
    ----------
    input_shape : sequence of int
        (N, C·f1·…·fd, m1, …, md), the batch axis optional.
    factor : sequence of int
        One entry per spatial axis.

    Returns
    -------
    Layer

    Raises
    ------
    InvalidInputError
        If the channels are no multiple of the product of the factors.

    References
    ----------
    Shi et al. (2016), "Real-time single image and video super-resolution using an efficient sub-pixel
    convolutional neural network". Channel order as in PyTorch's PixelShuffle.
    """
    name = "pixel_shuffle"
    lead, m, f = _split(name, input_shape, factor)
    block = int(np.prod(f))
    if len(lead) not in (1, 2) or lead[-1] % block:
        wanted = f"have a channel axis, a multiple of {block}, before {len(f)} spatial axes"
        checks.refuse(name, "input_shape", wanted, tuple(input_shape), "Channels hold the finer pixels.")
    one_hot = np.tile(np.eye(block).reshape(block, 1, *f), (lead[-1] // block, *(1,) * (len(f) + 1)))
    windows = [Window(r * size, size, r, r, 1, 0) for r, size in zip(f, m, strict=True)]
    return build_layer(
        "pixel_shuffle",
        one_hot,
        windows,
        batch=lead[:-1],
        groups=lead[-1] // block,
        transposed=True,
        channels_last=False,
    )


def sub_pixel(weight: Any, input_shape: Sequence[int], factor: Sequence[int]) -> Layer:
    """Return a sub-pixel layer, convolution then shuffle, as the one transposed convolution it equals.

    Output phase i of each axis comes from the channels that `pixel_shuffle` puts there, so the kernel of
    the transposed convolution holds at i + f·(k − 1 − a) what theirs hold at a.

    Parameters
    ----------
    weight : array, shape (C·f1·…·fd, C_in, k1, …, kd)
        Kernel of the stride-1 convolution, padded by k // 2 on both sides; k odd.
    input_shape : sequence of int
        (N, C_in, m1, …, md), the batch axis optional.
    factor : sequence of int
        One entry per spatial axis.

    Returns
    -------
    Layer
        To (N, C, f1·m1, …, fd·md).

    Raises
    ------
    InvalidInputError
        If a kernel size is even, or shapes do not fit.
    """
    name = "sub_pixel"
    kernel = layer_kernel(name, "weight", weight)
    lead, m, f = _split(name, input_shape, factor)
    k, block = kernel.shape[2:], int(np.prod(f))
    if len(k) != len(f) or any(size % 2 == 0 for size in k) or kernel.shape[0] % block:
        wanted = f"have a multiple of {block} channels out and {len(f)} odd sizes"
        checks.refuse(name, "weight", wanted, f"shape {kernel.shape}", "Pad an even kernel with a zero.")
    if len(lead) not in (1, 2) or lead[-1] != kernel.shape[1]:
        wanted = f"have {kernel.shape[1]} channels, as weight"
        checks.refuse(name, "input_shape", wanted, tuple(input_shape), "Channels come before the space.")
    fine = np.zeros(
        (kernel.shape[1], kernel.shape[0] // block, *(r * size for r, size in zip(f, k, strict=True)))
    )
    fine = fine.astype(kernel.dtype)
    for channel, phase in enumerate(product(*map(range, f))):
        place = tuple(slice(i, None, r) for i, r in zip(phase, f, strict=True))
        turned = np.flip(kernel[channel::block], tuple(range(2, kernel.ndim)))
        fine[(slice(None), slice(None), *place)] = np.swapaxes(turned, 0, 1)
    windows = [
        Window(r * size, size, r * extent, r, 1, r * (extent // 2))
        for r, size, extent in zip(f, m, k, strict=True)
    ]
    return build_layer(
        "sub_pixel", fine, windows, batch=lead[:-1], groups=1, transposed=True, channels_last=False
    )


def _split(
    name: str, input_shape: Any, factor: Any
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Return (leading axes, spatial sizes, factors)."""
    shape = checks.shape(name, "input_shape", input_shape)
    if not isinstance(factor, Sequence) or isinstance(factor, str) or not 1 <= len(factor) <= len(shape):
        wanted = f"be a sequence of 1 to {len(shape)} integers, one per spatial axis"
        checks.refuse(name, "factor", wanted, repr(factor), "Pass (2, 2) for images.")
    f = checks.integers(name, "factor", tuple(factor), len(factor), minimum=1)
    return shape[: -len(f)], shape[-len(f) :], f


def _transposed(
    kernel: np.ndarray,
    lead: tuple[int, ...],
    m: tuple[int, ...],
    f: tuple[int, ...],
    *,
    before: tuple[int, ...],
) -> LinearOperator:
    """Return Cᵀ from m to f·m samples per axis, for every leading index."""
    windows = [
        Window(s * size, size, k, s, 1, b) for k, size, s, b in zip(kernel.shape, m, f, before, strict=True)
    ]
    fine = tuple(window.n for window in windows)
    pads = tuple(window.pads for window in windows)
    operator = Convolution(kernel, fine, stride=f, padding=pads, correlate=True).T
    return Batched(operator, lead) if lead else operator


def _triangle(factor: int) -> np.ndarray:
    size = 2 * factor - factor % 2
    return 1 - np.abs(np.arange(size) - (size - 1) / 2) / factor
