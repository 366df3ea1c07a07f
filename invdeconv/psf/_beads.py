"""The PSF out of pictures of points: fluorescent beads, stars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.ndimage

from invdeconv.arrays import is_complex, to_numpy
from invdeconv.checks import finite_array, integers, positive, refuse

# A point must stand out of the noise by this many standard deviations after light smoothing.
_SIGNIFICANT = 8.0
# Correlation with the median of all points below which one is not a single point.
_ALIKE = 0.7
# A maximum of less than this share of a brighter one nearby is its ring or its noise, not another point.
_RING = 0.2


@dataclass(frozen=True, slots=True)
class Bead:
    """One point that was found.

    Attributes
    ----------
    center : tuple of float
        Position in the data, in pixels.
    brightness : float
        Light above the background, in data units times pixels.
    rejected : str
        Why it was left out; empty if it was used.
    """

    center: tuple[float, ...]
    brightness: float
    rejected: str = ""


@dataclass(frozen=True, eq=False)
class Distilled:
    """A measured PSF with the points it came from.

    Attributes
    ----------
    psf : ndarray
        float64, sum 1, not negative, origin at ``n // 2``.
    beads : tuple of Bead
        All points found, the brightest first, each used or with the reason it was not.
    """

    psf: np.ndarray
    beads: tuple[Bead, ...]

    @property
    def used(self) -> int:
        """Number of points in the mean."""
        return sum(not bead.rejected for bead in self.beads)


def from_beads(data: Any, size: int | Sequence[int], *, saturation: float | None = None) -> Distilled:
    """Measure the PSF from a picture or stack of points: beads below the resolution, stars.

    Points are found, checked one by one, moved onto each other by fractions of a pixel and averaged with
    the weight of their brightness. A bad one is left out with its reason and spoils nothing.

    Parameters
    ----------
    data : array
        Real, any number of dimensions. A bead of diameter d widens the PSF like a ball: use beads below a
        third of its width.
    size : int or tuple of int
        Shape of the PSF, odd; the background is taken from the rim of such a box around each point.
    saturation : float, optional
        Value from which pixels are clipped; by default the largest value of an integer type.

    Returns
    -------
    Distilled
        The psf, and every point with its fate.

    Raises
    ------
    InvalidInputError
        Complex data, a size that is even or larger than the data, or no usable point: the message counts
        the reasons.

    Notes
    -----
    A point is left out if its box leaves the data, holds a clipped pixel or a second point, or correlates
    with the median of all points by less than 0.7. What noise leaves below zero is set to zero.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import psf
    >>> picture = np.random.default_rng(0).normal(100, 1, (80, 80))
    >>> spot = psf.gaussian((15, 15), 2.0)
    >>> picture[10:25, 20:35] += 2000 * spot
    >>> picture[50:65, 40:55] += 3000 * spot
    >>> found = psf.from_beads(picture, (15, 15))
    >>> found.used, bool(abs(found.psf - spot).max() < 0.002)
    (2, True)
    """
    name = "psf.from_beads"
    limit = saturation
    given = getattr(data, "dtype", None)
    if limit is None and isinstance(given, np.dtype) and given.kind in "iu":
        limit = float(np.iinfo(given).max)
    elif limit is not None:
        limit = positive(name, "saturation", limit)
    values = finite_array(name, "data", data)
    if is_complex(values):
        refuse(name, "data", "be real", values.dtype, "Pass the intensity.")
    values = to_numpy(values).astype(np.float64)
    box = integers(name, "size", size, values.ndim, minimum=3)
    if any(n % 2 == 0 or n > m for n, m in zip(box, values.shape, strict=True)):
        what = f"be odd and at most the data's shape {values.shape}"
        refuse(name, "size", what, box, "Pass the odd sizes of the PSF you need.")
    points = _peaks(values, box)
    reasons = [_rejection(values, point, points, box, limit) for point in points]
    stamps = {i: _stamp(values, points[i], box) for i, reason in enumerate(reasons) if not reason}
    centers = [tuple(map(float, point)) for point in points]
    light = [0.0] * len(points)
    psf = np.zeros(box)
    while stamps and psf.sum() == 0:
        aligned = {}
        for i, stamp in stamps.items():
            shift = _offset(stamp)
            centers[i] = tuple(float(p + s) for p, s in zip(points[i], shift, strict=True))
            aligned[i] = scipy.ndimage.shift(stamp, -shift, order=3, mode="nearest")
            light[i] = float(aligned[i].sum())
        typical = np.median([stamp / light[i] for i, stamp in aligned.items()], axis=0)
        unlike = [i for i, stamp in aligned.items() if _correlation(stamp, typical) < _ALIKE]
        for i in unlike:
            reasons[i] = "unlike the others"
            del stamps[i]
        if not unlike:
            psf = np.maximum(np.sum(list(aligned.values()), axis=0), 0)
    if psf.sum() == 0:
        counts = ", ".join(f"{count} {reason}" for reason, count in Counter(reasons).most_common())
        advice = "Pass a smaller size, or a picture with points further apart."
        refuse(name, "data", "show a usable point", counts or "none that stands out of the noise", advice)
    beads = [Bead(*each) for each in zip(centers, light, reasons, strict=True)]
    return Distilled(psf / psf.sum(), tuple(beads))


def _peaks(values: np.ndarray, box: tuple[int, ...]) -> list[np.ndarray]:
    """Return the positions of local maxima that stand out of the noise, the brightest first."""
    smooth = scipy.ndimage.gaussian_filter(values, 1.0)
    level = float(np.median(smooth))
    spread = float(np.median(np.abs(smooth - level))) / 0.6745
    high = (smooth == scipy.ndimage.maximum_filter(smooth, 3)) & (smooth > level + _SIGNIFICANT * spread)
    found = sorted(np.argwhere(high), key=lambda point: -smooth[tuple(point)])
    points: list[np.ndarray] = []
    for point in found:
        height = smooth[tuple(point)] - level
        near = [points[i] for i in np.flatnonzero(_near(point, points, box))]
        if all(height >= _RING * (smooth[tuple(other)] - level) for other in near):
            points.append(point)
    return points


def _near(point: np.ndarray, others: list[np.ndarray], box: tuple[int, ...]) -> np.ndarray:
    """Say of each of the others whether its light reaches into the box of the point."""
    apart = np.abs(np.reshape(others, (-1, point.size)) - point)
    return np.asarray(np.all(apart <= 0.75 * np.array(box), axis=1))


def _rejection(
    values: np.ndarray, point: np.ndarray, points: list[np.ndarray], box: tuple[int, ...], limit: float | None
) -> str:
    if any(p < n // 2 or p + n // 2 >= m for p, n, m in zip(point, box, values.shape, strict=True)):
        return "near the edge"
    if limit is not None and values[_around(point, box)].max() >= limit:
        return "saturated"
    if _near(point, points, box).sum() > 1:  # it is one of them
        return "too near another"
    return ""


def _around(point: np.ndarray, box: tuple[int, ...]) -> tuple[slice, ...]:
    return tuple(slice(p - n // 2, p + n // 2 + 1) for p, n in zip(point, box, strict=True))


def _stamp(values: np.ndarray, point: np.ndarray, box: tuple[int, ...]) -> np.ndarray:
    """Return the box around a point, less the median of its rim."""
    stamp = values[_around(point, box)]
    rim = np.ones(box, bool)
    rim[tuple(slice(1, -1) for _ in box)] = False
    return stamp - np.median(stamp[rim])


def _offset(stamp: np.ndarray) -> np.ndarray:
    """Return how far the centroid of the core lies from the middle."""
    core = np.maximum(stamp - 0.25 * stamp.max(), 0)
    return np.array(scipy.ndimage.center_of_mass(core)) - np.array(stamp.shape) // 2


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])
