"""Arrays as things to look at: one range of values for all, pictures and SVG curves."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np

from invdeconv.arrays import to_numpy
from invdeconv.comparison import Comparison

__all__ = ["Shown", "curve", "diverging", "limits", "photo", "png", "shown", "visible"]

_SIDE = 512
_WIDTH, _HEIGHT = 640, 160
# Of 100: noise and ringing look as they do without compression, in some 40 % of the bytes.
_QUALITY = 90
# Of Okabe and Ito, told apart by every reader.
_BLUE, _ORANGE = np.array([0, 114, 178]) / 255, np.array([213, 94, 0]) / 255


@dataclass(frozen=True, eq=False)
class Shown:
    """The part of an array that a page shows: real, one- or two-dimensional.

    Attributes
    ----------
    values : ndarray
        Magnitudes of complex values; the middle plane of three axes or more; the middle 512 × 512 of a
        larger picture.
    notes : tuple of str
        Which of these was done: "magnitude", "plane", "part".
    """

    values: np.ndarray
    notes: tuple[str, ...]


def shown(array: Any, crop: tuple[slice, ...] | None = None) -> Shown:
    """Return what of an array is shown."""
    values, notes = np.asarray(to_numpy(array)), []
    if np.iscomplexobj(values):
        values = np.abs(values)
        notes.append("magnitude")
    if values.ndim > 2:
        values = values[tuple(n // 2 for n in values.shape[:-2])]
        notes.append("plane")
    if crop is not None:
        values = values[crop]
    elif values.ndim == 2 and max(values.shape) > _SIDE:
        values = values[tuple(slice(max(0, (n - _SIDE) // 2), (n + _SIDE) // 2) for n in values.shape)]
        notes.append("part")
    return Shown(values.astype(np.float64), tuple(notes))


def limits(comparison: Comparison, crop: tuple[slice, ...] | None = None) -> tuple[float, float]:
    """Return the range of values shown, from the truth or else the data: never from an estimate.

    One per mille at either end is clipped in pictures, so that a hot pixel does not hide the rest.
    """
    seen = comparison.observation
    values = shown(seen.data if seen.truth is None else seen.truth, crop).values
    share = (0.0, 100.0) if values.ndim == 1 else (0.1, 99.9)
    low, high = (float(v) for v in np.percentile(values, share))
    if high > low:
        return low, high
    spread = abs(low) or 1.0
    return low - spread, low + spread


def png(values: np.ndarray, low: float, high: float) -> str:
    """Return a gray picture as a data address; values outside the range are black or white."""
    return _address(np.clip((values - low) / (high - low), 0, 1), "png")


def photo(values: np.ndarray, low: float, high: float) -> str:
    """Return a picture in gray or color as `png` does, compressed with loss."""
    return _address(np.clip((values - low) / (high - low), 0, 1), "webp", quality=_QUALITY)


def diverging(values: np.ndarray, limit: float) -> str:
    """Return a picture of signed values: white at 0, full blue at −limit, full orange at +limit."""
    share = np.clip(values / (limit or 1.0), -1, 1)[..., None]
    return _address(1 - np.abs(share) * (1 - np.where(share < 0, _BLUE, _ORANGE)), "png")


def _address(values: np.ndarray, kind: str, **options: Any) -> str:
    import imageio.v3 as iio

    pixels = np.rint(255 * values).astype(np.uint8)
    encoded: bytes = iio.imwrite("<bytes>", pixels, extension=f".{kind}", **options)
    return f"data:image/{kind};base64," + base64.b64encode(encoded).decode("ascii")


def curve(values: np.ndarray, low: float, high: float) -> str:
    """Return the points of an SVG polyline in a frame of 640 × 160, clipped a little outside the range."""
    n = values.size
    x = np.arange(n) * (_WIDTH / max(n - 1, 1))
    if n > 2 * _WIDTH:  # the envelope: smallest and largest value over each column
        edges = np.linspace(0, n, _WIDTH + 1).astype(int)[:-1]
        ends = np.stack([np.minimum.reduceat(values, edges), np.maximum.reduceat(values, edges)], axis=1)
        x, values = np.repeat(np.arange(_WIDTH) + 0.5, 2), ends.ravel()
    bottom, top = visible(low, high)
    y = _HEIGHT * (top - np.clip(values, bottom, top)) / (top - bottom)
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))


def visible(low: float, high: float) -> tuple[float, float]:
    """Return the range that the frame of a curve holds: a little more than the range of values."""
    margin = 0.06 * (high - low)
    return low - margin, high + margin
