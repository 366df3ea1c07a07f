"""Metrics: closed forms, invariances, expectations."""

import itertools
import math

import array_api_strict
import numpy as np
import pytest
import scipy.special

from invdeconv import metrics
from invdeconv.result import Result, Status

RNG = np.random.default_rng(5)
TRUTH = RNG.standard_normal((12, 17))
ESTIMATE = TRUTH + 0.3 * RNG.standard_normal((12, 17))
DATA = TRUTH + 0.9 * RNG.standard_normal((12, 17))


def test_relative_error_of_zeros_and_of_double():
    assert metrics.relative_error(np.zeros_like(TRUTH), TRUTH) == pytest.approx(1)
    assert metrics.relative_error(3 * TRUTH, TRUTH) == pytest.approx(2)
    assert metrics.relative_error(1j * TRUTH, TRUTH) == pytest.approx(math.sqrt(2))


@pytest.mark.parametrize("scale", [1.0, -4.0, 1e-200, 1e150, 0.3 - 2j])
def test_best_scaled_error_is_the_sine_of_the_angle(scale):
    x, e = TRUTH + 1j * DATA, ESTIMATE + 0.5j * TRUTH
    sine = math.sqrt(1 - abs(np.vdot(e, x)) ** 2 / (np.linalg.norm(e) * np.linalg.norm(x)) ** 2)
    assert metrics.best_scaled_error(scale * e, x) == pytest.approx(sine)


def test_best_scaled_error_ends():
    assert metrics.best_scaled_error(-7 * TRUTH, TRUTH) < 1e-15
    assert metrics.best_scaled_error(np.zeros_like(TRUTH), TRUTH) == 1
    assert metrics.best_scaled_error([1.0, 0.0], [0.0, 5.0]) == 1
    assert metrics.best_scaled_error([1.0, 0.0], [5j, 0.0]) == pytest.approx(0, abs=1e-15)


def test_best_scaled_error_of_the_4x4_example():
    # Tiles [[-2, 0], [2, 4]] against ones: cos² = 1/6.
    tiles = np.tile([[-2.0, 0.0], [2.0, 4.0]], (2, 2))
    assert metrics.best_scaled_error(tiles, np.ones((4, 4))) == pytest.approx(math.sqrt(5 / 6))
    assert metrics.relative_error(tiles, np.ones((4, 4))) == pytest.approx(math.sqrt(5))


def test_psnr_of_a_known_error():
    truth = np.linspace(0, 2, 16).reshape(4, 4)
    assert metrics.psnr(truth + 0.02, truth) == pytest.approx(40)
    assert metrics.psnr(truth + 0.02, truth, data_range=20) == pytest.approx(60)
    assert metrics.psnr(truth, truth) == math.inf


def test_isnr_is_the_difference_of_two_psnr():
    difference = metrics.psnr(ESTIMATE, TRUTH) - metrics.psnr(DATA, TRUTH)
    assert metrics.isnr(ESTIMATE, TRUTH, DATA) == pytest.approx(difference)
    assert metrics.isnr(DATA, TRUTH, DATA) == 0
    assert metrics.isnr(TRUTH, TRUTH, TRUTH) == 0
    assert metrics.isnr(TRUTH, TRUTH, DATA) == math.inf
    assert metrics.isnr(ESTIMATE, TRUTH, TRUTH) == -math.inf


def test_i_divergence_is_its_sum():
    truth, estimate = abs(DATA), abs(ESTIMATE)
    truth[3, 4] = estimate[5, 6] = truth[5, 6] = 0
    expected = scipy.special.kl_div(truth, estimate).sum()
    assert metrics.i_divergence(estimate, truth) == pytest.approx(expected, rel=1e-12)
    assert metrics.i_divergence(7 * estimate, 7 * truth) == pytest.approx(7 * expected, rel=1e-12)
    assert metrics.i_divergence(truth, truth) == 0
    estimate[0, 0] = 0
    assert metrics.i_divergence(estimate, truth) == math.inf


def test_i_divergence_of_counts_is_half_their_number():
    mean = np.linspace(40, 900, 4000)
    counts = np.random.default_rng(7).poisson(mean)
    # Each term is half a χ² of one degree, of deviation 1/√2, and 1/(12·mean) more.
    spread = math.sqrt(0.5 * 4000)
    assert metrics.i_divergence(mean, counts) == pytest.approx(2000 + (1 / 12 / mean).sum(), abs=3 * spread)


def test_ssim_of_a_constant_offset():
    # For two constants only the luminance term is left: (2ab + c)/(a² + b² + c), c = (0.01·range)².
    a, b, c = 0.4, 0.6, 1e-4
    value = metrics.ssim(np.full((16, 18), a), np.full((16, 18), b), data_range=1)
    assert value == pytest.approx((2 * a * b + c) / (a * a + b * b + c))


def test_ssim_orders_and_scales():
    assert metrics.ssim(TRUTH, TRUTH) == pytest.approx(1)
    near, far = metrics.ssim(ESTIMATE, TRUTH), metrics.ssim(DATA, TRUTH)
    assert far < near < 1
    assert metrics.ssim(255 * ESTIMATE, 255 * TRUTH) == pytest.approx(near)


def lag_count(shape, reach):
    return (math.prod(2 * min(reach, n - 1) + 1 for n in shape) - 1) // 2


@pytest.mark.parametrize("shape", [(2,), (3, 1), (2, 2)])
def test_whiteness_expectation_is_one_exactly(shape):
    # ρ depends on the direction of the residual alone, and |ρ|² has degree 4 in it: its mean over the sphere
    # equals that over a spherical 4-design, here the directions ±eᵢ and (±1, …, ±1)/√n with their weights.
    n = math.prod(shape)
    angles = np.arange(8) * math.pi / 4
    if n == 2:
        points, weights = np.stack([np.cos(angles), np.sin(angles)], 1), np.ones(8)
    else:
        signs = np.array(list(itertools.product([1.0, -1.0], repeat=n)))
        axes = np.concatenate([np.eye(n), -np.eye(n)])
        # Σw·x₁⁴ : Σw·x₁²x₂² must be 3 : 1 on the unit sphere.
        points = np.concatenate([axes, signs / math.sqrt(n)])
        weights = np.concatenate([np.full(2 * n, len(signs) / n**2), np.ones(len(signs))])
    values = [metrics.residual_whiteness(point.reshape(shape)) for point in points]
    assert np.average(values, weights=weights) == pytest.approx(1)


@pytest.mark.parametrize("complex_", [False, True])
@pytest.mark.parametrize("shape", [(9,), (4, 5), (3, 2, 4)])
def test_whiteness_of_white_noise(shape, complex_):
    rng = np.random.default_rng(11)
    noise = rng.standard_normal((600, *shape)) + (1j * rng.standard_normal((600, *shape)) if complex_ else 0)
    values = [metrics.residual_whiteness(r) for r in noise]
    assert np.mean(values) == pytest.approx(1, abs=4 * np.std(values) / math.sqrt(600))


def test_whiteness_of_a_constant():
    # ρ_k = n_k/n, so the statistic is (n+2)·mean(n_k)/n.
    n = 50
    assert metrics.residual_whiteness(np.full(n, -3.0)) == pytest.approx((n + 2) * (n - 2) / n)


def test_whiteness_of_a_moving_average():
    # Moving average r_i = e_i + e_{i+1} has ρ_1 = 1/2, further lags 0: the mean over 3 lags is about n/12.
    n = 20000
    noise = np.random.default_rng(3).standard_normal(n + 1)
    assert metrics.residual_whiteness(noise[1:] + noise[:-1]) == pytest.approx(n / 12, rel=0.05)


@pytest.mark.parametrize("shape", [(40,), (9, 7), (4, 5, 6)])
def test_whiteness_against_the_whole_autocorrelation(shape):
    r = np.random.default_rng(8).standard_normal(shape).cumsum(-1)
    padded = np.fft.fftn(r, [2 * n for n in shape], axes=range(r.ndim))
    correlation = np.fft.ifftn(abs(padded) ** 2).real / (r**2).sum()
    terms = []
    for lag in itertools.product(*(range(-min(2, n - 1), min(2, n - 1) + 1) for n in shape)):
        if any(lag):
            pairs = math.prod(n - abs(k) for n, k in zip(shape, lag, strict=True))
            terms.append(r.size * (r.size + 2) / pairs * correlation[lag] ** 2)
    assert len(terms) == 2 * lag_count(shape, 2)
    assert metrics.residual_whiteness(r, max_lag=2) == pytest.approx(np.mean(terms))


def test_whiteness_does_not_depend_on_scale():
    white = metrics.residual_whiteness(DATA)
    for scale in (1e-180, -5.0, 1e180):
        assert metrics.residual_whiteness(scale * DATA) == pytest.approx(white)
    assert math.isnan(metrics.residual_whiteness(np.zeros((3, 3))))


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128"])
def test_other_libraries(dtype):
    host = [(a * (1 + 2j) if "complex" in dtype else a).astype(dtype) for a in (ESTIMATE, TRUTH, DATA)]
    estimate, truth, data = (array_api_strict.asarray(a) for a in host)
    rel = 1e-5 if dtype in ("float32", "complex64") else 1e-12
    for function, arguments, twins in [
        (metrics.relative_error, (estimate, truth), host[:2]),
        (metrics.best_scaled_error, (estimate, truth), host[:2]),
        (metrics.isnr, (estimate, truth, data), host),
        (metrics.residual_whiteness, (estimate - truth,), [host[0] - host[1]]),
    ]:
        assert function(*arguments) == pytest.approx(function(*twins), rel=rel)
    if "float" in dtype:
        assert metrics.psnr(estimate, truth) == pytest.approx(metrics.psnr(*host[:2]), rel=rel)
        light = metrics.i_divergence(*(abs(a) for a in host[:2]))
        assert metrics.i_divergence(abs(estimate), abs(truth)) == pytest.approx(light, rel=rel)
        assert metrics.ssim(estimate, truth) == pytest.approx(metrics.ssim(*host[:2]), rel=rel)


def test_a_real_estimate_of_a_complex_truth_on_a_strict_library():
    estimate, truth = array_api_strict.asarray(ESTIMATE), array_api_strict.asarray(ESTIMATE * 1j)
    assert metrics.best_scaled_error(estimate, truth) < 1e-15


def test_results_and_integers_are_accepted():
    result = Result(ESTIMATE, Status.CLOSED_FORM)
    assert metrics.isnr(result, TRUTH, DATA) == metrics.isnr(ESTIMATE, TRUTH, DATA)
    # uint8 differences must not wrap around.
    assert metrics.relative_error(
        np.array([0, 200], np.uint8), np.array([100, 200], np.uint8)
    ) == pytest.approx(100 / math.hypot(100, 200))
