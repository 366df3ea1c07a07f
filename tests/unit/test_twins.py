"""Two inputs with the same data: nothing of one shows in what any method makes of the other."""

from __future__ import annotations

import array_api_strict as strict
import numpy as np
import pytest
import scipy.sparse.linalg
from numpy.testing import assert_array_equal
from tolerance import assert_close, normal

from invdeconv import (
    Convolution,
    adjoint,
    landweber,
    pseudo_inverse,
    richardson_lucy,
    samples,
    tikhonov,
    truncated_svd,
    twins,
    wiener,
)
from invdeconv.operators import Differences

RNG = np.random.default_rng(8)
PHOTOGRAPH = samples.camera()[100:196, 60:188] / 255
POSTS = [[1, 0], [-1, -2]]
# Operator and the part of the range by which its twin may leave that of x.
CASES = {
    "2×2 stride 2": (Convolution(POSTS, (96, 128), stride=2, padding="valid", correlate=True), 0),
    "mean 4×4 stride 4": (Convolution(np.ones((4, 4)) / 16, (96, 128), stride=4, padding="valid"), 0),
    "3×3 stride 2, same": (Convolution(normal(RNG, (3, 3)), (96, 128), stride=2, correlate=True), 0.02),
    "3×2 stride 4 × 2, pads": (
        Convolution(normal(RNG, (3, 2)), (96, 128), stride=(4, 2), padding=((1, 0), (0, 1))),
        0.02,
    ),
    "periodic, stride 2": (
        Convolution(normal(RNG, (3, 3)), (96, 128), stride=2, boundary="periodic"),
        0.01,
    ),
    "periodic box": (Convolution(np.ones((8, 4)) / 32, (96, 128), boundary="periodic"), 0.05),
}


@pytest.mark.parametrize("name", CASES)
def test_a_photograph_has_a_twin(name):
    C, excess = CASES[name]
    x = PHOTOGRAPH
    other = twins(C, x)
    assert other.shape == x.shape
    assert_close(C(other), C(x), size=100)
    assert 0.03 < np.linalg.norm(other - x) / np.linalg.norm(x) < 1
    width = x.max() - x.min()
    beyond = max(other.max() - x.max(), x.min() - other.min())
    assert beyond <= excess * width + 1e-14
    # What is new is what C hides of the mirror image, but for the range.
    hidden = hidden_part(C, x[:, ::-1] - x)
    cosine = np.vdot(other - x, hidden) / (np.linalg.norm(other - x) * np.linalg.norm(hidden))
    assert cosine > 0.8


def hidden_part(C, d):
    A = C.as_scipy()
    seen = scipy.sparse.linalg.lsqr(A, A @ d.ravel(), atol=1e-10, btol=1e-10, iter_lim=500)[0]
    return d - seen.reshape(d.shape)


def test_no_method_tells_twins_apart():
    C, _ = CASES["periodic, stride 2"]
    x = PHOTOGRAPH
    other = twins(C, x)
    methods = {
        adjoint: {},
        pseudo_inverse: {},
        truncated_svd: {"rtol": 0.1},
        tikhonov: {"lam": 0.01},
        wiener: {},
        landweber: {},
    }
    for method, options in methods.items():
        first, second = (method(C(v), C, **options).estimate for v in (x, other))
        assert_close(second, first, condition=100, label=method.__name__)
    D, _ = CASES["mean 4×4 stride 4"]
    first, second = (richardson_lucy(D(v), D, max_iter=20, stop=None).estimate for v in (x, twins(D, x)))
    assert_close(second, first)


def test_the_twin_against_the_dense_projector():
    """Where the range does not bind: the seen part of x and the hidden part of its mirror image."""
    C = Convolution(POSTS, (4, 6), stride=2, padding="valid", correlate=True)
    x = 0.5 + 0.01 * normal(np.random.default_rng(1), (4, 6))
    x[0, 0], x[2, 4] = 0, 1  # a wide range
    A = C.to_dense()
    mirror = x[:, ::-1]
    expected = mirror + (np.linalg.pinv(A) @ A @ (x - mirror).ravel()).reshape(x.shape)
    assert 0 <= expected.min() < expected.max() <= 1
    assert_close(twins(C, x), expected)


def test_a_constant_has_a_twin():
    C = Convolution(POSTS, (4, 4), stride=2, padding="valid", correlate=True)
    for x in (np.ones((4, 4)), np.zeros((4, 4))):
        other = twins(C, x)
        assert np.linalg.norm(other - x) > 0.1
        assert_close(C(other) + 1, C(x) + 1)
        assert_array_equal(twins(C, x), other)


def test_rng_gives_other_twins():
    C, _ = CASES["2×2 stride 2"]
    first, again, second = (twins(C, PHOTOGRAPH, rng=seed) for seed in (1, 1, 2))
    assert_array_equal(first, again)
    assert_array_equal(twins(C, PHOTOGRAPH), twins(C, PHOTOGRAPH))
    for a, b in ((first, second), (first, twins(C, PHOTOGRAPH))):
        assert np.linalg.norm(a - b) > 0.1 * np.linalg.norm(a)
    assert_close(C(first), C(second), size=100)


def test_channels_are_mirrored_in_space():
    """Three colors to one: the twin's colors are mixed from the colors of the mirror image."""
    rng = np.random.default_rng(5)
    C = Convolution(normal(rng, (1, 3, 2, 2)), (3, 12, 10), stride=2, padding="valid", channels=True)
    x = np.stack([PHOTOGRAPH[:12, :10], PHOTOGRAPH[24:36, 20:30], PHOTOGRAPH[48:60, 40:50]])
    other = twins(C, x)
    assert_close(C(other), C(x), size=100)
    assert np.linalg.norm(other - x[..., ::-1]) < np.linalg.norm(other - x)
    mean = Convolution(np.ones((1, 3, 2, 2)) / 12, (3, 12, 10), stride=2, padding="valid", channels=True)
    colored = 0.1 * x + np.array([0.1, 0.4, 0.8])[:, None, None]
    for seed in range(3):
        shade = (twins(mean, colored, rng=seed) - colored).mean(axis=(1, 2))
        assert np.abs(shade).max() < 0.02, "a color was taken for another"


def test_a_signal_and_a_volume():
    for shape in ((64,), (8, 6, 10)):
        x = np.cumsum(np.random.default_rng(0).standard_normal(shape), axis=-1)
        C = Convolution(np.ones((2,) * len(shape)), shape, stride=2, padding="valid")
        other = twins(C, x)
        assert_close(C(other), C(x), size=100)
        assert np.linalg.norm(other - x) > 0.03 * np.linalg.norm(x)


def test_any_operator_will_do():
    x = np.random.default_rng(0).standard_normal((5, 4))
    other = twins(Differences((5, 4)), x)  # sees everything but the mean
    shift = (other - x)[0, 0]
    assert abs(shift) > 0.02
    assert_close(other, x + shift, c=64)


def test_precision_and_library_stay(xp):
    C, _ = CASES["2×2 stride 2"]
    x = xp.asarray(PHOTOGRAPH.astype(np.float32))
    other = twins(C, x)
    assert other.dtype == xp.float32
    assert_close(np.asarray(C(other)), np.asarray(C(x)), size=100)
    assert isinstance(other, type(x))
    if xp is strict:
        assert other.device == x.device


def test_complex_inputs_and_operators():
    rng = np.random.default_rng(4)
    x = normal(rng, (6, 9), complex_=True)
    for taps in (normal(rng, (2, 3)), normal(rng, (2, 3), complex_=True)):
        C = Convolution(taps, (6, 9), stride=(2, 3), padding="valid")
        for given in (x, x.real):
            other = twins(C, given)
            assert_close(C(other), C(given), size=100)
            assert np.linalg.norm(other - given) > 0.03 * np.linalg.norm(given)


def test_a_large_layer_needs_no_matrix():
    x = samples.camera() / 255
    C = Convolution(POSTS, x.shape, stride=2, padding="valid", correlate=True)
    other = twins(C, x)
    assert np.abs(C(other) - C(x)).max() < 1e-14
    assert x.min() - 1e-15 <= other.min() <= other.max() <= x.max() + 1e-15
    assert np.linalg.norm(other - x) > 0.1 * np.linalg.norm(x)
