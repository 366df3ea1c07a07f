"""Bad input to files, metrics, psf and samples: (call, message), one row per refusal."""

import re

import imageio.v3 as iio
import numpy as np
import pytest

from invdeconv import files, metrics, psf, samples
from invdeconv.errors import InvalidInputError

ONES = np.ones((16, 16))
FORMAT = re.compile(r"^[\w.]+: [\w ]+ must .+; got .+\. .+$", re.DOTALL)


@pytest.fixture
def folder(tmp_path):
    """A folder with an image, a pickle, and files that are not what they are called."""
    iio.imwrite(tmp_path / "good.png", np.zeros((4, 5), np.uint8))
    for name in ("text.png", "text.tif", "text.npy", "text.jpg"):
        (tmp_path / name).write_text("this is not an image")
    (tmp_path / "short.png").write_bytes((tmp_path / "good.png").read_bytes()[:40])
    np.save(tmp_path / "objects.npy", np.array([{}]), allow_pickle=True)
    # The header of a 16-bit color PNG: size 1 × 1, depth 16, color type 2.
    header = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\0\0\0\1\0\0\0\1" + b"\x10\x02\0\0\0"
    (tmp_path / "deep.png").write_bytes(header)
    (tmp_path / "folder.npy").mkdir()
    return tmp_path


FILES = {
    "read suffix": (lambda f: files.read(f / "a.bmp"), r"files\.read: path must end in \.png.*got '\.bmp'"),
    "read no suffix": (lambda f: files.read(f / "a"), r"files\.read: path must end in .*got ''"),
    "read missing": (lambda f: files.read(f / "no.png"), r"files\.read: path must be an existing file"),
    "read folder": (lambda f: files.read(f / "folder.npy"), r"files\.read: path must be an existing file"),
    "read text as png": (
        lambda f: files.read(f / "text.png"),
        r"must be a readable PNG file.*no PNG signature",
    ),
    "read text as tiff": (lambda f: files.read(f / "text.tif"), r"must be a readable TIFF file"),
    "read text as npy": (lambda f: files.read(f / "text.npy"), r"must be a readable NPY file"),
    "read half a png": (lambda f: files.read(f / "short.png"), r"must be a readable PNG file"),
    "read a pickle": (lambda f: files.read(f / "objects.npy"), r"must be a readable NPY file.*allow_pickle"),
    "read deep color": (lambda f: files.read(f / "deep.png"), r"must not be a 16-bit color PNG.*TIFF"),
    "read no jpeg": (lambda f: files.read(f / "text.jpg"), r"must be a readable JPEG file"),
    "write jpeg": (lambda f: files.write(f / "a.jpg", ONES), r"files\.write: path must end in .*got '\.jpg'"),
    "write suffix": (lambda f: files.write(f / "a.bmp", ONES), r"files\.write: path must end in"),
    "write existing": (
        lambda f: files.write(f / "good.png", ONES, dtype="uint8"),
        r"files\.write: path must not exist yet.*overwrite=True",
    ),
    "write over a folder": (
        lambda f: files.write(f / "folder.npy", ONES, overwrite=True),
        r"files\.write: path must not exist yet",
    ),
    "write no folder": (
        lambda f: files.write(f / "no" / "a.npy", ONES),
        r"path must lie in an existing folder",
    ),
    "write overwrite": (
        lambda f: files.write(f / "a.npy", ONES, overwrite=1),
        r"overwrite must be True or False",
    ),
    "png without range": (
        lambda f: files.write(f / "a.png", ONES),
        r"dtype must be uint8 or uint16 for PNG; got float64\. Pass dtype=",
    ),
    "png float": (
        lambda f: files.write(f / "a.png", ONES, dtype="float32"),
        r"dtype must be uint8 or uint16 for PNG; got float32",
    ),
    "png like float": (
        lambda f: files.write(f / "a.png", ONES, like=files.Image(ONES)),
        r"dtype must be uint8 or uint16 for PNG; got float64",
    ),
    "png volume": (
        lambda f: files.write(f / "a.png", np.ones((3, 4, 5)), dtype="uint8"),
        r"array must be \(n1, n2\).* for PNG; got shape \(3, 4, 5\)",
    ),
    "png deep color": (
        lambda f: files.write(f / "a.png", np.ones((4, 5, 3)), dtype="uint16"),
        r"of uint8, for PNG; got shape \(4, 5, 3\) of uint16",
    ),
    "png not finite": (
        lambda f: files.write(f / "a.png", np.array([[np.nan]]), dtype="uint8"),
        r"array must be finite to be written as uint8",
    ),
    "png complex": (
        lambda f: files.write(f / "a.png", 1j * ONES, dtype="uint8"),
        r"array must be real to be written as uint8; got complex128",
    ),
    "tiff complex as real": (
        lambda f: files.write(f / "a.tif", 1j * ONES, dtype="float32"),
        r"array must be real to be written as float32",
    ),
    "tiff signal": (lambda f: files.write(f / "a.tif", np.ones(3)), r"must have at least two axes for TIFF"),
    "npy words": (lambda f: files.write(f / "a.npy", ["a"]), r"array must be numeric; got dtype <U1"),
    "npy objects": (
        lambda f: files.write(f / "a.npy", ONES, dtype=object),
        r"dtype must be a float, or an integer",
    ),
    "npy 64 bit": (
        lambda f: files.write(f / "a.npy", ONES, dtype="int64"),
        r"dtype must be a float, or an integer",
    ),
    "npy empty": (lambda f: files.write(f / "a.npy", np.ones((0, 3))), r"array must not be empty"),
}

OTHERS = {
    "shapes": (
        lambda: metrics.relative_error(ONES, np.ones((1, 16))),
        r"relative_error: estimate must have the shape",
    ),
    "data shape": (
        lambda: metrics.isnr(ONES, ONES, ONES[1:]),
        r"isnr: data must have the shape of truth \(16, 16\)",
    ),
    "nan": (
        lambda: metrics.relative_error(np.full((2,), np.nan), [1, 2]),
        r"estimate must be finite; got 2 values",
    ),
    "scalar": (lambda: metrics.psnr(1.0, 2.0), r"psnr: estimate must have at least one axis"),
    "words": (lambda: metrics.psnr(ONES, np.full((16, 16), "a")), r"psnr: truth must be a numeric array"),
    "zero truth": (
        lambda: metrics.relative_error(ONES, 0 * ONES),
        r"relative_error: truth must not be all zeros",
    ),
    "zero truth scaled": (
        lambda: metrics.best_scaled_error(ONES, 0 * ONES),
        r"best_scaled_error: truth must not be",
    ),
    "psnr constant": (
        lambda: metrics.psnr(ONES, ONES),
        r"psnr: data_range must be given for a constant truth",
    ),
    "psnr complex": (
        lambda: metrics.psnr(ONES, 1j * ONES),
        r"psnr: data_range must be given for complex arrays",
    ),
    "psnr range": (
        lambda: metrics.psnr(ONES, ONES, data_range=0),
        r"psnr: data_range must be a finite number > 0",
    ),
    "divergence sign": (
        lambda: metrics.i_divergence(ONES, -ONES),
        r"i_divergence: truth must be real and >= 0; got other values\. It is a measure for light",
    ),
    "divergence complex": (
        lambda: metrics.i_divergence(1j * ONES, ONES),
        r"i_divergence: estimate must be real and >= 0",
    ),
    "rings shapes": (
        lambda: metrics.fourier_ring_correlation(ONES, ONES[1:]),
        r"fourier_ring_correlation: a must have the shape of b \(15, 16\); got \(16, 16\)",
    ),
    "rings nan": (lambda: metrics.fourier_ring_correlation(ONES, np.nan * ONES), r"b must be finite"),
    "rings point": (
        lambda: metrics.fourier_ring_correlation([[1.0]], [[1.0]]),
        r"fourier_ring_correlation: a must have an axis of at least 2 samples; got \(1, 1\)",
    ),
    "rings spacing": (
        lambda: metrics.fourier_ring_correlation(ONES, ONES, spacing=0),
        r"fourier_ring_correlation: spacing must be a finite number > 0; got 0",
    ),
    "rings spacings": (
        lambda: metrics.fourier_ring_correlation(ONES, ONES, spacing=(1, 1, 1)),
        r"spacing must have one entry per axis \(2\); got 3 entries",
    ),
    "rings taper": (
        lambda: metrics.fourier_ring_correlation(ONES, ONES, taper=1.5),
        r"fourier_ring_correlation: taper must be from 0 to 1; got 1\.5",
    ),
    "board small": (
        lambda: metrics.checkerboard_ring_correlation(ONES[:3]),
        r"checkerboard_ring_correlation: image must have at least 4 samples along each axis; got \(3, 16\)",
    ),
    "board taper": (
        lambda: metrics.checkerboard_ring_correlation(ONES, taper=None),
        r"checkerboard_ring_correlation: taper must be a finite number; got None",
    ),
    "rings signal": (
        lambda: metrics.fourier_ring_correlation(ONES[0], ONES[0]).resolution(),
        r"RingCorrelation\.resolution: samples must reach 32 in a ring; got at most 2\. Pass larger",
    ),
    "rings word": (
        lambda: metrics.checkerboard_ring_correlation(ONES).resolution("half a bit"),
        r"RingCorrelation\.threshold: criterion must be one of half-bit, 3-sigma; got 'half a bit'",
    ),
    "rings number": (
        lambda: metrics.checkerboard_ring_correlation(ONES).threshold(-0.1),
        r"RingCorrelation\.threshold: criterion must be from 0 to 1; got -0\.1",
    ),
    "ssim constant": (
        lambda: metrics.ssim(ONES, ONES),
        r"ssim: data_range must be given for a constant truth",
    ),
    "ssim complex": (lambda: metrics.ssim(1j * ONES, ONES), r"ssim: estimate and truth must be real"),
    "ssim small": (
        lambda: metrics.ssim(ONES[:10], ONES[:10]),
        r"ssim: truth must have at least 11 samples per axis",
    ),
    "white single": (lambda: metrics.residual_whiteness([1.0]), r"residual must have at least two samples"),
    "white lag": (
        lambda: metrics.residual_whiteness(ONES, max_lag=0),
        r"max_lag must be an integer >= 1; got 0",
    ),
    "gaussian shape": (
        lambda: psf.gaussian((5, 0), 1),
        r"psf\.gaussian: shape must be an integer >= 1; got 0",
    ),
    "gaussian sigma": (
        lambda: psf.gaussian((5, 5), -1),
        r"psf\.gaussian: sigma must be a finite number >= 0; got -1",
    ),
    "gaussian sigmas": (
        lambda: psf.gaussian((5, 5), (1, 2, 3)),
        r"sigma must have one entry per axis \(2\); got 3",
    ),
    "disk radius": (lambda: psf.disk((5, 5), 0), r"psf\.disk: radius must be a finite number > 0; got 0"),
    "disk fit": (
        lambda: psf.disk((6, 9), 2.6),
        r"psf\.disk: shape must hold a disk of radius 2\.6.*at least 7",
    ),
    "motion axes": (lambda: psf.motion((5,), 3), r"psf\.motion: shape must have two axes; got \(5,\)"),
    "motion length": (lambda: psf.motion((5, 5), -3), r"psf\.motion: length must be a finite number >= 0"),
    "motion angle": (
        lambda: psf.motion((5, 5), 3, float("nan")),
        r"psf\.motion: angle must be a finite number",
    ),
    "motion fit": (
        lambda: psf.motion((5, 5), 5.5),
        r"psf\.motion: shape must hold a line of 5\.5.*at least \(1, 7\)",
    ),
    "iris band": (
        lambda: samples.iris_psf(1400),
        r"samples\.iris_psf: band must be one of 1336, .*got '1400'",
    ),
}


@pytest.mark.parametrize(("call", "message"), FILES.values(), ids=FILES)
def test_files(folder, call, message):
    before = sorted(folder.iterdir())
    with pytest.raises(InvalidInputError, match=message) as caught:
        call(folder)
    assert FORMAT.match(str(caught.value))
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(("call", "message"), OTHERS.values(), ids=OTHERS)
def test_others(call, message):
    with pytest.raises(InvalidInputError, match=message) as caught:
        call()
    assert FORMAT.match(str(caught.value))
