"""Weights, one per sample: a diagonal matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, is_complex, like, namespace, to_numpy
from invdeconv.operators._linear_operator import LinearOperator

__all__ = ["Diagonal"]


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
