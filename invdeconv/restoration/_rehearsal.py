"""A rehearsal of the model in a periodic frame, on a scene whose truth is known.

Data that are blurred and then continued are not the blur of a scene that goes on so. For motion blur, and
for little noise, that error at the edges is larger than the noise, and rules that know only noise choose
filters that ring through the whole picture. So a first, cautious estimate plays the scene: its middle has
blurred data that need nothing from outside, and what is done to the real data is done to them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from invdeconv.arrays import Array, like, namespace, norm
from invdeconv.noise import estimate_noise_std
from invdeconv.operators import Convolution, Decomposition, decompose
from invdeconv.operators.decomposition import Filter
from invdeconv.restoration import _filters
from invdeconv.restoration._model import Model
from invdeconv.restoration._power_law import PowerLaw, cautious_power_law

__all__ = ["CAUTION", "Rehearsal", "rehearse", "spread"]

# The scene that plays is estimated as if its noise were at least this share of the data's deviation:
# smooth enough not to ring itself, sharp enough to have edges (0.3 % to 3 % differ by 0.1 dB).
CAUTION = 0.01


@dataclass(frozen=True, eq=False)
class Rehearsal:
    """A scene in the frame of the data.

    Attributes
    ----------
    first : array
        The cautious estimate on the frame.
    seen : array
        Its blurred middle, continued into the frame: what the method gets.
    truth : array
        The middle itself: what the method should return, at the frame's first samples.
    """

    first: Array
    seen: Array
    truth: Array

    def bias(self, decomposition: Decomposition, phi: Filter) -> float:
        """Return the mean square error of a filter on the rehearsal, which has no noise."""
        estimate = decomposition.filter(self.seen, phi)
        part = tuple(slice(0, n) for n in self.truth.shape)
        return norm(estimate[part] - self.truth) ** 2 / math.prod(self.truth.shape)


def rehearse(
    model: Model, law: PowerLaw | None = None, variance: float | np.ndarray | None = None
) -> Rehearsal | None:
    """Return a rehearsal of a model in a frame; None for others, and for data too small or featureless.

    Parameters
    ----------
    model : Model
        As `model_of` returns it.
    law : PowerLaw, optional
        Spectrum of the scene; fitted if not given.
    variance : float or numpy array, optional
        Of the noise, one or one per frequency; estimated if not given.
    """
    if model.fill is None:
        return None
    psf = model.operator.kernel  # type: ignore[attr-defined]
    sizes = tuple(zip(model.observed.shape, psf.shape, strict=True))
    decomposition = decompose(model.operator)
    if any(n < k + k // 2 for n, k in sizes) or decomposition is None or decomposition.frequency is None:
        return None
    if variance is None:
        variance = estimate_noise_std(model.observed, model.operator) ** 2
    law = cautious_power_law(decomposition, model.data, variance) if law is None else law
    if law is None:
        return None
    cautious = max(10 * float(np.mean(variance)), CAUTION**2 * spread(model.observed) ** 2)
    ratio = law.noise_to_signal(decomposition.frequency, cautious)
    first = decomposition.filter(model.data, _filters.tikhonov(like(ratio, model.data)))
    scene = model.crop_of(first)
    middle = tuple(slice(k - 1 - k // 2, n - k // 2) for n, k in sizes)
    blurred = Convolution(psf, tuple(scene.shape), padding="valid")(scene)
    return Rehearsal(first, model.fill(blurred, model.operator.input_shape), scene[middle])


def spread(data: Array) -> float:
    """Return the standard deviation of the data, accumulated in their own scale."""
    centered = data - namespace(data).mean(data)
    return norm(centered) / math.sqrt(math.prod(data.shape))
