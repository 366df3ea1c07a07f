"""Periodic or evenly mirrored convolution: diagonal in the DFT, the DCT-II, or one per axis."""

from __future__ import annotations

import numpy as np

from invdeconv.arrays import Array, is_complex, namespace
from invdeconv.operators._linear_operator import Identity, LinearOperator
from invdeconv.operators.convolution import Convolution
from invdeconv.operators.decomposition._decomposition import Decomposition
from invdeconv.operators.decomposition._eigenvalues import eigenvalues, gram, is_diagonal, mirrored_axes
from invdeconv.operators.decomposition._transform import Transform


class DiagonalDecomposition(Decomposition):
    """C = Tᴴ diag(h) T with an orthonormal T: c = |h|, s = |l|, U = Tᴴ, the phase of h in X."""

    def __init__(
        self, operator: Convolution, regularizer: LinearOperator | None, mirrored: tuple[bool, ...]
    ) -> None:
        super().__init__(operator, regularizer)
        if any(mirrored):
            self.structure = "DCT-II" if all(mirrored) else "DFT × DCT-II"
        else:
            self.structure = "periodic DFT"
        real = operator.dtype.kind != "c" and (regularizer is None or regularizer.dtype.kind != "c")
        self._transform = Transform(operator.input_shape, mirrored, half=real)
        self._takes_complex = not self._transform.half

    @property
    def multiplicity(self) -> np.ndarray | float:
        return self._transform.multiplicity

    @property
    def frequency(self) -> np.ndarray:
        return self._transform.frequency

    def _factors(self, y: Array) -> tuple[Array, ...]:
        transform = self._transform
        h = transform.arranged(eigenvalues(self.operator, transform, y))  # type: ignore[arg-type]
        xp = namespace(h)
        c = xp.abs(h)
        # exp(−i·arg h), and 1 where h = 0: the choice does not matter there, NaN would.
        conjugate = xp.conj(h) if is_complex(h) else h
        turn = xp.where(c > 0, conjugate / xp.where(c > 0, c, 1.0), 1.0)
        if self.regularizer is None:
            return c, None, turn
        squared = transform.arranged(gram(self.regularizer, transform, y))
        return c, xp.broadcast_to(xp.sqrt(squared), c.shape), turn

    def analyze(self, y: Array) -> Array:
        return self._transform.forward(y)

    def synthesize(self, k: Array) -> Array:
        return self._transform.inverse(k * self.factors(k)[2])

    def synthesize_output(self, k: Array) -> Array:
        return self._transform.inverse(k)


def decompose_diagonal(operator: LinearOperator, regularizer: LinearOperator | None) -> Decomposition | None:
    """Return the decomposition of a convolution that one transform makes diagonal together with L."""
    if not isinstance(operator, Convolution) or operator.groups is not None:
        return None
    if isinstance(regularizer, Identity):
        regularizer = None
    mirrored = mirrored_axes(operator)
    if mirrored is None:
        return None
    if regularizer is not None and not is_diagonal(regularizer, mirrored, channels=False):
        return None
    return DiagonalDecomposition(operator, regularizer, mirrored)
