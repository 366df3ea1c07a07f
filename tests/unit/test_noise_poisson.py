"""The affine variance of noise, from data; and the noise model for counts."""

from __future__ import annotations

import array_api_strict as strict
import numpy as np
import pytest
import skimage.data

from invdeconv import noise, psf, simulate


def blurred(size=200):
    image = skimage.data.camera().astype(float)[50 : 50 + size, 100 : 100 + size]
    return simulate.observe(image, psf.gaussian((11, 11), 2.0)).data


@pytest.mark.parametrize("gain", [0.1, 1.0, 7.0])
@pytest.mark.parametrize("read_noise", [0.0, 6.0])
def test_gain_and_read_noise_of_a_photograph(gain, read_noise):
    mean = blurred()
    rng = np.random.default_rng(0)
    data = gain * rng.poisson(mean / gain) + read_noise * rng.standard_normal(mean.shape)
    a, b = noise.estimate_noise_variance(data)
    for level in np.quantile(mean, (0.2, 0.8)):
        assert a + b * level == pytest.approx(read_noise**2 + gain * level, rel=0.25)
    scaled = noise.estimate_noise_variance(3 * data)
    np.testing.assert_allclose(scaled, (9 * a, 3 * b), rtol=0.02)  # ties of counts sort otherwise


def test_white_noise_does_not_grow():
    data = np.linspace(0, 100, 180) * np.ones((170, 1)) + 2 * np.random.default_rng(1).standard_normal(
        (170, 180)
    )
    a, b = noise.estimate_noise_variance(data)
    assert a == pytest.approx(4, rel=0.15)
    assert b * 50 < 0.3


def test_little_data():
    rng = np.random.default_rng(2)
    small = rng.random((9, 7))
    assert noise.estimate_noise_variance(small) == (noise.estimate_noise_std(small) ** 2, 0.0)
    assert noise.estimate_noise_variance([[3.0]]) == (0.0, 0.0)
    assert noise.estimate_noise_variance(np.ones((80, 90))) == (0.0, 0.0)
    data = rng.poisson(20, (60, 50)).astype(float)
    a, b = noise.estimate_noise_variance(data)
    assert a + b * 20 == pytest.approx(20, rel=0.2)
    assert noise.estimate_noise_variance(strict.asarray(data)) == (a, b)
    assert noise.estimate_noise_variance(data[:, None]) == (a, b)


def test_the_model_says_what_it_is():
    weights = np.ones((3, 4), bool)
    model = noise.Poisson(background=2, read_noise=np.full((3, 4), 4), gain=2, weights=weights)
    assert repr(model) == "Poisson(background=2, read_noise of shape (3, 4), gain=2, weights of shape (3, 4))"
    assert model.shape == (3, 4)
    np.testing.assert_array_equal(model.shift, np.full((3, 4), 8.0))
    assert noise.Poisson().shape is None
    assert repr(noise.Poisson()) == "Poisson(gain=1)"
    with pytest.raises(ValueError, match="read-only"):
        model.weights[0, 0] = 0
    assert noise.Poisson(background=np.float32(3)).background == 3.0


def test_shifted_poisson_has_the_mean_and_the_variance():
    """y + r²/g of the model's own draw has the mean and the variance of a Poisson number times g."""
    rng = np.random.default_rng(0)
    model, mean, n = noise.Poisson(read_noise=3, gain=2), 40.0, 200_000
    y = 2 * rng.poisson(mean / 2, n) + 3 * rng.standard_normal(n) + model.shift
    assert y.mean() == pytest.approx(mean + 4.5, rel=1e-3)
    assert y.var() == pytest.approx(2 * (mean + 4.5), rel=0.02)
