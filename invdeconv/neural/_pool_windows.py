"""Windows of pooling layers: sizes, pads, ceil_mode."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from invdeconv import checks
from invdeconv.neural._window import extent, same_pads

__all__ = ["pool_outputs", "pool_pads", "window_size"]


def window_size(name: str, size: Any, ndim: int) -> tuple[int, ...]:
    if not isinstance(size, Sequence) or isinstance(size, str) or not 1 <= len(size) <= ndim:
        wanted = f"be a sequence of 1 to {ndim} integers, one per spatial axis"
        checks.refuse(name, "size", wanted, repr(size), "Pass (2, 2) for images.")
    return checks.integers(name, "size", tuple(size), len(size), minimum=1)


def pool_pads(
    name: str,
    padding: Any,
    n: tuple[int, ...],
    window: tuple[int, ...],
    strides: tuple[int, ...],
    dilations: tuple[int, ...],
) -> list[tuple[int, int]]:
    if isinstance(padding, str):
        if checks.choice(name, "padding", padding, ("SAME", "VALID")) == "VALID":
            return [(0, 0)] * len(n)
        return [same_pads(*axis) for axis in zip(n, window, strides, dilations, strict=True)]
    pads = checks.integers(name, "padding", padding, len(n), minimum=0)
    for pad, k, dilation in zip(pads, window, dilations, strict=True):
        if 2 * pad > extent(k, dilation):
            advice = "Some window would hold nothing but padding."
            checks.refuse(name, "padding", f"be at most half the window ({extent(k, dilation)})", pad, advice)
    return [(pad, pad) for pad in pads]


def pool_outputs(
    name: str, n: int, k: int, stride: int, dilation: int, *, padding: tuple[int, int], ceil_mode: bool
) -> tuple[int, int]:
    """Return (m, before) of one axis."""
    room = n + sum(padding) - extent(k, dilation)
    m = -(-room // stride) + 1 if ceil_mode else room // stride + 1
    if ceil_mode and (m - 1) * stride >= n + padding[0]:
        m -= 1  # that window would start in the padding
    if room < 0 or m < 1:
        got = f"a window of {extent(k, dilation)} on {n + sum(padding)} samples"
        checks.refuse(name, "size", "fit into the data", got, "Use a smaller window, or pad.")
    return m, padding[0]
