"""Convolutions with channels, entry by entry."""

from __future__ import annotations

from itertools import product

import numpy as np


def channels_matrix(
    kernel,
    shape,
    *,
    groups=1,
    stride=1,
    dilation=1,
    padding="same",
    boundary="zero",
    origin=None,
    correlate=False,
):
    """Return (matrix, output_shape) of y[o, i] = Σ_c Σⱼ kernel[o, c, j]·x[g·C + c, read(i, j)].

    Output o belongs to group g = o // (C_out / groups); C = C_in / groups. What a read outside of the
    input means is spelled out sample by sample in `_weights`.
    """
    kernel = np.asarray(kernel)
    outputs, inputs = kernel.shape[:2]
    axes = []
    for axis, (n, k) in enumerate(zip(shape[1:], kernel.shape[2:], strict=True)):
        s, d = _each(stride, axis), _each(dilation, axis)
        o = k // 2 if origin is None else _each(origin, axis)
        word = boundary if isinstance(boundary, str) else boundary[axis]
        axes.append(_axis(n, k, s, d, o, padding, axis, word, correlate))
    output_shape = (outputs, *(axis.shape[0] for axis in axes))
    matrix = np.zeros((*output_shape, *shape), complex if kernel.dtype.kind == "c" else float)
    for o, c in product(range(outputs), range(inputs)):
        source = (o // (outputs // groups)) * inputs + c
        for i in product(*map(range, output_shape[1:])):
            for j in product(*map(range, kernel.shape[2:])):
                for where in product(*map(range, shape[1:])):
                    weight = 1.0
                    for axis, ii, jj, w in zip(axes, i, j, where, strict=True):
                        weight *= axis[ii, jj, w]
                    if weight:
                        matrix[(o, *i, source, *where)] += weight * kernel[(o, c, *j)]
    return matrix.reshape(int(np.prod(output_shape)), int(np.prod(shape))), output_shape


def _each(value, axis):
    return value if isinstance(value, int) else value[axis]


def _axis(n, k, s, d, o, padding, axis, word, correlate):
    """Return the weight of input sample w in what output i reads for kernel sample j, as [i, j, w]."""
    span = d * (k - 1)
    if padding == "same":
        count, before = -(-n // s), (d * o if correlate else span - d * o)
    else:
        if padding == "valid":
            before, after = 0, 0
        elif padding == "full":
            before, after = span, span
        else:
            before, after = padding if isinstance(padding[0], int) else padding[axis]
        count = (n + before + after - span - 1) // s + 1
    table = np.zeros((count, k, n))
    for i, j in product(range(count), range(k)):
        t = j if correlate else k - 1 - j
        for w, weight in _weights(s * i - before + d * t, n, word):
            table[i, j, w] += weight
    return table


def _weights(position, n, word):
    """Return the extended sample at any position as pairs (input sample, weight)."""
    if 0 <= position < n:
        return [(position, 1.0)]
    if word == "zero":
        return []
    if word == "periodic":
        return [(position % n, 1.0)]
    if word == "edge":
        return [(0 if position < 0 else n - 1, 1.0)]
    end = 0 if position < 0 else n - 1
    if word == "symmetric":  # mirrored half a sample outside: one reflection, then look again
        return _weights(-1 - position if position < 0 else 2 * n - 1 - position, n, word)
    if n == 1:
        return [(0, 1.0)]
    mirrored = _weights(2 * end - position, n, word)
    if word == "reflect":
        return mirrored
    assert word == "antireflect"  # odd about the end sample: 2·x[end] − x[mirror]
    return [(end, 2.0), *((w, -weight) for w, weight in mirrored)]
