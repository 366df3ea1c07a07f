"""cgls, lsqr, lsmr and hybrid_lsqr × generic checks, and each against the dense solution."""

from __future__ import annotations

import array_api_strict as strict
import numpy as np
import pytest
import skimage.data
from tolerance import assert_close, normal
from twins import convolution_matrix, tikhonov_dense

from invdeconv import Convolution, Differences, Status, cgls, hybrid_lsqr, lsmr, lsqr, simulate, tikhonov
from invdeconv.noise import Gaussian
from invdeconv.restoration._krylov import least_squares
from invdeconv.restoration._model import model_of

SOLVERS = {method.__name__: method for method in (cgls, lsqr, lsmr)}
METHODS = SOLVERS | {"hybrid_lsqr": hybrid_lsqr}
WORDS = ("unknown", "taper", "zero", "periodic", "symmetric", "reflect", "edge", "antireflect")
every_solver = pytest.mark.parametrize("name", list(SOLVERS))
every_method = pytest.mark.parametrize("name", list(METHODS))
every_word = pytest.mark.parametrize("word", WORDS)


def point_spread(shape=(4, 3)):
    weights = np.random.default_rng(2).random(shape)
    weights[tuple(k // 2 for k in shape)] += 2
    return weights / weights.sum()


def observed(shape=(9, 7), noise=0.02):
    larger = tuple(n + k - 1 for n, k in zip(shape, (4, 3), strict=True))
    grids = np.meshgrid(*(np.arange(n) / n for n in larger), indexing="ij")
    scene = 1.0 + grids[0] ** 2 + 0.5 * (grids[-1] > 0.4) + 0.3 * np.sin(9 * sum(grids))
    return simulate.observe(scene, point_spread(), noise_std=noise, rng=5).data


def run(name, data, blur, **options):
    return METHODS[name](data, blur, **{"lam": 0.05, "rtol": 1e-12, **options})


@every_method
@every_word
def test_every_word_is_tikhonov_on_its_matrix(name, word):
    data, kernel = observed(), point_spread()
    if word == "taper":
        return
    if word == "unknown":
        shape = (12, 9)
        A, _ = convolution_matrix(kernel, shape, padding="valid")
        crop = (slice(1, 10), slice(1, 8))
    else:
        shape, crop = data.shape, (slice(None),) * 2
        A, _ = convolution_matrix(kernel, shape, boundary=word)
    result = run(name, data, kernel, boundary=word)
    assert result.status is Status.CONVERGED
    assert result.parameters["boundary"] == word
    # Hybrid LSQR penalizes what departs from the mean of the data, where it starts from it.
    level = data.mean() if (name, word) == ("hybrid_lsqr", "unknown") else 0.0
    expected = level + tikhonov_dense(A, data.ravel() - level * A.sum(axis=1), 0.05)
    assert_close(result.estimate, expected.reshape(shape)[crop], c=1e3, condition=10)


@every_method
def test_precision_library_and_complexness_follow_the_data(name):
    data, kernel = observed(), point_spread()
    double = run(name, data, kernel).estimate
    single = run(name, data.astype(np.float32), kernel).estimate
    assert single.dtype == np.float32
    assert_close(single, double, condition=16)
    strictly = run(name, strict.asarray(data), kernel).estimate
    assert isinstance(strictly, type(strict.asarray(0.0)))
    assert_close(np.asarray(strictly), double, c=1e3)
    turned = run(name, data * np.exp(0.3j), kernel).estimate
    assert_close(turned, double * np.exp(0.3j), c=1e3)


@every_method
@pytest.mark.parametrize("a", [1e-3, 2.0**60])
def test_scaling_the_data_scales_the_estimate(name, a):
    data, kernel = observed(), point_spread()
    free = {"lam": "weighted_gcv" if name == "hybrid_lsqr" else 0.0}
    for options in ({}, free, free | {"noise": 0.02}):
        scaled = {key: value * a if key == "noise" else value for key, value in options.items()}
        one = run(name, data, kernel, rtol=1e-6, **options)
        other = run(name, a * data, kernel, rtol=1e-6, **scaled)
        # A power of two keeps every digit; another factor may pass the tolerance one step apart.
        assert abs(other.n_iter - one.n_iter) <= (0 if a == 2.0**60 else 1)
        np.testing.assert_allclose(other.estimate, a * one.estimate, rtol=1e-5)
        squares = a**2 if "noise" in options else 1.0  # then λ stands beside ‖N^−½(Cx − y)‖²
        assert squares * other.parameters["lam"] == pytest.approx(one.parameters["lam"], rel=1e-2)


@every_method
def test_swapped_axes_two_runs_and_arguments(name):
    data, kernel = observed(), point_spread()
    data.flags.writeable = kernel.flags.writeable = False
    one = run(name, data, kernel).estimate
    np.testing.assert_array_equal(run(name, data, kernel).estimate, one)
    assert_close(run(name, data.T, kernel.T).estimate.T, one, c=1e3)
    assert not np.shares_memory(one, data)


@pytest.mark.parametrize("shape", [(1,), (7,), (1, 13), (5, 4, 3)], ids=str)
@every_method
def test_any_rank_and_one_pixel(name, shape):
    kernel = point_spread(tuple(min(n, 3) for n in shape))
    data = 1 + np.random.default_rng(0).random(shape)
    for options in ({}, {"lam": 0.0}):
        result = run(name, data, kernel, **options)
        assert result.estimate.shape == shape
        assert np.isfinite(result.estimate).all()
    assert not METHODS[name](np.zeros(shape), kernel).estimate.any()


@every_solver
def test_the_noise_stops_the_iteration(name):
    C = Convolution.from_psf(point_spread(), (40, 30), boundary="reflect")
    truth = np.add.outer(np.cos(np.arange(40) / 5), np.arange(30) / 20)
    data = C(truth) + 0.05 * normal(np.random.default_rng(1), truth.shape)
    result = SOLVERS[name](data, C, noise=0.05)
    level = 0.05 * np.sqrt(data.size)
    assert result.status is Status.CONVERGED
    assert result.parameters["measure"] == "residual / noise"
    assert np.linalg.norm(data - C(result.estimate)) == pytest.approx(result.optimality * level, rel=1e-9)
    assert result.history[-1].measure <= 1.01 < result.history[-2].measure
    assert np.linalg.norm(result.estimate - truth) < np.linalg.norm(SOLVERS[name](data, C).estimate - truth)
    # Less than any x leaves: the gradient ends it, and the status says that the rule is not met.
    D = Differences((6,))
    beyond = SOLVERS[name](D(np.arange(6.0) ** 2) + 1, D, noise=1e-3)
    assert beyond.status is Status.STAGNATED
    assert not beyond.converged


def deviations(shape):
    """One deviation per sample, two of them missing."""
    std = 0.5 + np.random.default_rng(6).random(shape)
    std[1, 2] = std[4, 0] = np.inf
    return std


@every_method
@pytest.mark.parametrize("word", ["unknown", "zero", "symmetric"])
def test_noise_weighs_the_samples(name, word):
    """½‖N^−½(Cx − y)‖² + ½λ‖x − x₀‖² on the matrix, where N is infinite for missing samples."""
    data, kernel = observed(), point_spread()
    std = deviations(data.shape)
    shape, options = (
        ((12, 9), {"padding": "valid"}) if word == "unknown" else (data.shape, {"boundary": word})
    )
    crop = (slice(1, 10), slice(1, 8)) if word == "unknown" else (slice(None),) * 2
    A, _ = convolution_matrix(kernel, shape, **options)
    result = run(name, data, kernel, boundary=word, noise=Gaussian(std))
    assert result.status is Status.CONVERGED
    W = 1 / std.ravel()
    # Hybrid LSQR penalizes what departs from the mean, missing samples filled by their neighbors.
    filled = data
    if name == "hybrid_lsqr":
        there = np.isfinite(std).ravel() * 1.0
        smooth = A @ (A.T @ (there * data.ravel())) / (A @ (A.T @ there))
        filled = np.where(np.isfinite(std), data, smooth.reshape(data.shape))
    level = filled.mean() if (name, word) == ("hybrid_lsqr", "unknown") else 0.0
    expected = level + tikhonov_dense(W[:, None] * A, W * (data.ravel() - level * A.sum(axis=1)), 0.05)
    assert_close(result.estimate, expected.reshape(shape)[crop], c=1e3, condition=10)


@every_method
def test_what_stands_at_a_missing_sample_does_not_matter(name):
    data, kernel = observed(), point_spread()
    noise = Gaussian(np.where(np.isinf(deviations(data.shape)), np.inf, 0.02))
    other = np.where(np.isinf(noise.std), 1e3, data)
    for options in ({}, {"lam": "weighted_gcv" if name == "hybrid_lsqr" else 0.0}):
        one = run(name, data, kernel, noise=noise, rtol=1e-6, **options)
        two = run(name, other, kernel, noise=noise, rtol=1e-6, **options)
        assert one.n_iter == two.n_iter
        np.testing.assert_allclose(one.estimate, two.estimate, rtol=1e-9)


@every_solver
def test_noise_per_sample_stops_the_iteration(name):
    C = Convolution.from_psf(point_spread(), (40, 30), boundary="reflect")
    truth = np.add.outer(np.cos(np.arange(40) / 5), np.arange(30) / 20)
    std = 0.02 + 0.1 * np.random.default_rng(3).random(truth.shape)
    std[10:14, 5:9] = np.inf
    drawn = normal(np.random.default_rng(1), truth.shape)
    data = C(truth) + np.where(np.isinf(std), 0.0, std) * drawn
    result = SOLVERS[name](data, C, noise=Gaussian(std))
    residual = ((C(result.estimate) - data) / std)[np.isfinite(std)]
    assert result.status is Status.CONVERGED
    assert 0.9 < np.sqrt(np.mean(residual**2)) <= 1.01


@every_method
def test_a_spectrum_of_noise_is_tikhonov_with_it(name):
    data = observed((9, 8))
    C = Convolution.from_psf(point_spread(), data.shape, boundary="periodic")
    power = 1e-4 * (1 + np.abs(np.fft.fftfreq(9))[:, None] + np.abs(np.fft.fftfreq(8)))
    noise = Gaussian(spectrum=power * 72)
    expected = tikhonov(data, C, lam=2.0, regularizer="identity", noise=noise).estimate
    assert_close(run(name, data, C, lam=2.0, noise=noise).estimate, expected, c=1e3, condition=10)


@every_solver
def test_the_start_changes_the_steps_not_the_minimum(name):
    data, kernel = observed(), point_spread()
    for options in ({"lam": 0.05}, {"lam": 0.0, "boundary": "zero", "max_iter": 500}):
        cold = run(name, data, kernel, **options)
        warm = run(name, data, kernel, start=cold.estimate[::-1] + 3.0, **options)
        assert np.abs(warm.estimate - cold.estimate).max() < 1e-8
    assert run(name, data, kernel, lam=0.0, boundary="zero", start=warm.estimate, rtol=1e-6).n_iter == 1


@every_solver
def test_a_constant_stays_constant_under_an_unknown_boundary(name):
    result = SOLVERS[name](np.full((9, 8), 0.5), point_spread())
    assert np.abs(result.estimate - 0.5).max() < 1e-12


def test_convergence_is_certified_by_the_gradient_itself():
    """A recursion that claims what is not so is not believed."""
    data = observed()
    model = model_of("test", data, Convolution.from_psf(point_spread(), data.shape), None, default="taper")
    claims = least_squares("test", model, steps=lambda A, b, x: iter([(x, 0.0, 0.0)]), rtol=1e-6, max_iter=3)
    assert claims.status is Status.STAGNATED
    assert claims.optimality == 1.0
    kept = least_squares("test", model, rtol=1e-6, max_iter=500)
    assert kept.status is Status.CONVERGED
    assert kept.optimality == kept.history[-1].measure <= 1e-6


@every_method
def test_the_callback_stops(name):
    seen = []
    result = run(
        name, observed(), point_spread(), callback=lambda step: seen.append(step.number) or step.number == 3
    )
    assert (result.status, result.n_iter, seen) == (Status.STOPPED_BY_CALLBACK, 3, [1, 2, 3])


@pytest.mark.parametrize("noise", [0.002, 0.02, 0.1])
def test_hybrid_lsqr_makes_no_photograph_worse_if_it_knows_the_noise(noise):
    kernel = point_spread((5, 6))
    for scene in (skimage.data.camera()[100:164, 150:220] / 255, skimage.data.page()[20:90, 30:90] / 255):
        seen = simulate.observe(scene, kernel, noise_std=noise, rng=3)
        result = hybrid_lsqr(seen.data, kernel, noise=noise)
        assert np.linalg.norm(result.estimate - seen.truth) < np.linalg.norm(seen.data - seen.truth)
        assert result.parameters["selection"] == "discrepancy"
    assert hybrid_lsqr(seen.data, kernel, max_iter=3).parameters["selection"] == "weighted_gcv"
