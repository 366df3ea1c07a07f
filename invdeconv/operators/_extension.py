"""Boundary operators: how a finite array goes on beyond its edges."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, add_at, along, namespace, take, zeros_like_data
from invdeconv.operators._linear_operator import LinearOperator

__all__ = ["BOUNDARIES", "Extension"]

# Our words and NumPy's names for the same index maps.
_NUMPY_MODE = {"periodic": "wrap", "symmetric": "symmetric"}
BOUNDARIES = ("zero", *_NUMPY_MODE)


class Extension(LinearOperator):
    """Extend an array beyond its edges: zeros, periodic, or symmetric (half-sample mirror).

    The adjoint folds the extended parts back onto the samples they were copied from; that is what
    "flip the PSF" forgets.

    Parameters
    ----------
    input_shape : tuple of int
        Shape of the array.
    pads : tuple of (int, int)
        Samples added before and after, per axis.
    boundaries : tuple of {"zero", "periodic", "symmetric"}
        One word per axis.
    """

    def __init__(
        self, input_shape: tuple[int, ...], pads: tuple[tuple[int, int], ...], boundaries: tuple[str, ...]
    ) -> None:
        for word in boundaries:
            checks.choice("Extension", "boundaries", word, BOUNDARIES)
        self.pads = pads
        self.boundaries = boundaries
        output_shape = tuple(n + sum(pad) for n, pad in zip(input_shape, pads, strict=True))
        super().__init__(input_shape, output_shape)

    def _forward(self, x: Array) -> Array:
        xp = namespace(x)
        x = xp.asarray(x, copy=True) if all(pad == (0, 0) for pad in self.pads) else x
        for axis, (pad, boundary) in enumerate(zip(self.pads, self.boundaries, strict=True)):
            if pad == (0, 0):
                continue
            if boundary == "zero":
                sides = []
                for count in pad:
                    shape = tuple(count if i == axis else n for i, n in enumerate(x.shape))
                    sides.append(zeros_like_data(shape, x))
                x = xp.concat([sides[0], x, sides[1]], axis=axis)
            else:
                index = _source(x.shape[axis], pad, boundary)
                x = take(x, index, axis)
        return x

    def _adjoint(self, y: Array) -> Array:
        xp = namespace(y)
        fresh = False
        for axis, (pad, boundary) in enumerate(zip(self.pads, self.boundaries, strict=True)):
            n = self.input_shape[axis]
            if pad == (0, 0):
                continue
            if boundary == "zero":
                y = y[along(y.ndim, axis, slice(pad[0], pad[0] + n))]
                continue
            total = zeros_like_data(tuple(n if i == axis else m for i, m in enumerate(y.shape)), y)
            for start, first, last in _runs(_source(n, pad, boundary)):
                part = y[along(y.ndim, axis, slice(start, start + abs(last - first) + 1))]
                part = part if last >= first else xp.flip(part, axis=axis)
                low, high = min(first, last), max(first, last)
                total = add_at(total, along(y.ndim, axis, slice(low, high + 1)), part)
            y, fresh = total, True
        return y if fresh else xp.asarray(y, copy=True)

    def _label(self) -> str:
        return f"Extension {', '.join(dict.fromkeys(self.boundaries))}"


def _source(n: int, pad: tuple[int, int], boundary: str) -> np.ndarray:
    """Return, for each sample of the extended axis, the sample it is a copy of."""
    return np.pad(np.arange(n), pad, mode=_NUMPY_MODE[boundary])  # type: ignore[call-overload]


def _runs(source: np.ndarray) -> list[tuple[int, int, int]]:
    """Cut a source map into runs with step +1 or −1: (start in the extension, first, last source)."""
    cuts = [0]
    for i in range(1, len(source)):
        step = source[i] - source[i - 1]
        previous = source[i - 1] - source[i - 2] if i - 1 > cuts[-1] else step
        if abs(step) != 1 or step != previous:
            cuts.append(i)
    cuts.append(len(source))
    return [(a, int(source[a]), int(source[b - 1])) for a, b in pairwise(cuts)]
