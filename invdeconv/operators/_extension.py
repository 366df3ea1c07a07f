"""Boundary operators: how a finite array goes on beyond its edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, add_at, along, like, namespace, take, zeros_like_data
from invdeconv.operators._linear_operator import LinearOperator

__all__ = ["BOUNDARIES", "Extension"]

BOUNDARIES = ("zero", "periodic", "symmetric", "reflect", "edge", "antireflect")


class Extension(LinearOperator):
    """Extend an array beyond its edges.

    With the samples a b c d the boundaries read, NumPy's names in parentheses:

    =============  =========  ==================  ==============================================
    zero           0 0 0      **a b c d**         (constant)
    periodic       b c d      **a b c d**  a b c  (wrap)
    symmetric      c b a      **a b c d**  d c b  (symmetric): mirrored half a sample outside
    reflect        d c b      **a b c d**  c b a  (reflect): mirrored at the last sample
    edge           a a a      **a b c d**  d d d  (edge)
    antireflect    …  2a − b  **a b c d**  2d − c (reflect, odd): keeps a straight line straight
    =============  =========  ==================  ==============================================

    The adjoint folds the extended parts back onto the samples they were made of; that is what "flip the
    PSF" forgets.

    Parameters
    ----------
    input_shape : tuple of int
        Shape of the array.
    pads : tuple of (int, int)
        Samples added before and after, per axis.
    boundaries : tuple of str
        One word per axis.
    """

    def __init__(
        self, input_shape: tuple[int, ...], pads: tuple[tuple[int, int], ...], boundaries: tuple[str, ...]
    ) -> None:
        for word in boundaries:
            checks.choice("Extension", "boundaries", word, BOUNDARIES)
        self.pads = pads
        self.boundaries = boundaries
        self._axes = {
            axis: _continuation(n, pad, word)
            for axis, (n, pad, word) in enumerate(zip(input_shape, pads, boundaries, strict=True))
            if pad != (0, 0)
        }
        output_shape = tuple(n + sum(pad) for n, pad in zip(input_shape, pads, strict=True))
        super().__init__(input_shape, output_shape)

    def _forward(self, x: Array) -> Array:
        for axis, rule in self._axes.items():
            x = _pad(x, axis, self.pads[axis]) if rule is None else rule.extend(x, axis)
        return x if self._axes else namespace(x).asarray(x, copy=True)

    def _adjoint(self, y: Array) -> Array:
        for axis, rule in self._axes.items():
            n = self.input_shape[axis]
            if rule is None:
                before = self.pads[axis][0]
                y = y[along(y.ndim, axis, slice(before, before + n))]
            else:
                y = rule.fold(y, axis, n)
        folded = any(rule is not None for rule in self._axes.values())
        return y if folded else namespace(y).asarray(y, copy=True)

    def _label(self) -> str:
        return f"Extension {', '.join(dict.fromkeys(self.boundaries))}"


@dataclass(frozen=True, eq=False)
class _Continuation:
    """Extended sample i is ``sign[i]·x[source[i]] + first[i]·x[0] + last[i]·x[n − 1]``.

    ``ends`` holds sign, first and last, and is None where every sample is a plain copy.
    """

    source: np.ndarray
    ends: tuple[np.ndarray, np.ndarray, np.ndarray] | None

    def extend(self, x: Array, axis: int) -> Array:
        extended = take(x, self.source, axis)
        if self.ends is None:
            return extended
        sign, first, last = (_column(weight, x, axis) for weight in self.ends)
        low, high = _edges(x, axis)
        return sign * extended + first * x[low] + last * x[high]

    def fold(self, y: Array, axis: int, n: int) -> Array:
        xp = namespace(y)
        total = zeros_like_data(tuple(n if i == axis else m for i, m in enumerate(y.shape)), y)
        low, high = _edges(total, axis)
        if self.ends is not None:
            sign, first, last = (_column(weight, y, axis) for weight in self.ends)
            total = add_at(total, low, xp.sum(first * y, axis=axis, keepdims=True))
            total = add_at(total, high, xp.sum(last * y, axis=axis, keepdims=True))
            y = sign * y
        for start, stop in _runs(self.source):
            part = y[along(y.ndim, axis, slice(start, stop))]
            a, b = int(self.source[start]), int(self.source[stop - 1])
            if a == b:
                part = xp.sum(part, axis=axis, keepdims=True)
            elif b < a:
                part = xp.flip(part, axis=axis)
            total = add_at(total, along(y.ndim, axis, slice(min(a, b), max(a, b) + 1)), part)
        return total


def _continuation(n: int, pad: tuple[int, int], boundary: str) -> _Continuation | None:
    """Return the rule of one axis; None for zeros."""
    position = np.arange(-pad[0], n + pad[1])
    if boundary == "zero":
        return None
    if boundary == "periodic":
        return _Continuation(position % n, None)
    if boundary == "symmetric":
        return _Continuation(_fold_at(position, 2 * n, n, 2 * n - 1), None)
    if boundary == "edge":
        return _Continuation(np.clip(position, 0, n - 1), None)
    period = max(2 * (n - 1), 1)
    source = _fold_at(position, period, n, period)
    if boundary == "reflect":
        return _Continuation(source, None)
    # Odd about both end samples: x(t + period) = x(t) + 2(x[n−1] − x[0]), x(n−1+t) = 2x[n−1] − x(n−1−t).
    turns, phase = np.divmod(position, period)
    descending = phase > n - 1
    last = 2.0 * turns + 2.0 * descending
    return _Continuation(source, (np.where(descending, -1.0, 1.0), -2.0 * turns, last))


def _fold_at(position: np.ndarray, period: int, n: int, mirror: int) -> np.ndarray:
    phase = position % period
    return np.where(phase < n, phase, mirror - phase)


def _runs(source: np.ndarray) -> list[tuple[int, int]]:
    """Cut a source map into runs of one step, −1, 0 or +1, as (start, stop) in the extension."""
    runs, start = [], 0
    while start < len(source):
        stop = start + 1
        step = source[stop] - source[start] if stop < len(source) else 0
        while abs(step) <= 1 and stop < len(source) and source[stop] - source[stop - 1] == step:
            stop += 1
        runs.append((start, stop))
        start = stop
    return runs


def _pad(x: Array, axis: int, pad: tuple[int, int]) -> Array:
    sides = [zeros_like_data(tuple(k if i == axis else n for i, n in enumerate(x.shape)), x) for k in pad]
    return namespace(x).concat([sides[0], x, sides[1]], axis=axis)


def _column(weight: np.ndarray, x: Array, axis: int) -> Array:
    return like(weight.reshape([-1 if i == axis else 1 for i in range(x.ndim)]), x)


def _edges(x: Array, axis: int) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    n = x.shape[axis]
    return along(x.ndim, axis, slice(0, 1)), along(x.ndim, axis, slice(n - 1, n))
