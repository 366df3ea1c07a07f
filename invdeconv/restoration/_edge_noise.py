"""What a taper gets wrong at the edges, counted as noise as far as that helps.

Data that are blurred and then faded are not the blur of a faded scene. For motion blur and little noise
that difference is the larger noise of the two, and a filter that does not know it rings through the whole
picture. Its spectrum can be measured: blur a first estimate, keep what needs nothing from outside, and do
to it what was done to the data. How much of it to count is decided on the same rehearsal, where the
answer is known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from invdeconv.arrays import Array, like, norm, to_numpy
from invdeconv.operators import Convolution, Decomposition
from invdeconv.restoration import _filters
from invdeconv.restoration._model import Model, taper

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
    model: Model, decomposition: Decomposition, ratio: np.ndarray, variance: float
) -> EdgeNoise | None:
    """Add the error of the taper to a noise-to-signal ratio.

    Parameters
    ----------
    model : Model
        A taper model.
    decomposition : Decomposition
        Of its operator, with L = I.
    ratio : numpy array
        N/S per frequency for noise of the given variance alone.
    variance : float
        Of the noise in the data, > 0.

    Returns
    -------
    EdgeNoise or None
        None where the PSF leaves too little of the data to rehearse on.
    """
    first = decomposition.filter(model.data, _filters.tikhonov(like(10 * ratio, model.data)))
    scene = model.restore(first)
    psf = model.operator.kernel  # type: ignore[attr-defined]
    sizes = tuple(zip(scene.shape, psf.shape, strict=True))
    if any(n < 2 * k for n, k in sizes):
        return None
    frame = model.operator.input_shape
    truth = scene[tuple(slice(k - 1 - k // 2, n - k // 2) for n, k in sizes)]
    seen = taper(Convolution(psf, tuple(scene.shape), padding="valid")(scene), frame)
    edges = _smooth_power(decomposition, seen - model.operator(taper(truth, frame)))
    # Regular textures have lines above any power law: the signal is at least what the estimate holds.
    signal = np.maximum(variance / ratio, _smooth_power(decomposition, first))
    part = tuple(slice(0, n) for n in truth.shape)

    def rehearsed(share: float) -> tuple[float, np.ndarray]:
        """Return the mean square error on the rehearsal, noise counted in closed form, and the ratio."""
        trial = (variance + share * edges) / signal if share > 0 else ratio
        estimate = decomposition.filter(seen, _filters.tikhonov(like(trial, seen)))
        gain = decomposition.multiplicity * _filters.tikhonov(trial)(decomposition.c, 1.0) ** 2
        bias = norm(estimate[part] - truth) ** 2 / math.prod(truth.shape)
        return bias + variance * float(np.sum(gain)) / math.prod(frame), trial

    trials = [(*rehearsed(share), share) for share in _SHARES]
    _, chosen, share = min(trials, key=lambda trial: trial[0])
    return EdgeNoise(chosen, share, float(np.mean(edges)) ** 0.5)


def _smooth_power(decomposition: Decomposition, x: Array) -> np.ndarray:
    """Return the power per frequency, averaged over neighbors: one realization is a rough spectrum."""
    power = to_numpy(decomposition.power(x)) / decomposition.multiplicity
    for axis in range(power.ndim):
        power = (power + np.roll(power, 1, axis) + np.roll(power, -1, axis)) / 3
    return power
