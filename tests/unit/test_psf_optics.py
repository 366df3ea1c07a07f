"""Optical PSFs, paths, resampling and measured PSFs: closed forms and known truths."""

import numpy as np
import pytest
import scipy.integrate
import scipy.ndimage
import scipy.special

from invdeconv import psf, richardson_lucy

LENS = {"wavelength": 0.52, "na": 1.3, "refractive_index": 1.515}


def test_airy_is_the_mean_over_each_pixel():
    wavelength, na, pixel = 0.6, 0.9, (0.13, 0.17)
    h = psf.airy((40, 31), wavelength=wavelength, na=na, pixel=pixel)

    def intensity(y, x):
        v = 2 * np.pi * na / wavelength * np.hypot(y, x)
        return (2 * scipy.special.j1(v) / v) ** 2 if v else 1.0

    def mean(i, j):
        y, x = (i - 20) * pixel[0], (j - 15) * pixel[1]
        borders = (x - pixel[1] / 2, x + pixel[1] / 2, y - pixel[0] / 2, y + pixel[0] / 2)
        return scipy.integrate.dblquad(intensity, *borders)[0]

    assert h[17, 16] / h[20, 15] == pytest.approx(mean(17, 16) / mean(20, 15), rel=1e-5)
    assert h[22, 11] / h[20, 15] == pytest.approx(mean(22, 11) / mean(20, 15), rel=1e-4)


def test_airy_encircled_energy():
    """1 − J₀² − J₁² of all light lies inside v: 83.8 % within the first dark ring (Born & Wolf, 8.5.2)."""
    h = psf.airy((601, 601), wavelength=0.5, na=0.5, pixel=0.05)
    y, x = np.ogrid[-300:301, -300:301]
    inside = h[np.hypot(y, x) * 0.05 < 1.2197 * 0.5].sum()
    # The frame itself loses about 2/(π·v) of the light.
    v = 2 * np.pi * 0.5 / 0.5 * 15
    assert inside / (1 - 2 / (np.pi * v)) == pytest.approx(0.838 / (1 - 2 / (np.pi * v)), rel=0.03)


def test_a_microscope_in_focus_is_airy():
    flat = psf.airy((33, 24), wavelength=0.52, na=1.3, pixel=(0.1, 0.07))
    np.testing.assert_allclose(
        psf.microscope((33, 24), voxel=(0.1, 0.07), **LENS), flat, atol=2e-6 * flat.max()
    )


def test_a_microscope_on_its_axis_in_closed_form():
    """∫ u·exp(ikzu) du over u = √(n² − NA²ρ²), elementary."""
    z = 0.2 * (np.arange(20) - 10)
    n, na = LENS["refractive_index"], LENS["na"]
    k = 2 * np.pi / LENS["wavelength"] * np.where(z == 0, 1, z)

    def primitive(u):
        return np.exp(1j * k * u) * (u / (1j * k) + 1 / k**2)

    expected = np.abs(primitive(n) - primitive(np.sqrt(n**2 - na**2))) ** 2 / (na**2 / 2) ** 2
    expected[z == 0] = 1
    axis = psf.microscope((20, 1, 1), voxel=(0.2, 1e-4, 1e-4), **LENS)[:, 0, 0]
    np.testing.assert_allclose(axis / axis[10], expected, atol=1e-6)
    moved = psf.microscope((20, 1, 1), voxel=(0.2, 1e-4, 1e-4), defocus=0.4, **LENS)[:, 0, 0]
    np.testing.assert_allclose(moved[:18] / moved[8], expected[2:], atol=1e-6)


def test_every_plane_of_a_microscope_holds_the_same_light():
    light = psf.microscope((7, 161, 161), voxel=(0.4, 0.08, 0.08), **LENS).sum(axis=(1, 2))
    np.testing.assert_allclose(light, light.mean(), rtol=0.01)


def test_far_out_of_focus_a_microscope_is_a_disk():
    na, defocus = 0.1, 1200.0
    radius = defocus * na  # paraxial: z·NA/n
    h = psf.microscope((161, 160), wavelength=0.5, na=na, voxel=2.0, defocus=defocus)
    flat = psf.disk((161, 160), radius / 2.0)
    distance = np.hypot(*np.ogrid[-80:81, -80:80])
    for share in (0.2, 0.4, 0.6, 1.1):  # diffraction moves light at the edge
        inside = distance < share * radius / 2.0
        assert h[inside].sum() == pytest.approx(flat[inside].sum(), abs=0.008 if share < 1 else 0.02)
    np.testing.assert_allclose(
        psf.microscope((9, 8), voxel=0.1, defocus=-1.5, **LENS),
        psf.microscope((9, 8), voxel=0.1, defocus=1.5, **LENS),
        rtol=1e-9,
    )


def test_moffat_half_maximum_and_limit():
    h = psf.moffat((41, 38), fwhm=9.0, beta=3.0)
    fine = psf.moffat((401, 401), fwhm=90.0, beta=3.0)
    assert fine[200, 245] / fine[200, 200] == pytest.approx(0.5, abs=1e-3)
    assert np.unravel_index(h.argmax(), h.shape) == (20, 19)
    sigma = 4.0
    bell = psf.moffat((41, 41), fwhm=2.3548200450309493 * sigma, beta=1e6)
    # The mean over a pixel adds its variance, 1/12.
    np.testing.assert_allclose(bell, psf.gaussian((41, 41), np.sqrt(sigma**2 + 1 / 12)), atol=1e-6)


@pytest.mark.parametrize("angle", [0.0, 33.0, 90.0, -71.0])
def test_a_straight_path_is_motion(angle):
    turn = np.radians(angle)
    end = 5.5 * np.array([-np.sin(turn), np.cos(turn)])
    np.testing.assert_allclose(
        psf.trajectory((16, 15), [-end, end]), psf.motion((16, 15), 11.0, angle), atol=1e-14
    )


def test_a_path_has_the_centroid_of_its_times():
    path = np.array([(-2.2, -3.1), (1.4, 0.3), (1.4, 3.9), (-0.7, 2.5)])
    times = np.array([1.0, 0.5, 2.5])
    # Pixels round positions: pieces along borders apart, the error of a centroid is below half a pixel,
    # and on a grid ten times finer ten times less.
    h = psf.trajectory((101, 101), 10 * path, times)
    grid = np.arange(101) - 50
    mean = np.array([grid @ h.sum(axis=1), grid @ h.sum(axis=0)]) / 10
    expected = (times / times.sum()) @ (0.5 * (path[1:] + path[:-1]))
    np.testing.assert_allclose(mean, expected, atol=0.02)
    assert h.sum() == pytest.approx(1, abs=1e-13)
    volume = psf.trajectory((3, 4, 5), [(-1, -1, -1), (1, 1, 2)])
    assert volume.shape == (3, 4, 5)
    assert volume.sum() == pytest.approx(1, abs=1e-13)


@pytest.mark.parametrize(("to", "average"), [(0.5, False), (0.25, False), (2.0, True), (3.1, True)])
def test_resampling_a_gaussian_gives_a_gaussian(to, average):
    fine = psf.gaussian((61, 58), (6.0, 5.0))
    found = psf.resample(fine, 1.0, to, average=average)
    widths = np.array([6.0, 5.0]) / to
    expected = psf.gaussian(found.shape, np.sqrt(widths**2 + (1 / 12 if average else 0)))
    np.testing.assert_allclose(found, expected, atol=2e-3 * expected.max())
    assert found.sum() == pytest.approx(1, abs=1e-12)


def test_resampling_keeps_the_origin_and_takes_units_per_axis():
    h = psf.resample(
        psf.gaussian((20, 31), (2.0, 4.0)), (1.0, 0.5), (0.5, 0.5), shape=(50, 40), average=False
    )
    np.testing.assert_allclose(h, psf.gaussian((50, 40), (4.0, 4.0)), atol=1e-5)


@pytest.mark.parametrize(("to", "average"), [(0.7, False), (1.5, True)])
def test_resampling_leaves_no_light_below_zero(to, average):
    sharp = psf.disk((15, 14), 4.3)
    found = psf.resample(sharp, 1.0, to, average=average)
    assert found.min() == 0
    assert found.sum() == pytest.approx(1, abs=1e-12)
    data = np.random.default_rng(0).poisson(50, (30, 31))
    assert np.isfinite(richardson_lucy(data, found, max_iter=2, stop=None).estimate).all()
    assert psf.resample(sharp - 1e-3, 1.0, to, average=average).min() < 0


def field(rng, *, noise=1.0, shape=(120, 150)):
    """Return beads of known places on a background with noise, and the PSF sampled on their grid."""
    h = np.exp(-0.5 * ((np.arange(17) - 8) / 2.2) ** 2)
    centers = np.array([(20.3, 30.7), (60.0, 40.0), (90.45, 100.25), (40.8, 110.1), (100.0, 30.0)])
    light = np.array([3000.0, 5000.0, 4000.0, 2500.0, 4500.0])
    y, x = np.arange(shape[0])[:, None], np.arange(shape[1])
    picture = 200 + noise * rng.standard_normal(shape)
    for (a, b), amount in zip(centers, light, strict=True):
        picture = picture + amount / (2 * np.pi * 2.2**2) * np.exp(
            -0.5 * ((y - a) ** 2 + (x - b) ** 2) / 2.2**2
        )
    return picture, centers, light, np.outer(h, h) / np.outer(h, h).sum()


def test_the_psf_of_beads_at_fractions_of_a_pixel(rng):
    picture, centers, light, h = field(rng)
    found = psf.from_beads(picture, 17)
    assert found.used == 5
    assert np.abs(found.psf - h).max() < 0.03 * h.max()
    order = np.argsort(-light)
    np.testing.assert_allclose([bead.center for bead in found.beads], centers[order], atol=0.1)
    np.testing.assert_allclose([bead.brightness for bead in found.beads], light[order], rtol=0.05)


def test_bad_beads_are_left_out_with_their_reason(rng):
    picture, _, _, h = field(rng)
    picture[5:8, 60:63] += 400  # near the edge
    picture[100:103, 38:41] += 500  # beside the fifth bead
    picture[44:77, 75:77] += 150  # a scratch
    picture[60, 40] = 1000  # clipped
    found = psf.from_beads(picture, 17, saturation=900)
    reasons = {tuple(np.rint(bead.center).astype(int)): bead.rejected for bead in found.beads}
    assert reasons[60, 40] == "saturated"
    assert reasons[6, 61] == "near the edge"
    assert reasons[100, 30] == "too near another"
    assert {reasons[90, 100], reasons[41, 110], reasons[20, 31]} == {""}
    assert found.used == 3
    assert np.abs(found.psf - h).max() < 0.04 * h.max()


def test_a_bead_unlike_the_others_does_not_spoil_the_mean(rng):
    picture, _, _, h = field(rng)
    y, x = np.arange(120)[:, None] - 70, np.arange(150) - 128
    picture += 150 * np.exp(-0.5 * ((y / 9) ** 2 + (x / 0.8) ** 2))  # a fiber
    found = psf.from_beads(picture, 17)
    assert "unlike the others" in {bead.rejected for bead in found.beads}
    assert found.used == 5
    assert np.abs(found.psf - h).max() < 0.03 * h.max()


def test_integer_data_know_where_they_clip(rng):
    picture, _, _, _ = field(rng)
    assert psf.from_beads(np.clip(picture, 0, 255).astype(np.uint8), 17, saturation=1e9).used == 5
    with pytest.raises(ValueError, match="show a usable point; got 5 saturated"):
        psf.from_beads(np.clip(picture, 0, 255).astype(np.uint8), 17)
