"""All seven methods × generic checks, and each against its textbook version."""

from __future__ import annotations

import dataclasses
import pickle
import re

import array_api_strict as strict
import numpy as np
import pytest
import scipy.fft
import skimage.data
import skimage.restoration
from tolerance import assert_close, normal
from twins import (
    convolution_matrix,
    differences_matrix,
    landweber_loop,
    richardson_lucy_loop,
    tikhonov_dense,
    tikhonov_limit,
    truncated_svd_dense,
)

from invdeconv import (
    Convolution,
    InvalidInputError,
    LinearOperator,
    Result,
    SolverError,
    Status,
    adjoint,
    decompose,
    landweber,
    pseudo_inverse,
    psf,
    richardson_lucy,
    simulate,
    tikhonov,
    truncated_svd,
    wiener,
)
from invdeconv.noise import Gaussian
from invdeconv.operators import Batched, Differences, Stacked
from invdeconv.solvers import RelativeChange, landweber_steps

METHODS = {
    method.__name__: method
    for method in (adjoint, pseudo_inverse, truncated_svd, tikhonov, wiener, landweber, richardson_lucy)
}
LINEAR = [name for name in METHODS if name != "richardson_lucy"]
# Every parameter given: what is linear in the data.
FIXED = {
    "truncated_svd": {"rtol": 0.1},
    "tikhonov": {"lam": 0.02},
    "wiener": {"noise_to_signal": 0.01},
    "landweber": {"n_iter": 7, "step": 0.4},
    "richardson_lucy": {"max_iter": 5, "stop": None},
}
WORDS = ("taper", "liu-jia", "unknown", "zero", "periodic", "symmetric", "reflect", "edge", "antireflect")
DENSE_LIMIT = "invdeconv.operators.decomposition._dense._MAXIMUM_ENTRIES"

every_method = pytest.mark.parametrize("name", list(METHODS))
every_linear_method = pytest.mark.parametrize("name", LINEAR)
every_word = pytest.mark.parametrize("word", WORDS)


def words_of(name):
    """Richardson–Lucy refuses antireflect, which can make negative values of positive ones."""
    return [word for word in WORDS if (name, word) != ("richardson_lucy", "antireflect")]


every_method_and_word = pytest.mark.parametrize(
    ("name", "word"), [(name, word) for name in METHODS for word in words_of(name)]
)


def point_spread(shape=(4, 3)):
    """Return an asymmetric PSF of sum 1, heaviest at its origin."""
    weights = np.random.default_rng(2).random(shape)
    weights[tuple(k // 2 for k in shape)] += 2
    return weights / weights.sum()


def scene(shape=(9, 7)):
    """Return a positive, asymmetric, non-square picture with a step and a slope."""
    grids = np.meshgrid(*(np.arange(n) / n for n in shape), indexing="ij")
    return 1.0 + grids[0] ** 2 + 0.5 * (grids[-1] > 0.4) + 0.3 * np.sin(9 * sum(grids))


def observed(shape=(9, 7), kernel=None, noise=0.02):
    """Return data cropped from a blurred larger scene, with noise."""
    kernel = point_spread() if kernel is None else kernel
    larger = tuple(n + k - 1 for n, k in zip(shape, kernel.shape, strict=True))
    return simulate.observe(scene(larger), kernel, noise_std=noise, rng=5).data


def run(name, data, blur, **options):
    return METHODS[name](data, blur, **{**FIXED.get(name, {}), **options})


# The result.


@every_method
def test_the_result_is_complete_and_frozen(name):
    data = observed()
    result = METHODS[name](data, point_spread())
    assert isinstance(result, Result)
    assert result.estimate.shape == data.shape
    assert result.estimate.dtype == np.float64
    assert np.isfinite(result.estimate).all()
    assert result.method.startswith(name)
    assert result.seconds > 0
    assert result.parameters["boundary"] == ("unknown" if name == "richardson_lucy" else "taper")
    if name == "richardson_lucy":
        assert result.status is Status.COUNT_REACHED
        assert result.converged
        result = METHODS[name](data, point_spread(), stop=None)
        assert result.status is Status.ITERATIONS_DONE
        assert not result.converged
        assert result.n_iter == len(result.history) == 30
        assert [step.number for step in result.history] == list(range(1, 31))
        assert all(step.estimate is None for step in result.history)
    elif name == "landweber":  # all iterations at once, and still a choice of when to stop
        assert result.status is Status.ITERATIONS_DONE
        assert not result.converged
        assert result.n_iter == 100
    else:
        assert result.status is Status.CLOSED_FORM
        assert result.converged
        assert result.n_iter == 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.estimate = None
    with pytest.raises(TypeError):
        result.parameters["boundary"] = "periodic"
    for label in (name, "9 × 7", result.status.name, "boundary="):
        assert label in repr(result)


@every_method
def test_the_result_is_an_array_for_numpy(name):
    data = observed()
    result = run(name, data, point_spread())
    np.testing.assert_array_equal(np.asarray(result), result.estimate)
    np.testing.assert_array_equal(data - result, data - result.estimate)
    np.testing.assert_array_equal(result - data, result.estimate - data)
    assert np.asarray(result, dtype=np.float32).dtype == np.float32
    copy = pickle.loads(pickle.dumps(result))
    np.testing.assert_array_equal(copy.estimate, result.estimate)
    assert copy.parameters == result.parameters
    assert (copy.status, copy.method, copy.n_iter) == (result.status, result.method, result.n_iter)
    with pytest.raises(TypeError, match=r"use \.estimate"):
        np.asarray(run(name, strict.asarray(data), point_spread()))


# Scaling, symmetry, determinism.


@every_method
@pytest.mark.parametrize("a", [1e-3, 1e6, 2.0**-20])
@pytest.mark.parametrize("automatic", [False, True], ids=["fixed", "automatic"])
def test_scaling_the_data_scales_the_estimate(name, a, automatic):
    data, method = observed(), METHODS[name]
    options = {} if automatic else FIXED.get(name, {})
    one, other = method(data, point_spread(), **options), method(a * data, point_spread(), **options)
    # A chosen λ is found to the search's own tolerance, a power of two changes no bit.
    rtol = 1e-12 if not automatic or a == 2.0**-20 else 1e-3
    np.testing.assert_allclose(other.estimate, a * one.estimate, rtol=rtol, atol=rtol * a)
    for key in ("lam", "rtol", "step", "exponent", "n_iter"):
        if key in one.parameters and one.parameters[key] is not None:
            assert other.parameters[key] == pytest.approx(one.parameters[key], rel=max(rtol, 1e-12) * 30)


@every_method_and_word
def test_swapping_the_axes_swaps_the_estimate(name, word):
    data, kernel = observed(), point_spread()
    one = run(name, data, kernel, boundary=word).estimate
    other = run(name, data.T, kernel.T, boundary=word).estimate
    assert_close(other.T, one, condition=1e3)


@every_method_and_word
def test_mirroring_everything_mirrors_the_estimate(name, word):
    data, kernel = observed(kernel=point_spread((5, 3))), point_spread((5, 3))
    one = run(name, data, kernel, boundary=word).estimate
    other = run(name, data[::-1], kernel[::-1], boundary=word).estimate
    assert_close(other[::-1], one, condition=1e3)


@every_method
def test_two_runs_are_bit_equal_and_arguments_are_left_alone(name):
    data, kernel = observed(), point_spread()
    before = data.copy(), kernel.copy()
    data.flags.writeable = kernel.flags.writeable = False
    for word in words_of(name):
        options = {"lam": 0.1} if name == "tikhonov" and word in ("zero", "antireflect") else {}
        first = METHODS[name](data, kernel, boundary=word, **options).estimate
        second = METHODS[name](data, kernel, boundary=word, **options).estimate
        np.testing.assert_array_equal(first, second)
        assert not np.shares_memory(first, data)
        if word in ("taper", "liu-jia", "unknown"):
            assert first.base is None or first.base.size == first.size  # no frame is kept alive behind it
        assert first.flags.writeable
    np.testing.assert_array_equal(data, before[0])
    np.testing.assert_array_equal(kernel, before[1])


# Arrays.


@every_method_and_word
def test_precision_follows_the_data(name, word):
    data, kernel = observed(), point_spread()
    double = run(name, data, kernel, boundary=word).estimate
    single = run(name, data.astype(np.float32), kernel, boundary=word).estimate
    assert single.dtype == np.float32
    assert_close(single, double, condition=100 if name == "pseudo_inverse" else 1, c=16)
    assert run(name, data.astype(np.float16), kernel, boundary=word).estimate.dtype == np.float32
    whole = np.round(100 * data).astype(np.uint16)
    integers = run(name, whole, kernel, boundary=word).estimate
    assert integers.dtype == np.float64
    assert_close(integers, run(name, whole.astype(float), kernel, boundary=word).estimate)
    np.testing.assert_array_equal(run(name, data.tolist(), kernel.tolist(), boundary=word).estimate, double)
    swapped = data.astype(data.dtype.newbyteorder("S"))
    np.testing.assert_array_equal(run(name, swapped, kernel, boundary=word).estimate, double)
    with pytest.raises(InvalidInputError, match=r"must be a numeric array; got dtype (longdouble|float128)"):
        run(name, data.astype(np.longdouble), kernel, boundary=word)


@every_method_and_word
def test_array_api_strict_in_strict_out(name, word):
    data, kernel = observed(), point_spread()
    for dtype in (np.float64, np.float32):
        y = data.astype(dtype)
        expected = run(name, y, kernel, boundary=word).estimate
        got = run(name, strict.asarray(y), kernel, boundary=word).estimate
        assert isinstance(got, type(strict.asarray(0.0)))
        assert str(got.dtype).endswith(np.dtype(dtype).name)
        assert_close(np.asarray(got), expected, condition=1e3 if name == "pseudo_inverse" else 10)
    # The PSF may come from the other library too.
    got = run(name, strict.asarray(data), strict.asarray(kernel), boundary=word).estimate
    assert_close(np.asarray(got), run(name, data, kernel, boundary=word).estimate, condition=1e3)


@every_method
def test_automatic_choices_on_array_api_strict(name):
    data, kernel = observed(), point_spread()
    one, other = METHODS[name](data, kernel), METHODS[name](strict.asarray(data), kernel)
    np.testing.assert_allclose(np.asarray(other.estimate), one.estimate, rtol=1e-3)


@every_linear_method
@every_word
def test_linear_methods_take_complex_data_part_by_part(name, word):
    kernel = point_spread()
    u, v = observed(), observed()[::-1].copy()
    got = run(name, u + 1j * v, kernel, boundary=word).estimate
    assert got.dtype == np.complex128
    parts = run(name, u, kernel, boundary=word).estimate + 1j * run(name, v, kernel, boundary=word).estimate
    assert_close(got, parts, condition=1e3)
    single = run(name, (u + 1j * v).astype(np.complex64), kernel, boundary=word).estimate
    assert single.dtype == np.complex64


@every_linear_method
def test_automatic_choices_take_complex_data(name):
    data = observed() * np.exp(0.3j)
    result = METHODS[name](data, point_spread())
    assert result.estimate.dtype == np.complex128
    # A global phase is none of the method's business.
    np.testing.assert_allclose(
        result.estimate * np.exp(-0.3j),
        METHODS[name](data * np.exp(-0.3j), point_spread()).estimate,
        rtol=1e-3,
    )


@pytest.mark.parametrize("shape", [(1,), (7,), (1, 1), (1, 13), (13, 7), (5, 4, 3)], ids=str)
@every_method
def test_any_rank_one_pixel_and_prime_sizes(name, shape):
    kernel = point_spread(tuple(min(n, 3) for n in shape))
    data = scene(shape)
    for word in words_of(name):
        result = run(name, data, kernel, boundary=word)
        assert result.estimate.shape == shape
        assert np.isfinite(result.estimate).all()


# Models: each boundary word against the matrices of the definition.


def taper_twin(data, kernel):
    """Return the data in their periodic frame, sample by sample."""
    frame = tuple(
        scipy.fft.next_fast_len(n + k, real=True) for n, k in zip(data.shape, kernel.shape, strict=True)
    )
    rows = np.zeros((frame[0], data.shape[1]))
    rows[: data.shape[0]] = data
    for i in range(data.shape[0], frame[0]):
        t = (i - data.shape[0] + 1) / (frame[0] - data.shape[0] + 1)
        fade = 0.5 * (1 + np.cos(np.pi * t))
        rows[i] = fade * data[-1] + (1 - fade) * data[0]
    out = np.zeros(frame)
    out[:, : data.shape[1]] = rows
    for j in range(data.shape[1], frame[1]):
        t = (j - data.shape[1] + 1) / (frame[1] - data.shape[1] + 1)
        fade = 0.5 * (1 + np.cos(np.pi * t))
        out[:, j] = fade * rows[:, -1] + (1 - fade) * rows[:, 0]
    return out


def membrane_twin(last, first, gap, *, periodic):
    """Return the strip between two lines on which every sample is the mean of its neighbors."""
    n = len(last)
    A, b = np.zeros((gap * n, gap * n)), np.zeros(gap * n)
    for i in range(gap):
        for j in range(n):
            here = i * n + j
            for ahead in (i - 1, i + 1):
                A[here, here] += 1
                if 0 <= ahead < gap:
                    A[here, ahead * n + j] -= 1
                else:
                    b[here] += last[j] if ahead < 0 else first[j]
            for beside in (j - 1, j + 1):
                if periodic or 0 <= beside < n:
                    A[here, here] += 1
                    A[here, i * n + beside % n] -= 1
    return np.linalg.solve(A, b).reshape(gap, n)


def liu_jia_twin(data, kernel):
    """Return the data in their periodic frame, its gaps by dense Laplace equations."""
    frame = tuple(
        scipy.fft.next_fast_len(n + k, real=True) for n, k in zip(data.shape, kernel.shape, strict=True)
    )
    gaps = [length - n for length, n in zip(frame, data.shape, strict=True)]

    def rows_first(data, gaps):
        rows = np.concatenate([data, membrane_twin(data[-1], data[0], gaps[0], periodic=False)])
        columns = membrane_twin(rows[:, -1], rows[:, 0], gaps[1], periodic=True)
        return np.concatenate([rows, columns.T], axis=1)

    return (rows_first(data, gaps) + rows_first(data.T, gaps[::-1]).T) / 2


def model_twin(data, kernel, word):
    """Return (A, y, shape of x, where the estimate lies)."""
    if word in ("taper", "liu-jia"):
        y = taper_twin(data, kernel) if word == "taper" else liu_jia_twin(data, kernel)
        A, _ = convolution_matrix(kernel, y.shape, boundary="periodic")
        return A, y.ravel(), y.shape, tuple(slice(n) for n in data.shape)
    if word == "unknown":
        larger = tuple(n + k - 1 for n, k in zip(data.shape, kernel.shape, strict=True))
        A, _ = convolution_matrix(kernel, larger, padding="valid")
        # x[i] is what the PSF's origin k//2 lies on when it makes y[i].
        start = [next(i for i in range(k) if k - 1 - i == k // 2) for k in kernel.shape]
        return A, data.ravel(), larger, tuple(slice(a, a + n) for a, n in zip(start, data.shape, strict=True))
    A, _ = convolution_matrix(kernel, data.shape, boundary=word)
    return A, data.ravel(), data.shape, (slice(None),) * data.ndim


@every_method_and_word
def test_every_boundary_word_is_its_matrix(name, word):
    kernel = point_spread((3, 4))
    data = observed((7, 6), kernel)
    A, y, shape, crop = model_twin(data, kernel, word)
    B = differences_matrix(shape, "periodic" if word in ("taper", "liu-jia", "periodic") else "neumann")
    expected = {
        "adjoint": lambda: A.T @ y,
        "pseudo_inverse": lambda: np.linalg.pinv(A) @ y,
        "truncated_svd": lambda: truncated_svd_dense(A, y, 0.1),
        "tikhonov": lambda: tikhonov_dense(A, y, 0.02, B),
        "wiener": lambda: tikhonov_dense(A, y, 0.01),
        "landweber": lambda: landweber_loop(A, y, 0.4, 7),
        "richardson_lucy": lambda: richardson_lucy_loop(A, y, 5),
    }[name]().reshape(shape)[crop]
    result = run(name, data, kernel, boundary=word)
    assert result.parameters["boundary"] == word
    assert_close(result.estimate, expected, condition=1e4 if name == "pseudo_inverse" else 100)


@every_method_and_word
def test_a_psf_and_its_operator_agree(name, word):
    if word in ("taper", "liu-jia"):
        return  # a frame is no boundary of an operator
    kernel = point_spread((3, 4))
    data = observed((9, 7), kernel)
    C = Convolution.from_psf(kernel, data.shape, boundary=word)
    one, other = run(name, data, kernel, boundary=word), run(name, data, C)
    assert other.parameters["boundary"] == "operator"
    crop = model_twin(data, kernel, word)[3]
    assert_close(one.estimate, other.estimate[crop], condition=1e3)


def test_the_defaults_are_taper_and_unknown():
    data, kernel = observed(), point_spread()
    for name in METHODS:
        word = "unknown" if name == "richardson_lucy" else "taper"
        np.testing.assert_array_equal(
            run(name, data, kernel).estimate, run(name, data, kernel, boundary=word).estimate
        )


# One by one.


def test_adjoint_is_the_adjoint(rng):
    C = Convolution(normal(rng, (2, 3), complex_=True), (6, 5), stride=(2, 1), boundary="symmetric")
    y = normal(rng, C.output_shape, complex_=True)
    assert_close(adjoint(y, C).estimate.ravel(), C.to_dense().conj().T @ y.ravel())


@pytest.mark.parametrize("word", ["gradient", "identity", "laplacian"])
@pytest.mark.parametrize("boundary", ["periodic", "symmetric", "zero"])
def test_regularizers_by_name(word, boundary):
    kernel = point_spread()
    data = observed((6, 7), kernel)
    wrap = boundary == "periodic"
    cross = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]])
    B = {
        "gradient": differences_matrix(data.shape, "periodic" if wrap else "neumann"),
        "identity": np.eye(data.size),
        "laplacian": convolution_matrix(cross, data.shape, boundary="periodic" if wrap else "symmetric")[0],
    }[word]
    A, _ = convolution_matrix(kernel, data.shape, boundary=boundary)
    result = tikhonov(data, kernel, lam=0.3, regularizer=word, boundary=boundary)
    assert_close(result.estimate.ravel(), tikhonov_dense(A, data.ravel(), 0.3, B), condition=100)
    assert result.parameters["regularizer"] == word
    assert result.parameters["lam"] == 0.3


def test_regularizer_as_an_operator(rng):
    kernel = point_spread()
    data = observed((6, 7), kernel)
    L = Stacked(Differences(data.shape), 0.1 * Convolution(normal(rng, (2, 2)), data.shape))
    A, _ = convolution_matrix(kernel, data.shape)
    for lam, expected in (
        (0.2, tikhonov_dense(A, data.ravel(), 0.2, L.to_dense())),
        (0, tikhonov_limit(A, data.ravel(), L.to_dense())),
    ):
        got = tikhonov(data, kernel, lam=lam, regularizer=L, boundary="zero").estimate.ravel()
        assert_close(got, expected, condition=1e3)


def test_tikhonov_laplacian_is_the_wiener_of_scikit_image():
    kernel = point_spread((5, 3))
    data = observed((24, 17), kernel)
    for balance in (0.01, 0.5):
        theirs = skimage.restoration.wiener(data, kernel, balance, clip=False)
        ours = tikhonov(data, kernel, lam=balance, regularizer="laplacian", boundary="periodic").estimate
        assert_close(ours, theirs, c=16)


@pytest.mark.parametrize("shape", [(8, 9), (7, 6), (12,)], ids=str)
def test_wiener_with_one_ratio_per_frequency(shape, rng):
    kernel = point_spread((3,) * len(shape))
    data = scene(shape)
    ratio = rng.random(shape)
    # Even in frequency, as the power spectra of real fields are.
    mirrored = ratio[np.ix_(*((-np.arange(n)) % n for n in shape))]
    ratio = 0.5 * (ratio + mirrored)
    padded = np.zeros(shape)
    padded[tuple(slice(k) for k in kernel.shape)] = kernel
    H = np.fft.fftn(np.roll(padded, [-(k // 2) for k in kernel.shape], tuple(range(len(shape)))))
    expected = np.fft.ifftn(np.conj(H) * np.fft.fftn(data) / (np.abs(H) ** 2 + ratio)).real
    assert_close(wiener(data, kernel, noise_to_signal=ratio, boundary="periodic").estimate, expected, c=16)
    got = wiener(data + 1j * data, kernel, noise_to_signal=ratio, boundary="periodic").estimate
    assert_close(got, (1 + 1j) * expected, c=16)


def test_wiener_of_no_noise_is_the_pseudo_inverse(rng):
    # Singular: zeros of the box fall on frequencies, and their rounding must not be divided by.
    C = Convolution(np.ones((9, 9)) / 81, (64, 48), boundary="periodic")
    c = np.sort(decompose(C).c, axis=None)
    assert 0 < c[c > 0][0] < 1e-15
    y = C(rng.random((64, 48)))
    expected = pseudo_inverse(y, C).estimate
    for ratio in (0, 1e-40):
        assert_close(wiener(y, C, noise_to_signal=ratio).estimate, expected, condition=10)
    assert_close(tikhonov(y, C, lam=1e-40, regularizer="identity").estimate, expected, condition=10)


@pytest.mark.parametrize("word", WORDS)
def test_landweber_from_one_step_to_the_limit(word):
    kernel = point_spread((3, 4))
    kernel[1, 2] += 2  # well conditioned, so that the limit is in reach
    kernel /= kernel.sum()
    data = observed((7, 6), kernel)
    A, y, shape, crop = model_twin(data, kernel, word)
    first = landweber(data, kernel, n_iter=1, step=0.7, boundary=word).estimate
    assert_close(first, 0.7 * (A.T @ y).reshape(shape)[crop])
    assert_close(first, 0.7 * adjoint(data, kernel, boundary=word).estimate)
    limit = landweber(data, kernel, n_iter=10**7, boundary=word)
    assert_close(limit.estimate, pseudo_inverse(data, kernel, boundary=word).estimate, c=1e3)
    top = np.linalg.norm(A, 2)
    assert limit.parameters["step"] == pytest.approx(1 / top**2, rel=1e-9)
    # Beyond 1/σ² the factor of the largest singular value is negative; both signs, odd and even k.
    for k in (2, 3):
        fast = landweber(data, kernel, n_iter=k, step=1.9 / top**2, boundary=word).estimate
        assert_close(fast, landweber_loop(A, y, 1.9 / top**2, k).reshape(shape)[crop], c=16)


@pytest.mark.parametrize("word", [None, "zero"])
def test_landweber_weighs_its_samples(word, rng):
    """The loop on level·N^−½C, whose rows are zero for missing samples; with weights "unknown" is default."""
    kernel, std = rng.random((3, 2)), 0.5 + rng.random((7, 6))
    kernel /= kernel.sum()
    std[1, 2] = std[4, 0] = np.inf
    data = rng.random((7, 6))
    shape, options = ((9, 7), {"padding": "valid"}) if word is None else ((7, 6), {"boundary": word})
    A, _ = convolution_matrix(kernel, shape, **options)
    w = np.mean(std[np.isfinite(std)] ** -2) ** -0.5 / std.ravel()
    expected = landweber_loop(w[:, None] * A, w * data.ravel(), 0.4, 7).reshape(shape)
    crop = (slice(1, 8), slice(0, 6)) if word is None else (slice(None),) * 2
    result = landweber(data, kernel, n_iter=7, step=0.4, boundary=word, noise=Gaussian(std=std))
    assert_close(result.estimate, expected[crop], c=16)
    assert result.parameters["boundary"] == (word or "unknown")
    white = landweber(data, kernel, n_iter=7, step=0.4, noise=0.3)
    np.testing.assert_array_equal(white.estimate, landweber(data, kernel, n_iter=7, step=0.4).estimate)


def test_landweber_filter_loop_and_solver_are_one(rng, monkeypatch):
    C = Convolution(normal(rng, (3, 2), complex_=True), (7, 6), stride=(1, 2), boundary="symmetric")
    y = normal(rng, C.output_shape, complex_=True)
    step = 1.2 / C.norm() ** 2
    closed = landweber(y, C, n_iter=13, step=step)
    assert closed.method == "landweber (dense)"
    assert_close(closed.estimate.ravel(), landweber_loop(C.to_dense(), y.ravel(), step, 13), c=16)
    steps = landweber_steps(C, y, np.zeros(C.input_shape, complex), step)
    for _ in range(13):
        x, measure = next(steps)
    assert_close(x, closed.estimate, c=16)
    monkeypatch.setattr(DENSE_LIMIT, 0)
    iterated = landweber(y, C, n_iter=13, step=step)
    assert iterated.method == "landweber (iterated)"
    assert iterated.n_iter == 13
    assert_close(iterated.estimate, closed.estimate, c=16)
    assert iterated.optimality == pytest.approx(measure)
    assert landweber(y, C, n_iter=2).parameters["step"] == pytest.approx(1 / C.norm() ** 2)


# Where no structure fits: the Krylov path is the dense result.


@pytest.mark.parametrize("word", ["zero", "symmetric", "unknown"])
@pytest.mark.parametrize("regularizer", ["gradient", "identity", "laplacian"])
@pytest.mark.parametrize("complex_", [False, True], ids=["real", "complex"])
def test_krylov_equals_dense(word, regularizer, complex_, monkeypatch):
    kernel = point_spread((3, 4))
    data = observed((9, 7), kernel) * (np.exp(0.7j) if complex_ else 1)
    options = {"lam": 0.05, "regularizer": regularizer, "boundary": word}
    dense = tikhonov(data, kernel, **options)
    assert dense.method == "tikhonov (dense)"
    monkeypatch.setattr(DENSE_LIMIT, 0)
    krylov = tikhonov(data, kernel, rtol=1e-12, **options)
    helped = "CGLS, DCT preconditioner," if word == "symmetric" else "CGLS"
    assert krylov.method == f"tikhonov ({helped} to a relative gradient of 1e-12)"
    assert krylov.status is Status.CONVERGED
    assert krylov.optimality <= 1e-12
    assert krylov.parameters["rtol"] == 1e-12
    assert np.abs(krylov.estimate - dense.estimate).max() < 1e-9
    short = tikhonov(data, kernel, rtol=1e-12, max_iter=2, **options)
    assert short.status is Status.TOLERANCE_NOT_MET
    assert not short.converged


def test_krylov_pseudo_inverse_and_wiener(monkeypatch):
    kernel = point_spread((3, 4))
    kernel[1, 2] += 2
    kernel /= kernel.sum()
    data = observed((9, 7), kernel)
    closed = [
        pseudo_inverse(data, kernel, boundary="unknown"),
        wiener(data, kernel, noise_to_signal=0.03, boundary="unknown"),
        pseudo_inverse(data, kernel, boundary="zero"),
    ]
    monkeypatch.setattr(DENSE_LIMIT, 0)
    iterated = [
        pseudo_inverse(data, kernel, boundary="unknown"),
        wiener(data, kernel, noise_to_signal=0.03, boundary="unknown"),
        pseudo_inverse(data, kernel, boundary="zero"),
    ]
    for one, other in zip(closed, iterated, strict=True):
        assert other.method.endswith("(CGLS to a relative gradient of 1e-10)") or "1e-08" in other.method
        assert other.status is Status.CONVERGED
        assert np.abs(other.estimate - one.estimate).max() < 1e-6
    # The automatic ratio works there too, and arrays of both kinds.
    result = wiener(data, kernel, boundary="zero")
    assert result.parameters["exponent"] > 0
    strictly = wiener(strict.asarray(data), kernel, boundary="zero")
    np.testing.assert_allclose(np.asarray(strictly.estimate), result.estimate, rtol=1e-6)


def test_the_automatic_ratio_is_a_spectrum_where_the_decomposition_has_none():
    kernel = psf.gaussian((5, 5), 1.2)
    data = observed((30, 24), kernel)
    assert wiener(data, kernel, noise_to_signal=0.1, boundary="zero").method == "wiener (Kronecker)"
    automatic = wiener(data, kernel, boundary="zero")
    assert "CGLS" in automatic.method
    assert automatic.parameters["exponent"] > 0


def test_krylov_gcv_chooses_about_the_same_lambda(monkeypatch):
    kernel = psf.gaussian((5, 7), 1.2)
    C = Convolution.from_psf(kernel, (16, 13), boundary="zero")
    data = C(scene(C.input_shape)) + 0.05 * normal(np.random.default_rng(0), C.output_shape)
    exact = tikhonov(data, C)
    monkeypatch.setattr(DENSE_LIMIT, 0)
    estimated = tikhonov(data, C)
    assert "CGLS" in estimated.method
    assert 0.2 < estimated.parameters["lam"] / exact.parameters["lam"] < 5
    assert np.linalg.norm(estimated.estimate - exact.estimate) < 0.05 * np.linalg.norm(exact.estimate)
    # A PSF has a periodic frame to choose in, whatever the boundary of the solution.
    framed = tikhonov(data, kernel, boundary="zero")
    assert framed.parameters["lam"] == pytest.approx(tikhonov(data, kernel).parameters["lam"])


def test_krylov_callback_stops(monkeypatch):
    monkeypatch.setattr(DENSE_LIMIT, 0)
    kernel, seen = point_spread(), []
    data = observed(kernel=kernel)

    def stop(step):
        seen.append((step.number, step.estimate.shape, step.measure))
        return step.number == 3

    result = tikhonov(data, kernel, lam=0.01, rtol=1e-14, boundary="zero", callback=stop)
    assert result.status is Status.STOPPED_BY_CALLBACK
    assert result.n_iter == len(seen) == 3
    assert seen[-1][2] == result.optimality
    assert "gradient" in result.parameters["measure"]


# Richardson–Lucy.


@pytest.mark.parametrize("kernel_shape", [(3, 3), (9, 9), (4, 6), (1, 2)], ids=str)
@pytest.mark.parametrize("word", [w for w in words_of("richardson_lucy") if w != "zero"])
def test_a_constant_picture_stays_constant(word, kernel_shape):
    kernel = np.ones(kernel_shape) / np.prod(kernel_shape)
    skew = point_spread(kernel_shape)
    for weights in (kernel, skew):
        flat = richardson_lucy(
            np.full((24, 17), 0.5), weights, boundary=word, max_iter=40, stop=None
        ).estimate
        assert np.abs(flat - 0.5).max() < 1e-13


def test_scikit_image_does_not_keep_it():
    box = np.ones((9, 9)) / 81
    flat = np.full((64, 64), 0.5)
    theirs = skimage.restoration.richardson_lucy(flat, box, num_iter=100, clip=False)
    assert theirs.max() > 20
    assert np.abs(richardson_lucy(flat, box, max_iter=100, stop=None).estimate - 0.5).max() < 1e-12


@pytest.mark.parametrize("word", ["zero", "periodic", "symmetric", "reflect", "edge"])
def test_richardson_lucy_keeps_the_total_and_the_sign(word):
    kernel = psf.gaussian((5, 4), 1.0)
    data = np.random.default_rng(0).poisson(20 * scene((15, 12))).astype(float)
    C = Convolution.from_psf(kernel, data.shape, boundary=word)
    result = richardson_lucy(data, kernel, boundary=word, max_iter=12, stop=None)
    assert result.estimate.min() >= 0
    assert C(result.estimate).sum() == pytest.approx(data.sum(), rel=1e-12)


def test_richardson_lucy_raises_the_likelihood():
    kernel = psf.gaussian((5, 4), 1.0)
    data = np.random.default_rng(1).poisson(20 * scene((15, 12))).astype(float)
    C = Convolution.from_psf(kernel, data.shape, boundary="symmetric")
    values = []

    def likelihood(step):
        mean = C(step.estimate)
        values.append(np.sum(data * np.log(mean) - mean))

    richardson_lucy(data, C, max_iter=15, stop=None, callback=likelihood)
    assert np.all(np.diff(values) > 0)


@pytest.mark.parametrize("floor", ["reached", "not reached"])
def test_richardson_lucy_is_its_loop(floor):
    kernel = point_spread((4, 3)) if floor == "not reached" else psf.gaussian((7, 6), 1.1)
    data = np.random.default_rng(2).poisson(30 * scene((8, 7))).astype(float)
    A, y, shape, crop = model_twin(data, kernel, "unknown")
    weight = A.sum(axis=0)
    assert (weight.min() < 0.01 * weight.max()) == (floor == "reached")
    got = richardson_lucy(data, kernel, max_iter=20, stop=None).estimate
    assert_close(got, richardson_lucy_loop(A, y, 20).reshape(shape)[crop], c=100)


@pytest.mark.parametrize("word", words_of("richardson_lucy"))
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_stars_on_a_dark_sky(word, dtype):
    """Zero background: predictions fall below rounding, and the ratio must not overflow."""
    kernel = psf.gaussian((21, 21), 2.0)
    sky = np.zeros((48, 40))
    sky[20, 25], sky[35, 12] = 1000, 50
    blurred = Convolution.from_psf(kernel, sky.shape, boundary="zero")(sky).astype(dtype)
    x = richardson_lucy(blurred, kernel, boundary=word, max_iter=80, stop=None).estimate
    assert x.dtype == dtype
    assert x.min() >= 0
    assert np.unravel_index(x.argmax(), x.shape) == (20, 25)
    assert x.max() > 300
    assert x.sum() == pytest.approx(1050, rel=1e-3)


@pytest.mark.filterwarnings("ignore:IDW005")
@pytest.mark.parametrize("word", words_of("richardson_lucy"))
def test_noise_below_zero_does_no_harm(word, rng):
    kernel = psf.gaussian((21, 21), 2.0)
    sky = np.zeros((48, 40))
    sky[20, 25] = 1000
    data = Convolution.from_psf(kernel, sky.shape, boundary="zero")(sky) + 0.1 * normal(rng, sky.shape)
    x = richardson_lucy(data, kernel, boundary=word, max_iter=60, stop=None)
    assert x.estimate.min() >= 0
    assert x.estimate.max() < 2000
    clipped = richardson_lucy(np.maximum(data, 0), kernel, boundary=word, max_iter=60, stop=None)
    assert_close(x.estimate, clipped.estimate, c=1e3) if word not in ("taper", "liu-jia") else None


def test_zero_data_and_rounding_below_zero_in_the_kernel():
    assert not richardson_lucy(np.zeros((5, 4)), point_spread((3, 3))).estimate.any()
    rounded = point_spread((3, 3))
    rounded[0, 0] = -1e-12  # as a PSF that comes from a transform has
    rounded /= rounded.sum()
    flat = richardson_lucy(np.full((6, 5), 2.0), rounded).estimate
    assert np.abs(flat - 2).max() < 1e-9


def test_richardson_lucy_stops():
    data, kernel = observed(), point_spread()
    result = richardson_lucy(data, kernel, stop=RelativeChange(1e-2), acceleration=None)
    assert result.status is Status.CONVERGED
    assert result.converged
    assert result.history[-1].measure <= 1e-2 < result.history[-2].measure
    numbers = []
    stopped = richardson_lucy(
        data, kernel, stop=None, callback=lambda step: numbers.append(step.number) or step.number == 4
    )
    assert stopped.status is Status.STOPPED_BY_CALLBACK
    assert numbers == [1, 2, 3, 4]
    np.testing.assert_array_equal(
        stopped.estimate, richardson_lucy(data, kernel, max_iter=4, stop=None).estimate
    )


class FailsLater(LinearOperator):
    """The identity until its n-th forward application, NaN from then on."""

    def __init__(self, shape, good):
        super().__init__(shape, shape)
        self.left = good

    def _forward(self, x):
        self.left -= 1
        return x.copy() if self.left >= 0 else np.full_like(x, np.nan)

    def _adjoint(self, y):
        return y.copy()


def test_an_iterate_that_is_not_finite_raises_with_the_last_good_result():
    data = scene((5, 4))
    with pytest.raises(SolverError, match=r"richardson_lucy: iterate 3 is not finite") as caught:
        richardson_lucy(data, FailsLater(data.shape, 2), max_iter=10, stop=None)
    result = caught.value.result
    assert result.n_iter == 2
    assert np.isfinite(result.estimate).all()
    assert_close(result.estimate, data)
    with pytest.raises(SolverError, match="iterate 1 is not finite") as caught:
        richardson_lucy(data, FailsLater(data.shape, 0), stop=None)
    assert caught.value.result.n_iter == 0
    with pytest.raises(SolverError) as caught:
        richardson_lucy(data, 2 * FailsLater(data.shape, 0), stop=None)
    assert_close(caught.value.result.estimate, np.full(data.shape, data.mean() / 2))  # Σy/ΣCᵀ1


def test_richardson_lucy_takes_composed_operators():
    kernel = point_spread((3, 3))
    data = scene((2, 8, 7))
    C = Convolution.from_psf(kernel, (8, 7), boundary="symmetric")
    together = richardson_lucy(data, Batched(C, (2,)), max_iter=5, stop=None).estimate
    total = data.sum() / (Batched(C, (2,)).H(np.ones(data.shape))).sum()
    assert together.shape == data.shape
    A, _ = convolution_matrix(kernel, (8, 7), boundary="symmetric")
    expected = richardson_lucy_loop(np.kron(np.eye(2), A), data.ravel(), 5)
    assert_close(together.ravel(), expected, c=16)
    assert total > 0


# The photograph of the issue.


@pytest.fixture(scope="module")
def camera():
    picture = skimage.data.camera() / 255
    return simulate.observe(picture, psf.gaussian((25, 25), 3.0), noise_std=0.005, rng=0)


def gain_db(estimate, seen):
    return 20 * np.log10(np.linalg.norm(seen.data - seen.truth) / np.linalg.norm(estimate - seen.truth))


@pytest.mark.parametrize("method", [wiener, tikhonov])
def test_automatic_choices_gain_two_decibels_on_a_cropped_photograph(method, camera):
    assert gain_db(method(camera.data, camera.blur).estimate, camera) >= 2


def test_the_best_periodic_wiener_gains_less_than_one(camera):
    best = max(
        gain_db(wiener(camera.data, camera.blur, noise_to_signal=ratio, boundary="periodic").estimate, camera)
        for ratio in np.logspace(-5, 0, 16)
    )
    assert 0 < best < 1


SCENES = {
    "photograph": lambda: skimage.data.camera()[100:228, 150:290] / 255,
    "moon": lambda: skimage.data.moon()[50:170, 60:200] / 255,
    "text": lambda: skimage.data.page()[20:150, 30:200] / 255,
}


@pytest.mark.filterwarnings("ignore:IDW004")
@pytest.mark.parametrize("noise", [1e-3, 0.02, 0.2])
@pytest.mark.parametrize("name", list(SCENES))
@pytest.mark.parametrize("method", [wiener, tikhonov])
def test_no_automatic_default_makes_its_input_worse(method, name, noise):
    kernels = [psf.gaussian((9, 9), 1.5), psf.motion((7, 9), 6.0, 30.0)]
    if method is tikhonov:  # the noise estimate behind wiener takes the edges of a sharp picture for noise
        kernels.append(np.ones((1, 1)))
    for kernel in kernels:
        seen = simulate.observe(SCENES[name](), kernel, noise_std=noise, rng=3)
        assert gain_db(method(seen.data, kernel).estimate, seen) > -0.1, (kernel.shape, name, noise)


def test_messages_name_the_function():
    for name, method in METHODS.items():
        with pytest.raises(InvalidInputError, match=re.escape(f"{name}: data must not be empty")):
            method(np.ones((0, 3)), np.ones((1, 1)))
