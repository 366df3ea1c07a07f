"""The limit λ → 0 of Tikhonov regularization where only C, not the pair (C, L), has a decomposition."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from invdeconv.arrays import Array, zeros_like_data
from invdeconv.operators import Decomposition, LinearOperator
from invdeconv.solvers._cgls import cgls_steps

__all__ = ["null_space_steps"]


def null_space_steps(
    decomposition: Decomposition, L: LinearOperator, x: Array
) -> Iterator[tuple[Array, float]]:
    """Yield x + z, z in the null space of C, falling to the least ‖L(x + z)‖, with CGLS's measure.

    From x = C⁺y the limit is x⁺ − Z(LZ)⁺Lx⁺ with Z a basis of the null space, Eldén's weighted
    pseudo-inverse (BIT 22 (1982) 487). P = I − C⁺C, one filter, keeps the gradients there. Kernels see
    what is smooth, so L is well conditioned on the rest: the steps do not grow with the size (measured).
    """
    start = zeros_like_data(tuple(x.shape), x)
    for z, measure, _ in cgls_steps(_OnNullSpace(L, decomposition), -L(x), start):
        yield x + z, measure


class _OnNullSpace(LinearOperator):
    """L restricted to the null space of C, where CGLS stays once its gradients are there."""

    def __init__(self, L: LinearOperator, decomposition: Decomposition) -> None:
        self._L = L
        self._decomposition = decomposition
        dtype = np.result_type(L.dtype, decomposition.operator.dtype)
        super().__init__(L.input_shape, L.output_shape, dtype)

    def _forward(self, x: Array) -> Array:
        return self._L(x)

    def _adjoint(self, y: Array) -> Array:
        return self._decomposition.project_null(self._L.H(y))
