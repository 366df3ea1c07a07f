"""Difference operators: what a smooth x makes small."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, along, namespace, zeros_like_data
from invdeconv.operators._linear_operator import LinearOperator
from invdeconv.operators.convolution import Convolution

__all__ = ["Differences", "laplacian"]


class Differences(LinearOperator):
    """Forward differences along each axis: the discrete gradient, output shape (d, n1, …, nd).

    Parameters
    ----------
    shape : tuple of int
        Shape of x.
    boundary : {"neumann", "periodic"} or a tuple of these, default "neumann"
        What the last difference of an axis is: zero, or taken to the first sample. One word, or one for
        each of `axes`.
    axes : sequence of int, optional
        The axes along which neighbors are alike; all by default. Channels are no such axis: with
        channels first pass ``range(1, len(shape))``.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        *,
        boundary: str | tuple[str, ...] = "neumann",
        axes: Sequence[int] | None = None,
    ) -> None:
        name = "Differences"
        shape = checks.shape(name, "shape", shape)
        self.axes = tuple(range(len(shape))) if axes is None else _axes(axes, len(shape))
        words = (boundary,) * len(self.axes) if isinstance(boundary, str) else tuple(boundary)
        if len(words) != len(self.axes):
            advice = f"Pass one word, or {len(self.axes)} of them."
            checks.refuse(name, "boundary", f"have one word per axis ({len(self.axes)})", len(words), advice)
        self.boundaries = tuple(
            checks.choice(name, "boundary", word, ("neumann", "periodic")) for word in words
        )
        super().__init__(shape, (len(self.axes), *shape))

    def _forward(self, x: Array) -> Array:
        xp = namespace(x)
        parts = []
        for axis, word in zip(self.axes, self.boundaries, strict=True):
            n = self.input_shape[axis]
            ahead = x[along(x.ndim, axis, slice(1, None))]
            edge = along(x.ndim, axis, slice(0, 1) if word == "periodic" else slice(n - 1, n))
            parts.append(xp.concat([ahead, x[edge]], axis=axis) - x)
        return xp.stack(parts)

    def _adjoint(self, y: Array) -> Array:
        xp = namespace(y)
        total = zeros_like_data(self.input_shape, y)
        for i, (axis, word) in enumerate(zip(self.axes, self.boundaries, strict=True)):
            n = self.input_shape[axis]
            part = y[i, ...]
            last = part[along(part.ndim, axis, slice(n - 1, n))]
            if word == "neumann":
                part = xp.concat([part[along(part.ndim, axis, slice(0, n - 1))], 0 * last], axis=axis)
                last = 0 * last
            total = total + xp.concat([last, part[along(part.ndim, axis, slice(0, n - 1))]], axis=axis) - part
        return total

    def _label(self) -> str:
        words = ", ".join(dict.fromkeys(self.boundaries))
        if len(self.axes) == len(self.input_shape):
            return f"Differences {words}"
        return f"Differences {words} along {', '.join(map(str, self.axes))}"


def _axes(axes: Sequence[int], ndim: int) -> tuple[int, ...]:
    values = tuple(checks.integer("Differences", "axes", axis, minimum=0) for axis in axes)
    if not values or len(set(values)) < len(values) or max(values) >= ndim:
        advice = f"Count them from 0; x has {ndim}."
        checks.refuse("Differences", "axes", "name axes of x, each once", values, advice)
    return values


def laplacian(
    shape: tuple[int, ...], *, boundary: str | tuple[str, ...], channels: bool = False
) -> Convolution:
    """Return the negative Laplacian, 2d in the center and −1 at the 2d neighbors.

    Parameters
    ----------
    shape : tuple of int
        Shape of x.
    boundary : {"zero", "periodic", "symmetric"}
        As in `Convolution`: one word, or one per axis.
    channels : bool, default False
        The first axis holds channels, each with a Laplacian of its own.
    """
    ndim = len(shape) - channels
    kernel = np.zeros((3,) * ndim)
    kernel[(1,) * ndim] = 2 * ndim
    for axis in range(ndim):
        for side in (0, 2):
            kernel[tuple(side if i == axis else 1 for i in range(ndim))] = -1
    if not channels:
        return Convolution(kernel, shape, boundary=boundary)
    each = np.broadcast_to(kernel, (shape[0], 1, *kernel.shape))
    return Convolution(each, shape, boundary=boundary, channels=True, groups=shape[0])
