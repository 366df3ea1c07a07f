"""Weights, one per sample, and the samples that are there: a diagonal matrix, and rows of the identity."""

from __future__ import annotations

from typing import Any

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, is_complex, like, namespace, take, to_numpy
from invdeconv.operators._linear_operator import LinearOperator

__all__ = ["Diagonal", "Samples"]


class Diagonal(LinearOperator):
    """Multiply every sample by a weight; weights of 0 and 1 are a mask.

    Parameters
    ----------
    weights : array
        Real or complex, of the shape of x; kept on the host.

    Raises
    ------
    InvalidInputError
        If the weights are empty or not finite.
    """

    def __init__(self, weights: Any) -> None:
        values = to_numpy(checks.finite_array("Diagonal", "weights", weights)).copy()
        values.flags.writeable = False
        self.weights = values
        super().__init__(values.shape, values.shape, np.result_type(values, np.float64))

    def _forward(self, x: Array) -> Array:
        return like(self.weights, x) * x

    def _adjoint(self, y: Array) -> Array:
        weights = like(self.weights, y)
        return (namespace(weights).conj(weights) if is_complex(weights) else weights) * y


class Samples(LinearOperator):
    """Keep some samples of an array, as one vector; the adjoint puts them back and zeros elsewhere.

    Parameters
    ----------
    keep : array of bool
        Of the shape of x; true somewhere.

    Raises
    ------
    InvalidInputError
        If no sample is kept.
    """

    def __init__(self, keep: np.ndarray) -> None:
        keep = np.asarray(keep, bool)
        if not keep.any():
            checks.refuse("Samples", "keep", "keep a sample", "none", "Check how the mask was made.")
        self._index = np.flatnonzero(keep)
        self._keep = keep.ravel().astype(float)
        self._position = np.maximum(np.cumsum(keep.ravel()) - 1, 0)
        super().__init__(keep.shape, (self._index.size,))

    def _forward(self, x: Array) -> Array:
        return take(namespace(x).reshape(x, (-1,)), self._index, 0)

    def _adjoint(self, y: Array) -> Array:
        spread = like(self._keep, y) * take(y, self._position, 0)
        return namespace(y).reshape(spread, self.input_shape)
