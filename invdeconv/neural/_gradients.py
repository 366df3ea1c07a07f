"""Gradients of a convolution layer: Cᵀ for its input, the correlation with its input for its kernel."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, like, namespace, to_numpy
from invdeconv.operators import Convolution, Extension, LinearOperator

__all__ = ["OutputOfKernel", "kernel_gradient"]


class OutputOfKernel(LinearOperator):
    """A convolution as a function of its kernel: k ↦ C_k x for one fixed x.

    It is linear in the kernel too. Its adjoint correlates a residual with x: that is the kernel's own
    gradient in back-propagation, and the first half of system identification.

    Parameters
    ----------
    convolution : Convolution
        Only its geometry is used; ``correlate=True``, as in every layer of this package.
    data : array, shape ``convolution.input_shape``
        The layer's input x; kept on the host, as kernels are.

    Raises
    ------
    InvalidInputError
        If the convolution turns its kernel round, or the shapes do not fit.
    """

    def __init__(self, convolution: Convolution, data: Array) -> None:
        name = "OutputOfKernel"
        if not np.array_equal(convolution.taps, convolution.kernel):
            advice = "Build it with correlate=True; for a point-spread function, flip the result."
            checks.refuse(name, "convolution", "be a correlation", repr(convolution), advice)
        x = to_numpy(checks.finite_array(name, "data", data))
        if tuple(x.shape) != convolution.input_shape:
            advice = "Pass the layer's input, in the canonical layout."
            checks.refuse(name, "data", f"have shape {convolution.input_shape}", tuple(x.shape), advice)
        self._axes = convolution.axes
        d = len(self._axes)
        kernel = convolution.kernel.shape
        channels = kernel if len(kernel) == d + 2 else (1, 1)
        self._channels = channels[0], channels[1], (x.shape[0] if len(kernel) == d + 2 else 1) // channels[1]
        pads = tuple((axis.before, axis.after) for axis in self._axes)
        space = tuple(axis.n for axis in self._axes)
        extension = Extension(space, pads, convolution.boundaries)
        self._planes = [extension(plane) for plane in x.reshape(-1, *space)]
        super().__init__(kernel, convolution.output_shape, np.result_type(x.dtype, np.float64))

    def _forward(self, k: Array) -> Array:
        xp = namespace(k)
        taps = xp.reshape(k, (*self._channels[:2], *(axis.k for axis in self._axes)))
        outputs = []
        for o in range(self._channels[0]):
            total = None
            for i, plane in self._inputs_of(o):
                for j, window in self._windows():
                    part = taps[(o, i, *j)] * like(plane[window], k)
                    total = part if total is None else total + part
            outputs.append(total)
        return xp.reshape(xp.stack(outputs), self.output_shape)

    def _adjoint(self, y: Array) -> Array:
        xp = namespace(y)
        maps = xp.reshape(y, (self._channels[0], *(axis.m for axis in self._axes)))
        gradient = [
            xp.sum(like(np.conj(plane[window]), y) * maps[o, ...])
            for o in range(self._channels[0])
            for _, plane in self._inputs_of(o)
            for _, window in self._windows()
        ]
        return xp.reshape(xp.stack(gradient), self.input_shape)

    def _inputs_of(self, o: int) -> Iterator[tuple[int, np.ndarray]]:
        """Yield the input planes of output channel o, with their place in its kernel."""
        outputs, per_group, groups = self._channels
        group = o // (outputs // groups)
        for i in range(per_group):
            yield i, self._planes[group * per_group + i]

    def _windows(self) -> Iterator[tuple[tuple[int, ...], tuple[slice, ...]]]:
        """Yield each kernel index with the strided window of the padded input it meets."""
        for j in product(*(range(axis.k) for axis in self._axes)):
            starts = [axis.dilation * jj for axis, jj in zip(self._axes, j, strict=True)]
            yield (
                j,
                tuple(
                    slice(a, a + axis.reach, axis.stride) for a, axis in zip(starts, self._axes, strict=True)
                ),
            )


def kernel_gradient(convolution: Convolution, data: Array, output_gradient: Array) -> Array:
    """Return the gradient of a loss with respect to a layer's kernel.

    The gradient with respect to its input is ``convolution.H(output_gradient)``.

    Parameters
    ----------
    convolution : Convolution
        The canonical form of the layer, ``layer.convolution``.
    data : array, shape ``convolution.input_shape``
        The layer's input.
    output_gradient : array, shape ``convolution.output_shape``
        Gradient of the loss with respect to the layer's output.

    Returns
    -------
    array, shape ``convolution.kernel.shape``

    Raises
    ------
    InvalidInputError
        As `OutputOfKernel`.
    """
    return OutputOfKernel(convolution, data).H(output_gradient)
