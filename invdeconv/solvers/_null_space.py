"""The limit λ → 0 of Tikhonov regularization where only C, not the pair (C, L), has a decomposition."""

from __future__ import annotations

from collections.abc import Iterator

from invdeconv.arrays import Array, zeros_like_data
from invdeconv.operators import Decomposition, LinearOperator
from invdeconv.solvers._cgls import cgls_steps

__all__ = ["null_space_steps"]


def null_space_steps(
    decomposition: Decomposition, L: LinearOperator, x: Array
) -> Iterator[tuple[Array, float]]:
    """Yield x + z, z in the null space of C, falling to the least ‖L(x + z)‖, with CGLS's measure.

    From x = C⁺y the limit is x⁺ − Z(LZ)⁺Lx⁺ with Z a basis of the null space, Eldén's weighted
    pseudo-inverse (BIT 22 (1982) 487); z is found by CGLS on LP, where P = I − C⁺C is exact and costs
    one filter. Kernels see what is smooth, so L is well conditioned on what they do not see, and the
    steps needed do not grow with the size (measured).
    """
    P = _NullSpaceProjection(decomposition)
    start = zeros_like_data(tuple(x.shape), x)
    for z, measure in cgls_steps(L @ P, -L(x), start):
        yield x + z, measure


class _NullSpaceProjection(LinearOperator):
    """P = I − C⁺C, the orthogonal projection onto the null space of C."""

    def __init__(self, decomposition: Decomposition) -> None:
        self._decomposition = decomposition
        shape = decomposition.operator.input_shape
        super().__init__(shape, shape, decomposition.operator.dtype)

    def _forward(self, x: Array) -> Array:
        return self._decomposition.project_null(x)

    def _adjoint(self, y: Array) -> Array:
        return self._forward(y)
