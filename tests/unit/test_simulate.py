"""observe: what lies under what, and no inverse crime."""

from __future__ import annotations

import dataclasses
import itertools

import array_api_strict as strict
import numpy as np
import pytest
import scipy.signal

from invdeconv.noise import white_noise
from invdeconv.operators import Convolution
from invdeconv.simulate import Observation, observe


def draw(shape, seed=0, *, complex_=False):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(shape)
    return x + 1j * rng.standard_normal(shape) if complex_ else x


def delta(k, at):
    psf = np.zeros(k)
    psf[at] = 1
    return psf


@pytest.mark.parametrize("k", range(1, 7))
def test_a_delta_at_the_origin_changes_nothing(k):
    scene = draw((11,))
    seen = observe(scene, delta(k, k // 2))
    assert seen.truth.shape == (11 - k + 1,)
    np.testing.assert_allclose(seen.data, seen.truth, atol=1e-14)


@pytest.mark.parametrize(("k", "at"), [(k, at) for k in range(1, 7) for at in range(k)])
def test_a_shifted_delta_shifts_the_scene(k, at):
    # y[i] = x[i − (at − k//2)]: a tap after the origin delays.
    scene = np.arange(20.0) ** 2
    seen = observe(scene, delta(k, at))
    first = int(np.flatnonzero(scene == seen.truth[0])[0])
    shift = at - k // 2
    np.testing.assert_allclose(seen.data, scene[first - shift :][: seen.data.size], atol=1e-12)


@pytest.mark.parametrize("shape", list(itertools.product((2, 3, 4), (1, 2, 5))))
def test_a_two_axis_delta_lines_up(shape):
    psf = np.zeros(shape)
    psf[shape[0] // 2, shape[1] // 2] = 1
    seen = observe(draw((9, 12)), psf, crop=(0, 1))
    np.testing.assert_allclose(seen.data, seen.truth, atol=1e-14)


@pytest.mark.parametrize("complex_", [False, True])
@pytest.mark.parametrize(("n", "k"), [((17,), (4,)), ((12, 15), (4, 3)), ((7, 8, 9), (2, 3, 4))])
def test_data_are_the_valid_convolution(n, k, complex_):
    scene, psf = draw(n, 1, complex_=complex_), draw(k, 2, complex_=complex_)
    seen = observe(scene, psf)
    np.testing.assert_allclose(seen.data, scipy.signal.convolve(scene, psf, "valid"), atol=1e-12)
    assert seen.truth.shape == seen.data.shape


def test_more_margin():
    scene, psf = draw((20, 23)), draw((4, 3), 1)
    whole, cropped = observe(scene, psf), observe(scene, psf, crop=(2, 0))
    np.testing.assert_array_equal(cropped.data, whole.data[2:-2])
    np.testing.assert_array_equal(cropped.truth, whole.truth[2:-2])
    assert observe(scene, psf, crop=3).data.shape == (11, 15)


def test_no_inverse_crime():
    """The data know of scene that no method is given: no boundary model of the truth explains them."""
    scene, psf = draw((24, 30)), np.full((5, 4), 0.05)
    seen = observe(scene, psf)
    for boundary in ("zero", "periodic", "symmetric"):
        model = Convolution.from_psf(psf, seen.truth.shape, boundary=boundary)(seen.truth)
        np.testing.assert_allclose(model[4:-4, 4:-4], seen.data[4:-4, 4:-4], atol=1e-12)
        assert np.abs(model - seen.data).max() > 0.05


def test_an_operator_sees_the_whole_scene():
    C = Convolution(draw((3, 2)), (9, 8), stride=2, padding="valid")
    scene = draw((9, 8), 3)
    seen = observe(scene, C)
    np.testing.assert_array_equal(seen.data, C(scene))
    np.testing.assert_array_equal(seen.truth, scene)
    assert seen.blur is C


@pytest.mark.parametrize("complex_", [False, True])
def test_noise(complex_):
    scene = draw((150, 160), complex_=complex_)
    clean, noisy = observe(scene, np.ones((1, 2))), observe(scene, np.ones((1, 2)), noise_std=0.2, rng=3)
    noise = noisy.data - clean.data
    np.testing.assert_allclose(noise, white_noise(clean.data, 0.2, rng=3), atol=1e-13)
    assert np.mean(np.abs(noise) ** 2) == pytest.approx(0.04, rel=0.05)
    assert clean.noise == 0
    assert noisy.noise == 0.2


def test_a_complex_blur_makes_circular_noise():
    noise = observe(np.zeros(4000), [1j, 2.0], noise_std=1.0, rng=0).data
    assert abs(np.mean(noise**2)) < 0.1


@pytest.mark.parametrize("xp", [np, strict])
@pytest.mark.parametrize("name", ["float32", "complex64", "float64"])
def test_library_and_precision_follow_the_scene(xp, name):
    scene = draw((10, 9), complex_=name.startswith("complex")).astype(name)
    seen = observe(xp.asarray(scene), xp.asarray(draw((3, 4), 1)), noise_std=0.1, rng=5)
    assert seen.data.dtype == seen.truth.dtype == xp.asarray(scene).dtype
    reference = observe(scene, draw((3, 4), 1), noise_std=0.1, rng=5)
    np.testing.assert_allclose(np.asarray(seen.data), reference.data, atol=1e-5)


def test_inputs_stay_as_they_were():
    scene, psf = draw((10, 9)), draw((3, 4), 1)
    before = scene.copy(), psf.copy()
    observe(scene, psf, noise_std=1.0, rng=0)
    np.testing.assert_array_equal(scene, before[0])
    np.testing.assert_array_equal(psf, before[1])


def test_observation_is_frozen_and_needs_no_truth():
    seen = Observation(np.ones((4, 5)), np.ones((3, 3)))
    assert seen.truth is None
    assert seen.noise is None
    with pytest.raises(dataclasses.FrozenInstanceError):
        seen.data = None
    C = Convolution(np.ones((2, 3)), (6, 7), padding="valid")
    assert "no truth" in repr(Observation(np.ones((5, 5)), C))
