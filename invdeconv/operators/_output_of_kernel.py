"""A convolution as a function of its kernel: what back-propagation and system identification invert."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, like, namespace, to_numpy
from invdeconv.operators._extension import Extension
from invdeconv.operators._linear_operator import LinearOperator
from invdeconv.operators.convolution import Convolution

__all__ = ["OutputOfKernel"]


class OutputOfKernel(LinearOperator):
    """A convolution as a function of its kernel: k ↦ C_k x for one fixed x.

    It is linear in the kernel too. Its adjoint correlates a residual with x: that is the kernel's own
    gradient in back-propagation, and the first half of system identification.

    Parameters
    ----------
    convolution : Convolution
        Only its geometry is used.
    data : array, shape ``convolution.input_shape``
        The input x; kept on the host, as kernels are.

    Raises
    ------
    InvalidInputError
        If the shapes do not fit.
    """

    def __init__(self, convolution: Convolution, data: Array) -> None:
        name = "OutputOfKernel"
        x = to_numpy(checks.finite_array(name, "data", data))
        if tuple(x.shape) != convolution.input_shape:
            advice = "Pass the convolution's input, in the canonical layout."
            checks.refuse(name, "data", f"have shape {convolution.input_shape}", tuple(x.shape), advice)
        self._axes = convolution.axes
        self._correlate = convolution.correlate
        kernel = convolution.kernel.shape
        self.groups = convolution.groups
        channels = (1, 1) if self.groups is None else kernel[:2]
        self._channels = channels[0], channels[1], self.groups or 1
        pads = tuple((axis.before, axis.after) for axis in self._axes)
        space = tuple(axis.n for axis in self._axes)
        extension = Extension(space, pads, convolution.boundaries)
        self._planes = [extension(plane) for plane in x.reshape(-1, *space)]
        super().__init__(kernel, convolution.output_shape, np.result_type(x.dtype, np.float64))

    def _forward(self, k: Array) -> Array:
        xp = namespace(k)
        taps = xp.reshape(self._turned(k), (*self._channels[:2], *(axis.k for axis in self._axes)))
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
        return self._turned(xp.reshape(xp.stack(gradient), self.input_shape))

    def _turned(self, k: Array) -> Array:
        """Turn a kernel into correlation taps, or back."""
        d = len(self._axes)
        return k if self._correlate else namespace(k).flip(k, axis=tuple(range(k.ndim - d, k.ndim)))

    @property
    def outputs_per_group(self) -> int:
        """Output channels that read the same input, and so share a matrix."""
        return self._channels[0] // self._channels[2]

    def matrices(self, group: int, entries: int = 1 << 20) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield the matrix of one output channel of a group, some of its rows at a time.

        Parameters
        ----------
        group : int
            Which group of channels; 0 without channels.
        entries : int
            Size of a block at most, but one slice of the output along its first axis at least.

        Yields
        ------
        rows : slice
            Along the first spatial axis of the output.
        block : ndarray
            One row per sample of the output, one column per tap of ``kernel[o]``, both in C order.
        """
        outputs, per_group, _ = self._channels
        windows = [
            self._patches(plane) for _, plane in self._inputs_of(group * (outputs // self._channels[2]))
        ]
        m = self._axes[0].m
        taps = per_group * math.prod(axis.k for axis in self._axes)
        step = max(1, entries // (taps * math.prod(axis.m for axis in self._axes[1:])))
        for start in range(0, m, step):
            rows = slice(start, min(start + step, m))
            block = np.stack([view[rows] for view in windows], axis=len(self._axes))
            yield rows, block.reshape(-1, taps).astype(self.dtype, copy=False)

    def _patches(self, plane: np.ndarray) -> np.ndarray:
        """Return a view of the windows of a padded input: axes of the output, then of the kernel."""
        extents = tuple(axis.extent for axis in self._axes)
        view = np.lib.stride_tricks.sliding_window_view(plane, extents)
        outer = tuple(slice(0, axis.reach, axis.stride) for axis in self._axes)
        turn = 1 if self._correlate else -1
        return view[outer + tuple(slice(None, None, turn * axis.dilation) for axis in self._axes)]

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
