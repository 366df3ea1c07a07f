"""Where a kernel lands on an axis: sizes, strides and pads of one convolution axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from invdeconv import checks

PADDINGS = ("valid", "same", "full")


@dataclass(frozen=True, slots=True)
class Axis:
    """The canonical geometry of one axis, as a cross-correlation.

    Output i reads input ``stride·i + dilation·j − before`` for kernel sample j.
    """

    n: int
    k: int
    stride: int
    dilation: int
    before: int
    after: int

    @property
    def extent(self) -> int:
        """Samples the dilated kernel spans."""
        return (self.k - 1) * self.dilation + 1

    @property
    def padded(self) -> int:
        """Length of the padded input."""
        return self.n + self.before + self.after

    @property
    def m(self) -> int:
        """Length of the output."""
        return (self.padded - self.extent) // self.stride + 1

    @property
    def reach(self) -> int:
        """Samples from the first output position to the last, both included."""
        return (self.m - 1) * self.stride + 1


def resolve(
    kernel_shape: tuple[int, ...],
    input_shape: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
    padding: Any,
    origin: tuple[int, ...],
    *,
    correlate: bool,
) -> tuple[Axis, ...]:
    """Turn a padding word or explicit pairs into one `Axis` per dimension.

    "same" centers output i on input stride·i, with the kernel's origin there: a correlation needs
    dilation·origin samples before, a convolution dilation·(k − 1 − origin), its kernel being flipped.
    """
    axes = []
    pairs = None if isinstance(padding, str) else _pairs(padding, len(input_shape))
    if pairs is None:
        checks.choice("Convolution", "padding", padding, PADDINGS)
    for i, (n, k, s, d, o) in enumerate(
        zip(input_shape, kernel_shape, stride, dilation, origin, strict=True)
    ):
        extent = (k - 1) * d + 1
        if pairs is not None:
            before, after = pairs[i]
        elif padding == "valid":
            before = after = 0
        elif padding == "full":
            before = after = extent - 1
        else:
            before = d * o if correlate else d * (k - 1 - o)
            outputs = -(-n // s)
            after = max(0, (outputs - 1) * s + extent - n - before)
        axis = Axis(n, k, s, d, before, after)
        if axis.padded < extent:
            advice = 'Crop the kernel, or use padding="same".'
            got = f"a kernel of {extent} samples on {axis.padded} along axis {i}"
            checks.refuse("Convolution", "kernel", "fit into the padded input", got, advice)
        axes.append(axis)
    return tuple(axes)


def check_channels(kernel: tuple[int, ...], shape: tuple[int, ...], groups: int) -> None:
    """Refuse a kernel (C_out, C_in / groups, k1, …) that does not fit an input (C_in, n1, …)."""
    name = "Convolution"
    if len(shape) < 2:
        advice = "With channels=True the first axis of the input holds them."
        checks.refuse(name, "input_shape", "have a channel axis and a spatial axis", shape, advice)
    if len(kernel) != len(shape) + 1:
        advice = f"The input has shape {shape}; give the kernel shape (C_out, C_in / groups, k1, …)."
        checks.refuse(name, "kernel", f"have {len(shape) + 1} dimensions", len(kernel), advice)
    for word, count in (("input", shape[0]), ("output", kernel[0])):
        if count % groups:
            got = f"{groups} groups of {count} {word} channels"
            checks.refuse(name, "groups", "divide the channels", got, "Pass a common divisor of both.")
    if kernel[1] != shape[0] // groups:
        advice = f"{shape[0]} input channels in {groups} groups make kernel.shape[1] = {shape[0] // groups}."
        got = f"{kernel[1]} in a kernel of shape {kernel}"
        checks.refuse(name, "kernel", "have C_in / groups input channels", got, advice)


def _pairs(padding: Any, ndim: int) -> list[tuple[int, int]]:
    advice = f"Pass a word ({', '.join(PADDINGS)}), or one (before, after) pair, or {ndim} pairs."
    if not isinstance(padding, Sequence):
        checks.refuse("Convolution", "padding", "be a word or (before, after) pairs", repr(padding), advice)
    pairs = [padding] * ndim if len(padding) == 2 and not isinstance(padding[0], Sequence) else list(padding)
    if len(pairs) != ndim or any(not isinstance(p, Sequence) or len(p) != 2 for p in pairs):
        checks.refuse("Convolution", "padding", f"hold {ndim} (before, after) pairs", repr(padding), advice)
    return [
        (
            checks.integer("Convolution", "padding", before, minimum=0),
            checks.integer("Convolution", "padding", after, minimum=0),
        )
        for before, after in pairs
    ]
