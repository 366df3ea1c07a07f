"""No automatic choice makes its input worse, with little noise, none, or much; scale does not matter."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.data

from invdeconv import (
    Convolution,
    decompose,
    metrics,
    psf,
    samples,
    selection,
    simulate,
    tikhonov,
    truncated_svd,
    wiener,
)
from invdeconv.noise import estimate_noise_std
from invdeconv.restoration._model import model_of
from invdeconv.restoration._power_law import noise_beside_scene
from invdeconv.restoration._rehearsal import rehearse

AUTOMATIC = (wiener, tikhonov, truncated_svd)
BLURS = {
    "gaussian": psf.gaussian((25, 25), 3.0),
    "motion": psf.motion((17, 17), 15, 30),
    "box": np.full((9, 8), 1 / 72),
}


@pytest.mark.parametrize("noise_std", [0.0, 1e-4, 1e-3, 0.02, 0.1])
@pytest.mark.parametrize("blur", BLURS)
def test_no_default_is_worse_than_its_input(blur, noise_std):
    scene = samples.camera()[100:330, 120:380] / 255
    seen = simulate.observe(scene, BLURS[blur], noise_std=noise_std, rng=0)
    for method in AUTOMATIC:
        estimate = method(seen.data, seen.blur).estimate
        assert metrics.isnr(estimate, seen.truth, seen.data) > 1, method.__name__


def test_a_rehearsal_knows_its_answer():
    # On the rehearsal the untapered filter rings: what it gets wrong is the fade, not the noise.
    seen = simulate.observe(samples.camera()[:120, :150] / 255, BLURS["motion"], noise_std=1e-3, rng=0)
    model = model_of("test", seen.data, seen.blur, None, default="taper")
    played = rehearse(model)
    k = seen.blur.shape
    assert played.truth.shape == tuple(n - m + 1 for n, m in zip(seen.data.shape, k, strict=True))
    middle = tuple(slice(0, n) for n in played.truth.shape)
    scene = model.crop_of(played.first)
    shifted = tuple(slice(m - 1 - m // 2, n - m // 2) for n, m in zip(scene.shape, k, strict=True))
    np.testing.assert_array_equal(scene[shifted], played.truth)
    # The data of the rehearsal are a loop's valid convolution of the scene.
    row, column = 7, 11
    patch = scene[row : row + k[0], column : column + k[1]]
    assert played.seen[middle][row, column] == pytest.approx(np.sum(patch * seen.blur[::-1, ::-1]), rel=1e-12)


def test_a_smooth_scene_with_a_bright_edge_is_not_taken_for_texture():
    # Smooth cells, one cut by the edge: the joint of the taper looks like detail at every frequency.
    scene = skimage.data.cell()[:512, :512] / 255
    seen = simulate.observe(scene, psf.gaussian((31, 31), 3), noise_std=1e-4, rng=0, crop=(128, 128))
    result = wiener(seen.data, seen.blur)
    assert metrics.isnr(result.estimate, seen.truth, seen.data) > 1
    assert result.parameters["exponent"] > 2.2


def test_texture_is_given_back():
    # Sharp data with hardly any noise: the finest details read as noise several times too strong.
    scene = skimage.data.gravel()[100:300, 100:340] / 255
    seen = simulate.observe(scene, psf.gaussian((5, 5), 0.4), noise_std=1e-4, rng=0)
    result = wiener(seen.data, seen.blur)
    assert result.parameters["noise_std"] > 4e-4
    assert result.parameters["noise_share"] < 0.1
    assert metrics.isnr(result.estimate, seen.truth, seen.data) > 15


@pytest.mark.parametrize(
    ("name", "sigma", "noise_std"),
    [("moon", 0.7, 1e-3), ("page", 0.7, 0.005), ("grass", 0.7, 0.005), ("gravel", 0.6, 0.005)],
)
def test_under_a_slight_blur_it_is_as_good_as_with_the_noise_known(name, sigma, noise_std):
    # Everything passes, so that no residual tells texture and noise apart; the power law of the scene does.
    scene = getattr(skimage.data, name)()[:190, :320] / 255
    seen = simulate.observe(scene, psf.gaussian((7, 7), sigma), noise_std=noise_std, rng=0, crop=16)
    known = wiener(seen.data, seen.blur, noise=noise_std).estimate
    found = wiener(seen.data, seen.blur).estimate
    gains = [metrics.isnr(estimate, seen.truth, seen.data) for estimate in (found, known)]
    assert gains[0] > max(gains[1] - 1, 1)


@pytest.mark.parametrize("noise_std", [0.0, 1e-3, 0.005])
def test_what_may_be_all_texture_is_not_smoothed(noise_std):
    # A power law explains most of what looks like noise, and the rest is texture, too.
    scene = skimage.data.grass()[:190, :320] / 255
    seen = simulate.observe(scene, psf.gaussian((7, 7), 0.5), noise_std=noise_std, rng=0, crop=16)
    known = wiener(seen.data, seen.blur, noise=max(noise_std, 1e-5)).estimate
    found = wiener(seen.data, seen.blur).estimate
    gains = [metrics.isnr(estimate, seen.truth, seen.data) for estimate in (found, known)]
    assert gains[0] > gains[1] - 0.5


def test_a_picture_of_one_row_is_a_signal():
    x = np.cumsum(np.random.default_rng(0).normal(size=300)) / 3
    kernel = np.array([0.05, 0.9, 0.05])
    for boundary in ("periodic", "taper", "symmetric"):
        one, row = (
            wiener(data, blur, boundary=boundary) for data, blur in ((x, kernel), (x[None], kernel[None]))
        )
        assert row.parameters["noise_std"] == pytest.approx(one.parameters["noise_std"])


def test_data_too_small_for_a_rehearsal_have_none():
    model = model_of("test", np.arange(30.0).reshape(5, 6), np.full((4, 2), 1 / 8), None, default="taper")
    assert rehearse(model) is None


def test_little_noise_raises_lambda_and_says_so():
    seen = simulate.observe(samples.camera()[:200, :220] / 255, BLURS["gaussian"], noise_std=0.0)
    result = tikhonov(seen.data, seen.blur)
    assert result.parameters["selection_status"] == "RAISED"
    assert wiener(seen.data, seen.blur).parameters["edge_share"] > 0


def test_a_climb_ends_where_the_score_rises_twice():
    start = selection.Selection(1.0, (np.ones(1), np.ones(1)), selection.SelectionStatus.FOUND)
    raised = selection.raise_while_better(start, lambda value: (np.log10(value) - 2) ** 2)
    assert raised.value == pytest.approx(100)
    assert raised.status is selection.SelectionStatus.RAISED
    assert selection.raise_while_better(start, lambda value: value) is start


@pytest.mark.parametrize("method", AUTOMATIC)
@pytest.mark.parametrize(
    ("dtype", "scale"), [(np.float32, 2.0**-80), (np.float32, 2.0**90), (float, 2.0**-600)]
)
def test_fluxes_of_any_size(method, dtype, scale):
    # Squares of such data underflow or overflow; a power of two changes no digit of the estimate.
    seen = simulate.observe(samples.camera()[:90, :80] / 255, BLURS["box"], noise_std=0.01, rng=0)
    data = seen.data.astype(dtype)
    plain, scaled = method(data, seen.blur), method(data * dtype(scale), seen.blur)
    np.testing.assert_allclose(scaled.estimate / dtype(scale), plain.estimate, rtol=1e-5, atol=1e-5)
    if method is wiener:
        assert scaled.parameters["noise_std"] == pytest.approx(
            scale * plain.parameters["noise_std"], rel=1e-3
        )


def test_an_asymmetric_ratio_is_refused_for_a_real_kernel():
    rng = np.random.default_rng(0)
    data, ratio = rng.random((8, 9)), rng.random((8, 9))
    with pytest.raises(ValueError, match="wiener: noise_to_signal must be the same at f and −f"):
        wiener(data, psf.gaussian((3, 4), 0.8), noise_to_signal=ratio, boundary="periodic")


FAINT = np.array([[0, 0.02, 0], [0.05, 0.85, 0.02], [0, 0.06, 0]])


def hardly_blurred(noise_std):
    scene = skimage.data.cell()[200:440, 100:350] / 255
    C = Convolution.from_psf(FAINT, scene.shape, boundary="periodic")
    return scene, C, C(scene) + noise_std * np.random.default_rng(0).standard_normal(scene.shape)


def test_a_blur_that_hardly_attenuates_leaves_the_noise_to_be_estimated():
    # No frequency shows the noise alone: the residual of GCV holds little of it, and the least score fits it.
    scene, C, data = hardly_blurred(0.005)
    result = tikhonov(data, C)
    assert result.parameters["selection"] == "upre"
    gain = {
        lam: metrics.isnr(tikhonov(data, C, lam=lam).estimate, scene, data)
        for lam in ("gcv", *np.logspace(-4, 1, 11))
    }
    reached = metrics.isnr(result.estimate, scene, data)
    assert gain["gcv"] < reached - 0.5
    assert reached > max(gain.values()) - 0.3


def test_detail_that_the_blur_passes_is_no_noise():
    scene, C, data = hardly_blurred(0.005)
    seen = estimate_noise_std(data, C)
    assert 0.8 * 0.005 < noise_beside_scene(decompose(C), data, seen) < seen
    # Nothing to go by: a scene that explains it all, and signals, whose spectra are of any kind.
    assert noise_beside_scene(decompose(C), scene, 1e-4) is None
    line = Convolution.from_psf(FAINT[1], scene[0].shape, boundary="periodic")
    assert noise_beside_scene(decompose(line), scene[0], 0.01) is None


def test_where_the_residual_shows_the_noise_gcv_chooses():
    seen = simulate.observe(samples.camera()[100:330, 120:380] / 255, BLURS["box"], noise_std=0.02, rng=0)
    automatic, gcv = (tikhonov(seen.data, seen.blur, lam=lam) for lam in ("auto", "gcv"))
    assert automatic.parameters["selection"] == "gcv"
    np.testing.assert_array_equal(automatic.estimate, gcv.estimate)
