"""Files: what is read is what another program wrote, and what is written comes back."""

import imageio.v3 as iio
import numpy as np
import pytest
import tifffile

from invdeconv import files
from invdeconv.errors import InputWarning
from invdeconv.result import Result, Status

STACK = np.arange(2 * 3 * 5, dtype=np.uint16).reshape(2, 3, 5)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_png_keeps_range_and_values(tmp_path, dtype):
    top = np.iinfo(dtype).max
    image = np.array([[0, 1, 2], [top - 2, top - 1, top]], dtype)
    iio.imwrite(tmp_path / "in.png", image)
    read = files.read(tmp_path / "in.png")
    assert read.data.dtype == image.dtype
    assert read.axes == "YX"
    np.testing.assert_array_equal(read.data, image)
    estimate = np.where(image > 0, image - 0.4, 0.4)
    written = files.write(tmp_path / "out.png", estimate, like=read)
    back = iio.imread(written)
    assert back.dtype == image.dtype
    np.testing.assert_array_equal(back, image)


def test_png_color(tmp_path):
    image = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    read = files.read(files.write(tmp_path / "color.png", image))
    assert read.axes == "YXS"
    np.testing.assert_array_equal(read.data, image)


def test_png_clips_and_counts(tmp_path):
    values = np.array([[-1.0, -0.4, 0.0], [255.4, 256.0, 1e9]])
    with pytest.warns(InputWarning, match=r"clipped 3 of 6 values lie outside 0 … 255"):
        files.write(tmp_path / "a.png", values, dtype="uint8")
    np.testing.assert_array_equal(iio.imread(tmp_path / "a.png"), [[0, 0, 0], [255, 255, 255]])


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        (np.array([[-200, 5, 300]], np.int64), "uint8", [0, 5, 255]),
        (np.array([[0, 5, 200]], np.uint8), "int8", [0, 5, 127]),
        (np.array([[-3e9, 5.5, 3e9]], np.float32), "int32", [-(2**31), 6, 2**31 - 1]),
    ],
)
def test_integers_clip_to_the_target(tmp_path, source, target, expected):
    with pytest.warns(InputWarning, match="clipped"):
        path = files.write(tmp_path / "a.npy", source, dtype=target)
    np.testing.assert_array_equal(np.load(path), np.array([expected], target))


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("float64", "float32"),
        ("float16", "float32"),
        ("complex128", "complex64"),
        ("uint8", "uint8"),
        ("bool", "bool"),
    ],
)
@pytest.mark.parametrize("suffix", [".npy", ".tif"])
def test_default_precision(tmp_path, given, written, suffix):
    values = (np.arange(6).reshape(2, 3) % 2).astype(given)
    read = files.read(files.write(tmp_path / f"a{suffix}", values))
    assert read.data.dtype == written
    np.testing.assert_array_equal(read.data, values)


def test_float64_when_asked(tmp_path):
    values = np.array([[np.pi, np.e]])
    for name in ("a.npy", "a.tif"):
        np.testing.assert_array_equal(
            files.read(files.write(tmp_path / name, values, dtype="float64")).data, values
        )


def test_result_is_an_array(tmp_path):
    result = Result(np.eye(2), Status.CLOSED_FORM)
    np.testing.assert_array_equal(np.load(files.write(tmp_path / "a.npy", result)), np.eye(2))


def test_imagej_stack_round_trip(tmp_path):
    metadata = {"axes": "ZYX", "unit": "um", "spacing": 0.3}
    tifffile.imwrite(tmp_path / "in.tif", STACK, imagej=True, metadata=metadata, resolution=(10, 5))
    read = files.read(tmp_path / "in.tif")
    assert (read.axes, read.unit, read.data.dtype) == ("ZYX", "µm", STACK.dtype)
    assert read.spacing == pytest.approx({"X": 0.1, "Y": 0.2, "Z": 0.3})
    again = files.read(files.write(tmp_path / "out.tif", read.data / 7, like=read))
    assert (again.axes, again.unit, again.spacing) == (read.axes, read.unit, read.spacing)
    np.testing.assert_array_equal(again.data, (STACK / 7).astype(np.float32))
    with tifffile.TiffFile(
        tmp_path / "out.tif"
    ) as tiff:  # programs that know no OME still see the pixel size
        assert tiff.pages[0].get_resolution("micrometer") == pytest.approx((10, 5))


def test_dots_per_inch_survive(tmp_path):
    tifffile.imwrite(tmp_path / "in.tif", STACK[0], resolution=(300, 150), resolutionunit="INCH")
    read = files.read(tmp_path / "in.tif")
    assert (read.axes, read.unit) == ("YX", "in")
    assert read.spacing == pytest.approx({"X": 1 / 300, "Y": 1 / 150})
    files.write(tmp_path / "out.tif", read.data, like=read)
    with tifffile.TiffFile(tmp_path / "out.tif") as tiff:
        assert tiff.pages[0].tags["XResolution"].value == (300, 1)
        assert tiff.pages[0].tags["YResolution"].value == (150, 1)
        assert tiff.pages[0].tags["ResolutionUnit"].value == 2


def test_ome_with_mixed_units(tmp_path):
    metadata = {"axes": "ZYX"}
    for axis, (size, unit) in {"Z": (1.5, "µm"), "Y": (250.0, "nm"), "X": (0.002, "mm")}.items():
        metadata |= {f"PhysicalSize{axis}": size, f"PhysicalSize{axis}Unit": unit}
    tifffile.imwrite(tmp_path / "in.tif", STACK, ome=True, metadata=metadata)
    read = files.read(tmp_path / "in.tif")
    assert read.unit == "µm"
    assert read.spacing == pytest.approx({"Z": 1.5, "Y": 0.25, "X": 2.0})


@pytest.mark.parametrize(
    ("axes", "shape"), [("YXS", (4, 5, 3)), ("SYX", (3, 4, 5)), ("TYX", (2, 4, 5)), ("", (2, 4, 5))]
)
def test_axes_round_trip(tmp_path, axes, shape):
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    like = files.Image(values, axes, {"Y": 0.5, "X": 0.25} if axes else {}, "µm" if axes else "pixel")
    read = files.read(files.write(tmp_path / "a.tif", values, like=like))
    assert (read.axes, read.spacing, read.unit) == (like.axes, like.spacing, like.unit)
    np.testing.assert_array_equal(read.data, values)


def test_axes_that_do_not_fit_are_not_written(tmp_path):
    like = files.Image(STACK, "ZYX", {"X": 2.0}, "µm")
    with pytest.warns(InputWarning, match="axes ZYX"):
        path = files.write(tmp_path / "a.tif", STACK[0], like=like)
    assert files.read(path).spacing == {}


def test_second_series_is_announced(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        tiff.write(STACK[0], photometric="minisblack")
        tiff.write(np.zeros((7, 9)), photometric="minisblack")
    with pytest.warns(InputWarning, match="the first of 2 series"):
        np.testing.assert_array_equal(files.read(tmp_path / "a.tif").data, STACK[0])


def test_overwrite_replaces(tmp_path):
    path = files.write(tmp_path / "a.npy", np.zeros(3))
    files.write(path, np.ones(2), overwrite=True)
    np.testing.assert_array_equal(np.load(path), np.ones(2))


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = files.write(tmp_path / "a.npy", np.zeros(3))

    def fail(stream, *_args, **_options):
        stream.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(np, "save", fail)
    with pytest.raises(OSError, match="disk full"):
        files.write(path, np.ones(3), overwrite=True)
    assert list(tmp_path.iterdir()) == [path]
    np.testing.assert_array_equal(np.load(path), np.zeros(3))


@pytest.mark.parametrize("shape", [(16, 24), (16, 24, 3)])
def test_jpeg_is_read(tmp_path, shape):
    image = np.full(shape, 90, np.uint8)
    iio.imwrite(tmp_path / "in.JPG", image, extension=".jpg")
    read = files.read(tmp_path / "in.JPG")
    assert read.axes == "YXS"[: len(shape)]
    np.testing.assert_array_equal(read.data, image)
