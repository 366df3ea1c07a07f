"""``invdeconv restore``."""

from __future__ import annotations

import inspect
import math
from pathlib import Path
from typing import Any

import click
import numpy as np

from invdeconv import checks, files, psf, restoration
from invdeconv.result import Status

NOT_CONVERGED = 4


def _asks_only_for_a_blur(name: str) -> bool:
    """Say whether a name of `restoration` is a method that chooses all but data and blur by itself."""
    parameters = inspect.signature(getattr(restoration, name)).parameters
    asked = {key for key, parameter in parameters.items() if parameter.default is parameter.empty}
    return asked == {"data", "blur"} and "channel_axis" in parameters


METHODS = [name for name in restoration.__all__ if _asks_only_for_a_blur(name)]


@click.command()
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.option(
    "--psf",
    "psf_source",
    required=True,
    metavar="PSF",
    help="File (PNG, TIFF, NPY), or gaussian:SIGMA, disk:RADIUS, motion:LENGTH:DEGREES in pixels.",
)
@click.option("--method", type=click.Choice(METHODS), default="wiener", show_default=True)
@click.option("--boundary", default=None, help="taper, liu-jia, unknown, zero, periodic or symmetric.")
@click.option("--normalize-psf", is_flag=True, help="Divide the PSF by its sum.")
@click.option("--dtype", type=click.Choice(["float32", "float64", "uint8", "uint16"]), help="Of the output.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace an existing file.")
def restore(
    source: Path,
    psf_source: str,
    method: str,
    boundary: str | None,
    dtype: str | None,
    output: Path,
    *,
    normalize_psf: bool,
    force: bool,
) -> None:
    """Restore a blurred PNG, JPEG, TIFF or NPY file.

    The parameters a method can choose are chosen and printed; colors, channels and times are restored one
    by one. Values are never rescaled: a PNG keeps its range, TIFF and NPY are written as float32.
    """
    if output.exists() and not force:
        checks.refuse("restore", "output", "not exist yet", output, "Pass --force to replace it.")
    if not output.parent.is_dir():
        checks.refuse(
            "restore", "output", "lie in an existing folder", f"'{output.parent}'", "Make the folder first."
        )
    if output.suffix.lower() not in files.SUFFIXES:
        advice = "Rename it: the suffix decides the format."
        checks.refuse("restore", "output", f"end in {', '.join(files.SUFFIXES)}", f"'{output}'", advice)
    of_integers = files.READABLE.get(source.suffix.lower()) in ("png", "jpeg")
    if output.suffix.lower() == ".png" and not of_integers and dtype is None:
        advice = "Pass --dtype uint8 or uint16 (values are rounded and clipped, never rescaled)."
        checks.refuse("restore", "dtype", "be given for a PNG from another format", "none", advice)
    image = files.read(source)
    spatial = _spatial_axes(image)
    kernel = _psf(psf_source, len(spatial))
    if normalize_psf:
        kernel = checks.kernel("restore", "psf", kernel)
        kernel = kernel / checks.positive("restore", "the sum of psf", float(kernel.sum()))
    stack = np.moveaxis(image.data, spatial, range(-len(spatial), 0))
    pictures = stack.reshape(-1, *stack.shape[-len(spatial) :])
    result = getattr(restoration, method)(pictures, kernel, boundary=boundary, channel_axis=0)
    for number, picture in enumerate(result.channels, 1):
        which = f"{number} of {len(result.channels)}, " if len(result.channels) > 1 else ""
        click.echo(f"{which}{picture.method}: {_described(picture.parameters)}")
    restored = np.moveaxis(result.estimate.reshape(stack.shape), range(-len(spatial), 0), spatial)
    files.write(output, restored, like=image, dtype=dtype, overwrite=force)
    click.echo(f"wrote {output}")
    if result.status in (Status.TOLERANCE_NOT_MET, Status.STAGNATED):
        click.echo(f"warning: {result.status.value}", err=True)
        raise click.exceptions.Exit(NOT_CONVERGED)


def _spatial_axes(image: files.Image) -> tuple[int, ...]:
    """Return the axes that are blurred: Z, Y and X where the file names its axes, else all."""
    named = tuple(i for i, letter in enumerate(image.axes) if letter in "ZYX")
    return named or tuple(range(image.data.ndim))


def _described(parameters: Any) -> str:
    return ", ".join(f"{name} = {_rounded(value)}" for name, value in parameters.items())


def _rounded(value: Any) -> str:
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_rounded, value)) + ")"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _psf(source: str, ndim: int) -> np.ndarray:
    """Read a PSF file, or make a parametric one large enough to hold its support."""
    advice = "Write gaussian:SIGMA, disk:RADIUS or motion:LENGTH:DEGREES, for example gaussian:2.5."
    name, colon, rest = source.partition(":")
    if name not in ("gaussian", "disk", "motion"):
        if colon and not Path(source).is_file():
            checks.refuse("restore", "psf", "be a file or a known shape", repr(source), advice)
        return np.asarray(files.read(Path(source)).data, dtype=float)
    try:
        values = [float(part) for part in rest.split(":")]
    except ValueError:
        values = []
    if len(values) != (2 if name == "motion" else 1):
        checks.refuse("restore", "psf", "have its numbers after the name", repr(source), advice)
    checks.positive("restore", f"the size of {name}", values[0], "Write a number of pixels.")
    reach = math.ceil({"gaussian": 4 * values[0], "disk": values[0], "motion": values[0] / 2}[name]) + 1
    shape = (2 * reach + 1,) * ndim
    if name == "motion":
        return psf.motion(shape, values[0], values[1])
    return psf.gaussian(shape, values[0]) if name == "gaussian" else psf.disk(shape, values[0])
