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
    """Forward differences along the axes: the discrete gradient, output shape (len(axes), n1, …, nd).

    Parameters
    ----------
    shape : tuple of int
        Shape of x.
    boundary : {"neumann", "periodic"}, default "neumann"
        What the last difference of an axis is: zero, or taken to the first sample.
    axes : sequence of int, optional
        Axes to difference along, counted from 0; all by default, the spatial ones where x has channels.
    """

    def __init__(
        self, shape: tuple[int, ...], *, boundary: str = "neumann", axes: Sequence[int] | None = None
    ) -> None:
        shape = checks.shape("Differences", "shape", shape)
        self.boundary = checks.choice("Differences", "boundary", boundary, ("neumann", "periodic"))
        self.axes = tuple(range(len(shape)) if axes is None else axes)
        if not self.axes or not set(self.axes) <= set(range(len(shape))):
            advice = "Count axes from 0."
            checks.refuse("Differences", "axes", f"name axes of the shape {shape}", self.axes, advice)
        super().__init__(shape, (len(self.axes), *shape))

    def _forward(self, x: Array) -> Array:
        xp = namespace(x)
        parts = []
        for axis in self.axes:
            n = self.input_shape[axis]
            ahead = x[along(x.ndim, axis, slice(1, None))]
            edge = along(x.ndim, axis, slice(0, 1) if self.boundary == "periodic" else slice(n - 1, n))
            parts.append(xp.concat([ahead, x[edge]], axis=axis) - x)
        return xp.stack(parts)

    def _adjoint(self, y: Array) -> Array:
        xp = namespace(y)
        total = zeros_like_data(self.input_shape, y)
        for index, axis in enumerate(self.axes):
            n = self.input_shape[axis]
            part = y[index, ...]
            last = part[along(part.ndim, axis, slice(n - 1, n))]
            if self.boundary == "neumann":
                part = xp.concat([part[along(part.ndim, axis, slice(0, n - 1))], 0 * last], axis=axis)
                last = 0 * last
            total = total + xp.concat([last, part[along(part.ndim, axis, slice(0, n - 1))]], axis=axis) - part
        return total

    def _label(self) -> str:
        return f"Differences {self.boundary}"


def laplacian(shape: tuple[int, ...], *, boundary: str, channels: bool = False) -> Convolution:
    """Return the negative Laplacian, 2d in the center and −1 at the 2d neighbors.

    Parameters
    ----------
    shape : tuple of int
        Shape of x.
    boundary : {"zero", "periodic", "symmetric"}
        As in `Convolution`.
    channels : bool, default False
        The first axis holds channels: each gets a Laplacian of its own.
    """
    ndim = len(shape) - channels
    kernel = np.zeros((3,) * ndim)
    kernel[(1,) * ndim] = 2 * ndim
    for axis in range(ndim):
        for side in (0, 2):
            kernel[tuple(side if i == axis else 1 for i in range(ndim))] = -1
    if channels:
        kernel = np.broadcast_to(kernel, (shape[0], 1, *kernel.shape))
        return Convolution(kernel, shape, boundary=boundary, channels=True, groups=shape[0])
    return Convolution(kernel, shape, boundary=boundary)
