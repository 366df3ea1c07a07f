"""Poisson noise: counts, the background and the read noise of a detector, and the samples it lost."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, like, namespace, to_numpy

__all__ = ["Poisson", "expected_divergence"]

# Beyond this mean four terms of the expansion are right to 1e-4; below it, so many terms of the sum to 1e-9.
_FEW, _TERMS = 8.0, 40


@dataclass(frozen=True, eq=False)
class Poisson:
    """Counts on a background, read out with Gaussian noise.

    y = gain·Poisson((Cx + background)/gain) + read noise, all in data units, so that E y = Cx + background
    and Var y = gain·E y + read_noise². Read noise is taken as the noise of ``read_noise²/gain`` more
    background that was then taken off (shifted Poisson): exact in mean and variance.

    Parameters
    ----------
    background : float >= 0, or array of the shape of the data, default 0
        Light that C does not make: sky, dark current, offset.
    read_noise : float >= 0, or array of the shape of the data, default 0
        Standard deviation.
    gain : float > 0, default 1
        Data units per count. It decides how large the noise is, not where it is.
    weights : array of bool, or of numbers >= 0, of the shape of the data, optional
        How much each sample counts in the likelihood; False or 0 for one that is dead, saturated or
        missing, whose value may be NaN.

    Raises
    ------
    InvalidInputError
        If a parameter is negative or not finite; if `gain` is not positive; if the weights are all zero; if
        arrays differ in shape.

    References
    ----------
    .. [1] D. L. Snyder, A. M. Hammoud, R. L. White, "Image recovery from data acquired with a
       charge-coupled-device camera", J. Opt. Soc. Am. A 10 (1993) 1014.

    Examples
    --------
    >>> from invdeconv import noise
    >>> noise.Poisson(background=100, read_noise=3, gain=2)
    Poisson(background=100, read_noise=3, gain=2)
    """

    background: float | Array = 0.0
    read_noise: float | Array = 0.0
    gain: float = 1.0
    weights: Array | None = None

    def __post_init__(self) -> None:
        name = "noise.Poisson"
        object.__setattr__(self, "gain", checks.positive(name, "gain", self.gain))
        for field in ("background", "read_noise"):
            object.__setattr__(self, field, _nonnegative(field, getattr(self, field)))
        if self.weights is not None:
            weights = _nonnegative("weights", self.weights)
            if not isinstance(weights, np.ndarray) or not weights.any():
                advice = "Give one for each sample: 1 where it is there, 0 where it is missing."
                checks.refuse(name, "weights", "be an array with a positive value", "none", advice)
            object.__setattr__(self, "weights", weights)
        shapes = {value.shape for value in self._arrays()}
        if len(shapes) > 1:
            advice = "Each belongs to the data."
            checks.refuse(
                name, "background, read_noise and weights", "have one shape", sorted(shapes), advice
            )

    @property
    def shape(self) -> tuple[int, ...] | None:
        """Shape of the data it belongs to; None where it fits any."""
        return next((value.shape for value in self._arrays()), None)

    @property
    def shift(self) -> float | np.ndarray:
        """What shifted Poisson adds to the data and to the background: read_noise²/gain."""
        return self.read_noise**2 / self.gain

    def without_missing(self, data: Any) -> Any:
        """Return the data with zeros for the samples of weight 0, whatever they were."""
        if self.weights is None or tuple(np.shape(data)) != self.weights.shape:
            return data
        if not hasattr(data, "dtype"):
            data = np.asarray(data)
        xp = namespace(data)
        there = like(self.weights, xp.zeros((), dtype=xp.float64)) > 0
        return xp.where(there, data, xp.zeros_like(data))

    def _arrays(self) -> list[np.ndarray]:
        values = (self.background, self.read_noise, self.weights)
        return [value for value in values if isinstance(value, np.ndarray)]

    def __repr__(self) -> str:
        shown = []
        for field in ("background", "read_noise", "gain", "weights"):
            value = getattr(self, field)
            if isinstance(value, np.ndarray):
                shown.append(f"{field} of shape {value.shape}")
            elif value is not None and (value != 0 or field == "gain"):
                shown.append(f"{field}={value:g}")
        return f"Poisson({', '.join(shown)})"


def expected_divergence(mean: Array) -> Array:
    """Return E[Y·log(Y/m) − Y + m] of Y ~ Poisson(m), m > 0: half a count, less where hardly one comes."""
    xp = namespace(mean)
    m = xp.clip(mean, min=_FEW)
    many = 0.5 + (1 + (1 + 1.9 / m) / m) / (12 * m)
    m = xp.clip(mean, max=_FEW)
    chance, few = xp.exp(-m), 0 * m
    for k in range(1, _TERMS):
        chance = chance * m / k
        few = few + chance * k * (math.log(k) - xp.log(m))
    return xp.where(mean > _FEW, many, few)


def _nonnegative(field: str, value: Any) -> float | np.ndarray:
    name = "noise.Poisson"
    if np.ndim(to_numpy(value) if hasattr(value, "dtype") else value) == 0:
        return checks.nonnegative(name, field, value.item() if hasattr(value, "item") else value)
    values = np.array(to_numpy(checks.finite_array(name, field, value)))
    if values.dtype.kind == "c" or values.min() < 0:
        checks.refuse(name, field, "be real and >= 0", "other values", "Check its sign.")
    values.flags.writeable = False
    return values
