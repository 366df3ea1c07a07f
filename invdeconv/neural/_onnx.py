"""ONNX convolution layers as ONNX Runtime computes them: auto_pad, output_shape, output_padding."""

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
    split_shape,
)
from invdeconv.neural._window import Window, extent, forward_window, same_pads

__all__ = ["from_onnx"]

_AUTO_PAD = ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER")


def from_onnx(
    W: Any,
    input_shape: Sequence[int],
    *,
    auto_pad: str = "NOTSET",
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | int = 1,
    dilations: Sequence[int] | int = 1,
    group: int = 1,
    transposed: bool = False,
    output_padding: Sequence[int] | int = 0,
    output_shape: Sequence[int] | None = None,
) -> Layer:
    """Return the ONNX operator Conv or ConvTranspose, as ONNX Runtime computes it.

    Parameters
    ----------
    W : array, shape (M, C/group, k1, …, kd)
        For ConvTranspose ONNX writes (C, M/group, k1, …): the same tensor.
    input_shape : tuple of int
        (N, C, n1, …, nd), the batch axis optional.
    auto_pad : {"NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"}
        Where the pads come from; NOTSET means `pads`.
    pads : sequence of int, optional
        All begins, then all ends. Zero by default.
    strides, dilations : int or sequence, default 1
        One entry, or one per spatial axis.
    group : int, default 1
        Groups of channels.
    transposed : bool, default False
        ConvTranspose: Cᵀ.
    output_padding : int or sequence, default 0
        Extra rows at the end of a ConvTranspose.
    output_shape : sequence of int, optional
        Spatial sizes of a ConvTranspose; the crop then follows from it, and `pads` are not used.

    Returns
    -------
    Layer

    Raises
    ------
    InvalidInputError
        If `output_shape` is longer than the layer reaches, `pads` stand beside an `auto_pad`, or shapes
        do not fit.

    Notes
    -----
    ConvTranspose under SAME_UPPER and SAME_LOWER crops to m·s samples, the odd sample at the end or at
    the begin; with `output_shape` and NOTSET or VALID at the begin. ONNX Runtime does not extend SAME:
    where k < s it gives (m − 1)·s + k samples, while the ONNX reference evaluator gives m·s. It refuses
    SAME with a dilation in Conv, and an output_padding from the stride on; here the former is what the
    standard says.

    References
    ----------
    ONNX, docs/Operators.md, Conv and ConvTranspose; ONNX Runtime, conv_transpose_attributes.h.

    Examples
    --------
    >>> import numpy as np
    >>> layer = from_onnx(np.array([[[1.0, 2, 3]]]), (1, 1, 3), strides=2, transposed=True, output_shape=[6])
    >>> layer(np.array([[[1.0, 10, 100]]])).ravel()
    array([  2.,  13.,  20., 130., 200., 300.])
    """
    name = "from_onnx"
    kernel = layer_kernel(name, "W", W)
    d = kernel.ndim - 2
    group = checks.integer(name, "group", group, minimum=1)
    checks.flag(name, "transposed", transposed)
    checks.choice(name, "auto_pad", auto_pad, _AUTO_PAD)
    batch, channels, sizes = split_shape(name, input_shape, d, channels_last=False)
    explicit = _pairs(name, auto_pad, pads, d)
    geometry = list(
        zip(
            kernel.shape[2:],
            checks.integers(name, "strides", strides, d, minimum=1),
            checks.integers(name, "dilations", dilations, d, minimum=1),
            strict=True,
        )
    )
    extra = checks.integers(name, "output_padding", output_padding, d, minimum=0)
    for more, (_, stride, _) in zip(extra, geometry, strict=True):
        if more >= stride:
            wanted = f"be below the stride, at most {stride - 1}"
            checks.refuse(
                name, "output_padding", wanted, more, "It names one of the sizes C cannot tell apart."
            )
    need_channels(name, "input_shape", channels, kernel.shape[0] if transposed else group * kernel.shape[1])
    group_count(name, "W", group * kernel.shape[1], kernel.shape[1], kernel.shape[0])
    if transposed:
        target = [None] * d if output_shape is None else _target(name, output_shape, d)
        windows = [
            _transposed_window(name, m, *axis, more, n, pair, auto_pad)
            for m, axis, more, n, pair in zip(sizes, geometry, extra, target, explicit, strict=True)
        ]
    elif any(extra) or output_shape is not None:
        argument = "output_padding" if any(extra) else "output_shape"
        got = extra if any(extra) else output_shape
        checks.refuse(name, argument, "be left out", got, "Only transposed=True needs it.")
    else:
        windows = [
            forward_window(n, *axis, *_forward_pads(n, axis, pair, auto_pad))
            for n, axis, pair in zip(sizes, geometry, explicit, strict=True)
        ]
    need_outputs(name, windows)
    return build_layer(
        "ONNX",
        kernel,
        windows,
        batch=batch,
        groups=group,
        transposed=transposed,
        channels_last=False,
    )


def _pairs(name: str, auto_pad: str, pads: Any, d: int) -> list[tuple[int, int]]:
    if pads is None:
        return [(0, 0)] * d
    values = checks.integers(name, "pads", tuple(pads), 2 * d, minimum=0)
    if auto_pad != "NOTSET":
        checks.refuse(name, "pads", f"be left out with auto_pad {auto_pad}", values, "Drop one of the two.")
    return list(zip(values[:d], values[d:], strict=True))


def _forward_pads(
    n: int, axis: tuple[int, int, int], pair: tuple[int, int], auto_pad: str
) -> tuple[int, int]:
    if auto_pad.startswith("SAME"):
        return same_pads(n, *axis, lower=auto_pad == "SAME_LOWER")
    return pair


def _target(name: str, output_shape: Any, d: int) -> list[int]:
    return list(checks.integers(name, "output_shape", tuple(output_shape)[-d:], d, minimum=1))


def _transposed_window(
    name: str,
    m: int,
    k: int,
    stride: int,
    dilation: int,
    extra: int,
    target: int | None,
    pair: tuple[int, int],
    auto_pad: str,
) -> Window:
    """Return the window of a ConvTranspose: the full length, cropped to what is asked for."""
    full = (m - 1) * stride + extent(k, dilation) + extra
    if target is None and not auto_pad.startswith("SAME"):
        return Window(full - sum(pair), m, k, stride, dilation, pair[0])
    n = min(full, m * stride) if target is None else target
    most = full - extra + stride - 1
    if n > most:
        advice = "No longer input gives so few outputs."
        checks.refuse(name, "output_shape", f"have sizes from 1 to {most} for {m} samples", n, advice)
    total = max(0, full - n)
    return Window(n, m, k, stride, dilation, total // 2 if auto_pad == "SAME_UPPER" else total - total // 2)
