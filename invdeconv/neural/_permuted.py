"""Channels first or last: the order of axes is an operator too."""

from __future__ import annotations

from invdeconv import checks
from invdeconv.arrays import Array, namespace
from invdeconv.operators import LinearOperator

__all__ = ["Permuted", "to_channels_first"]


class Permuted(LinearOperator):
    """Put the axes of an array in another order; the adjoint, which is the inverse, puts them back.

    Parameters
    ----------
    input_shape : tuple of int
        Shape of x.
    axes : tuple of int
        Axis i of the output is axis ``axes[i]`` of x, as in ``numpy.transpose``.

    Raises
    ------
    InvalidInputError
        If `axes` is not a permutation of the axes of x.
    """

    def __init__(self, input_shape: tuple[int, ...], axes: tuple[int, ...]) -> None:
        shape = checks.shape("Permuted", "input_shape", input_shape)
        if sorted(axes) != list(range(len(shape))):
            advice = "Name each axis once, counted from 0."
            checks.refuse("Permuted", "axes", f"be a permutation of 0 … {len(shape) - 1}", axes, advice)
        self._axes = tuple(axes)
        self._back = tuple(sorted(range(len(axes)), key=self._axes.__getitem__))
        super().__init__(shape, tuple(shape[axis] for axis in self._axes))

    def _forward(self, x: Array) -> Array:
        return _permuted(x, self._axes)

    def _adjoint(self, y: Array) -> Array:
        return _permuted(y, self._back)


def to_channels_first(shape: tuple[int, ...], spatial: int) -> Permuted:
    """Return the operator from (…, n1, …, nd, C) to (…, C, n1, …, nd)."""
    first = len(shape) - 1 - spatial
    return Permuted(shape, (*range(first), len(shape) - 1, *range(first, len(shape) - 1)))


def _permuted(x: Array, axes: tuple[int, ...]) -> Array:
    xp = namespace(x)
    return xp.asarray(xp.permute_dims(x, axes), copy=True)
