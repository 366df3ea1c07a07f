"""System identification: kernels found from input and output, with the right standard errors."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tolerance import assert_close, normal
from twins import gcv_score, tikhonov_dense

from invdeconv import Convolution, InputWarning, Status, check_operator, estimate_kernel, neural, samples
from invdeconv.operators import BOUNDARIES, OutputOfKernel


def geometries():
    rng = np.random.default_rng(3)
    yield Convolution(normal(rng, (3, 2)), (7, 6))
    yield Convolution(np.ones((2, 3)), (7, 6), boundary=("periodic", "reflect"), origin=(0, 2))
    yield Convolution(normal(rng, (4,)), (13,), stride=2, dilation=2, padding=((3, 1),), correlate=True)
    yield Convolution(normal(rng, (2, 3, 2)), (5, 6, 4), padding="valid", boundary="edge")
    yield Convolution(normal(rng, (4, 2, 3, 2)), (4, 6, 5), stride=(2, 1), channels=True, groups=2)
    yield Convolution(normal(rng, (2, 3, 3)), (3, 9), padding="valid", channels=True, correlate=True)


every_geometry = pytest.mark.parametrize("C", list(geometries()), ids=repr)


@every_geometry
@pytest.mark.parametrize("complex_", [False, True])
def test_output_of_kernel(C, complex_):
    """One more operator; its value at the kernel is the convolution, its matrix comes in blocks."""
    rng = np.random.default_rng(4)
    x = normal(rng, C.input_shape, complex_=complex_)
    X = OutputOfKernel(C, x)
    check_operator(X)
    assert_close(X(C.kernel), C(x))
    dense = X.to_dense()
    outputs = C.output_shape[0] if C.groups else 1
    taps = dense.shape[1] // outputs
    for group in range(C.groups or 1):
        for entries in (1, 60, 1 << 20):
            parts = list(X.matrices(group, entries))
            matrix = np.concatenate([part for _, part in parts])
            o = group * X.outputs_per_group
            m = dense.shape[0] // outputs
            assert_array_equal(matrix, dense[o * m : (o + 1) * m, o * taps : (o + 1) * taps])
            assert [part.start for part, _ in parts] == [0, *(part.stop for part, _ in parts[:-1])]


@every_geometry
@pytest.mark.parametrize("complex_", [False, True])
@pytest.mark.parametrize("lam", [0, "gcv"])
def test_a_layer_is_found_from_its_input_and_output(C, complex_, lam):
    """Without noise to 1e-13, whatever its stride, pads, channels and groups; kernel values do not matter."""
    rng = np.random.default_rng(5)
    blank = Convolution(
        np.ones(C.kernel.shape),
        C.input_shape,
        stride=tuple(axis.stride for axis in C.axes),
        dilation=tuple(axis.dilation for axis in C.axes),
        padding=tuple((axis.before, axis.after) for axis in C.axes),
        boundary=C.boundaries,
        channels=C.groups is not None,
        groups=C.groups or 1,
        correlate=C.correlate,
    )
    xs = [normal(rng, C.input_shape, complex_=complex_) for _ in range(4)]
    found = estimate_kernel([C(x) for x in xs], xs, blank, lam=lam)
    assert np.abs(found.estimate - C.kernel).max() < 1e-13
    assert found.parameters["lam"] == 0
    assert found.status is Status.CLOSED_FORM


@pytest.mark.parametrize("shape", [(5,), (4, 3), (2, 3, 2)])
def test_psf_from_what_surely_lies_inside(shape):
    """What surrounds the input does not matter by default: data and input of one shape, origin k // 2."""
    rng = np.random.default_rng(6)
    n = {1: (40,), 2: (17, 14), 3: (9, 8, 10)}[len(shape)]
    h, x = normal(rng, shape), normal(rng, n)
    for word in BOUNDARIES:
        y = Convolution(h, n, boundary=word)(x)
        assert np.abs(estimate_kernel(y, x, shape, lam=0).estimate - h).max() < 1e-13
        assert np.abs(estimate_kernel(y, x, shape, lam=0, boundary=word).estimate - h).max() < 1e-13
    valid = Convolution(h, n, padding="valid")(x)
    assert np.abs(estimate_kernel(valid, x, shape, lam=0).estimate - h).max() < 1e-13


def test_channel_from_a_preamble():
    """Complex taps from known symbols; a causal channel has its origin at 0."""
    rng = np.random.default_rng(7)
    taps = normal(rng, (5,), complex_=True)
    symbols = (rng.choice([-1, 1], 64) + 1j * rng.choice([-1, 1], 64)) / np.sqrt(2)
    received = np.convolve(symbols, taps)[:64]
    found = estimate_kernel(received, symbols, 5, lam=0, origin=0)
    assert np.abs(found.estimate - taps).max() < 1e-13
    assert found.state["noise_std"] < 1e-13


def matrix_of(x, size, *, origin=None):
    """Return X entry by entry: y[i] = Σⱼ h[j]·x[i − j + o] over data whose neighborhood is inside."""
    size = np.array(size)
    origin = size // 2 if origin is None else np.array(origin)
    rows = []
    for i in np.ndindex(x.shape):
        at = [tuple(np.array(i) - j + origin) for j in np.ndindex(*size)]
        if all(0 <= a < n for index in at for a, n in zip(index, x.shape, strict=True)):
            rows.append((i, [x[index] for index in at]))
    return np.array([row for _, row in rows]), tuple(np.array([i for i, _ in rows]).T)


@pytest.mark.parametrize("complex_", [False, True])
def test_ridge_errors_and_gcv_against_dense_matrices(complex_):
    rng = np.random.default_rng(8)
    size = (3, 2)
    h = normal(rng, size, complex_=complex_)
    x = np.cumsum(normal(rng, (12, 11), complex_=complex_), axis=0)  # far from white: λ matters
    y = Convolution(h, x.shape)(x)
    y = y + normal(rng, y.shape, complex_=complex_)
    X, inside = matrix_of(x, size)
    gram = X.conj().T @ X
    free = tikhonov_dense(X, y[inside], 0.0)
    noise = np.linalg.norm(y[inside] - X @ free) / np.sqrt(len(X) - 6)
    for lam in (0.0, 3.0):
        found = estimate_kernel(y, x, size, lam=lam)
        assert_close(found.estimate.ravel(), tikhonov_dense(X, y[inside], lam), condition=100)
        inverse = np.linalg.inv(gram + lam * np.eye(6))
        variance = np.diag(inverse @ gram @ inverse).real
        assert_close(found.state["standard_error"].ravel(), noise * np.sqrt(variance), condition=1e4)
        assert_close(found.state["noise_std"], noise, condition=100)
    chosen = estimate_kernel(y, x, size).parameters["lam"]
    scores = [gcv_score(X, np.eye(6), y[inside], lam) for lam in (chosen * 0.98, chosen, chosen * 1.02)]
    assert chosen > 0
    assert np.argmin(scores) == 1


def test_gcv_pools_output_channels():
    rng = np.random.default_rng(15)
    C = Convolution(normal(rng, (2, 1, 3)), (1, 30), padding="valid", channels=True)
    x = np.cumsum(normal(rng, (1, 30)), axis=1)
    y = C(x) + normal(rng, C.output_shape)
    A = OutputOfKernel(C, x).to_dense()
    chosen = estimate_kernel(y, x, C).parameters["lam"]
    trial = chosen * np.array([0.98, 1, 1.02])
    assert chosen > 0
    assert np.argmin([gcv_score(A, np.eye(6), y.ravel(), lam) for lam in trial]) == 1


def test_standard_errors_are_the_spread_of_the_taps():
    """Over 400 draws: unbiased, and of the spread that one draw predicts; the noise likewise."""
    rng = np.random.default_rng(9)
    h = normal(rng, (6,), complex_=True)
    x = np.convolve(normal(rng, 90, complex_=True), [1, 0.8, 0.5j])
    clean = np.convolve(x, h)[: x.size]
    found = [
        estimate_kernel(clean + 0.3 * normal(rng, x.size, complex_=True) / np.sqrt(2), x, 6, lam=0, origin=0)
        for _ in range(400)
    ]
    taps = np.array([each.estimate for each in found])
    stated = np.array([each.state["standard_error"] for each in found])
    spread = np.sqrt(np.mean(np.abs(taps - h) ** 2, axis=0))
    # The standard deviation of a spread estimated from 400 complex draws is 2.5 %.
    assert_allclose(np.sqrt(np.mean(stated**2, axis=0)), spread, rtol=0.1)
    assert np.abs(np.mean(taps, axis=0) - h).max() < 4 * spread.max() / 20
    assert_allclose(np.mean([each.state["noise_std"] ** 2 for each in found]), 0.09, rtol=0.03)
    # Of real and imaginary part each carries half: 68 % lie within one standard error over √2.
    within = np.abs((taps - h).real) < stated / np.sqrt(2)
    assert 0.64 < within.mean() < 0.72


def test_several_recordings_are_one_problem():
    rng = np.random.default_rng(10)
    h = normal(rng, (3, 3))
    xs = [normal(rng, (9, 8)), normal(rng, (7, 12))]
    ys = [Convolution(h, x.shape)(x) + 0.1 * normal(rng, x.shape) for x in xs]
    X = np.concatenate([matrix_of(x, (3, 3))[0] for x in xs])
    y = np.concatenate([y[matrix_of(x, (3, 3))[1]] for x, y in zip(xs, ys, strict=True)])
    assert_close(
        estimate_kernel(ys, xs, 3, lam=2.0).estimate.ravel(), tikhonov_dense(X, y, 2.0), condition=10
    )


def test_a_poor_input_is_told_and_solved_by_qr():
    """An input of two frequencies cannot tell seven taps: the estimate of least norm, and a warning."""
    t = np.arange(60)
    x = np.cos(0.3 * t) + np.cos(1.1 * t)
    h = np.array([1.0, -2, 3, 0, 1, 0, 2])
    y = Convolution(h, (60,))(x)
    with pytest.warns(InputWarning, match="IDW010 estimate_kernel: the input excites only 4 of 7 taps"):
        found = estimate_kernel(y, x, 7, lam=0)
    X, inside = matrix_of(x, (7,))
    assert_close(found.estimate, np.linalg.pinv(X, rcond=1e-12) @ y[inside], condition=1e3)
    assert found.method == "estimate_kernel (QR)"
    assert np.isinf(found.state["standard_error"]).all()


@pytest.mark.parametrize(("decay", "path"), [(1e-3, "normal equations, refined"), (1e-5, "QR")])
def test_digits_that_normal_equations_would_lose(decay, path):
    """Exact data lose to the condition number of X what they must, and not its square."""
    rng = np.random.default_rng(11)
    x = np.polyval([1e-4, 0.01, 1], np.arange(400)) + decay * rng.standard_normal(400)
    h = normal(rng, (12,))
    X, _ = matrix_of(x, (12,))
    condition = np.linalg.cond(X)
    found = estimate_kernel(Convolution(h, (400,))(x), x, 12, lam=0)
    assert found.method == f"estimate_kernel ({path})"
    assert_close(found.estimate, h, c=0.05, condition=condition)


def test_precision_and_library_follow_the_data(xp):
    rng = np.random.default_rng(12)
    h, x = normal(rng, (3, 2)).astype(np.float32), normal(rng, (20, 15)).astype(np.float32)
    y = Convolution(h, x.shape)(x)
    found = estimate_kernel(xp.asarray(y), xp.asarray(x), (3, 2))
    assert found.estimate.dtype == xp.float32
    assert_close(np.asarray(found.estimate), h, size=100)
    assert_close(
        np.asarray(found.estimate), estimate_kernel(y.astype(float), x.astype(float), (3, 2)).estimate, c=1
    )
    scaled = estimate_kernel(3 * y, x, (3, 2), lam=0)
    assert_close(scaled.estimate, 3 * estimate_kernel(y, x, (3, 2), lam=0).estimate)


def test_a_photograph_identifies_a_lens():
    """A 9 × 9 kernel from 512 × 512 photographs, to 1e-13 without noise, and to its errors with noise."""
    rng = np.random.default_rng(13)
    x = samples.camera() / 255
    h = rng.random((9, 9))
    y = Convolution(h, x.shape, boundary="symmetric")(x)
    assert np.abs(estimate_kernel(y, x, 9).estimate - h).max() < 1e-13
    noisy = estimate_kernel(y + 0.01 * rng.standard_normal(y.shape), x, 9, lam=0)
    assert 0.8 < np.sqrt(np.mean(((noisy.estimate - h) / noisy.state["standard_error"]) ** 2)) < 1.25
    assert_allclose(noisy.state["noise_std"], 0.01, rtol=0.01)


def test_neural_layers_of_every_framework():
    rng = np.random.default_rng(14)
    layer = neural.from_tensorflow(normal(rng, (2, 3, 3, 2)), (25, 17, 3), strides=[1, 2], padding="SAME")
    C = layer.convolution
    x = normal(rng, C.input_shape)
    assert np.abs(estimate_kernel(C(x), x, C).estimate - C.kernel).max() < 1e-13
