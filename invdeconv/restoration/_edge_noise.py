"""The error of what fills the frame, counted as noise as far as that helps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from invdeconv.arrays import Array, like, namespace, to_numpy
from invdeconv.operators import Decomposition
from invdeconv.restoration import _filters
from invdeconv.restoration._model import Model
from invdeconv.restoration._rehearsal import Rehearsal

__all__ = ["EdgeNoise", "edge_noise"]

# Shares of the measured power that are tried. The error sits at the edges, while a filter is the same
# everywhere: counting all of it can cost more inside than it saves.
_SHARES = (0.0, 0.01, 0.03, 0.1, 0.3, 1.0)


@dataclass(frozen=True, eq=False)
class EdgeNoise:
    """The ratio N/S with edges counted, the share in force, and the deviation of the whole edge noise."""

    ratio: np.ndarray
    share: float
    std: float


def edge_noise(
    model: Model,
    decomposition: Decomposition,
    rehearsal: Rehearsal,
    ratio: np.ndarray,
    variance: float | np.ndarray,
) -> EdgeNoise:
    """Add the error of the fill, as measured on a rehearsal, to a noise-to-signal ratio.

    Parameters
    ----------
    model : Model
        A model with a fill.
    decomposition : Decomposition
        Of its operator, with L = I.
    rehearsal : Rehearsal
        On the same frame.
    ratio : numpy array
        N/S per frequency for noise of the given variance alone.
    variance : float or numpy array
        Of the noise in the data, > 0; per frequency if it is colored.

    Returns
    -------
    EdgeNoise
        The share of least mean square error on the rehearsal, noise counted in closed form.
    """
    frame = model.operator.input_shape
    fill: Any = model.fill
    error = rehearsal.seen - model.operator(fill(rehearsal.truth, frame))
    edges = _smooth_power(decomposition, error)
    # Regular textures have lines above any power law: the signal is at least what the estimate holds.
    signal = np.maximum(variance / ratio, _smooth_power(decomposition, rehearsal.first))
    xp = namespace(rehearsal.seen)
    c = decomposition.factors(rehearsal.seen)[0]
    counted = like(np.broadcast_to(decomposition.multiplicity * variance, tuple(c.shape)), rehearsal.seen)

    def rehearsed(share: float) -> tuple[float, np.ndarray]:
        trial = (variance + share * edges) / signal if share > 0 else ratio
        phi = _filters.tikhonov(like(trial, rehearsal.seen))
        noise = float(xp.sum(counted * phi(c, 1.0) ** 2, dtype=xp.float64)) / math.prod(frame)
        return rehearsal.bias(decomposition, phi) + noise, trial

    trials = [(*rehearsed(share), share) for share in _SHARES]
    _, chosen, share = min(trials, key=lambda trial: trial[0])
    return EdgeNoise(chosen, share, float(np.mean(edges)) ** 0.5)


def _smooth_power(decomposition: Decomposition, x: Array) -> np.ndarray:
    """Return the power per frequency, averaged over neighbors: one realization is a rough spectrum."""
    power = to_numpy(decomposition.power(x)) / decomposition.multiplicity
    for axis in range(power.ndim):
        power = (power + np.roll(power, 1, axis) + np.roll(power, -1, axis)) / 3
    return power
