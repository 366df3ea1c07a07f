"""Periodic convolution at every s-th sample, with or without channels: one small block per frequency."""

from __future__ import annotations

import math

import numpy as np

from invdeconv.arrays import Array, like, namespace, take
from invdeconv.operators._composites import Identity
from invdeconv.operators._linear_operator import LinearOperator
from invdeconv.operators.convolution import Convolution
from invdeconv.operators.decomposition._decomposition import Decomposition
from invdeconv.operators.decomposition._eigenvalues import (
    dense_channels,
    gram,
    is_diagonal,
    is_sampled_circulant,
    mixes_channels,
    penalty_rows,
    responses,
)
from invdeconv.operators.decomposition._transform import Transform

# Multiplications in the SVDs of all blocks, up to a factor of some tens: some seconds on one core.
_MAXIMUM_WORK = 1 << 28


class AliasedDecomposition(Decomposition):
    """A circulant sampled with a stride: each frequency q of the data sees one set of S aliases.

    ŷ[o, q] = Σ B_q[o, (c, f)] x̂[c, f, q] with B = h/√S over channels c and aliases f. One output (of
    each group) makes B_q a row: for L = I, c = ‖B‖ and X = Bᴴ/c (Zhao et al., IEEE TIP 25 (2016) 3683,
    Eq. (18)). For a circulant L with |l|² = D the column of X is the input of least ‖Lx‖ with a given
    datum, D⁻¹Bᴴ, scaled by the least D so that D = 0 is the limit.

    The spectrum has shape (groups, values, m1, …, md), of real pairs the half plane.
    """

    structure = "periodic DFT, one block per alias set"

    def __init__(self, operator: Convolution, regularizer: LinearOperator | None, groups: int) -> None:
        super().__init__(operator, regularizer)
        self._groups = groups
        channels = operator.groups is not None
        self._outputs = operator.output_shape[0] if channels else 1
        self._inputs = operator.input_shape[0] if channels else 1
        self._coarse = tuple(axis.m for axis in operator.axes)
        self._fine = tuple(axis.n for axis in operator.axes)
        self._ratio = tuple(axis.stride for axis in operator.axes)
        self._aliases = math.prod(self._ratio)
        real = operator.dtype.kind != "c" and (regularizer is None or regularizer.dtype.kind != "c")
        dft = (False,) * len(self._fine)
        self._transform = Transform(self._coarse, dft, half=real)
        self._fine_transform = Transform(self._fine, dft, half=real)
        self._plane = Transform(self._fine, dft, half=False)
        self._takes_complex = not real

    @property
    def multiplicity(self) -> np.ndarray | float:
        return self._transform.multiplicity

    def _blocks(self, y: Array) -> Array:
        """Return B, shape (groups, outputs, inputs·aliases, q…)."""
        each = responses(self.operator, y, half=False)  # type: ignore[arg-type]
        if self._groups < (self.operator.groups or 1):  # type: ignore[attr-defined]
            each = dense_channels(each, self.operator)  # type: ignore[arg-type]
        xp = namespace(each)
        folded = self._fold(each) / math.sqrt(self._aliases)
        shape = (self._groups, self._outputs // self._groups, -1, *folded.shape[2:])
        return xp.reshape(folded, shape)

    def _fold(self, plane: Array) -> Array:
        """Split the axes of fine spectra (count, n1, …) into aliases and coarse frequencies."""
        xp = namespace(plane)
        d = len(self._fine)
        split = [part for s, m in zip(self._ratio, self._coarse, strict=True) for part in (s, m)]
        plane = xp.reshape(plane, (-1, *split))
        plane = xp.permute_dims(plane, (0, *range(1, 2 * d, 2), *range(2, 2 * d + 1, 2)))
        plane = xp.reshape(plane, (plane.shape[0], self._aliases, *self._coarse))
        return plane[..., : self._coarse[-1] // 2 + 1] if self._transform.half else plane

    def _unfold(self, blocks: Array) -> Array:
        """Return the fine spectra (inputs, n1, …) of blocks (groups, inputs·aliases, q…)."""
        xp = namespace(blocks)
        d, kept = len(self._fine), blocks.shape[-1]
        split = xp.reshape(blocks, (self._inputs, *self._ratio, *self._coarse[:-1], kept))
        split = xp.permute_dims(split, (0, *(i for k in range(d) for i in (1 + k, 1 + d + k))))
        plane = xp.reshape(split, (self._inputs, *self._fine[:-1], self._ratio[-1] * kept))
        if not self._transform.half:
            return plane
        # Frequency f is alias f // m of f % m, where that is in the half that is kept; or else its
        # conjugate is, at −f. Where both are, the mean is taken: f alone would let through what rounding
        # has left of the null space.
        n, m = self._fine[-1], self._coarse[-1]
        f = np.arange(n // 2 + 1)
        back = -f % n
        direct, turned = (self._columns(plane, where, kept) for where in (f, back))
        for axis, length in enumerate(self._fine[:-1], 1):
            turned = take(turned, -np.arange(length) % length, axis)
        share = 1.0 * (f % m < kept)
        share /= share + (back % m < kept)
        weights = like(share, xp.real(direct))
        return weights * direct + (1 - weights) * xp.conj(turned)

    def _columns(self, plane: Array, frequency: np.ndarray, kept: int) -> Array:
        """Return frequencies of the last axis, whatever where they are not kept."""
        alias, coarse = np.divmod(frequency, self._coarse[-1])
        return take(plane, alias * kept + np.minimum(coarse, kept - 1), -1)

    def _factors(self, y: Array) -> tuple[Array, ...]:
        row = self._blocks(y)[:, 0, ...]
        xp = namespace(row)
        energy = xp.real(row) ** 2 + xp.imag(row) ** 2
        if self.regularizer is None:
            c = xp.sqrt(xp.sum(energy, axis=1))[:, None, ...]
            column = xp.conj(row) / xp.where(c > 0, c, 1.0)
            return c, None, column[:, :, None, ...], None
        squared = self._gram(y)
        squared = xp.where(squared > 64 * xp.finfo(squared.dtype).eps * xp.max(squared), squared, 0.0)
        # An alias that C does not see must not decide the least D.
        seen = energy > xp.finfo(energy.dtype).eps ** 2 * xp.max(energy)
        least = xp.min(xp.where(seen, squared, xp.max(squared)), axis=1)[:, None, ...]
        weight = xp.where(squared > 0, least / xp.where(squared > 0, squared, 1.0), 1.0)
        weight = xp.where(seen, weight, 0.0)
        column = weight * xp.conj(row)
        c = xp.sum(weight * energy, axis=1)[:, None, ...]
        s = xp.sqrt(xp.sum(squared * weight**2 * energy, axis=1))[:, None, ...]
        size = xp.sqrt(c**2 + s**2)
        size = xp.where(size > 0, size, 1.0)
        return c / size, s / size, (column / size)[:, :, None, ...], None

    def _gram(self, y: Array) -> Array:
        """Return |l|², shape (groups, inputs·aliases, q…)."""
        xp = namespace(y)
        squared = gram(self.regularizer, self._plane, y)  # type: ignore[arg-type]
        folded = self._fold(xp.broadcast_to(squared, (self._inputs, *self._fine)))
        return xp.reshape(folded, (self._groups, -1, *folded.shape[2:]))

    def analyze(self, y: Array) -> Array:
        xp = namespace(y)
        shape = (self._groups, self._outputs // self._groups, *self._coarse)
        k = self._transform.forward(xp.reshape(y, shape))
        u = self.factors(y)[3]
        return k if u is None else _times(xp.conj(xp.moveaxis(u, 1, 2)), k)

    def synthesize(self, k: Array) -> Array:
        fine = self._unfold(_times(self.factors(k)[2], k))
        return namespace(fine).reshape(self._fine_transform.inverse(fine), self.operator.input_shape)

    def synthesize_output(self, k: Array) -> Array:
        u = self.factors(k)[3]
        y = self._transform.inverse(k if u is None else _times(u, k))
        return namespace(y).reshape(y, self.operator.output_shape)


class BlockDecomposition(AliasedDecomposition):
    """Several outputs: an SVD of each block, or of each pair [B_q; L_q] stacked, as in the dense case.

    Computed in double precision on the host, whatever the data.
    """

    structure = "periodic DFT, one matrix per frequency"

    def __init__(self, operator: Convolution, regularizer: LinearOperator | None, groups: int) -> None:
        super().__init__(operator, regularizer, groups)
        d = len(self._fine)
        blocks = np.moveaxis(self._blocks(np.empty(1)), (0, 1, 2), (d, d + 1, d + 2))
        if regularizer is None:
            u, c, vh = np.linalg.svd(blocks, full_matrices=False)
            x, s = _adjoint(vh), None
        else:
            u, c, x, s = _svd_of_pairs(blocks, self._penalties())
        self._values = np.ascontiguousarray(np.moveaxis(c, (d, d + 1), (0, 1)))
        self._seen = None if s is None else np.ascontiguousarray(np.moveaxis(s, (d, d + 1), (0, 1)))
        self._x, self._u = (
            np.ascontiguousarray(np.moveaxis(a, (d, d + 1, d + 2), (0, 1, 2))) for a in (x, u)
        )

    def _penalties(self) -> np.ndarray:
        """Return L_q, shape (q…, groups, rows, inputs·aliases): block diagonal over the aliases."""
        d = len(self._fine)
        if not mixes_channels(self.regularizer):  # type: ignore[arg-type]
            values = np.moveaxis(np.sqrt(self._gram(np.empty(1))), (0, 1), (d, d + 1))
            return values[..., None] * np.eye(values.shape[-1])
        rows = penalty_rows(self.regularizer, self._plane)  # type: ignore[arg-type]
        count = len(rows)
        folded = self._fold(rows.reshape(-1, *self._fine))
        folded = np.moveaxis(folded.reshape(count, self._inputs, *folded.shape[1:]), (0, 1, 2), (-3, -2, -1))
        if count > self._inputs:  # only LᴴL matters
            triangles = np.linalg.qr(np.moveaxis(folded, -1, -3), mode="r")
            folded = np.moveaxis(np.asarray(triangles), -3, -1)
            count = self._inputs
        full = np.zeros((*folded.shape[:-3], count, self._aliases, *folded.shape[-2:]), folded.dtype)
        for f in range(self._aliases):
            full[..., f, :, f] = folded[..., f]
        return full.reshape(*folded.shape[:-3], 1, count * self._aliases, self._inputs * self._aliases)

    def _factors(self, y: Array) -> tuple[Array, ...]:
        seen = None if self._seen is None else like(self._seen, y)
        return like(self._values, y), seen, like(self._x, y), like(self._u, y)


def _svd_of_pairs(B: np.ndarray, L: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return (u, c, x, s) of [B; L] for stacks of pairs: see `DenseDecomposition`."""
    size = np.linalg.norm(L)
    balance = np.linalg.norm(B) / size if size > 0 else 1.0
    m, eps = B.shape[-2], np.finfo(float).eps
    p, sigma, qh = np.linalg.svd(np.concatenate([B, balance * L], axis=-2), full_matrices=False)
    known = sigma > sigma.max() * (m + L.shape[-2]) * eps
    inverse = np.where(known, 1 / np.where(known, sigma, 1.0), 0.0)
    p = p * known[..., None, :]
    u, c, wh = np.linalg.svd(p[..., :m, :], full_matrices=False)
    w = _adjoint(wh)
    x = _adjoint(qh) @ (inverse[..., None] * w)
    seen = np.linalg.norm(p[..., m:, :] @ w, axis=-2)
    return u, c, x, np.where(seen > 100 * sum(B.shape[-2:]) * eps, seen, 0.0) / balance


def decompose_aliased(operator: LinearOperator, regularizer: LinearOperator | None) -> Decomposition | None:
    """Return the block decomposition of a sampled circulant and a circulant L."""
    if not is_sampled_circulant(operator):
        return None
    channels = operator.groups is not None
    if isinstance(regularizer, Identity):
        regularizer = None
    if regularizer is not None and not is_diagonal(
        regularizer, (False,) * len(operator.axes), channels=channels
    ):
        return None
    mixed = regularizer is not None and mixes_channels(regularizer)
    groups = 1 if mixed else (operator.groups or 1)
    rows = operator.output_shape[0] // groups if channels else 1
    if rows == 1 and not mixed:
        return AliasedDecomposition(operator, regularizer, groups)
    aliases = math.prod(axis.stride for axis in operator.axes)
    columns = operator.input_shape[0] // groups * aliases
    stacked = rows + (columns if regularizer is not None else 0)
    count = groups * math.prod(axis.m for axis in operator.axes)
    if count * stacked * columns * min(stacked, columns) > _MAXIMUM_WORK:
        return None
    return BlockDecomposition(operator, regularizer, groups)


def _adjoint(matrix: np.ndarray) -> np.ndarray:
    return np.conj(np.swapaxes(matrix, -1, -2))


def _times(matrix: Array, k: Array) -> Array:
    """Return the product of (groups, rows, columns, q…) and (groups, columns, q…)."""
    total = matrix[:, :, 0, ...] * k[:, None, 0, ...]
    for i in range(1, matrix.shape[2]):
        total = total + matrix[:, :, i, ...] * k[:, None, i, ...]
    return total
