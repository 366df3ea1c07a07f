"""Laplace noise: outliers, impulses, anything whose tails are heavier than those of a Gaussian."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.ndimage

from invdeconv import checks
from invdeconv.arrays import Array, like, to_numpy

__all__ = ["Laplace", "without_outliers"]

# Four deviations of Gaussian noise over its median distance from zero.
_OUTLIER = 4 / 0.6745


@dataclass(frozen=True, eq=False)
class Laplace:
    """Noise with density exp(−|n|/scale)/(2·scale), for methods that minimize Σ|Cx − y|/scale.

    An outlier counts by its size, not by the square of it: a few per cent of impulses, hot pixels or dead
    samples at unknown places hardly move the estimate. For noise without outliers take `Gaussian`.

    Parameters
    ----------
    scale : float > 0, or array of the shape of the data, optional
        Mean size E|n|, in data units: of every sample, or one per sample, ``inf`` where it is missing.
        Left out, methods estimate it from the samples that are no outliers: the better choice for impulses,
        which are most of E|n| and say nothing of the rest.

    Raises
    ------
    InvalidInputError
        If `scale` is not positive, or infinite everywhere.

    Examples
    --------
    >>> from invdeconv import noise
    >>> noise.Laplace(0.02)
    Laplace(scale=0.02)
    """

    scale: float | Array | None = None

    def __post_init__(self) -> None:
        name = "noise.Laplace"
        if self.scale is None:
            return
        if np.ndim(self.scale) == 0:
            value = self.scale.item() if isinstance(self.scale, np.ndarray | np.generic) else self.scale
            object.__setattr__(self, "scale", checks.positive(name, "scale", value))
            return
        scale = np.array(to_numpy(self.scale))
        scale.flags.writeable = False
        if scale.dtype.kind not in "fiu" or not np.all(scale > 0) or not np.isfinite(scale).any():
            advice = "Use inf for missing samples, and the mean size of the noise elsewhere."
            checks.refuse(name, "scale", "be > 0, and finite somewhere", "other values", advice)
        object.__setattr__(self, "scale", scale)

    @property
    def shape(self) -> tuple[int, ...] | None:
        """Shape of the data it belongs to; None where it fits any."""
        return getattr(self.scale, "shape", None)

    @property
    def level(self) -> float:
        """One scale for the whole: (mean 1/scale)⁻¹ over samples that are there; needs a scale."""
        scale = np.asarray(self.scale, float)
        return float(1 / np.mean(1 / scale[np.isfinite(scale)]))

    def __repr__(self) -> str:
        if self.scale is None:
            return "Laplace()"
        return f"Laplace(scale={self.scale:g})" if self.shape is None else f"Laplace(shape {self.shape})"


def without_outliers(data: Array) -> tuple[Array, Array]:
    """Return the data with outliers replaced by the median of 3ᵈ samples (5 in 1-D), and 1 where none was.

    Outliers lie more than four deviations from that median, by the median of all distances; on a host copy.
    One sample of thirty counts as one in Laplace noise, and some edges do.
    """
    host = to_numpy(data)
    parts = [host.real, host.imag] if host.dtype.kind == "c" else [host]
    size = 5 if host.ndim == 1 else 3
    medians = [scipy.ndimage.median_filter(part, size, mode="nearest") for part in parts]
    middle = medians[0] if len(parts) == 1 else medians[0] + 1j * medians[1]
    distance = np.abs(host - middle)
    inlier = distance <= _OUTLIER * np.median(distance)
    return like(np.where(inlier, host, middle), data), like(inlier * 1.0, data)
