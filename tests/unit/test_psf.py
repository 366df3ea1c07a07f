"""Point-spread functions: moments in closed form, symmetries, exact small cases."""

import math

import numpy as np
import pytest

from invdeconv import InvalidInputError, psf, samples
from invdeconv.simulate import observe


def moments(h):
    """Centroid about ``n // 2``, and the covariance about the centroid."""
    grid = np.stack(
        [g.ravel() for g in np.meshgrid(*(np.arange(n) - n // 2 for n in h.shape), indexing="ij")]
    )
    mean = grid @ h.ravel()
    centered = grid - mean[:, None]
    return mean, (centered * h.ravel()) @ centered.T


EXAMPLES = {
    "gaussian 1-D": psf.gaussian(32, 1.7),
    "gaussian 2-D": psf.gaussian((24, 31), (1.5, 2.25)),
    "gaussian 3-D": psf.gaussian((21, 18, 25), (0.8, 1.1, 1.9)),
    "box": psf.disk(12, 3.3),
    "disk": psf.disk((19, 24), 6.2),
    "ball": psf.disk((9, 10, 11), 3.4),
    "motion": psf.motion((20, 27), 12.3, 33.0),
    "motion up": psf.motion((20, 27), 12.3, 90.0),
}


@pytest.mark.parametrize("h", EXAMPLES.values(), ids=EXAMPLES)
def test_unit_sum_nonnegative_and_centered_for_odd_and_even_sizes(h):
    assert h.dtype == np.float64
    assert h.sum() == pytest.approx(1, abs=1e-14)
    assert h.min() >= 0
    mean, _ = moments(h)
    # An even axis has one more pixel before the origin than after it: a Gaussian's tail is all it can hold.
    np.testing.assert_allclose(mean, 0, atol=1e-10)


def test_gaussian_variance_is_sigma_squared():
    # By Poisson summation the sampled variance differs from σ² by about 4π²σ⁴·exp(−2π²σ²)·2: 1e-15 here.
    _, covariance = moments(psf.gaussian((41, 60), (1.5, 3.0)))
    np.testing.assert_allclose(covariance, np.diag([1.5**2, 3.0**2]), rtol=1e-10, atol=1e-14)


def test_gaussian_ratio_of_neighbors():
    h = psf.gaussian((5, 7), (1.0, 2.0))
    assert h[3, 3] / h[2, 3] == pytest.approx(math.exp(-0.5))
    assert h[2, 5] / h[2, 3] == pytest.approx(math.exp(-0.5))


def test_gaussian_zero_sigma_is_no_blur_along_the_axis():
    h = psf.gaussian((4, 5), (0, 1.2))
    np.testing.assert_array_equal(np.delete(h, 2, axis=0), 0)
    np.testing.assert_allclose(h[2], psf.gaussian(5, 1.2))


def test_box_is_exact():
    np.testing.assert_allclose(psf.disk(8, 2.25), np.array([0, 0, 0.75, 1, 1, 1, 0.75, 0]) / 4.5, rtol=1e-14)


def test_disk_of_radius_one_in_closed_form():
    # The corner pixel starts at (½, ½): its share is ∫ (√(1 − x²) − ½) dx from ½ to √¾.
    low, high = 0.5, math.sqrt(0.75)
    corner = 0.5 * (high * low + math.asin(high) - low * high - math.asin(low)) - 0.5 * (high - low)
    edge = (math.pi - 1 - 4 * corner) / 4
    expected = np.array([[corner, edge, corner], [edge, 1, edge], [corner, edge, corner]]) / math.pi
    np.testing.assert_allclose(psf.disk((3, 3), 1.0), expected, atol=2e-5)


@pytest.mark.parametrize(("shape", "radius"), [((21, 19), 8.4), ((6, 5), 2.2), ((7, 8, 7), 3.1)])
def test_disk_against_counting_points(shape, radius):
    fine = 60 if len(shape) == 2 else 20
    grids = [(np.arange(n * fine) + 0.5) / fine - 0.5 - n // 2 for n in shape]
    inside = sum(g**2 for g in np.meshgrid(*grids, indexing="ij")) < radius**2
    blocks = inside.reshape([m for n in shape for m in (n, fine)])
    coverage = blocks.mean(axis=tuple(range(1, 2 * len(shape), 2)))
    np.testing.assert_allclose(psf.disk(shape, radius), coverage / coverage.sum(), atol=6e-3 / coverage.sum())


@pytest.mark.parametrize("radius", [3.3, 8.5])
def test_disk_area(radius):
    assert 1 / psf.disk((21, 19), radius)[10, 9] == pytest.approx(math.pi * radius**2, rel=1e-4)


def test_disk_inside_one_pixel_is_a_point():
    np.testing.assert_array_equal(psf.disk((3, 4), 0.5), psf.gaussian((3, 4), 0))


def test_disk_is_the_same_along_both_axes():
    h = psf.disk((15, 15), 5.4)
    np.testing.assert_allclose(h, h.T, atol=1e-5)


@pytest.mark.parametrize("size", [(3, 7), (4, 8)])
def test_motion_along_a_row(size):
    row = psf.motion(size, 5)[size[0] // 2]
    origin = size[1] // 2
    np.testing.assert_allclose(row[origin - 2 : origin + 3], 0.2, rtol=1e-14)


def test_motion_on_the_diagonal_goes_up_to_the_right():
    expected = np.fliplr(np.eye(5)) / 5  # row 0 is the top: from bottom left to top right
    np.testing.assert_allclose(psf.motion((5, 5), 5 * math.sqrt(2), 45), expected, atol=1e-14)


@pytest.mark.parametrize("angle", [0.0, 17.0, 45.0, 61.3, 120.0, -40.0])
def test_motion_turns_counter_clockwise(angle):
    h = psf.motion((25, 25), 14.6, angle)
    np.testing.assert_allclose(psf.motion((25, 25), 14.6, angle + 90), np.rot90(h), atol=1e-12)
    np.testing.assert_allclose(psf.motion((25, 25), 14.6, angle + 180), h, atol=1e-12)


@pytest.mark.parametrize("angle", [10.0, 33.0, 75.0, 140.0])
def test_motion_covariance_is_that_of_the_line(angle):
    length = 60.0
    _, covariance = moments(psf.motion((65, 65), length, angle))
    u = np.array([-math.sin(math.radians(angle)), math.cos(math.radians(angle))])
    # The line has L²/12 along u; rounding to pixels adds at most 1/4 per axis.
    np.testing.assert_allclose(covariance, np.outer(u, u) * length**2 / 12, atol=0.3)


def test_no_motion_is_a_point():
    np.testing.assert_array_equal(psf.motion((4, 5), 0, 30), psf.gaussian((4, 5), 0))


@pytest.mark.parametrize(("length", "angle"), [(17, 0), (24, 30), (31, -55)])
def test_motion_is_found_in_a_photograph(length, angle):
    seen = observe(samples.camera() / 255, psf.motion((41, 41), length, angle), noise_std=1e-4, rng=0)
    found = psf.motion_from_cepstrum(seen.data)
    assert found.length == pytest.approx(length, abs=1.5)
    assert found.angle == pytest.approx(angle, abs=3)


@pytest.mark.parametrize(
    ("picture", "options", "match"),
    [
        (np.ones(50), {}, "picture must be real, 2-D, at least 32 × 32"),
        (np.ones((40, 40)), {}, "picture must not be constant"),
        (np.eye(40), {"longest": 5}, "longest must be more than 8"),
    ],
)
def test_motion_refuses(picture, options, match):
    with pytest.raises(InvalidInputError, match=f"motion_from_cepstrum: {match}"):
        psf.motion_from_cepstrum(picture, **options)
