"""What noise leaves: expected divergences and sizes, and what happens where a level is wrong."""

from __future__ import annotations

import array_api_strict as strict
import numpy as np
import pytest
import scipy.stats

from invdeconv import (
    Convolution,
    InputWarning,
    metrics,
    noise,
    psf,
    samples,
    simulate,
    total_variation,
)
from invdeconv.functionals import Part, PoissonDivergence
from invdeconv.noise import expected_divergence, without_outliers


def test_the_expected_divergence_is_the_sum_over_all_counts():
    means = np.array([1e-3, 0.1, 1.0, 4.0, 7.9, 8.1, 30.0])
    counts = np.arange(1, 300)
    chances = scipy.stats.poisson.pmf(counts, means[:, None])
    expected = (chances * counts * np.log(counts / means[:, None])).sum(axis=1)
    np.testing.assert_allclose(expected_divergence(means), expected, rtol=1e-3)
    np.testing.assert_allclose(expected_divergence(means)[:5], expected[:5], rtol=1e-8)
    single = expected_divergence(strict.asarray(means.astype(np.float32)))
    assert single.dtype == strict.float32
    np.testing.assert_allclose(np.asarray(single), expected, rtol=1e-3)


@pytest.mark.parametrize("shape", [(4000,), (90, 80), (20, 18, 16)])
def test_outliers_are_replaced_and_the_rest_is_kept(shape):
    rng = np.random.default_rng(0)
    slope = sum(np.meshgrid(*(0.05 * np.arange(n) for n in shape), indexing="ij"))
    plain = slope + rng.standard_normal(shape)
    hit = rng.random(shape) < 0.1
    data = np.where(hit, plain + 20.0, plain)
    clean, kept = without_outliers(data)
    # Three of five that are hit hide one another, in 1-D.
    assert kept[hit].mean() < 0.1
    assert kept[~hit].mean() > 0.98
    np.testing.assert_array_equal(clean[kept == 1], data[kept == 1])
    assert np.median(np.abs(clean - slope)[kept == 0]) < 1
    # The magnitude counts, and the library stays.
    turned, kept_too = without_outliers(strict.asarray(1j * data))
    assert turned.dtype == strict.complex128
    np.testing.assert_array_equal(np.asarray(kept_too), kept)
    np.testing.assert_array_equal(np.asarray(turned), 1j * clean)


def test_a_laplace_model_says_what_it_holds():
    scale = np.array([1.0, 2.0, np.inf])
    model = noise.Laplace(scale)
    assert (model.shape, model.level) == ((3,), pytest.approx(4 / 3))
    assert repr(model) == "Laplace(shape (3,))"
    assert [repr(noise.Laplace()), repr(noise.Laplace(np.float32(0.5)))] == [
        "Laplace()",
        "Laplace(scale=0.5)",
    ]


def test_outliers_that_are_missing_do_not_matter():
    kernel = psf.gaussian((5, 5), 1.0)
    seen = simulate.observe(samples.camera()[200:260, 180:230] / 255, kernel, noise_std=0.01, rng=0)
    scale = np.where(np.random.default_rng(1).random(seen.data.shape) < 0.1, np.inf, 0.008)
    estimates = [
        total_variation(
            np.where(np.isinf(scale), value, seen.data), kernel, noise=noise.Laplace(scale), max_iter=30
        ).estimate
        for value in (0.0, 9.0)
    ]
    np.testing.assert_allclose(estimates[0], estimates[1], rtol=1e-9, atol=1e-9)
    assert metrics.psnr(estimates[0], seen.truth) > 22


def test_a_noise_level_far_too_low_leaves_a_guess_and_not_amplified_noise():
    kernel = psf.gaussian((9, 9), 1.5)
    seen = simulate.observe(samples.camera()[200:300, 180:270] / 255, kernel, noise_std=0.03, rng=0)
    with pytest.warns(InputWarning, match=r"IDW004 total_variation: no lam .* is a guess"):
        result = total_variation(seen.data, kernel, noise=noise.Gaussian(0.02))
    assert result.parameters["selection_status"] == "NOISE_NEVER_REACHED"
    assert metrics.isnr(result.estimate, seen.truth, seen.data) > 1.0


KERNEL = np.array([[0.1, 0.2, 0.0], [0.05, 0.3, 0.1], [0.0, 0.15, 0.1]])


@pytest.mark.parametrize("model", [noise.Laplace(0.05), noise.Poisson(), noise.Gaussian(std=0.2)], ids=repr)
def test_the_order_in_memory_does_not_matter(model, rng):
    y = 1 + 3 * rng.random((14, 11))
    options = {"lam": 0.05, "noise": model, "boundary": "periodic", "bounds": (0.5, None)}
    expected = total_variation(y, KERNEL, **options)
    found = total_variation(np.asfortranarray(y), KERNEL, **options)
    assert found.status == expected.status
    np.testing.assert_allclose(found.estimate, expected.estimate, atol=1e-10)


def test_lambda_beside_read_noise_does_not_depend_on_the_solver(rng):
    """ADMM under "periodic" and primal–dual under "symmetric", on partly negative data with even edges."""
    scene = np.full((40, 36), 20.0)
    scene[10:30, 9:26] = 200.0
    blur = psf.gaussian((7, 7), 1.2)
    mean = Convolution.from_psf(blur, scene.shape, boundary="symmetric")(scene)
    data = rng.poisson(mean) + 10 * rng.standard_normal(mean.shape)
    assert data.min() < 0
    model = noise.Poisson(read_noise=10)
    words = ("periodic", "symmetric")
    both = [total_variation(data, blur, noise=model, boundary=word).parameters for word in words]
    assert [parameters["selection_status"] for parameters in both] == ["FOUND", "FOUND"]
    assert both[0]["lam"] == pytest.approx(both[1]["lam"], rel=0.3)


def test_a_part_stays_where_its_functional_is_finite():
    F = Part(PoissonDivergence(np.zeros(50), background=0.01), (slice(2, 52),))
    z = F.prox(np.linspace(-3, 3, 60), 0.7)
    assert z[2:52].min() == -0.01
    assert np.isfinite(F.value(z))


def test_a_mean_that_is_zero_to_rounding_has_a_divergence():
    v = np.array([3.0, -1e-15, 2.0])
    F = PoissonDivergence(np.array([3.0, 0.0, 2.0]))
    assert F.value(v) == pytest.approx(0, abs=1e-14)
    assert F.value(v - np.array([0, 1e-3, 0])) == np.inf
    assert PoissonDivergence(np.array([3.0, 1.0, 2.0])).value(v) == np.inf


@pytest.mark.filterwarnings("ignore:IDW004")
@pytest.mark.parametrize("kind", ["counts", "outliers"])
def test_samples_may_be_missing_wherever_no_edge_reaches(kind, rng):
    there = np.ones((8, 8))
    there[2:6, 2:6] = 0
    scale = np.where(there > 0, 0.1, np.inf)
    model = noise.Poisson(weights=there) if kind == "counts" else noise.Laplace(scale)
    result = total_variation(9 * rng.random((8, 8)), np.ones((5, 5)) / 25, noise=model)
    assert np.isfinite(result.estimate).all()


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_constant_data_need_no_guess_at_their_outliers(value):
    result = total_variation(np.full((12, 10), value), KERNEL, noise=noise.Laplace())
    np.testing.assert_allclose(result.estimate, value, atol=1e-12)
