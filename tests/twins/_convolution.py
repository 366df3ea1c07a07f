"""Matrices of convolutions, extensions and differences, entry by entry."""

from __future__ import annotations

from itertools import product
from math import prod

import numpy as np


def extended(i, n, boundary):
    """Return what position i of the extended axis holds, as {sample: weight}; an empty dict is a zero."""
    if 0 <= i < n:
        return {i: 1}
    if boundary == "zero":
        return {}
    if boundary == "periodic":  # … c d | a b c d | a b …
        return extended(i + n if i < 0 else i - n, n, boundary)
    if boundary == "symmetric":  # … b a | a b c d | d c …
        return extended(-1 - i if i < 0 else 2 * n - 1 - i, n, boundary)
    if boundary == "edge":  # … a a | a b c d | d d …
        return {0 if i < 0 else n - 1: 1}
    if n == 1:
        return {0: 1}
    mirrored = extended(-i if i < 0 else 2 * (n - 1) - i, n, boundary)
    if boundary == "reflect":  # … c b | a b c d | c b …
        return mirrored
    assert boundary == "antireflect"  # … 2a − c, 2a − b | a b c d | 2d − c, 2d − b …
    end = 0 if i < 0 else n - 1
    weights = {sample: -weight for sample, weight in mirrored.items()}
    weights[end] = weights.get(end, 0) + 2
    return weights


def convolution_matrix(
    kernel, shape, *, stride=1, dilation=1, padding="same", boundary="zero", correlate=False, origin=None
):
    """Return (matrix, output_shape) of y[i] = Σⱼ w[j]·x[where(i, j)].

    "same": a correlation reads s·i + d·(j − o), a convolution s·i − d·(j − o), with ⌈n/s⌉ outputs.
    "valid", "full" and explicit pads: output i covers s·i − before + 0, d, …, d·(k−1), the kernel in its
    own order for a correlation and turned round for a convolution.
    """
    kernel = np.asarray(kernel)
    axes = []
    for axis, (n, k) in enumerate(zip(shape, kernel.shape, strict=True)):
        s, d = _each(stride, axis), _each(dilation, axis)
        o = k // 2 if origin is None else _each(origin, axis)
        word = boundary if isinstance(boundary, str) else boundary[axis]
        axes.append(_reads(n, k, s, d, o, padding, axis, word, correlate))
    output_shape = tuple(len(axis) for axis in axes)
    matrix = np.zeros((*output_shape, *shape), kernel.dtype if kernel.dtype.kind == "c" else float)
    for i in product(*map(range, output_shape)):
        for j in product(*map(range, kernel.shape)):
            reads = [axis[ii][jj].items() for axis, ii, jj in zip(axes, i, j, strict=True)]
            for parts in product(*reads):
                where = tuple(sample for sample, _ in parts)
                matrix[i + where] += kernel[j] * prod(weight for _, weight in parts)
    return matrix.reshape(int(np.prod(output_shape)), int(np.prod(shape))), output_shape


def _each(value, axis):
    return value if isinstance(value, int) else value[axis]


def _reads(n, k, s, d, o, padding, axis, boundary, correlate):
    """Return, for each output of one axis and each kernel sample, the input samples it meets."""
    span = d * (k - 1)
    if padding == "same":
        starts = range(0, n, s)
        sign = 1 if correlate else -1
        return [[extended(i + sign * d * (j - o), n, boundary) for j in range(k)] for i in starts]
    if padding == "valid":
        before, after = 0, 0
    elif padding == "full":
        before, after = span, span
    else:
        before, after = padding if isinstance(padding[0], int) else padding[axis]
    order = range(k) if correlate else range(k - 1, -1, -1)
    rows = []
    start = -before
    while start + span <= n - 1 + after:
        rows.append([extended(start + d * t, n, boundary) for t in order])
        start += s
    return rows


def extension_matrix(shape, pads, boundaries):
    """Return the matrix that continues an array beyond its edges."""
    maps = [
        [extended(i, n, word) for i in range(-before, n + after)]
        for n, (before, after), word in zip(shape, pads, boundaries, strict=True)
    ]
    output_shape = tuple(map(len, maps))
    matrix = np.zeros((*output_shape, *shape))
    for i in product(*map(range, output_shape)):
        for parts in product(*(m[ii].items() for m, ii in zip(maps, i, strict=True))):
            matrix[i + tuple(sample for sample, _ in parts)] += prod(weight for _, weight in parts)
    return matrix.reshape(-1, int(np.prod(shape)))


def differences_matrix(shape, boundary, axes=None):
    """Return the matrix of x[i + 1] − x[i] along every axis, or some; Neumann: a zero row at the end."""
    axes = range(len(shape)) if axes is None else axes
    words = (boundary,) * len(axes) if isinstance(boundary, str) else boundary
    matrix = np.zeros((len(axes), *shape, *shape))
    for row, (axis, word) in enumerate(zip(axes, words, strict=True)):
        for i in product(*map(range, shape)):
            ahead = list(i)
            ahead[axis] += 1
            if ahead[axis] == shape[axis]:
                if word == "neumann":
                    continue
                ahead[axis] = 0
            matrix[(row, *i, *i)] -= 1
            matrix[(row, *i, *ahead)] += 1
    return matrix.reshape(-1, int(np.prod(shape)))
