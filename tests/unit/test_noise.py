"""estimate_noise_std and white_noise against closed forms, pywt and a loop."""

from __future__ import annotations

import itertools
import math

import array_api_strict as strict
import numpy as np
import pytest
import pywt
import skimage.data

from invdeconv import Convolution, Identity, psf
from invdeconv.noise import estimate_noise_std, white_noise, windowed

MAD = 0.6744897501960817


def draw(shape, seed=0, *, complex_=False):
    rng = np.random.default_rng(seed)
    parts = rng.standard_normal((2, *shape)) * math.sqrt(0.5)
    return parts[0] + 1j * parts[1] if complex_ else rng.standard_normal(shape)


def loop_estimate(data):
    """The textbook: every full window of four, stepping by two, against PyWavelets' own filter."""
    taps = np.array(pywt.Wavelet("db2").dec_hi)
    window = taps
    for _ in range(data.ndim - 1):
        window = np.multiply.outer(window, taps)
    starts = itertools.product(*(range(0, n - 3, 2) for n in data.shape))
    details = [np.sum(window * data[tuple(slice(i, i + 4) for i in at)]) for at in starts]
    return np.median(np.abs(details)) / (math.sqrt(math.log(2)) if np.iscomplexobj(data) else MAD)


@pytest.mark.parametrize("complex_", [False, True])
@pytest.mark.parametrize("shape", [(4,), (37,), (12, 9), (7, 6, 5)])
def test_equals_the_loop(shape, complex_):
    data = draw(shape, complex_=complex_)
    assert estimate_noise_std(data) == pytest.approx(loop_estimate(data), rel=1e-10)


@pytest.mark.parametrize("complex_", [False, True])
@pytest.mark.parametrize("shape", [(40_000,), (200, 203), (34, 36, 35)])
def test_white_noise_within_its_spread(shape, complex_):
    details = math.prod(n // 2 for n in shape)
    got = estimate_noise_std(0.3 * draw(shape, 1, complex_=complex_))
    assert got == pytest.approx(0.3, rel=4 * 1.2 / math.sqrt(details))


def test_slopes_do_not_count():
    i, j = np.mgrid[:40, :51]
    slope = 3.0 * i - 7.0 * j + 2
    assert estimate_noise_std(slope) < 1e-12
    noise = 0.01 * draw(slope.shape, 2)
    assert estimate_noise_std(slope + noise) == pytest.approx(estimate_noise_std(noise), rel=1e-9)


def test_edges_and_spikes_hardly_count():
    noise = 0.05 * draw((128, 130), 3)
    scene = np.zeros(noise.shape)
    scene[30:, :70] += 1
    scene[np.random.default_rng(4).random(noise.shape) < 0.002] += 20
    assert estimate_noise_std(scene + noise) == pytest.approx(0.05, rel=0.1)


@pytest.mark.parametrize("complex_", [False, True])
def test_scale_equivariance(complex_):
    data = draw((33, 20), 5, complex_=complex_)
    for power in (2.0**-40, 0.5, 4.0):
        assert estimate_noise_std(power * data) == power * estimate_noise_std(data)
    assert estimate_noise_std(-7.3 * data) == pytest.approx(7.3 * estimate_noise_std(data), rel=1e-13)
    if complex_:
        assert estimate_noise_std(np.exp(1.1j) * data) == pytest.approx(estimate_noise_std(data), rel=1e-13)


def test_short_axes():
    data = draw((23, 1, 18), 6)
    assert estimate_noise_std(data) == pytest.approx(estimate_noise_std(data[:, 0]), rel=1e-14)
    assert estimate_noise_std([1.0, 4.0]) == pytest.approx(3 / math.sqrt(2) / MAD, rel=1e-14)
    assert estimate_noise_std([1.0, 4.0, 100.0]) == pytest.approx(3 / math.sqrt(2) / MAD, rel=1e-14)
    assert estimate_noise_std([[1.0, 4.0], [2.0, 9.0]]) == pytest.approx(4 / 2 / MAD, rel=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
def test_namespace_and_precision(dtype):
    data = draw((31, 22), 7, complex_=np.issubdtype(dtype, np.complexfloating)).astype(dtype)
    eps = float(np.finfo(dtype).eps)
    reference = estimate_noise_std(data.astype(np.complex128 if np.iscomplexobj(data) else np.float64))
    assert estimate_noise_std(data) == pytest.approx(reference, rel=100 * eps)
    assert estimate_noise_std(strict.asarray(data)) == pytest.approx(reference, rel=100 * eps)


ROWS, COLUMNS = np.mgrid[-7:8, -7:8]
HEAVY = 1 / (1 + ROWS**2 + COLUMNS**2)
BINOMIAL = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256
# The first five scenarios of Danielyan, Katkovnik and Egiazarian, IEEE TIP 21 (2012) 1715: PSF and σ of 255;
# None is a blurred signal-to-noise ratio of 40 dB.
SCENARIOS = {
    "1": (HEAVY / HEAVY.sum(), math.sqrt(2)),
    "2": (HEAVY / HEAVY.sum(), math.sqrt(8)),
    "3": (np.full((9, 9), 1 / 81), None),
    "4": (BINOMIAL, 7.0),
    "5": (psf.gaussian((25, 25), 1.6), 2.0),
}
PHOTOGRAPHS = ("camera", "coins", "grass", "gravel", "brick", "text")


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_noise_behind_a_known_blur_within_five_per_cent(name, scenario):
    scene = getattr(skimage.data, name)()[:512, :512].astype(float)
    kernel, sigma = SCENARIOS[scenario]
    blurred = Convolution.from_psf(kernel, scene.shape, boundary="periodic")(scene)
    sigma = 1e-2 * blurred.std() if sigma is None else sigma
    data = blurred + sigma * draw(scene.shape, 1)
    assert estimate_noise_std(data, kernel) == pytest.approx(sigma, rel=0.05)


def test_the_wavelets_alone_take_texture_for_noise():
    scene = skimage.data.grass().astype(float)
    C = Convolution.from_psf(np.full((9, 9), 1 / 81), scene.shape, boundary="periodic")
    sigma = 1e-2 * C(scene).std()
    data = C(scene) + sigma * draw(scene.shape, 1)
    assert estimate_noise_std(data) > 1.2 * sigma
    assert estimate_noise_std(data, C) == pytest.approx(sigma, rel=0.05)
    # What lies outside a crop leaks into a plain spectrum, not into a windowed one.
    assert estimate_noise_std(data[100:400, 50:400], C.kernel) == pytest.approx(sigma, rel=0.05)


def test_sharp_pictures_are_not_all_noise():
    # No blur to hide behind: what is finest in the picture is noise to both estimates.
    for name, most in {"camera": 2, "coins": 3, "brick": 1, "gravel": 4}.items():
        assert estimate_noise_std(getattr(skimage.data, name)(), np.ones((1, 1))) < most


def test_blurs_that_say_nothing_of_the_spectrum_leave_it_at_the_wavelets():
    data = draw((60, 55), 8)
    plain = estimate_noise_std(data)
    strided = Convolution(np.ones((3, 3)), (120, 110), stride=2)
    for blur in (Identity(data.shape), strided, Convolution(np.ones((2, 2)), (60, 55), dilation=3)):
        assert estimate_noise_std(data, blur) == plain
    assert estimate_noise_std(data[:40, :40], np.ones((3, 3))) == estimate_noise_std(data[:40, :40])
    assert estimate_noise_std(data, np.ones((61, 3))) == plain


def test_a_blur_with_other_libraries_precisions_and_complex_data():
    kernel = psf.gaussian((7, 6), 1.5)
    data = draw((80, 70), 9)
    reference = estimate_noise_std(data, kernel)
    assert reference == pytest.approx(1, rel=0.05)
    assert estimate_noise_std(strict.asarray(data), kernel) == pytest.approx(reference, rel=1e-12)
    assert estimate_noise_std(data.astype(np.float32), kernel) == pytest.approx(reference, rel=1e-4)
    assert estimate_noise_std(-3e5 * data, kernel) == pytest.approx(3e5 * reference, rel=1e-9)
    both = draw((80, 70), 9, complex_=True)
    assert estimate_noise_std(both, kernel) == pytest.approx(1, rel=0.06)
    assert estimate_noise_std(both, kernel * np.exp(1j)) == pytest.approx(1, rel=0.06)


def test_a_window_keeps_the_power_of_white_noise():
    data = draw((300, 200), 10) + 7
    assert np.mean(windowed(data) ** 2) == pytest.approx(1, rel=0.05)
    assert abs(windowed(data).sum()) < 1e-9 * data.size


def test_draws_are_circular_and_scaled():
    n = 200_000
    noise = white_noise(np.zeros(n, complex), 3.0, rng=0)
    assert np.mean(np.abs(noise) ** 2) == pytest.approx(9, rel=4 / math.sqrt(n))
    assert abs(np.mean(noise**2)) < 9 * 5 / math.sqrt(n)  # circular: E n² = 0
    real = white_noise(np.zeros(n), 3.0, rng=0)
    assert real.dtype == np.float64
    assert np.mean(real**2) == pytest.approx(9, rel=4 * math.sqrt(2 / n))


def test_draws_fit_their_data():
    for xp, name in itertools.product((np, strict), ("float32", "float64", "complex64", "complex128")):
        data = xp.zeros((3, 4), dtype=getattr(xp, name))
        noise = white_noise(data, 1.0, rng=1)
        assert type(noise) is type(data)
        assert noise.dtype == data.dtype
        assert noise.shape == (3, 4)


def test_draws_are_reproducible():
    assert np.array_equal(white_noise(np.zeros(9), 1.0, rng=2), white_noise(np.zeros(9), 1.0, rng=2))
    shared = np.random.default_rng(2)
    assert np.array_equal(white_noise(np.zeros(9), 1.0, shared), white_noise(np.zeros(9), 1.0, rng=2))
    assert not np.array_equal(white_noise(np.zeros(9), 1.0, shared), white_noise(np.zeros(9), 1.0, rng=2))
