"""Pooling, unpooling, upsampling, checkerboards: closed forms and identities."""

from __future__ import annotations

import numpy as np
import pytest
from tolerance import assert_close, normal

from invdeconv import Convolution, check_operator, neural


def test_unpooling_is_the_transpose_and_the_pseudo_inverse(rng):
    for size, stride, padding in (((2, 2), None, 0), ((2, 3), (3, 3), (1, 1)), ((2, 2), 2, "SAME")):
        pooled = neural.max_pool(normal(rng, (2, 7, 5)), size, stride=stride, padding=padding)
        S = pooled.switches
        assert S.distinct
        check_operator(S)
        matrix = S.to_dense()
        assert_close(matrix @ matrix.T, np.eye(len(matrix)))
        assert_close(S.H.to_dense(), np.linalg.pinv(matrix))


def test_overlapping_windows_may_share_a_switch(rng):
    x = np.zeros((5, 5))
    x[2, 2] = 1
    S = neural.max_pool(x, (3, 3), stride=1).switches
    assert not S.distinct
    check_operator(S)
    assert S.H(np.ones((3, 3)))[2, 2] == 9


def test_max_pool_against_loops(rng):
    x = rng.integers(0, 5, (2, 9, 8)).astype(float)
    for size, stride, padding, dilation in (
        ((3, 2), (2, 1), (1, 1), 1),
        ((2, 2), 3, 0, (2, 3)),
        ((1, 4), None, 0, 1),
    ):
        pooled = neural.max_pool(x, size, stride=stride, padding=padding, dilation=dilation)
        strides = size if stride is None else (stride,) * 2 if isinstance(stride, int) else stride
        pads = (padding,) * 2 if isinstance(padding, int) else padding
        steps = (dilation,) * 2 if isinstance(dilation, int) else dilation
        for plane, i, j in np.ndindex(pooled.values.shape):
            seen = []
            for a, b in np.ndindex(size):
                row = i * strides[0] + a * steps[0] - pads[0]
                col = j * strides[1] + b * steps[1] - pads[1]
                if 0 <= row < 9 and 0 <= col < 8:
                    seen.append((-x[plane, row, col], row * 8 + col))
            value, index = min(seen)
            assert pooled.values[plane, i, j] == -value
            assert pooled.indices[plane, i, j] == index


def test_best_fixed_kernel_leaves_most_of_an_unpooled_random_image():
    pooled = neural.max_pool(np.random.default_rng(0).standard_normal((512, 512)), (2, 2))
    kernel, residual = neural.best_unpooling_kernel(pooled, (2, 2))
    assert abs(residual - np.sqrt(0.75)) < 0.003  # 0.87
    assert_close(kernel, np.full((2, 2), 0.25), eps=1e-3)


def test_best_fixed_kernel_is_exact_when_all_switches_coincide(rng):
    x = np.kron(rng.uniform(1, 2, (4, 5)), np.array([[0.0, 0], [1, 0]]))
    kernel, residual = neural.best_unpooling_kernel(neural.max_pool(x, (2, 2)), (2, 2))
    assert residual < 1e-15
    assert_close(kernel, [[0, 0], [1, 0]])


def test_best_kernel_is_the_least_squares_one(rng):
    pooled = neural.max_pool(normal(rng, (6, 9)), (2, 3))
    kernel, residual = neural.best_unpooling_kernel(pooled, (2, 3))
    target = pooled.switches.H(pooled.values)
    columns = []
    for offset in np.ndindex(2, 3):
        unit = np.zeros((2, 3))
        unit[offset] = 1
        columns.append(
            Convolution(unit, (6, 9), stride=(2, 3), padding="valid", correlate=True).T(pooled.values)
        )
    A = np.stack([column.ravel() for column in columns], axis=1)
    best, *_ = np.linalg.lstsq(A, target.ravel())
    assert_close(kernel.ravel(), best)
    assert abs(np.linalg.norm(A @ best - target.ravel()) / np.linalg.norm(target) - residual) < 1e-13


@pytest.mark.parametrize("factor", [(2,), (2, 3), (1, 2, 2)])
def test_copying_is_a_transposed_convolution_with_ones(factor, rng):
    x = normal(rng, (2, 3, 4, 3)[-len(factor) - 1 :])
    expected = x
    for axis, f in enumerate(factor):
        expected = np.repeat(expected, f, axis=axis + 1)
    up = neural.nearest(x.shape, factor)
    assert_close(up(x), expected)
    check_operator(up)
    pool = neural.average_pool(expected.shape, factor)
    assert_close(pool(expected), x)
    assert_close(up.H(expected) / np.prod(factor), pool(expected))


def test_copying_then_convolving_is_one_transposed_convolution(rng):
    """Q16: nearest-neighbor upsampling and a convolution = Cᵀ with the kernel ones ∗ w."""
    x, w = normal(rng, (5,)), normal(rng, (3,))
    smooth = Convolution(w, (10,), padding="full")  # a convolution
    merged = Convolution(np.convolve(np.ones(2), w), (12,), stride=2, padding="valid", correlate=True).T
    assert_close(smooth(neural.nearest((5,), (2,))(x)), merged(x))


@pytest.mark.parametrize("factor", [(2,), (3,), (5,), (4, 3)])
def test_bilinear_keeps_constants_and_straight_lines_inside(factor):
    m = (6, 7)[: len(factor)]
    up = neural.bilinear(m, factor)
    check_operator(up)
    assert up.output_shape == tuple(f * size for f, size in zip(factor, m, strict=True))
    inside = tuple(slice(f, -f) for f in factor)
    assert_close(up(np.ones(m))[inside], np.ones(up.output_shape)[inside])
    f = factor[0]
    ramp = np.arange(m[0], dtype=float).reshape(-1, *(1,) * (len(m) - 1)) * np.ones(m)
    centers = (np.arange(f * m[0]) + 0.5) / f - 0.5
    expected = centers.reshape(-1, *(1,) * (len(m) - 1)) * np.ones(up.output_shape)
    assert_close(up(ramp)[inside], expected[inside])


def test_bilinear_kernel_sums_to_the_factors(rng):
    """Q20: with zeros inserted the mean falls by f², and a kernel of sum f² brings it back."""
    unit = np.zeros((5, 5))
    unit[2, 2] = 1
    assert_close(neural.bilinear((5, 5), (2, 2))(unit).sum(), 4.0)


def test_pixel_shuffle_is_orthogonal(rng):
    up = neural.pixel_shuffle((2, 12, 3, 2), (2, 3))
    x = normal(rng, up.input_shape)
    expected = x.reshape(2, 2, 2, 3, 3, 2).transpose(0, 1, 4, 2, 5, 3).reshape(2, 2, 6, 6)
    assert_close(up(x), expected)
    assert_close(up.H(up(x)), x)
    check_operator(up)


@pytest.mark.parametrize(("k", "ratio"), [(3, 4.0), (5, 2.25), (4, 1.0), (2, 1.0)])
def test_overlap_ratios_at_stride_two(k, ratio):
    gains = neural.phase_gains(np.ones((k, k)), stride=2)
    assert gains.max() / gains.min() == ratio
    inside = neural.overlap_map(np.ones((k, k)), (8, 8), stride=2)[k:-k, k:-k]
    assert_close(inside.max() / inside.min(), ratio, size=inside.size)


def test_overlap_map_repeats_the_phase_gains(rng):
    w = normal(rng, (5, 4))
    covered = neural.overlap_map(w, (6, 7), stride=(2, 3))
    gains = neural.phase_gains(w, stride=(2, 3))
    for phase in np.ndindex(gains.shape):
        part = covered[phase[0] :: 2, phase[1] :: 3][2:-2, 2:-2]
        assert_close(part, np.full(part.shape, gains[phase]), size=64)
