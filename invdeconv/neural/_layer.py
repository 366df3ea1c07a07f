"""A framework's convolution layer as an operator in that framework's own layout."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, to_numpy
from invdeconv.neural._permuted import to_channels_first
from invdeconv.neural._window import Window
from invdeconv.operators import Batched, Convolution, Extension, LinearOperator

__all__ = [
    "Layer",
    "build_layer",
    "group_count",
    "layer_kernel",
    "need_channels",
    "need_outputs",
    "pad_pairs",
    "sizes_or_refuse",
    "split_shape",
]


class Layer(LinearOperator):
    """A convolution layer, or a transposed one, in the layout of the framework it comes from.

    Made by `from_tensorflow`, `from_keras`, `from_torch`, `from_jax` and `from_onnx`. A linear operator
    like any other: `adjoint`, `pseudo_inverse`, `decompose` and `check_operator` take it.

    Attributes
    ----------
    convolution : Convolution
        The canonical form of one sample: channels first, explicit pads, cross-correlation. A transposed
        layer applies its transpose.
    transposed : bool
        Whether the layer applies `convolution` or its transpose.
    """

    def __init__(
        self, operator: LinearOperator, convolution: Convolution, framework: str, *, transposed: bool
    ) -> None:
        self._operator = operator
        self._framework = framework
        self.convolution = convolution
        self.transposed = transposed
        super().__init__(operator.input_shape, operator.output_shape, operator.dtype)

    def _forward(self, x: Array) -> Array:
        return self._operator._forward(x)

    def _adjoint(self, y: Array) -> Array:
        return self._operator._adjoint(y)

    def _label(self) -> str:
        transposed = ", transposed" if self.transposed else ""
        return f"{self._framework}: {self.convolution._label()}{transposed}"


def build_layer(
    framework: str,
    kernel: np.ndarray,
    windows: Sequence[Window],
    *,
    batch: tuple[int, ...],
    groups: int,
    transposed: bool,
    channels_last: bool,
) -> Layer:
    """Return the layer of a canonical kernel (C_out, C_in/groups, k1, …) and one window per axis.

    The convolution always goes from the n's to the m's; a transposed layer is its transpose. Samples no
    window reads are cropped first, so the transpose returns zeros there, as the frameworks do.
    """
    channels = kernel.shape[1] * groups
    inner = (channels, *(w.n - sum(w.crop) for w in windows))
    convolution = Convolution(
        kernel,
        inner,
        stride=tuple(w.stride for w in windows),
        dilation=tuple(w.dilation for w in windows),
        padding=tuple(w.pads for w in windows),
        channels=True,
        groups=groups,
        correlate=True,
    )
    operator: LinearOperator = convolution
    crops = tuple(w.crop for w in windows)
    if any(map(any, crops)):
        # Padding's adjoint is cropping.
        operator = operator @ Extension(inner, ((0, 0), *crops), ("zero",) * len(inner)).H
    if transposed:
        operator = operator.T
    if batch:
        operator = Batched(operator, batch)
    if channels_last:
        operator = _in_channels_last(operator, len(windows))
    return Layer(operator, convolution, framework, transposed=transposed)


def _in_channels_last(operator: LinearOperator, spatial: int) -> LinearOperator:
    enter, leave = (
        to_channels_first((*shape[: -spatial - 1], *shape[-spatial:], shape[-spatial - 1]), spatial)
        for shape in (operator.input_shape, operator.output_shape)
    )
    return leave.H @ operator @ enter


def split_shape(
    name: str,
    input_shape: Sequence[int],
    spatial: int,
    *,
    channels_last: bool,
    argument: str = "input_shape",
) -> tuple[tuple[int, ...], int, tuple[int, ...]]:
    """Split a layer's input shape into (batch, channels, sizes); the batch axis may be missing."""
    shape = checks.shape(name, argument, input_shape)
    if len(shape) not in (spatial + 1, spatial + 2):
        advice = f"The kernel has {spatial} spatial axes; add the channel axis, and the batch axis if any."
        checks.refuse(name, argument, f"have {spatial + 1} or {spatial + 2} axes", shape, advice)
    batch = shape[: len(shape) - spatial - 1]
    if channels_last:
        return batch, shape[-1], shape[-spatial - 1 : -1]
    return batch, shape[-spatial - 1], shape[-spatial:]


def need_channels(name: str, argument: str, got: int, wanted: int) -> None:
    """Refuse a number of channels the kernel does not have."""
    if got != wanted:
        advice = "Check the layout of the kernel and of the data."
        checks.refuse(name, argument, f"have {wanted} channels, as the kernel", got, advice)


def need_outputs(name: str, windows: Sequence[Window]) -> None:
    """Refuse sizes that leave no output."""
    for axis, w in enumerate(windows):
        if min(w.n, w.m) < 1:
            advice = "Use a smaller kernel, less cropping, or more padding."
            got = f"a kernel of {w.k} with dilation {w.dilation} and an output of {min(w.n, w.m)}"
            checks.refuse(
                name, "input_shape", f"leave at least one output along spatial axis {axis}", got, advice
            )


def layer_kernel(name: str, argument: str, value: object) -> np.ndarray:
    """Return a kernel on the host; two channel axes and at least one spatial axis."""
    kernel = to_numpy(checks.kernel(name, argument, value))
    if kernel.ndim < 3:
        advice = "Give two channel axes and one axis or more for the window, in the framework's order."
        checks.refuse(name, argument, "have at least 3 axes", f"shape {kernel.shape}", advice)
    return kernel


def group_count(name: str, argument: str, channels: int, per_group: int, outputs: int) -> int:
    """Return the groups a kernel implies: the channels of the data over those of the kernel."""
    groups, rest = divmod(channels, per_group)
    if rest or outputs % groups:
        advice = "Channels come in equal groups; check the layout of the kernel and of the data."
        checks.refuse(
            name, argument, f"have a multiple of the kernel's {per_group} channels", channels, advice
        )
    return groups


def sizes_or_refuse(
    name: str, argument: str, sizes: Sequence[int], first: Sequence[int], span: int | Sequence[int]
) -> None:
    """Refuse output sizes outside ``first … first + span − 1``, naming the range of each axis."""
    spans = [span] * len(first) if isinstance(span, int) else span
    ranges = [range(a, a + length) for a, length in zip(first, spans, strict=True)]
    if any(size not in allowed for size, allowed in zip(sizes, ranges, strict=True)):
        wanted = " × ".join(
            f"[{allowed[0]} to {allowed[-1]}]" if len(allowed) > 1 else f"[{allowed[0]}]"
            for allowed in ranges
        )
        advice = "Pass the size of the input that the convolution turned into these data."
        checks.refuse(name, argument, f"have spatial sizes in {wanted}", tuple(sizes), advice)


def pad_pairs(name: str, padding: object, count: int, *, minimum: int = 0) -> list[tuple[int, int]]:
    """Return explicit pads as (before, after) pairs."""
    pairs = list(padding) if isinstance(padding, (Sequence, np.ndarray)) else []
    if len(pairs) != count or any(not hasattr(pair, "__len__") or len(pair) != 2 for pair in pairs):
        advice = f"Give a word, or {count} (before, after) pairs."
        checks.refuse(name, "padding", f"be a word or {count} pairs", repr(padding), advice)
    whole = [[checks.integer(name, "padding", side, minimum=minimum) for side in pair] for pair in pairs]
    return [(before, after) for before, after in whole]
