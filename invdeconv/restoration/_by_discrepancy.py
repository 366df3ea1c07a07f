"""λ by the discrepancy principle where no closed form is: the residual that a good estimate leaves."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, namespace, norm
from invdeconv.noise import Gaussian, estimate_noise_std
from invdeconv.operators import Convolution, decompose
from invdeconv.restoration._missing import is_even
from invdeconv.restoration._model import Model, tapered
from invdeconv.restoration._power_law import fit_power_law
from invdeconv.restoration._rehearsal import spread
from invdeconv.selection import Selection, SelectionStatus

__all__ = ["SHARE", "Target", "choose_lambda_by_residual", "estimated_std", "fitted", "residual_target"]

# Least noise that is assumed, as a share of the deviation of the data: the taper's edges are wrong by more.
_TAPER_FLOOR, _FLOOR = 1e-2, 1e-4
# An edge-preserving estimate fits this share of what the Wiener filter fits of the noise (measured, see
# benchmarks/scoreboard.py).
SHARE = 0.7
# How far λ may be from the first guess: on photographs it is 0.5 to 7 times that. A noise level a few
# per cent too low is reached by no λ worth having: without a limit all that is left is amplified noise.
_LEAST, _MOST = 0.2, 100.0


@dataclass(frozen=True, eq=False)
class Target:
    """What the residual of a good estimate is.

    Attributes
    ----------
    noise_std : float
        Deviation of the noise in the model's scale, given or estimated, not less than the floor.
    share : float
        Expected ‖Cx − y‖² over that of the noise: below 1, since every estimate fits some of the noise.
    """

    noise_std: float
    share: float

    def excess(self, residual: Array, inside: tuple[slice, ...] | None) -> float:
        """Return log(‖r‖²/expected), inside the rim where edges are guessed; it rises with λ."""
        if inside is not None:
            residual = residual[inside]
        mean = norm(residual) ** 2 / math.prod(residual.shape)
        return math.log(max(mean, 1e-300) / (self.share * self.noise_std**2))


def residual_target(plain: Model, noise: Gaussian | None, even: Model | None = None) -> Target | None:
    """Return the target; None for data without noise and without variation, where any λ does.

    Parameters
    ----------
    plain : Model
        Before it is whitened.
    noise : noise.Gaussian or None
        Estimated if not given.
    even : Model, optional
        With noisy samples evened, so that its spectrum is that of the scene: samples of unequal noise inform
        as much as equal ones of the mean 1/std². Without it they count as not fitted.
    """
    std = estimated_std(plain) if noise is None else noise.level / plain.scale
    # Constant data have a deviation of rounding errors.
    size = norm(plain.observed) / math.prod(plain.observed.shape) ** 0.5
    if std <= 10 * float(namespace(plain.observed).finfo(plain.observed.dtype).eps) * size:
        return None
    even = plain if even is None and is_even(noise) else even
    return Target(std, 1.0 if even is None else 1.0 - SHARE * fitted(even, std))


def estimated_std(plain: Model) -> float:
    """Return the deviation of the noise in the scale of the model, not less than the floor."""
    floor = _TAPER_FLOOR if plain.fill else _FLOOR
    return max(estimate_noise_std(plain.observed), floor * spread(plain.observed))


def choose_lambda_by_residual(function: str, excess: Callable[[float], float], start: float) -> Selection:
    """Find λ with a log-excess of zero by secants in log λ; each call may go on from the one before.

    Parameters
    ----------
    function : str
        Name for the warning.
    excess : callable
        λ → log(‖r‖²/expected), rising.
    start : float > 0
        First λ.
    """
    t, slope = math.log(start), 0.3
    tried: list[tuple[float, float]] = []
    status = SelectionStatus.EDGE
    for _ in range(12):
        tried.append((t, excess(math.exp(t))))
        if abs(tried[-1][1]) < 0.01:
            status = SelectionStatus.FOUND
            break
        if len(tried) > 1:
            (t0, f0), (t1, f1) = tried[-2:]
            if (f1 - f0) * (t1 - t0) < 0 and abs(f1) > abs(f0) + 0.1:
                break  # the residual grows as λ falls: the model does not fit
            if abs(t1 - t0) > 1e-12:
                slope = min(max((f1 - f0) / (t1 - t0), 0.05), 2.0)
        t -= min(max(tried[-1][1] / slope, -2.0), 2.0)
        t = min(max(t, math.log(_LEAST * start)), math.log(_MOST * start))
        if t == tried[-1][0]:
            break
    t, miss = min(tried, key=lambda pair: abs(pair[1]))
    if status is SelectionStatus.EDGE and abs(miss) < 0.1:
        status = SelectionStatus.FOUND
    if status is SelectionStatus.EDGE:
        word = "comes closest"
        if miss > 0:  # the noise is larger than was said, and the first guess is worth more than the last
            t, status, word = math.log(start), SelectionStatus.NOISE_NEVER_REACHED, "is a guess"
        checks.warn(
            "IDW004",
            f"{function}: no lam leaves the expected residual; lam = {math.exp(t):.3g} {word}",
            "The model of blur or noise may be wrong; pass noise or lam",
        )
    curve = np.array(sorted(tried))
    return Selection(math.exp(t), (np.exp(curve[:, 0]), np.exp(curve[:, 1])), status)


def fitted(model: Model, noise_std: float) -> float:
    """Return the share of the noise that the Wiener filter fits: its degrees of freedom per sample."""
    frame = model
    known: Any = decompose(frame.operator) if model.fill else None
    if known is None and isinstance(model.operator, Convolution) and model.boundary == "unknown":
        frame = tapered(model.observed, model.operator.kernel)
        known = decompose(frame.operator)
    elif known is None:
        known = decompose(model.operator)
    if known is None or known.frequency is None or noise_std == 0:
        return 0.0
    law = fit_power_law(known, frame.data, noise_std**2)
    if law is None:
        return 0.0
    ratio = law.noise_to_signal(known.frequency, noise_std**2)
    gain = known.c**2
    return float(np.sum(known.multiplicity * gain / (gain + ratio))) / math.prod(frame.operator.output_shape)
