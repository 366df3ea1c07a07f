"""Keras' convolution layers: words for the pads, and a default size for transposed layers."""

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
    split_shape,
)
from invdeconv.neural._window import Window, extent, forward_window, same_pads

__all__ = ["from_keras"]


def from_keras(
    kernel: Any,
    input_shape: Sequence[int],
    *,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str = "channels_last",
    dilation_rate: int | Sequence[int] = 1,
    transposed: bool = False,
    output_padding: int | Sequence[int] | None = None,
) -> Layer:
    """Return ``keras.layers.Conv2D`` or ``Conv2DTranspose``, or their 1-D or 3-D kin, as an operator.

    Parameters
    ----------
    kernel : array, shape (k1, …, kd, C_in/groups, C_out)
        As ``layer.kernel``. A transposed layer's kernel (k1, …, kd, filters, channels in) is the tensor
        of the convolution it transposes. Groups follow from the channels of the data.
    input_shape : tuple of int
        (N, n1, …, nd, C), or (N, C, n1, …, nd) with "channels_first"; the batch axis optional.
    strides, dilation_rate : int or sequence, default 1
        One entry, or one per spatial axis.
    padding : {"valid", "same", "causal"}, default "valid"
        "same" is TensorFlow's; "causal" (1-D convolution only) pads before.
    data_format : {"channels_last", "channels_first"}
        Layout of the data.
    transposed : bool, default False
        Apply the transposed layer. Without `output_padding` it returns m·s samples ("same") or
        (m − 1)·s + max(k, s) ("valid", longer than PyTorch when k < s).
    output_padding : int or sequence, optional
        Replaces that size by (m − 1)·s + k + output_padding, for "same" with k mod 2 instead of k.

    Returns
    -------
    Layer

    Raises
    ------
    InvalidInputError
        If a word is unknown or shapes do not fit.

    Notes
    -----
    Pads are those of Keras on JAX, equal to Keras on TensorFlow wherever that accepts the size. Keras on
    PyTorch cannot express all of them and warns.

    References
    ----------
    Keras, backend/common/backend_utils.py.

    Examples
    --------
    >>> import numpy as np
    >>> from_keras(np.ones((2, 2, 1, 1)), (1, 3, 3, 1), strides=3, transposed=True).output_shape
    (1, 9, 9, 1)
    """
    name = "from_keras"
    weights = layer_kernel(name, "kernel", kernel)
    d = weights.ndim - 2
    checks.flag(name, "transposed", transposed)
    words = ("valid", "same", "causal") if d == 1 and not transposed else ("valid", "same")
    checks.choice(name, "padding", padding, words)
    last = (
        checks.choice(name, "data_format", data_format, ("channels_last", "channels_first"))
        == "channels_last"
    )
    batch, channels, sizes = split_shape(name, input_shape, d, channels_last=last)
    geometry = list(
        zip(
            weights.shape[:d],
            checks.integers(name, "strides", strides, d, minimum=1),
            checks.integers(name, "dilation_rate", dilation_rate, d, minimum=1),
            strict=True,
        )
    )
    per_group, outputs = weights.shape[d:]
    groups = 1
    if transposed:
        need_channels(name, "input_shape", channels, outputs)
        extra: Sequence[int | None] = [None] * d
        if output_padding is not None:
            extra = checks.integers(name, "output_padding", output_padding, d, minimum=0)
        windows = [
            _transposed_window(m, *axis, more, same=padding == "same")
            for m, axis, more in zip(sizes, geometry, extra, strict=True)
        ]
    elif output_padding is not None:
        advice = "Only transposed=True needs it."
        checks.refuse(name, "output_padding", "be left out", output_padding, advice)
    else:
        groups = group_count(name, "input_shape", channels, per_group, outputs)
        windows = [
            forward_window(n, *axis, *_pads(n, *axis, padding))
            for n, axis in zip(sizes, geometry, strict=True)
        ]
    need_outputs(name, windows)
    return build_layer(
        "Keras",
        np.moveaxis(weights, (-1, -2), (0, 1)),
        windows,
        batch=batch,
        groups=groups,
        transposed=transposed,
        channels_last=last,
    )


def _pads(n: int, k: int, stride: int, dilation: int, padding: str) -> tuple[int, int]:
    if padding == "same":
        return same_pads(n, k, stride, dilation)
    return (extent(k, dilation) - 1 if padding == "causal" else 0), 0


def _transposed_window(
    m: int, k: int, stride: int, dilation: int, extra: int | None, *, same: bool
) -> Window:
    span = extent(k, dilation)
    if not same:
        n = (m - 1) * stride + (max(span, stride) if extra is None else span + extra)
        return Window(n, m, k, stride, dilation, 0)
    tail = stride if extra is None else span % 2 + extra
    # The zero-insertion form pads tail + span − 2 in all, the odd one on the left, at most span − 1 there.
    left = min(-(-(tail + span - 2) // 2), span - 1)
    return Window((m - 1) * stride + tail, m, k, stride, dilation, span - 1 - left)
