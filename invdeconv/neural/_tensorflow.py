"""TensorFlow's convolution layers: kernels HWIO, SAME, VALID or explicit pads, output_shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from invdeconv import checks
from invdeconv.neural._layer import (
    Layer,
    build_layer,
    group_count,
    layer_kernel,
    need_channels,
    need_outputs,
    pad_pairs,
    sizes_or_refuse,
    split_shape,
)
from invdeconv.neural._window import Window, extent, forward_window, same_pads

__all__ = ["from_tensorflow"]

_LAST = ("NWC", "NHWC", "NDHWC")
_FIRST = ("NCW", "NCHW", "NCDHW")


def from_tensorflow(
    filters: Any,
    input_shape: Sequence[int],
    *,
    padding: str | Sequence[Sequence[int]],
    strides: int | Sequence[int] = 1,
    data_format: str | None = None,
    dilations: int | Sequence[int] = 1,
    transposed: bool = False,
    output_shape: Sequence[int] | None = None,
) -> Layer:
    """Return ``tf.nn.convolution`` or ``tf.nn.conv_transpose`` as an operator.

    The arguments are those of ``tf.nn.conv2d`` and ``tf.nn.conv2d_transpose``, for 1, 2 or 3 spatial axes.

    Parameters
    ----------
    filters : array, shape (k1, …, kd, C_in/groups, C_out)
        The same tensor serves both directions: a transposed layer takes C_out channels in. Groups follow
        from the channels of the data.
    input_shape : tuple of int
        (N, n1, …, nd, C), the batch axis optional.
    padding : {"SAME", "VALID"} or pairs
        Pairs for every axis, batch and channels included, as in TensorFlow. SAME depends on the size of
        the convolution's input: k = 3, s = 2 pads (1, 1) for n = 7 and (0, 1) for n = 8.
    strides, dilations : int or sequence, default 1
        One entry, one per spatial axis, or one per axis of the batch.
    data_format : {"NHWC", "NCHW", and their 1-D and 3-D kin}, optional
        Channels last by default. The kernel's layout never changes.
    transposed : bool, default False
        Apply Cᵀ: the gradient of the convolution with respect to its input.
    output_shape : sequence of int
        For a transposed layer, the shape of the convolution's input: several sizes have the same output,
        and nothing else tells them apart.

    Returns
    -------
    Layer

    Raises
    ------
    InvalidInputError
        If `output_shape` is missing or is no shape the convolution maps to `input_shape` (the message
        names the possible ones), or shapes do not fit.

    References
    ----------
    TensorFlow, core/framework/kernel_shape_util.cc (sizes and pads), core/kernels/conv_grad_shape_utils.cc
    (the check of output_shape).

    Examples
    --------
    >>> import numpy as np
    >>> w = np.ones((3, 3, 2, 5))
    >>> layer = from_tensorflow(w, (1, 7, 8, 2), strides=2, padding="SAME")
    >>> layer.output_shape, [(axis.before, axis.after) for axis in layer.convolution.axes]
    ((1, 4, 4, 5), [(1, 1), (0, 1)])
    """
    name = "from_tensorflow"
    kernel = layer_kernel(name, "filters", filters)
    d = kernel.ndim - 2
    last = _channels_last(name, data_format, d)
    batch, channels, sizes = split_shape(name, input_shape, d, channels_last=last)
    stride = _per_axis(name, "strides", strides, d, last=last)
    dilation = _per_axis(name, "dilations", dilations, d, last=last)
    pads = _pads(name, padding, d, last=last)
    checks.flag(name, "transposed", transposed)
    k, (per_group, outputs) = kernel.shape[:d], kernel.shape[d:]
    geometry = list(zip(k, stride, dilation, strict=True))
    if transposed:
        need_channels(name, "input_shape", channels, outputs)
        target, channels = _target(name, output_shape, batch, sizes, geometry, pads, last=last)
        windows = [
            Window(n, m, *axis, (pair or same_pads(n, *axis))[0])
            for n, m, axis, pair in zip(target, sizes, geometry, pads, strict=True)
        ]
    elif output_shape is not None:
        checks.refuse(name, "output_shape", "be left out", output_shape, "Only transposed=True needs it.")
    else:
        windows = [
            forward_window(n, *axis, *(pair or same_pads(n, *axis)))
            for n, axis, pair in zip(sizes, geometry, pads, strict=True)
        ]
        need_outputs(name, windows)
    groups = group_count(name, "output_shape" if transposed else "input_shape", channels, per_group, outputs)
    return build_layer(
        "TensorFlow",
        np.moveaxis(kernel, (-1, -2), (0, 1)),
        windows,
        batch=batch,
        groups=groups,
        transposed=transposed,
        channels_last=last,
    )


def _channels_last(name: str, data_format: str | None, d: int) -> bool:
    words = (*_LAST[d - 1 : d], *_FIRST[d - 1 : d])
    return data_format is None or checks.choice(name, "data_format", data_format, words) in _LAST


def _per_axis(name: str, argument: str, value: Any, d: int, *, last: bool) -> tuple[int, ...]:
    """Return one entry per spatial axis from TensorFlow's 1, d or d + 2 entries."""
    if not isinstance(value, (int, np.integer)):
        value = tuple(value)
        if len(value) == d + 2:
            outer = (value[0], value[-1]) if last else value[:2]
            if outer != (1, 1):
                checks.refuse(
                    name, argument, "be 1 along batch and channels", value, "Stride over space only."
                )
            value = value[1:-1] if last else value[2:]
        elif len(value) == 1:
            value = value[0]
    return checks.integers(name, argument, value, d, minimum=1)


def _pads(name: str, padding: Any, d: int, *, last: bool) -> list[tuple[int, int] | None]:
    """Return the pads of each spatial axis; None for SAME, whose pads depend on the size."""
    if isinstance(padding, str):
        return [None if checks.choice(name, "padding", padding, ("SAME", "VALID")) == "SAME" else (0, 0)] * d
    pairs = pad_pairs(name, padding, d + 2)
    outer = [pairs[0], pairs[-1]] if last else pairs[:2]
    if outer != [(0, 0)] * 2:
        advice = "For example [[0, 0], [1, 1], [0, 1], [0, 0]] for NHWC."
        checks.refuse(name, "padding", "be (0, 0) for batch and channels", pairs, advice)
    return list(pairs[1:-1] if last else pairs[2:])


def _target(
    name: str,
    output_shape: Any,
    batch: tuple[int, ...],
    sizes: tuple[int, ...],
    geometry: list[tuple[int, int, int]],
    pads: list[tuple[int, int] | None],
    *,
    last: bool,
) -> tuple[tuple[int, ...], int]:
    """Return the sizes and channels of output_shape, refused unless the convolution maps it to `sizes`."""
    first = [
        (m - 1) * s + (1 if pair is None else max(1, extent(k, d) - sum(pair)))
        for m, (k, s, d), pair in zip(sizes, geometry, pads, strict=True)
    ]
    if output_shape is None:
        wanted = f"be given, with spatial sizes from {tuple(first)} on"
        advice = "Pass the shape of the input that the convolution turned into these data."
        checks.refuse(name, "output_shape", wanted, "None", advice)
    found, channels, target = split_shape(
        name, output_shape, len(sizes), channels_last=last, argument="output_shape"
    )
    if found != batch:
        checks.refuse(name, "output_shape", f"have the batch {batch} of the data", found, "Keep the batch.")
    sizes_or_refuse(name, "output_shape", target, first, [s for _, s, _ in geometry])
    return target, channels
