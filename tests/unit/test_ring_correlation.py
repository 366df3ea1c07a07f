"""Fourier ring correlation: its definition, noise, S/(S + N), known limits of resolution."""

from __future__ import annotations

import itertools

import array_api_strict as strict
import numpy as np
import pytest
import scipy.signal
from tolerance import normal

from invdeconv import metrics
from invdeconv.result import Result, Status

frc, board = metrics.fourier_ring_correlation, metrics.checkerboard_ring_correlation


def by_definition(a, b, spacing, width):
    """Return {ring: (correlation, samples)}: one frequency of the whole plane after the other."""
    A, B = np.fft.fftn(a - a.mean()), np.fft.fftn(b - b.mean())
    rings = {}
    for index in np.ndindex(a.shape):
        parts = [
            (k - n if 2 * k > n else k) / (n * d) for k, n, d in zip(index, a.shape, spacing, strict=True)
        ]
        ring = round(float(np.linalg.norm(parts)) / width)
        sums = rings.setdefault(ring, [0, 0, 0, 0])
        for i, value in enumerate((A[index] * B[index].conj(), abs(A[index]) ** 2, abs(B[index]) ** 2, 1)):
            sums[i] += value
    return {ring: (s[0].real / np.sqrt(s[1] * s[2]), s[3]) for ring, s in rings.items() if ring > 0}


@pytest.mark.parametrize("complex_", [False, True], ids=["real", "complex"])
@pytest.mark.parametrize(
    ("shape", "spacing", "width", "last"),
    [
        ((21,), 1.0, 1 / 21, 10),
        ((16, 9), 1.0, 1 / 16, 8),
        ((7, 12), (0.5, 0.25), 1 / 3.5, 7),
        ((4, 10, 7), (3.0, 1.0, 1.2), 1 / 12, 6),
    ],
)
def test_the_definition(shape, spacing, width, last, complex_, rng):
    a = normal(rng, shape, complex_=complex_)
    b = 0.5 * a + normal(rng, shape, complex_=complex_)
    found = frc(a, b, spacing=spacing, taper=0)
    distances = spacing if isinstance(spacing, tuple) else (spacing,) * len(shape)
    expected = {ring: value for ring, value in by_definition(a, b, distances, width).items() if ring <= last}
    np.testing.assert_allclose(found.frequency, np.array(sorted(expected)) * width, rtol=1e-12)
    each = [expected[ring] for ring in sorted(expected)]
    np.testing.assert_allclose(found.correlation, [c for c, _ in each], atol=1e-12)
    np.testing.assert_array_equal(found.samples, [n for _, n in each])


@pytest.mark.parametrize("taper", [0, 0.25, 1])
@pytest.mark.parametrize("shape", [(33,), (12, 17), (1, 20), (5, 6, 8)], ids=str)
def test_identical_pictures_correlate_fully(shape, taper, rng):
    x = normal(rng, shape)
    np.testing.assert_allclose(frc(x, 3 * x + 5, taper=taper).correlation, 1, atol=1e-12)
    np.testing.assert_allclose(frc(x, -x, taper=taper).correlation, -1, atol=1e-12)
    np.testing.assert_array_equal(frc(0 * x, x).correlation, 0)


@pytest.mark.parametrize("complex_", [False, True], ids=["real", "complex"])
def test_noise_alone_has_the_spread_of_its_samples(complex_, rng):
    """Re Σ A·B̄ of n independent frequencies has variance n/2, and a real picture has each one twice."""
    scaled = []
    for _ in range(60):
        rings = frc(*(normal(rng, (40, 54), complex_=complex_) for _ in range(2)), taper=0)
        scaled.append(rings.correlation * np.sqrt(rings.samples * (2 if complex_ else 1)))
    scaled = np.array(scaled)
    assert abs(scaled.mean()) < 4 / np.sqrt(scaled.size)
    assert scaled.std() == pytest.approx(1, abs=4 / np.sqrt(2 * scaled.size))
    windowed = [frc(*rng.standard_normal((2, 40, 54))) for _ in range(60)]
    spread = np.std([rings.correlation * np.sqrt(rings.samples) for rings in windowed])
    assert spread == pytest.approx(1.05, abs=0.07)


def blurred(rng, shape, width):
    """Return a periodic random scene under a Gaussian transfer function, and its power per frequency."""
    radius = np.hypot(*np.meshgrid(*map(np.fft.fftfreq, shape), indexing="ij"))
    spectrum = np.fft.fftn(rng.standard_normal(shape)) * np.exp(-0.5 * (radius / width) ** 2)
    return np.fft.ifftn(spectrum).real, np.abs(spectrum) ** 2, radius


def ring_means(values, radius, frequency):
    step = frequency[0]
    ring = np.rint(radius / step).astype(int)
    return np.array([values[ring == round(f / step)].mean() for f in frequency])


def test_two_noisy_copies_of_a_blurred_scene(rng):
    scene, power, radius = blurred(rng, (64, 64), 0.12)
    std, copies = 0.2, 40
    pairs = [frc(*(scene + std * rng.standard_normal((2, 64, 64))), taper=0) for _ in range(copies)]
    frequency, samples = pairs[0].frequency, pairs[0].samples
    signal = ring_means(power, radius, frequency)
    expected = signal / (signal + std**2 * 64 * 64)
    mean = np.mean([rings.correlation for rings in pairs], axis=0)
    # The ratio of sums is low by about one sample's share.
    assert np.all(np.abs(mean - expected) < 4 / np.sqrt(copies * samples) + 1 / samples)
    assert expected[0] > 0.9
    assert expected[-1] < 0.01


def test_the_two_halves_of_a_checkerboard(rng):
    scene, power, radius = blurred(rng, (64, 64), 0.06)
    scene, std, copies = np.fft.ifftn(np.fft.fftn(scene) * (radius < 0.24)).real, 0.2, 40
    noisy = [board(scene + std * rng.standard_normal((64, 64)), taper=0) for _ in range(copies)]
    frequency, samples = noisy[0].frequency, noisy[0].samples
    assert frequency[-1] <= 0.25
    inside = frequency < 0.22
    signal = ring_means(power, radius, frequency)
    expected = signal / (signal + 4 * std**2 * 64 * 64)
    mean = np.mean([rings.correlation for rings in noisy], axis=0)
    assert np.all(np.abs(mean - expected)[inside] < (4 / np.sqrt(copies * samples) + 1 / samples)[inside])


@pytest.mark.parametrize(("shape", "wave"), [((32,), (5,)), ((24, 33), (3, -2)), ((16, 24, 20), (2, 3, -1))])
def test_a_wave_is_the_same_on_all_squares(shape, wave):
    even = tuple(n - n % 2 for n in shape)
    phase = sum(
        2 * np.pi * k * x / n
        for k, x, n in zip(wave, np.meshgrid(*map(np.arange, shape), indexing="ij"), even, strict=True)
    )
    rings = board(np.cos(phase + 0.3), spacing=0.5, taper=0)
    length = 1 / np.linalg.norm([k / (0.5 * n) for k, n in zip(wave, even, strict=True)])
    nearest = np.abs(rings.frequency - 1 / length).argmin()
    assert rings.correlation[nearest] == pytest.approx(1, abs=1e-9)
    turned = board(np.exp(1j * phase), spacing=0.5, taper=0)
    assert turned.correlation[np.abs(turned.frequency - 1 / length).argmin()] == pytest.approx(1, abs=1e-9)


def test_waves_at_the_limit_of_the_squares_are_left_out(rng):
    rings = board(rng.standard_normal(16))
    np.testing.assert_allclose(rings.frequency, np.array([1, 2, 3]) / 16)
    # Of the 4 × 4 frequencies of each of two pairs the 3 × 3 below the limit, less that of the mean.
    assert board(rng.standard_normal((8, 8))).samples.sum() == 2 * 8


def test_the_resolution_of_a_band_limit(rng):
    radius = np.hypot(*np.meshgrid(np.fft.fftfreq(90), np.fft.fftfreq(120), indexing="ij"))
    scene = np.fft.ifft2(np.fft.fft2(rng.standard_normal((90, 120))) * (radius < 0.2)).real
    # Not less noise: what a window leaks of a strong signal beyond its limit correlates as well.
    one, other = scene + 0.3 * rng.standard_normal((2, 90, 120))
    for criterion in (1 / 7, 0.5, "half-bit", "3-sigma"):
        for taper in (0, 0.25):
            found = frc(one, other, taper=taper).resolution(criterion)
            assert 1 / found == pytest.approx(0.2, abs=2.5 / 120)
    assert frc(one, other, spacing=0.1).resolution() == pytest.approx(0.1 * frc(one, other).resolution())
    assert 1 / board(one).resolution() == pytest.approx(0.2, abs=2.5 / 120)


def test_without_a_taper_the_edges_correlate(rng):
    ramp = np.linspace(0, 50, 64)[:, None] + np.linspace(0, 30, 64)
    one, other = ramp + rng.standard_normal((2, 64, 64))
    far = slice(16, None)
    assert frc(one, other, taper=0).correlation[far].mean() > 0.2
    rings = frc(one, other)
    assert np.abs(rings.correlation[far].mean()) < 4 / np.sqrt(rings.samples[far].sum())


@pytest.mark.parametrize("taper", [0.25, 0.6, 1])
def test_the_taper_is_tukey_s_window(taper, rng):
    one, other = rng.standard_normal((2, 14, 11))
    rows, columns = (scipy.signal.windows.tukey(2 * n + 1, taper)[1::2] for n in one.shape)
    window = np.outer(rows, columns)
    faded = [window * (x - np.average(x, weights=window)) for x in (one, other)]
    expected = frc(*faded, taper=0).correlation
    np.testing.assert_allclose(frc(one, other, taper=taper).correlation, expected, atol=1e-12)


def test_threshold_curves():
    samples = np.array([4.0, 100.0, 1e6])
    rings = metrics.RingCorrelation(np.arange(1, 4) / 8, np.array([1.0, 0.5, 0.0]), samples)
    np.testing.assert_array_equal(rings.threshold(), np.full(3, 1 / 7))
    root = np.sqrt(samples)
    published = (0.2071 + 1.9102 / root) / (1.2071 + 0.9102 / root)  # van Heel & Schatz, rounded as there
    np.testing.assert_allclose(rings.threshold("half-bit"), published, atol=1e-4)
    np.testing.assert_allclose(rings.threshold("3-sigma"), 3 / np.sqrt(samples / 2))


def test_the_first_crossing():
    samples = np.array([4.0, 100.0, 104.0, 200.0, 1e6])

    def resolution(correlation, criterion=0.25):
        rings = metrics.RingCorrelation(np.arange(1, 6) / 10, np.array(correlation), samples)
        return rings.resolution(criterion)

    # From 0.5 at 2/10 to 0 at 3/10, straight; the first ring has too few samples to end it all.
    assert resolution([0.0, 0.5, 0.0, 1.0, 0.0]) == pytest.approx(1 / 0.25)
    assert resolution([0.0, 0.5, 0.0, 1.0, 0.0], 0.5) == pytest.approx(1 / 0.2)
    limits = [3 / np.sqrt(100 / 2), 3 / np.sqrt(104 / 2)]
    share = (0.5 - limits[0]) / (0.5 - limits[0] + limits[1] - 0.1)
    assert resolution([0.0, 0.5, 0.1, 1.0, 0.0], "3-sigma") == pytest.approx(1 / (0.2 + 0.1 * share))
    assert resolution([1.0, 1.0, 1.0, 1.0, 0.3]) == pytest.approx(2)
    assert resolution([1.0, 0.2, 1.0, 1.0, 1.0]) == np.inf


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_other_libraries_and_results(dtype, rng):
    one, other = rng.standard_normal((2, 12, 14)).astype(dtype)
    host = frc(one, other)
    for a, b in itertools.product((one, strict.asarray(one)), (other,)):
        given = b if a is one else strict.asarray(b)
        np.testing.assert_array_equal(frc(a, given).correlation, host.correlation)
    np.testing.assert_array_equal(frc(Result(one, Status.CLOSED_FORM), other).correlation, host.correlation)
    double = frc(one.astype(float), other.astype(float))
    np.testing.assert_allclose(host.correlation, double.correlation, atol=1e-5)
    before = one.copy()
    one.flags.writeable = False
    frc(one, one)
    board(one)
    np.testing.assert_array_equal(one, before)
