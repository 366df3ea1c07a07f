"""How many iterations Richardson–Lucy plans: the spectrum it looks at, the noise seen there, and the cost."""

from __future__ import annotations

import functools
import tracemalloc

import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
from tolerance import normal

from invdeconv import Convolution, fft_options, metrics, noise, psf, richardson_lucy, samples, simulate
from invdeconv.arrays import _fft
from invdeconv.noise import _affine
from invdeconv.restoration import _least_risk, _sampled_spectrum
from invdeconv.restoration._least_risk import least_risk_iterations
from invdeconv.restoration._sampled_spectrum import sampled_spectrum, windowed_mean
from invdeconv.solvers import PlainIterations


def tukey(n, k):
    """A sine squared over an eighth of the axis or the PSF, at each end; unit mean square."""
    rise = min(max(n / 8, k), n / 2)
    values = [np.sin(np.pi / 2 * min(1, (min(i, n - 1 - i) + 0.5) / rise)) ** 2 for i in range(n)]
    return np.array(values) / np.sqrt(np.mean(np.square(values)))


@pytest.mark.parametrize(
    ("shape", "size"), [((37,), (6,)), ((20, 31), (5, 4)), ((4, 30), (7, 3)), ((6, 5, 8), (2, 3, 3))]
)
def test_of_small_data_every_frequency_is_looked_at(shape, size, rng, xp):
    data, kernel = 3 + rng.random(shape), rng.random(size)
    window = functools.reduce(np.multiply.outer, map(tukey, shape, size))
    centered = (data - np.sum(window * data) / window.sum()) * window
    seen = np.abs(np.fft.fftn(centered)) ** 2 / data.size
    grids = np.meshgrid(*map(np.fft.fftfreq, shape), indexing="ij")
    places = np.indices(size).reshape(len(size), -1)
    turns = np.exp(-2j * np.pi * sum(np.multiply.outer(g, p) for g, p in zip(grids, places, strict=True)))
    passed = np.abs(turns @ kernel.ravel() / kernel.sum()) ** 2
    found = sampled_spectrum(xp.asarray(data), kernel)
    frequency = np.sqrt(sum(g**2 for g in grids))
    assert found.weight.sum() == data.size
    for power in (1, 2):  # sums over the half that is kept, each inner entry for two, are sums over all
        for ours, theirs in ((found.power, seen), (found.passed, passed), (found.frequency, frequency)):
            assert np.sum(found.weight * ours**power) == pytest.approx(np.sum(theirs**power), rel=1e-9)
    assert np.sum(found.weight * found.power * found.passed) == pytest.approx(np.sum(seen * passed), rel=1e-9)
    mean = np.sum(window**2 * data) / np.sum(window**2)
    assert windowed_mean(xp.asarray(data), kernel) == pytest.approx(mean, rel=1e-12)


def test_of_large_data_a_sample_stands_for_all(rng):
    data, kernel = normal(rng, (500, 402)).astype(np.float32), psf.gaussian((9, 9), 1.0)
    found = sampled_spectrum(data, kernel)
    assert found.power.size < 10000
    assert found.weight.sum() == data.size
    assert np.average(found.power, weights=found.weight) == pytest.approx(1, rel=0.05)  # white noise of 1
    # Parseval: the mean of |H|² is the sum of h².
    passed = np.average(found.passed, weights=found.weight)
    assert passed == pytest.approx(np.sum(kernel**2) / kernel.sum() ** 2, rel=0.02)


def photograph(kernel, peak, *, smoothed=False):
    """A crop with counts; `smoothed` as a camera's interpolation smooths their noise."""
    seen = simulate.observe(samples.camera()[60:260, 150:350] / 255 * peak, kernel, crop=(20, 20))
    noise = np.random.default_rng(0).poisson(seen.data) - seen.data
    if smoothed:
        for axis in (0, 1):
            noise = scipy.ndimage.correlate1d(noise, [0.25, 0.5, 0.25], axis=axis)
    return np.maximum(seen.data + noise, 0), seen.truth


@pytest.mark.parametrize(
    ("kernel", "smoothed", "loss"),
    [
        (psf.gaussian((15, 15), 2.0), False, 0.3),
        (psf.motion((11, 15), 12, 30), False, 0.3),
        (psf.gaussian((15, 15), 2.0), True, 0.75),
        (psf.motion((11, 15), 12, 30), True, 0.75),
        # Its rings are narrow, and what they show is mostly edges: 10 dB without a look there.
        (psf.disk((9, 9), 3.5), True, 3),
    ],
    ids=["gaussian", "motion", "gaussian, smoothed", "motion, smoothed", "disk, smoothed"],
)
def test_the_plan_is_near_the_best_whether_noise_is_white_or_not(kernel, smoothed, loss):
    data, truth = photograph(kernel, 300, smoothed=smoothed)
    sizes = zip(data.shape, kernel.shape, strict=True)
    crop = tuple(slice(k - 1 - k // 2, k - 1 - k // 2 + n) for n, k in sizes)
    quality = []
    richardson_lucy(
        data,
        kernel,
        stop=PlainIterations(1e9),
        max_iter=20,
        callback=lambda step: quality.append(metrics.psnr(step.estimate[crop], truth, data_range=300)),
    )
    planned = richardson_lucy(data, kernel)
    assert planned.converged
    assert metrics.psnr(planned.estimate, truth, data_range=300) > max(quality) - loss


def test_a_micrograph_with_processed_noise():
    # By the variance in its finest details alone the plan is hundreds of iterations.
    data, spot = samples.celegans().astype(float), psf.gaussian((15, 15), 2.0)
    assert 5 < richardson_lucy(data, spot).parameters["plain_equivalent"] < 60


def test_a_plan_for_a_volume_hardly_thicker_than_its_psf(rng):
    scene = np.full((30, 70, 64), 0.05)
    for _ in range(60):
        box = tuple(slice(*sorted(rng.integers(0, n + 1, 2))) for n in scene.shape)
        scene[box] += 0.3
    kernel = psf.gaussian((13, 15, 15), (2.2, 2.5, 2.5))
    blurred = scipy.ndimage.gaussian_filter(scene, (2.2, 2.5, 2.5)) * 300
    data = rng.poisson(blurred).astype(np.float32)
    variance = windowed_mean(data, kernel)
    assert 3 < least_risk_iterations(data, kernel, variance) < 100


def test_no_plan_where_nothing_stands_out(rng):
    data = rng.poisson(50, (80, 90)).astype(float)
    assert least_risk_iterations(data, psf.gaussian((9, 9), 1.5), 50.0) is None
    assert least_risk_iterations(data, psf.gaussian((9, 9), 1.5), 0.0) is None


@pytest.mark.parametrize(
    ("shape", "size", "setup", "images"),
    [((512, 512), (11, 11), 5.6, 12.6), ((32, 128, 128), (15, 31, 31), 10.4, 21.0)],
    ids=str,
)
def test_peak_memory_of_the_default(shape, size, setup, images, monkeypatch, rng):
    """In images of the data: before the first iteration no more than the plain method."""
    monkeypatch.setattr(_fft, "_BLOCK", 1 << 13)
    monkeypatch.setattr(_sampled_spectrum, "_BLOCK", 1 << 13)
    monkeypatch.setattr(
        _sampled_spectrum, "_FREQUENCIES", 1 << 10
    )  # as few beside these as beside large ones
    kernel = psf.gaussian(size, tuple(k / 6 for k in size)).astype(np.float32)
    scene = np.cumsum(rng.standard_normal(shape), axis=-1) ** 2
    data = rng.poisson(500 * scipy.ndimage.gaussian_filter(scene / scene.max(), 2) + 5).astype(np.float32)
    before = []
    planned = _least_risk.least_risk_iterations

    def plan(*args):
        count = planned(*args)
        before.append(tracemalloc.get_traced_memory()[1] / data.nbytes)
        return max(count or 0.0, 20.0)

    monkeypatch.setattr("invdeconv.restoration._counts.least_risk_iterations", plan)
    richardson_lucy(data[..., :40, :40], kernel, max_iter=1)  # imports
    before.clear()
    tracemalloc.start()
    try:
        with fft_options(workers=1):
            assert richardson_lucy(data, kernel, max_iter=4).n_iter == 4
        assert before[0] <= setup
        assert tracemalloc.get_traced_memory()[1] / data.nbytes <= images
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("skip", [1, 3])
def test_windows_of_the_noise_estimate(skip, rng):
    data, taps = rng.random((13, 22, 9)).astype(np.float32), rng.random(4)
    kernel = functools.reduce(np.multiply.outer, [taps] * 3)
    whole = scipy.signal.convolve(data.astype(float), kernel, mode="valid", method="direct")
    step = slice(None, None, 2 * skip)
    expected = whole[step, step, step]
    found = _affine._windows(data, taps, skip)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, expected.ravel(), rtol=1e-12)


def test_a_convolution_is_planned_for_as_its_kernel_is():
    kernel = psf.gaussian((9, 7), (1.5, 1.0))
    data = simulate.observe(samples.camera()[60:156, 150:230].astype(float), kernel).data

    def plan(blur):
        return richardson_lucy(data, blur, max_iter=1).parameters["stop"]

    assert "PlainIterations" in plan(kernel)
    for boundary in ("periodic", "symmetric"):
        assert plan(Convolution.from_psf(kernel, data.shape, boundary=boundary)) == plan(kernel)
    twice = tuple(2 * n for n in data.shape)
    assert "Discrepancy" in plan(Convolution(kernel, twice, stride=2))
    assert "Discrepancy" in plan(2 * Convolution.from_psf(kernel, data.shape))


@pytest.mark.parametrize("shape", [(140, 140), (300,)], ids=str)
def test_a_scene_that_does_not_fall_off_is_not_overdone(shape, rng):
    waves = [40 * np.sin(np.arange(n) / (4 + 3 * i)) for i, n in enumerate(shape)]
    scene = 50 + functools.reduce(np.multiply.outer, waves) / 40 ** (len(shape) - 1)
    blur = psf.gaussian((13,) * len(shape), 2.0)
    data = rng.poisson(Convolution.from_psf(blur, shape, boundary="periodic")(scene)).astype(float)
    result = richardson_lucy(data, blur)
    assert metrics.psnr(result.estimate, scene) > metrics.psnr(data, scene) + 3


def test_one_sample_has_no_spectrum():
    result = richardson_lucy(np.array([[5.0]]), np.array([[1.0]]), noise=noise.Poisson())
    assert "Discrepancy" in result.parameters["stop"]
    assert result.estimate.item() == pytest.approx(5)
