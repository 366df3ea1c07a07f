"""Periodic or evenly mirrored convolution: diagonal in the DFT, the DCT-II, or one per axis."""

from __future__ import annotations

import numpy as np

from invdeconv.arrays import Array, absolute, conjugate, elementwise, empty, filtered, is_complex, namespace
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
        c = elementwise(_size, empty(h.shape, h, xp.abs(h[..., :1]).dtype), h)
        turn = _phase(h, c)
        if self.regularizer is None:
            return c, None, turn
        squared = transform.arranged(gram(self.regularizer, transform, y))
        return c, xp.broadcast_to(xp.sqrt(squared), c.shape), turn

    def filter(self, y: Array, phi: Filter) -> Array:
        if self.structure != "periodic DFT" or (is_complex(y) and not self._takes_complex):
            return super().filter(y, phi)
        self._check_output("filter", y)
        c, s, turn = self.factors(y)
        gain, shape = phi(c, 1.0 if s is None else s), self._transform.shape

        def response(columns: slice) -> Array:
            part = gain[..., columns] if getattr(gain, "ndim", 0) else gain  # a number, too
            return part * turn[..., columns]

        return filtered(y, response, shape, shape, half=self._transform.half)

    def analyze(self, y: Array) -> Array:
        return self._transform.forward(y)

    def synthesize(self, k: Array) -> Array:
        return self._transform.inverse(k * self.factors(k)[2])

    def synthesize_output(self, k: Array) -> Array:
        return self._transform.inverse(k)


def _phase(h: Array, size: Array) -> Array:
    """Return exp(−i·arg h), and 1 where h is nothing: the choice does not matter there, NaN would."""
    xp = namespace(h)
    least = float(xp.finfo(size.dtype).smallest_normal)
    if float(xp.min(size)) > least:
        return elementwise(_turned, empty(h.shape, h), h, size) if is_complex(h) else h / size
    turned = xp.conj(h) if is_complex(h) else h
    return xp.where(size > least, turned / xp.where(size > least, size, 1.0), 1.0)


def _size(out: Array, h: Array) -> Array:
    return absolute(h, out=out)


def _turned(out: Array, h: Array, size: Array) -> Array:
    turned = conjugate(h, out=out)
    turned *= 1 / size  # a complex array divided by a real one takes several times as long
    return turned


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
