"""Max pooling with its switches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, is_complex, namespace, to_numpy, zeros_like_data
from invdeconv.neural._pool_windows import pool_outputs, pool_pads, window_size
from invdeconv.neural._selection import Selection
from invdeconv.neural._switches import CONVENTIONS, channels_last, from_flat
from invdeconv.neural._window import extent

__all__ = ["MaxPooled", "max_pool"]


@dataclass(frozen=True, eq=False)
class MaxPooled:
    """The maxima, and where they were.

    Attributes
    ----------
    values : array
        The pooled data.
    indices : int array
        The switches, in the convention asked for.
    switches : Selection
        The same as an operator S: ``switches(x)`` is `values`, ``switches.H`` unpools.
    """

    values: Array
    indices: np.ndarray
    switches: Selection


def max_pool(
    data: Array,
    size: Sequence[int],
    *,
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] | str = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: bool = False,
    convention: str = "torch",
) -> MaxPooled:
    """Take the maximum of every window, and remember where it was.

    Parameters
    ----------
    data : real array
        (…, n1, …, nd), or (…, n1, …, nd, C) for TensorFlow's conventions.
    size : sequence of int
        The window, one entry per spatial axis.
    stride : int or sequence, optional
        The window's size by default.
    padding : int, sequence, "SAME" or "VALID", default 0
        Samples at both ends that are never the maximum.
    dilation : int or sequence, default 1
        Step between a window's samples.
    ceil_mode : bool, default False
        Keep a last window that hangs over the end, unless it would start in the padding.
    convention : {"torch", "tensorflow", "tensorflow_with_batch", "onnx", "onnx_column_major"}
        How `MaxPooled.indices` count: into each plane; (y·W + x)·C + c, without or with the batch; into
        the whole tensor, planes row- or column-major. Of equal values the first counts.

    Returns
    -------
    MaxPooled

    Raises
    ------
    InvalidInputError
        If data are complex or not finite, or no window fits.

    Examples
    --------
    >>> import numpy as np
    >>> pooled = max_pool(np.array([[1.0, 5, 2, 0], [3, 4, 7, 6]]), (2, 2))
    >>> pooled.values, pooled.indices
    (array([[5., 7.]]), array([[1, 6]]))
    >>> pooled.switches.H(pooled.values)
    array([[0., 5., 0., 0.],
           [0., 0., 7., 0.]])
    """
    name = "max_pool"
    x = checks.finite_array(name, "data", data)
    if is_complex(x):
        checks.refuse(name, "data", "be real", x.dtype, "Complex numbers have no maximum.")
    window = window_size(name, size, x.ndim)
    d = len(window)
    checks.choice(name, "convention", convention, CONVENTIONS)
    checks.flag(name, "ceil_mode", ceil_mode)
    last = channels_last(convention)
    if last and x.ndim < d + 1:
        checks.refuse(name, "data", f"have at least {d + 1} axes", x.ndim, "TensorFlow has channels last.")
    axes = [i + x.ndim - d - last for i in range(d)]
    n = tuple(x.shape[axis] for axis in axes)
    strides = window if stride is None else checks.integers(name, "stride", stride, d, minimum=1)
    dilations = checks.integers(name, "dilation", dilation, d, minimum=1)
    plan = [
        pool_outputs(name, *axis, padding=pads, ceil_mode=ceil_mode)
        for *axis, pads in zip(
            n,
            window,
            strides,
            dilations,
            pool_pads(name, padding, n, window, strides, dilations),
            strict=True,
        )
    ]
    values, flat = _running_maximum(x, axes, window, strides, dilations, plan)
    indices = from_flat(flat, tuple(x.shape), d, convention)
    return MaxPooled(values, indices, Selection(flat, tuple(x.shape)))


def _running_maximum(
    x: Array,
    axes: list[int],
    window: tuple[int, ...],
    strides: tuple[int, ...],
    dilations: tuple[int, ...],
    plan: list[tuple[int, int]],
) -> tuple[Array, np.ndarray]:
    """Return the maximum of every window and its row-major flat index into x: one pass per offset."""
    xp = namespace(x)
    flat = np.arange(int(np.prod(x.shape))).reshape(tuple(x.shape))
    for axis, k, s, dilation, (m, before) in zip(axes, window, strides, dilations, plan, strict=True):
        after = max(0, (m - 1) * s + extent(k, dilation) - x.shape[axis] - before)
        sides = [
            zeros_like_data(tuple(pad if i == axis else size for i, size in enumerate(x.shape)), x) - xp.inf
            for pad in (before, after)
        ]
        x = xp.concat([sides[0], x, sides[1]], axis=axis)
        flat = np.pad(flat, [(before, after) if i == axis else (0, 0) for i in range(flat.ndim)])
    best, where = None, flat
    for offsets in product(*map(range, window)):
        part = [slice(None)] * x.ndim
        for axis, j, s, dilation, (m, _) in zip(axes, offsets, strides, dilations, plan, strict=True):
            part[axis] = slice(dilation * j, dilation * j + (m - 1) * s + 1, s)
        candidate, index = x[tuple(part)], flat[tuple(part)]
        if best is None:
            best, where = candidate, index
        else:
            better = candidate > best  # of equal values the first counts
            best = xp.where(better, candidate, best)
            where = np.where(to_numpy(better), index, where)
    return xp.asarray(best, copy=True), np.array(where)
