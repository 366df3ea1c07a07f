"""Rows that do not overlap, or cancel where they do: CCᴴ is diagonal."""

from __future__ import annotations

import math

import numpy as np

from invdeconv.arrays import Array, like, namespace
from invdeconv.operators._composites import Identity
from invdeconv.operators._linear_operator import LinearOperator
from invdeconv.operators.convolution import Axis, Convolution
from invdeconv.operators.decomposition._decomposition import Decomposition


class OrthogonalRowsDecomposition(Decomposition):
    """CCᴴ diagonal: c = norms of the rows, U = I, X = Cᴴ/c. Its pseudo-inverse is Cᴴ, scaled per datum."""

    structure = "orthogonal rows"
    multiplicity = 1.0

    def __init__(self, operator: Convolution, norms: np.ndarray) -> None:
        super().__init__(operator, None)
        self._norms = norms

    def _factors(self, y: Array) -> tuple[Array, ...]:
        return like(self._norms, y), None

    def rounding(self, y: Array) -> float:
        """Return k·eps, the error of a sum over k taps."""
        taps = math.prod(self.operator.kernel.shape)  # type: ignore[attr-defined]
        return taps * float(namespace(y).finfo(y.dtype).eps)

    def analyze(self, y: Array) -> Array:
        return namespace(y).asarray(y, copy=True)

    def synthesize(self, k: Array) -> Array:
        xp = namespace(k)
        c = self.factors(k)[0]
        return self.operator.H(xp.where(c > 0, k / xp.where(c > 0, c, 1.0), 0.0))

    def synthesize_output(self, k: Array) -> Array:
        return namespace(k).asarray(k, copy=True)


def decompose_orthogonal(
    operator: LinearOperator, regularizer: LinearOperator | None
) -> Decomposition | None:
    """Return the decomposition of a convolution with orthogonal rows, L = I."""
    if not isinstance(operator, Convolution) or not (
        regularizer is None or isinstance(regularizer, Identity)
    ):
        return None
    for word, axis in zip(operator.boundaries, operator.axes, strict=True):
        if word != "zero" and (axis.before, axis.after) != (0, 0):
            return None
        # Windows Δ apart share a sample if s·Δ = d·Δj for taps Δj < k apart.
        if axis.stride // math.gcd(axis.stride, axis.dilation) < axis.k:
            return None
    norms = _row_norms(operator)
    return None if norms is None else OrthogonalRowsDecomposition(operator, norms)


def _row_norms(operator: Convolution) -> np.ndarray | None:
    """Return the norm of each row, or None if those of one window are not orthogonal.

    At the border a window is cut: the products are summed for every way an axis can cut it.
    """
    groups = operator.groups or 1
    taps = operator.taps.reshape(
        groups, -1, operator.taps.shape[1] if operator.groups else 1, *(axis.k for axis in operator.axes)
    )
    inside = [_inside(axis) for axis in operator.axes]
    cuts = [np.unique(mask, axis=0, return_inverse=True) for mask in inside]
    products = np.einsum("goc...,gpc...->gop...", taps, taps.conj())
    for cut, _ in cuts:
        products = np.tensordot(products, cut.astype(float), axes=(3, 1))
    energy = np.einsum("goo...->go...", products).real
    gap = np.abs(products)
    np.einsum("goo...->go...", gap)[...] = 0
    if gap.max() > 8 * np.finfo(float).eps * energy.max():
        return None
    for axis, (_, which) in enumerate(cuts, 2):
        energy = np.take(energy, which.ravel(), axis=axis)
    return np.sqrt(energy).reshape(operator.output_shape)


def _inside(axis: Axis) -> np.ndarray:
    """Return which taps of each window read a sample of the input, as (m, k)."""
    reads = axis.stride * np.arange(axis.m)[:, None] + axis.dilation * np.arange(axis.k) - axis.before
    return (reads >= 0) & (reads < axis.n)
