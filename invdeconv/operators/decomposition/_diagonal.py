"""Periodic or evenly mirrored convolution: diagonal in the DFT, the DCT-II, or one per axis."""

from __future__ import annotations

import numpy as np

from invdeconv.arrays import Array, filtered, is_complex, namespace
from invdeconv.operators._composites import Identity
from invdeconv.operators._linear_operator import LinearOperator
from invdeconv.operators.convolution import Convolution
from invdeconv.operators.decomposition._decomposition import Decomposition, Filter
from invdeconv.operators.decomposition._eigenvalues import eigenvalues, gram, is_diagonal, mirrored_axes
from invdeconv.operators.decomposition._transform import Transform


class DiagonalDecomposition(Decomposition):
    """C = Tᴴ diag(h) T with an orthonormal T: c = |h|, s = |l|, U = Tᴴ, the phase of h in X."""

    has_frequencies = True

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
        if self.regularizer is None:
            return c, None, h
        squared = transform.arranged(gram(self.regularizer, transform, y))
        return c, xp.broadcast_to(xp.sqrt(squared), c.shape), h

    def filter(self, y: Array, phi: Filter) -> Array:
        if self.structure != "periodic DFT" or (is_complex(y) and not self._takes_complex):
            return super().filter(y, phi)
        self._check_output("filter", y)
        c, s, h = self.factors(y)
        gain, shape, half = phi(c, 1.0 if s is None else s), self._transform.shape, self._transform.half

        def response(columns: slice) -> Array:
            turned = _turned(gain[..., columns], h[..., columns], c[..., columns])
            return turned if half else namespace(turned).conj(turned)

        # Real data: both transforms the other way round conjugate the response.
        return filtered(y, response, shape, shape, half=half, conjugate=half)

    def analyze(self, y: Array) -> Array:
        return self._transform.forward(y)

    def synthesize(self, k: Array) -> Array:
        c, _, h = self.factors(k)
        return self._transform.inverse(_turned(k, namespace(h).conj(h) if is_complex(h) else h, c))

    def synthesize_output(self, k: Array) -> Array:
        return self._transform.inverse(k)


def _turned(k: Array, h: Array, c: Array) -> Array:
    """Return k·h/|h|, and k where h is nothing: the choice does not matter there, NaN would."""
    xp = namespace(h)
    least = float(xp.finfo(c.dtype).smallest_normal)
    if float(xp.min(c)) > least:
        return (k * h) * (1 / c)  # a complex array divided by a real one takes several times as long
    return xp.where(c > least, (k * h) / xp.where(c > least, c, 1.0), k)


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
