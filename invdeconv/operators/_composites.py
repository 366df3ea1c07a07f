"""Operators made of others: none, the same on every item of a batch, several on one input."""

from __future__ import annotations

import functools
from operator import add

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, namespace
from invdeconv.operators._linear_operator import LinearOperator

__all__ = ["Batched", "Identity", "Stacked"]


class Identity(LinearOperator):
    """The identity on arrays of one shape.

    Parameters
    ----------
    shape : tuple of int
        Shape of x.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        shape = checks.shape("Identity", "shape", shape)
        super().__init__(shape, shape)

    def _forward(self, x: Array) -> Array:
        return namespace(x).asarray(x, copy=True)

    def _adjoint(self, y: Array) -> Array:
        return self._forward(y)


class Batched(LinearOperator):
    """One operator applied to every item of leading batch axes.

    Parameters
    ----------
    operator : LinearOperator
        Acts on each item.
    batch_shape : tuple of int
        Leading axes: x has shape ``batch_shape + operator.input_shape``.
    """

    def __init__(self, operator: LinearOperator, batch_shape: tuple[int, ...]) -> None:
        self._batch_shape = checks.shape("Batched", "batch_shape", batch_shape)
        self._operator = operator
        super().__init__(
            self._batch_shape + operator.input_shape,
            self._batch_shape + operator.output_shape,
            operator.dtype,
        )

    def _each(self, operator: LinearOperator, x: Array) -> Array:
        xp = namespace(x)
        items = xp.reshape(x, (-1, *operator.input_shape))
        parts = [operator(items[i, ...]) for i in range(items.shape[0])]
        return xp.reshape(xp.stack(parts), self._batch_shape + operator.output_shape)

    def _forward(self, x: Array) -> Array:
        return self._each(self._operator, x)

    def _adjoint(self, y: Array) -> Array:
        return self._each(self._operator.H, y)

    def _label(self) -> str:
        return f"Batched({self._operator._label()})"


class Stacked(LinearOperator):
    """Several operators on one input, their outputs laid end to end in one flat vector.

    Parameters
    ----------
    *operators : LinearOperator
        At least one, all with the same input shape.
    """

    def __init__(self, *operators: LinearOperator) -> None:
        if not operators:
            checks.refuse("Stacked", "operators", "hold at least one operator", "none", "Pass one or more.")
        shapes = {operator.input_shape for operator in operators}
        if len(shapes) > 1:
            advice = "Stack operators that act on the same array."
            checks.refuse("Stacked", "operators", "share one input_shape", sorted(shapes), advice)
        self.operators = operators
        size = sum(operator.shape[0] for operator in operators)
        dtype = np.result_type(*(operator.dtype for operator in operators))
        super().__init__(operators[0].input_shape, (size,), dtype)

    def _forward(self, x: Array) -> Array:
        xp = namespace(x)
        parts = [xp.reshape(operator._forward(x), (-1,)) for operator in self.operators]
        dtype = xp.result_type(*parts)
        return xp.concat([xp.astype(part, dtype, copy=False) for part in parts])

    def _adjoint(self, y: Array) -> Array:
        parts = zip(self.operators, self.split(y), strict=True)
        return functools.reduce(add, [C._adjoint(part) for C, part in parts])

    def split(self, y: Array) -> list[Array]:
        """Return the parts of a stacked output, each in the output shape of its operator."""
        xp = namespace(y)
        ends = np.cumsum([0] + [operator.shape[0] for operator in self.operators])
        return [
            xp.reshape(y[int(a) : int(b)], operator.output_shape)
            for operator, a, b in zip(self.operators, ends[:-1], ends[1:], strict=True)
        ]

    def _label(self) -> str:
        return f"Stacked({'; '.join(operator._label() for operator in self.operators)})"
