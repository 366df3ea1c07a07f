"""Gaussian noise whose covariance is known: white, of a deviation per sample, or stationary and colored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.ndimage

from invdeconv import checks
from invdeconv.arrays import Array, to_numpy
from invdeconv.operators import Convolution, Diagonal, LinearOperator, Samples

__all__ = ["Gaussian"]


@dataclass(frozen=True, eq=False)
class Gaussian:
    """Gaussian noise of mean zero with covariance N, for methods that minimize ‖N^−½(Cx − y)‖².

    Pass exactly one of the two. The weight of a sample is 1/std²; ``std=inf`` marks a missing sample,
    whose value does not matter as long as it is finite.

    Parameters
    ----------
    std : float > 0, or array of the shape of the data, optional
        Standard deviation √E|n|², in data units: of every sample, or one per sample.
    spectrum : array of the shape of the data, optional
        For noise that is stationary but not white: power per frequency, E|fft(n)|²/size in the order of
        ``fftn``, > 0; its mean is the variance of a sample. For real noise the same at f and −f.

    Raises
    ------
    InvalidInputError
        If both or neither are given; if `std` is not positive, or infinite everywhere; if `spectrum` is
        not real, positive and finite.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import noise
    >>> noise.Gaussian(std=np.array([0.1, 0.2, np.inf]))
    Gaussian(std per sample, shape (3,))
    """

    std: float | Array | None = None
    spectrum: Array | None = None

    def __post_init__(self) -> None:
        name = "noise.Gaussian"
        if (self.std is None) == (self.spectrum is None):
            got = "neither" if self.std is None else "both"
            checks.refuse(name, "std", "be given, or spectrum, and not both", got, "Pass one of the two.")
        if self.spectrum is not None:
            power = _readonly(checks.finite_array(name, "spectrum", self.spectrum))
            if power.dtype.kind == "c" or power.min() <= 0:
                advice = "It is a power; add the floor that every detector has."
                checks.refuse(name, "spectrum", "be real and > 0", "other values", advice)
            object.__setattr__(self, "spectrum", power)
        elif getattr(self.std, "shape", ()) == () and not isinstance(self.std, list | tuple):
            value: Any = self.std.item() if isinstance(self.std, np.ndarray | np.generic) else self.std
            object.__setattr__(self, "std", checks.positive(name, "std", value))
        else:
            std = _readonly(self.std)
            if std.dtype.kind not in "fiu" or not np.all(std > 0) or not np.isfinite(std).any():
                advice = "Use inf for missing samples, and the deviation elsewhere."
                checks.refuse(name, "std", "be > 0, and finite somewhere", "other values", advice)
            object.__setattr__(self, "std", std)

    @property
    def shape(self) -> tuple[int, ...] | None:
        """Shape of the data it belongs to; None for white noise, which fits any."""
        return getattr(self.std if self.spectrum is None else self.spectrum, "shape", None)

    @property
    def level(self) -> float:
        """One deviation for the whole: (mean 1/std²)^−½ over samples that are there, or √(mean power)."""
        if self.spectrum is not None:
            return float(np.mean(self.spectrum)) ** 0.5
        std = np.asarray(self.std)
        return float(np.mean(std[np.isfinite(std)] ** -2.0)) ** -0.5

    def power(self, shape: tuple[int, ...]) -> np.ndarray:
        """Return the power per frequency on a grid of another size: interpolated linearly, periodic."""
        if self.spectrum is None:
            return np.full(shape, self.level**2)
        if shape == self.spectrum.shape:
            return self.spectrum
        grids = [np.arange(n) * (m / n) for n, m in zip(shape, self.spectrum.shape, strict=True)]
        where = np.meshgrid(*grids, indexing="ij")
        return scipy.ndimage.map_coordinates(self.spectrum, where, order=1, mode="grid-wrap")

    def whitener(self, shape: tuple[int, ...]) -> LinearOperator:
        """Return W = level·N^−½, near 1 whatever the units of the data; missing samples are dropped."""
        if self.spectrum is not None:
            return Convolution.from_otf(self.level / np.sqrt(self.power(shape)), shape)
        weights = np.broadcast_to(self.level / np.asarray(self.std, float), shape)
        there = weights > 0
        return Diagonal(weights) if there.all() else Diagonal(weights[there]) @ Samples(there)

    def __repr__(self) -> str:
        if self.shape is None:
            return f"Gaussian(std={self.std:g})"
        kind = "std per sample" if self.spectrum is None else "power per frequency"
        return f"Gaussian({kind}, shape {self.shape})"


def _readonly(values: Array) -> np.ndarray:
    host = np.array(to_numpy(values))
    host.flags.writeable = False
    return host
