"""PyTorch's convolution layers: channels first, symmetric pads, output_padding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from invdeconv import checks
from invdeconv.neural._layer import (
    Layer,
    build_layer,
    group_count,
    layer_kernel,
    need_channels,
    need_outputs,
    sizes_or_refuse,
    split_shape,
)
from invdeconv.neural._window import Window, extent, forward_window, same_pads

__all__ = ["from_torch"]


def from_torch(
    weight: Any,
    input_shape: Sequence[int],
    *,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] | str = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
    transposed: bool = False,
    output_padding: int | Sequence[int] = 0,
    output_size: Sequence[int] | None = None,
) -> Layer:
    """Return ``torch.nn.functional.conv2d`` or ``conv_transpose2d``, or their 1-D or 3-D kin, as an operator.

    Parameters
    ----------
    weight : array, shape (C_out, C_in/groups, k1, …, kd)
        For a transposed layer PyTorch writes the axes (in, out/groups, k1, …), which is the same tensor.
    input_shape : tuple of int
        (N, C, n1, …, nd), the batch axis optional.
    stride, dilation : int or sequence, default 1
        One entry, or one per spatial axis.
    padding : int, sequence, "valid" or "same", default 0
        Zeros on both sides. For a transposed layer these samples are *cropped*. "same" is for stride 1.
    groups : int, default 1
        Groups of channels.
    transposed : bool, default False
        Apply Cᵀ.
    output_padding : int or sequence, default 0
        Extra rows at the end of a transposed layer's output, below max(stride, dilation). They are rows
        of Cᵀ, not zeros, as far as a kernel reaches.
    output_size : sequence of int, optional
        Spatial sizes of a transposed layer's output, as in ``ConvTranspose2d.forward``; it sets
        `output_padding`.

    Returns
    -------
    Layer

    Raises
    ------
    InvalidInputError
        If `output_size` or `output_padding` is impossible (the message has the range), "same" is asked of
        a stride or a transposed layer, or shapes do not fit.

    References
    ----------
    PyTorch, torch.nn.Conv2d and torch.nn.ConvTranspose2d: the shape formulas.

    Examples
    --------
    >>> import numpy as np
    >>> w = np.ones((4, 2, 3, 3))
    >>> from_torch(w, (1, 4, 5, 5), stride=2, padding=1, output_padding=1, transposed=True).output_shape
    (1, 2, 10, 10)
    """
    name = "from_torch"
    kernel = layer_kernel(name, "weight", weight)
    d = kernel.ndim - 2
    groups = checks.integer(name, "groups", groups, minimum=1)
    checks.flag(name, "transposed", transposed)
    batch, channels, sizes = split_shape(name, input_shape, d, channels_last=False)
    strides = checks.integers(name, "stride", stride, d, minimum=1)
    dilations = checks.integers(name, "dilation", dilation, d, minimum=1)
    geometry = list(zip(kernel.shape[2:], strides, dilations, strict=True))
    extra = checks.integers(name, "output_padding", output_padding, d, minimum=0)
    if transposed:
        need_channels(name, "input_shape", channels, kernel.shape[0])
        group_count(name, "weight", groups * kernel.shape[1], kernel.shape[1], kernel.shape[0])
        if isinstance(padding, str):
            advice = "PyTorch has no word for it; give the zeros as numbers."
            checks.refuse(name, "padding", "be numbers for a transposed layer", repr(padding), advice)
        pads = checks.integers(name, "padding", padding, d, minimum=0)
        least = [
            (m - 1) * s + extent(k, dil) - 2 * p
            for m, (k, s, dil), p in zip(sizes, geometry, pads, strict=True)
        ]
        target = _target(name, output_size, least, extra, strides, dilations)
        windows = [
            Window(n, m, *axis, p) for n, m, axis, p in zip(target, sizes, geometry, pads, strict=True)
        ]
    else:
        if any(extra) or output_size is not None:
            argument = "output_padding" if any(extra) else "output_size"
            advice = "Only transposed=True needs it."
            checks.refuse(name, argument, "be left out", extra if any(extra) else output_size, advice)
        need_channels(name, "input_shape", channels, groups * kernel.shape[1])
        group_count(name, "weight", channels, kernel.shape[1], kernel.shape[0])
        windows = [
            forward_window(n, *axis, *pair)
            for n, axis, pair in zip(sizes, geometry, _pads(name, padding, sizes, geometry), strict=True)
        ]
    need_outputs(name, windows)
    return build_layer(
        "PyTorch",
        kernel,
        windows,
        batch=batch,
        groups=groups,
        transposed=transposed,
        channels_last=False,
    )


def _pads(
    name: str, padding: Any, sizes: tuple[int, ...], geometry: list[tuple[int, int, int]]
) -> list[tuple[int, int]]:
    if not isinstance(padding, str):
        return [(p, p) for p in checks.integers(name, "padding", padding, len(sizes), minimum=0)]
    if checks.choice(name, "padding", padding, ("valid", "same")) == "valid":
        return [(0, 0)] * len(sizes)
    if any(stride > 1 for _, stride, _ in geometry):
        advice = "PyTorch has no SAME for strides; pad the data yourself, or see from_tensorflow."
        checks.refuse(name, "padding", 'be numbers with a stride, not "same"', repr(padding), advice)
    return [same_pads(n, *axis) for n, axis in zip(sizes, geometry, strict=True)]


def _target(
    name: str,
    output_size: Any,
    least: list[int],
    extra: tuple[int, ...],
    strides: tuple[int, ...],
    dilations: tuple[int, ...],
) -> list[int]:
    """Return the output sizes of a transposed layer from output_size, or from output_padding."""
    if output_size is not None:
        target = checks.integers(
            name, "output_size", tuple(output_size)[-len(least) :], len(least), minimum=1
        )
        sizes_or_refuse(name, "output_size", target, least, strides)
        return list(target)
    for padding, stride, dilation in zip(extra, strides, dilations, strict=True):
        if padding >= max(stride, dilation):
            wanted = f"be below stride or dilation, at most {max(stride, dilation) - 1}"
            checks.refuse(
                name, "output_padding", wanted, padding, "It names one of the sizes C cannot tell apart."
            )
    return [n + padding for n, padding in zip(least, extra, strict=True)]
