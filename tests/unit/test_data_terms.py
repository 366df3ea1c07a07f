"""What noise leaves: expected divergences and sizes, and what happens where a level is wrong."""

from __future__ import annotations

import array_api_strict as strict
import numpy as np
import pytest
import scipy.stats

from invdeconv import InputWarning, metrics, noise, psf, samples, simulate, total_variation
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
