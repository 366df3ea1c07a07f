"""Laws that hold for every operator, kernel, size and number."""

from __future__ import annotations

import warnings
from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tolerance import assert_close, normal
from twins import convolution_matrix

from invdeconv import Convolution, InvalidInputError, decompose, pseudo_inverse, richardson_lucy, tikhonov

modest = settings(max_examples=40)
seeds = st.integers(0, 2**32 - 1)
BOUNDARIES = st.sampled_from(["zero", "periodic", "symmetric", "reflect", "edge", "antireflect"])


@st.composite
def convolutions(draw, *, input_shape=None, boundary=BOUNDARIES, separable=False):
    """Draw a convolution of one to three axes with any options that are legal together."""
    ndim = len(input_shape) if input_shape else draw(st.integers(1, 3))
    top = (12, 6, 4)[ndim - 1]
    shape = input_shape or tuple(draw(st.integers(1, top)) for _ in range(ndim))
    sizes = tuple(draw(st.integers(1, top)) for _ in range(ndim))
    stride, dilation = (tuple(draw(st.integers(1, 3)) for _ in range(ndim)) for _ in range(2))
    padding = draw(
        st.sampled_from(["same", "full"])
        | st.tuples(*[st.tuples(st.integers(0, 5), st.integers(0, 5))] * ndim)
    )
    if not isinstance(padding, str):  # long enough to hold the kernel
        short = (
            max(0, d * (k - 1) + 1 - n - sum(p))
            for n, k, d, p in zip(shape, sizes, dilation, padding, strict=True)
        )
        padding = tuple((before + more, after) for (before, after), more in zip(padding, short, strict=True))
    rng, complex_ = np.random.default_rng(draw(seeds)), draw(st.booleans())
    if separable:
        kernel = reduce(np.multiply.outer, [normal(rng, (k,), complex_=complex_) for k in sizes])
    else:
        kernel = normal(rng, sizes, complex_=complex_)
    words = tuple(draw(boundary) for _ in range(ndim))
    return Convolution(
        kernel,
        shape,
        stride=stride,
        dilation=dilation,
        padding=padding,
        boundary=words,
        correlate=draw(st.booleans()),
    )


@st.composite
def layers(draw):
    """Draw a periodic convolution with channels and a stride that divides."""
    ndim, groups = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    inputs, outputs = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    stride, coarse = (tuple(draw(st.integers(1, 3)) for _ in range(ndim)) for _ in range(2))
    shape = tuple(s * m for s, m in zip(stride, coarse, strict=True))
    sizes = tuple(draw(st.integers(1, 4)) for _ in range(ndim))
    rng = np.random.default_rng(draw(seeds))
    kernel = normal(rng, (groups * outputs, inputs, *sizes), complex_=draw(st.booleans()))
    return Convolution(
        kernel,
        (groups * inputs, *shape),
        stride=stride,
        boundary="periodic",
        channels=True,
        groups=groups,
        correlate=draw(st.booleans()),
    )


@modest
@given(convolutions(), seeds, st.complex_numbers(max_magnitude=1e3))
def test_linearity_and_adjoint(C, seed, a):
    rng = np.random.default_rng(seed)
    x, z = (normal(rng, C.input_shape, complex_=True) for _ in range(2))
    y = normal(rng, C.output_shape, complex_=True)
    size = 8 + C.kernel.size + x.size
    scale = 10 * np.abs(C.kernel).sum() * (1 + abs(a))  # antireflect extends by more than it copies
    assert np.abs(C(a * x + z) - (a * C(x) + C(z))).max() < 1e-14 * size * scale
    error = np.vdot(C(x), y) - np.vdot(x, C.H(y))
    assert abs(error) < 1e-15 * size * scale * np.linalg.norm(x) * np.linalg.norm(y)
    assert np.abs(C.T(y) - C.H(y.conj()).conj()).max() < 1e-14 * size * scale * np.abs(y).max()


@modest
@given(st.data(), seeds)
def test_the_adjoint_of_a_product_is_the_product_of_the_adjoints(data, seed):
    B = data.draw(convolutions())
    A = data.draw(convolutions(input_shape=B.output_shape))
    y = normal(np.random.default_rng(seed), A.output_shape, complex_=True)
    scale = 1e-12 * (8 + y.size) * np.abs(A.kernel).sum() * np.abs(B.kernel).sum()
    assert np.abs((A @ B).H(y) - (B.H @ A.H)(y)).max() <= scale * np.abs(y).max()
    assert np.abs((A @ B).T(y) - (B.T @ A.T)(y)).max() <= scale * np.abs(y).max()
    x = normal(np.random.default_rng(seed), B.input_shape, complex_=True)
    np.testing.assert_array_equal((A @ B)(x), A(B(x)))
    assert np.vdot(x, B.gram(x)).real >= 0


@settings(max_examples=60)
@given(convolutions() | convolutions(separable=True) | layers())
def test_moore_penrose(C):
    A = C.to_dense()
    m = A.shape[0]
    if m * A.shape[1] > 2000:
        return
    kind = complex if C.dtype.kind == "c" else float
    values = np.linalg.svd(A, compute_uv=False)
    if values[0] <= 1e-14 * np.abs(C.kernel).sum():
        return  # zero, but for the rounding of a transform
    assert np.abs(decompose(C).singular_values - values).max() <= 1e-12 * values[0]
    kept = values[values > 1e-10 * values[0]]
    if len(kept) < len(values) and values[len(kept)] > 1e-13 * values[0]:
        return  # too close to singular to say what the rank is
    if values[0] > 1e6 * kept[-1]:
        return
    P = np.stack(
        [pseudo_inverse(e.reshape(C.output_shape), C).estimate.ravel() for e in np.eye(m, dtype=kind)], 1
    )
    condition = values[0] / kept[-1]
    assert_close(A @ P @ A, A, c=8, condition=condition)
    assert_close(P @ A @ P, P, c=8, condition=condition)
    assert_close(A @ P, (A @ P).conj().T, c=8, condition=condition)
    assert_close(P @ A, (P @ A).conj().T, c=8, condition=condition)
    assert decompose(C).rank() == len(kept)


@modest
@given(convolutions(boundary=st.just("periodic")), st.data())
def test_a_periodic_convolution_commutes_with_shifts(C, data):
    """By whole strides, and where the stride divides the period."""
    axes = C.axes
    if any(axis.n % axis.stride or axis.m != axis.n // axis.stride for axis in axes):
        return
    x = normal(np.random.default_rng(0), C.input_shape)
    every = tuple(range(len(axes)))
    shift = tuple(data.draw(st.integers(-5, 5)) for _ in axes)
    fine = tuple(s * axis.stride for s, axis in zip(shift, axes, strict=True))
    assert_close(C(np.roll(x, fine, every)), np.roll(C(x), shift, every), c=16)
    y = C(x)
    assert_close(C.H(np.roll(y, shift, every)), np.roll(C.H(y), fine, every), c=16)
    restored = tikhonov(np.roll(y, shift, every), C, lam=0.3).estimate
    assert_close(restored, np.roll(tikhonov(y, C, lam=0.3).estimate, fine, every), c=64)


@settings(max_examples=150)
@given(
    n=st.integers(1, 30),
    k=st.integers(1, 9),
    s=st.integers(1, 5),
    d=st.integers(1, 4),
    before=st.integers(0, 9),
    after=st.integers(0, 9),
)
def test_sizes_by_brute_force(n, k, s, d, before, after):
    """Count the positions at which the dilated kernel lies inside the padded axis."""
    padded = range(-before, n + after)
    starts = [i for i in padded[::s] if i + d * (k - 1) in padded]
    kernel = np.arange(1.0, k + 1)
    options = {"stride": s, "dilation": d}
    if not starts:
        with pytest.raises(InvalidInputError, match="kernel must fit into the padded input"):
            Convolution(kernel, (n,), padding=(before, after), **options)
        return
    C = Convolution(kernel, (n,), padding=(before, after), correlate=True, **options)
    assert C.output_shape == (len(starts),)
    # Each row holds the kernel where it lies inside the data.
    matrix = C.to_dense()
    for row, start in zip(matrix, starts, strict=True):
        expected = np.zeros(n)
        for j in range(k):
            if 0 <= start + d * j < n:
                expected[start + d * j] += kernel[j]
        np.testing.assert_array_equal(row, expected)
    assert Convolution(kernel, (n,), **options).output_shape == (len(range(0, n, s)),)
    full = Convolution(kernel, (n,), padding="full", **options)
    touching = [i for i in range(-d * (k - 1), n + d * (k - 1))[::s] if i + d * (k - 1) < n + d * (k - 1)]
    assert full.output_shape == (len(touching),)


@settings(max_examples=25)
@given(convolutions())
def test_equals_its_definition(C):
    axes = C.axes
    matrix, _ = convolution_matrix(
        C.taps,
        C.input_shape,
        stride=tuple(axis.stride for axis in axes),
        dilation=tuple(axis.dilation for axis in axes),
        padding=tuple((axis.before, axis.after) for axis in axes),
        boundary=C.boundaries,
        correlate=True,
    )
    assert_close(C.to_dense(), matrix, c=16)
    assert_close(C.H.to_dense(), matrix.conj().T, c=16)


@settings(max_examples=25)
@given(
    seeds,
    st.integers(1, 9),
    st.integers(1, 9),
    st.sampled_from(["taper", "unknown", "periodic", "symmetric"]),
    st.floats(1e-3, 1e3),
)
def test_richardson_lucy_keeps_constants(seed, k, n, boundary, level):
    kernel = np.random.default_rng(seed).random((k, min(k, 3)))
    kernel /= kernel.sum()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a PSF larger than the data, or off its origin: legal
        x = richardson_lucy(np.full((n, 5), level), kernel, boundary=boundary, max_iter=7).estimate
    assert np.abs(x - level).max() < 1e-12 * level
