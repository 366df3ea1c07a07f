"""PNG, TIFF and NPY, in and out: nothing is rescaled, axes and pixel sizes are kept."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import DTypeLike

from invdeconv.arrays import to_numpy
from invdeconv.checks import flag, refuse, warn
from invdeconv.errors import InputWarning, InvalidInputError

__all__ = ["Image", "read", "write"]

SUFFIXES = {".png": "png", ".tif": "tiff", ".tiff": "tiff", ".npy": "npy"}
# JPEG is for reading: it would lose what a restoration gained.
READABLE = {**SUFFIXES, ".jpg": "jpeg", ".jpeg": "jpeg"}

# Spellings found in files → the spelling of the OME standard, which is the one written.
_UNITS = {"um": "µm", "micron": "µm", "\\u00B5m": "µm", "μm": "µm", "inch": "in", "": "pixel"}
_NOT_IN_OME = ("bool", "float16", "int64", "uint64")
_CENTIMETERS = {"m": 100.0, "cm": 1.0, "mm": 0.1, "µm": 1e-4, "nm": 1e-7, "in": 2.54}


@dataclass(frozen=True, eq=False)
class Image:
    """An array as it stood in a file, with what is needed to write another one like it.

    Attributes
    ----------
    data : ndarray
        The values in the dtype of the file, never rescaled; ``data.dtype`` is the range of a PNG.
    axes : str
        One letter per axis, "YX", "ZYX", "YXS" (S are color samples), …; empty where the file does not say.
    spacing : mapping of str to float
        Pixel size along each axis that has one, for example ``{"Y": 0.1, "X": 0.1}``.
    unit : str
        Unit of `spacing` ("µm", "in", "cm", …); "pixel" where the file gives numbers without a unit.
    """

    data: np.ndarray
    axes: str = ""
    spacing: Mapping[str, float] = field(default_factory=dict)
    unit: str = "pixel"


def read(path: str | os.PathLike[str]) -> Image:
    """Read a PNG, JPEG, TIFF or NPY file.

    Parameters
    ----------
    path : path
        The suffix decides: ``.png``, ``.jpg``, ``.jpeg``, ``.tif``, ``.tiff``, ``.npy``.

    Returns
    -------
    Image
        Values as stored, with the axes and the pixel size of a TIFF (OME, ImageJ or plain tags).

    Raises
    ------
    InvalidInputError
        Unknown suffix, no such file, a file that its decoder refuses, a 16-bit color PNG.

    Notes
    -----
    NPY files are read with ``allow_pickle=False``. OME-TIFF drops axes of length 1. Of a TIFF with several
    series the first is read, with a warning.

    Examples
    --------
    >>> import pathlib, tempfile, numpy as np
    >>> from invdeconv import files
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = files.write(pathlib.Path(folder, "ramp.npy"), np.arange(3.0))
    ...     files.read(path).data
    array([0., 1., 2.], dtype=float32)
    """
    path = Path(path)
    kind = _kind("files.read", path, READABLE)
    if not path.is_file():
        refuse("files.read", "path", "be an existing file", f"'{path}'", "Check the spelling and the folder.")
    try:
        return _READERS[kind](path)
    except (InvalidInputError, InputWarning):
        raise
    except Exception as error:  # each decoder has errors of its own
        advice = "Open it in a viewer; it may be cut short or have the wrong suffix."
        refuse("files.read", "path", f"be a readable {kind.upper()} file", f"'{path}' ({error})", advice)


def write(
    path: str | os.PathLike[str],
    array: Any,
    *,
    like: Image | None = None,
    dtype: DTypeLike | None = None,
    overwrite: bool = False,
) -> Path:
    """Write an array, or a Result, to a PNG, TIFF or NPY file.

    Values are never rescaled. Integers are reached by rounding, and values outside their range are clipped
    with a warning that counts them.

    Parameters
    ----------
    path : path
        The suffix decides: ``.png``, ``.tif``, ``.tiff``, ``.npy``.
    array : array or Result
        A copy on the host is made of arrays from other libraries.
    like : Image, optional
        What was read: gives a TIFF its axes, pixel size and unit, and a PNG its dtype.
    dtype : dtype, optional
        TIFF and NPY: by default float32 for floats, complex64 for complex values, and integers as they are.
        PNG: uint8 or uint16; by default that of `like`, or that of an integer `array`.
    overwrite : bool
        Replace an existing file.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    InvalidInputError
        Unknown suffix, no such folder, an existing file, a PNG without a stated integer range, values that
        are not finite in an integer file, or an array that the format cannot hold.

    Warns
    -----
    InputWarning
        ``clipped``: values outside the range of the integer type.

    Notes
    -----
    The file is written under a temporary name in the same folder and then moved, so that a reader never
    meets half a file. Pixel sizes are written as OME-TIFF, where that knows the dtype and the axes, and as
    resolution tags, where these know the unit.

    Examples
    --------
    >>> import pathlib, tempfile, numpy as np
    >>> from invdeconv import files
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = files.write(pathlib.Path(folder, "spot.png"), 200.4 * np.eye(2), dtype="uint8")
    ...     files.read(path).data
    array([[200,   0],
           [  0, 200]], dtype=uint8)
    """
    path = Path(path)
    kind = _kind("files.write", path, SUFFIXES)
    flag("files.write", "overwrite", overwrite)
    if not path.parent.is_dir():
        advice = "Make the folder first."
        refuse("files.write", "path", "lie in an existing folder", f"'{path.parent}'", advice)
    if path.is_dir() or (path.exists() and not overwrite):
        advice = "Choose another name or pass overwrite=True."
        refuse("files.write", "path", "not exist yet", f"'{path}'", advice)
    values = np.asarray(to_numpy(array))
    values = _cast(values, _target(kind, values, like, dtype))
    _check_layout(kind, values)
    if kind == "tiff" and like is not None and like.axes and len(like.axes) != values.ndim:
        what = (
            f"axes {like.axes} and pixel sizes of `like` do not fit {values.ndim} axes and were not written"
        )
        warn("axes", what, "Pass Image(array, axes, spacing, unit) as `like`")
        like = None
    save: Callable[[IO[bytes]], None] = {
        "png": lambda stream: _write_png(stream, values),
        "tiff": lambda stream: _write_tiff(stream, values, like),
        "npy": lambda stream: np.save(stream, values, allow_pickle=False),
    }[kind]
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as stream:
            save(stream)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _kind(function: str, path: Path, suffixes: Mapping[str, str]) -> str:
    kind = suffixes.get(path.suffix.lower())
    if kind is None:
        advice = "Rename the file or convert it."
        refuse(function, "path", f"end in {', '.join(suffixes)}", repr(path.suffix), advice)
    return kind


def _target(kind: str, values: np.ndarray, like: Image | None, dtype: DTypeLike | None) -> np.dtype[Any]:
    """Return the dtype to write."""
    if values.dtype.kind not in "buifc":
        advice = "Convert it to float32."
        refuse("files.write", "array", "be numeric", f"dtype {values.dtype}", advice)
    if kind == "png":
        given = dtype if dtype is not None else like.data.dtype if like is not None else values.dtype
        if str(np.dtype(given)) not in ("uint8", "uint16"):
            advice = "Pass dtype='uint8' or 'uint16' (values are rounded and clipped, never rescaled)."
            refuse("files.write", "dtype", "be uint8 or uint16 for PNG", np.dtype(given), advice)
        return np.dtype(given)
    if dtype is not None:
        # From a float, 64-bit integers have no exact bounds to clip to.
        wide = np.dtype(dtype).kind in "iu" and np.dtype(dtype).itemsize > 4
        if np.dtype(dtype).kind not in "buifc" or (wide and values.dtype.kind == "f"):
            advice = "Leave it out for float32."
            refuse(
                "files.write", "dtype", "be a float, or an integer of up to 32 bits", np.dtype(dtype), advice
            )
        return np.dtype(dtype)
    return {"f": np.dtype(np.float32), "c": np.dtype(np.complex64)}.get(values.dtype.kind, values.dtype)


def _cast(values: np.ndarray, dtype: np.dtype[Any]) -> np.ndarray:
    """Convert, rounding and clipping into integers."""
    if values.dtype.kind == "c" and dtype.kind != "c":
        advice = "Write its real part or its magnitude."
        refuse("files.write", "array", f"be real to be written as {dtype}", values.dtype, advice)
    if dtype.kind not in "iu" or values.dtype.kind == "b" or values.dtype == dtype:
        return values.astype(dtype, copy=False)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        advice = "Replace the NaN and infinite values, or write TIFF or NPY as float32."
        refuse("files.write", "array", f"be finite to be written as {dtype}", "values that are not", advice)
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    if values.dtype.kind == "f":
        values = np.rint(values.astype(np.float64))
    else:  # bounds that the values cannot pass do not fit their dtype
        low, high = max(low, np.iinfo(values.dtype).min), min(high, np.iinfo(values.dtype).max)
    outside = int(np.count_nonzero((values < low) | (values > high)))
    if outside:
        what = f"{outside} of {values.size} values lie outside {low} … {high} and were clipped"
        warn("clipped", what, "Scale the array yourself or write float32 TIFF or NPY")
    return np.asarray(np.clip(values, low, high), dtype)


def _check_layout(kind: str, values: np.ndarray) -> None:
    if values.size == 0:
        advice = "Check how it was cropped or loaded."
        refuse("files.write", "array", "not be empty", f"shape {values.shape}", advice)
    color = values.ndim == 3 and values.shape[-1] in (2, 3, 4)
    if kind == "png" and not (values.ndim == 2 or (color and values.dtype == np.uint8)):
        what = "be (n1, n2), or (n1, n2, 2 to 4) of uint8, for PNG"
        refuse("files.write", "array", what, f"shape {values.shape} of {values.dtype}", "Write it as TIFF.")
    if kind == "tiff" and values.ndim < 2:
        what = "have at least two axes for TIFF"
        refuse("files.write", "array", what, f"shape {values.shape}", "Write it as NPY.")


def _read_png(path: Path) -> Image:
    import imageio.v3 as iio

    content = path.read_bytes()
    if content[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("no PNG signature")
    depth, color_type = content[24:26]  # of the header chunk, which is always the first
    if depth == 16 and color_type != 0:
        advice = "Save it as TIFF: the PNG decoder would drop the lower 8 bits."
        refuse("files.read", "path", "not be a 16-bit color PNG", f"'{path}'", advice)
    data = np.asarray(iio.imread(content, extension=".png"))
    return Image(data, "YXS"[: data.ndim])


def _read_jpeg(path: Path) -> Image:
    import imageio.v3 as iio

    data = np.asarray(iio.imread(path.read_bytes(), extension=".jpg"))
    return Image(data, "YXS"[: data.ndim])


def _write_png(stream: IO[bytes], values: np.ndarray) -> None:
    import imageio.v3 as iio

    stream.write(iio.imwrite("<bytes>", values, extension=".png"))


def _read_npy(path: Path) -> Image:
    return Image(np.load(path, allow_pickle=False))


def _read_tiff(path: Path) -> Image:
    import tifffile

    with tifffile.TiffFile(path) as tiff:
        series = tiff.series[0]
        if len(tiff.series) > 1:
            warn("series", f"the first of {len(tiff.series)} series was read", "Split the file to use others")
        # Q is the letter for "unknown".
        axes = "" if "Q" in series.axes else series.axes
        if tiff.is_ome:
            spacing, unit = _ome_spacing(tifffile.xml2dict(tiff.ome_metadata or ""))
        else:
            spacing, unit = _tag_spacing(tiff.pages[0], tiff.imagej_metadata or {})
        return Image(series.asarray(), axes, spacing, unit)


def _ome_spacing(root: Mapping[str, Any]) -> tuple[dict[str, float], str]:
    images = root["OME"]["Image"]
    pixels = (images[0] if isinstance(images, (list, tuple)) else images)["Pixels"]
    spacing = {a: float(pixels[f"PhysicalSize{a}"]) for a in "ZYX" if f"PhysicalSize{a}" in pixels}
    units = {pixels.get(f"PhysicalSize{a}Unit", "µm") for a in spacing}  # µm is the standard's default
    # Mixed units would need one unit per axis: sizes are then brought to µm.
    if len(units) > 1 and units <= _CENTIMETERS.keys():
        size = {a: _CENTIMETERS[pixels.get(f"PhysicalSize{a}Unit", "µm")] * 1e4 for a in spacing}
        return {a: spacing[a] * size[a] for a in spacing}, "µm"
    return (spacing, _unit(units.pop())) if len(units) == 1 else ({}, "pixel")


def _tag_spacing(page: Any, imagej: Mapping[str, Any]) -> tuple[dict[str, float], str]:
    tags = {name: page.tags[name].value for name in ("XResolution", "YResolution") if name in page.tags}
    code = int(page.tags["ResolutionUnit"].value) if "ResolutionUnit" in page.tags else 2
    unit = _unit(imagej.get("unit", "")) if imagej else {2: "in", 3: "cm"}.get(code, "pixel")
    spacing = {name[0]: below / above for name, (above, below) in tags.items() if above and below}
    if "spacing" in imagej:
        spacing["Z"] = float(imagej["spacing"])
    # 1 pixel per pixel is what writers put where nothing is known.
    return ({}, "pixel") if unit == "pixel" and set(spacing.values()) <= {1.0} else (spacing, unit)


def _unit(word: str) -> str:
    return _UNITS.get(word, word)


def _write_tiff(stream: IO[bytes], values: np.ndarray, like: Image | None) -> None:
    import tifffile

    axes = like.axes if like is not None else ""
    options: dict[str, Any] = {"photometric": "minisblack"}
    if "S" in axes:
        options["planarconfig"] = "contig" if axes.endswith("S") else "separate"
        options["photometric"] = "rgb" if values.shape[axes.index("S")] in (3, 4) else "minisblack"
    metadata: dict[str, Any] = {"axes": axes} if axes else {}
    spacing = {a: s for a, s in like.spacing.items() if a in axes} if like is not None else {}
    if like is not None and spacing:
        options["ome"] = set(axes) <= set("TCZYXS") and str(values.dtype) not in _NOT_IN_OME
        for axis, size in spacing.items():
            metadata[f"PhysicalSize{axis}"] = size
            metadata[f"PhysicalSize{axis}Unit"] = like.unit
        if like.unit in _CENTIMETERS and {"X", "Y"} <= spacing.keys():
            scale = 1.0 if like.unit == "in" else _CENTIMETERS[like.unit]
            options["resolution"] = (1 / (spacing["X"] * scale), 1 / (spacing["Y"] * scale))
            options["resolutionunit"] = "INCH" if like.unit == "in" else "CENTIMETER"
    tifffile.imwrite(stream, values, metadata=metadata, **options)


_READERS: dict[str, Callable[[Path], Image]] = {
    "jpeg": _read_jpeg,
    "png": _read_png,
    "tiff": _read_tiff,
    "npy": _read_npy,
}
