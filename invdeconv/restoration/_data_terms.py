"""The data term of a variational method, F(Cx), as the kind of noise has it, and the residual to expect."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from invdeconv.arrays import Array, like, namespace, norm
from invdeconv.functionals import AbsoluteError, PoissonDivergence, Proximable, SquaredError
from invdeconv.noise import Gaussian, Laplace, Poisson, expected_divergence, without_outliers
from invdeconv.restoration._by_discrepancy import SHARE, Target, estimated_std, fitted, residual_target
from invdeconv.restoration._counts import counts_of
from invdeconv.restoration._krylov import flat_start
from invdeconv.restoration._missing import with_data_evened, with_gaps_filled
from invdeconv.restoration._model import Model, model_of
from invdeconv.restoration._whitening import boundary_for, noise_model, power_left_out, whitened

__all__ = ["BySample", "DataTerm", "data_term"]

BySample: TypeAlias = SquaredError | AbsoluteError | PoissonDivergence


@dataclass(frozen=True, eq=False)
class DataTerm:
    """F(Cx) in the scale of the model, with a curvature near 1 whatever the noise.

    Attributes
    ----------
    plain, model : Model
        With missing and noisy samples mended, to take sizes from, and what F looks at.
    fidelity : Proximable
        F: ½‖N^−½(Cx − y)‖², the I-divergence, or Σ|Cx − y|.
    plain_fidelity : SquaredError, AbsoluteError, PoissonDivergence or None
        F as a sum over the samples of what C itself makes; None for noise that is not white.
    power : float
        λ beside this F over that of the user.
    start : array
        Where a general solver begins.
    noise : noise.Gaussian, noise.Poisson, noise.Laplace or None
        As given.
    target : callable
        Returns the residual to expect, or None for data without noise and without variation.
    """

    plain: Model
    model: Model
    fidelity: Proximable
    plain_fidelity: BySample | None
    power: float
    start: Array
    noise: Any
    target: Callable[[], Target | None]

    @property
    def gaussian(self) -> Gaussian | None:
        """The noise, if it is Gaussian and known."""
        return self.noise if isinstance(self.noise, Gaussian) else None

    @property
    def quadratic(self) -> bool:
        """Whether F is a square."""
        return isinstance(self.fidelity, SquaredError)


def data_term(function: str, data: Any, blur: Any, boundary: str | None, noise: Any) -> DataTerm:
    """Check the arguments of a variational method and return its data term.

    Parameters
    ----------
    function : str
        For error messages.
    data, blur, boundary, noise : object
        As the method got them.
    """
    if isinstance(noise, Poisson):
        return _counts(function, data, blur, boundary, noise)
    if isinstance(noise, Laplace):
        return _outliers(function, data, blur, boundary, noise)
    known = None if noise is None else noise_model(function, noise)
    given = model_of(function, data, blur, boundary, default=boundary_for(function, known, boundary, blur))
    model, _ = whitened(function, given, known)
    plain = with_data_evened(given, known)
    # λ takes in the scale of the data too.
    power = power_left_out(known) / plain.scale
    start = flat_start(plain)
    F = SquaredError(model.data)
    return DataTerm(
        plain,
        model,
        F,
        _by_sample(given, known),
        power,
        start,
        known,
        lambda: residual_target(plain, known, plain),
    )


def _by_sample(given: Model, noise: Gaussian | None) -> SquaredError | None:
    if noise is None or noise.shape is None:
        return SquaredError(given.data)
    if noise.spectrum is not None:
        return None
    return SquaredError(given.data, like((noise.level / np.asarray(noise.std)) ** 2, given.data))


def _counts(function: str, data: Any, blur: Any, boundary: str | None, noise: Poisson) -> DataTerm:
    counts = counts_of(function, data, blur, boundary, noise, estimate=False)
    model, likelihood = counts.model, counts.likelihood
    plain, gain = model, noise.gain / model.scale
    weights: Any = 1.0
    if noise.weights is not None:
        plain = with_gaps_filled(model, Gaussian(np.where(noise.weights > 0, 1.0, np.inf)))
        weights = like(noise.weights, model.data)
    mean = float(namespace(plain.data).mean(plain.data)) + float(np.mean(noise.shift)) / model.scale
    mean = mean if mean > 0 else 1.0
    F = PoissonDivergence(likelihood.y, likelihood.background, mean * weights)

    def target() -> Target:
        std = (gain * mean) ** 0.5
        return _CountsTarget(std, 1 - SHARE * fitted(plain, std), F, gain)

    return DataTerm(plain, model, F, F, mean, counts.flat, noise, target)


def _outliers(function: str, data: Any, blur: Any, boundary: str | None, noise: Laplace) -> DataTerm:
    shaped = None if noise.shape is None else Gaussian(noise.scale)
    model = model_of(function, data, blur, boundary, default="unknown")
    boundary_for(function, shaped, boundary, blur)
    plain = with_gaps_filled(model, shaped)
    whitened(function, plain, shaped)  # refuses a scale of another shape
    if noise.scale is None:
        xp = namespace(plain.data)
        clean, counted = without_outliers(plain.data)
        observed = clean if plain.fill is None else plain.crop_of(clean)
        plain = dataclasses.replace(plain, data=clean, observed=observed)
        # A median of nine has a sixth of the variance that it replaces; Gaussian noise has E|n| = √(2/π)σ.
        std = estimated_std(plain) / (1 - 5 / 6 * (1 - float(xp.mean(counted)))) ** 0.5
        level, share = (2 / math.pi) ** 0.5 * std, 1 - SHARE * fitted(plain, std)
    else:
        level, share, counted = noise.level / model.scale, 1.0, 1.0
    # Data without noise: any scale does, and there is nothing to choose λ by.
    rounding = 10 * float(namespace(plain.data).finfo(plain.data.dtype).eps) * norm(plain.data)
    clear = level * math.prod(plain.data.shape) ** 0.5 <= rounding
    level = 1.0 if clear else level
    weights = 1.0 if shaped is None else like(noise.level / np.asarray(noise.scale), model.data)
    F = AbsoluteError(model.data, level * weights)

    # An L1 fit passes through as many samples as it has degrees of freedom, and leaves outliers as they are.
    target = _OutlierTarget(2**0.5 * level, share, F, counted)
    C = model.operator
    start = flat_start(plain) if model.boundary == "unknown" else C.H(plain.data) / (C.norm() ** 2 or 1.0)
    return DataTerm(plain, model, F, F, level, start, noise, lambda: None if clear else target)


@dataclass(frozen=True, eq=False)
class _CountsTarget(Target):
    fidelity: PoissonDivergence
    gain: float

    def excess(self, residual: Array, inside: tuple[slice, ...] | None) -> float:
        """Return log of the divergence over what is to be expected at the prediction."""
        xp, F = namespace(residual), self.fidelity
        tiny = float(xp.finfo(residual.dtype).smallest_normal)
        predicted = xp.clip(residual + F.data + F.background, min=tiny)
        due = self.gain * F.weights * expected_divergence(predicted / self.gain)
        found, due = _sums(F.terms(predicted - F.background), due, inside)
        return math.log(max(found, 1e-300) / (self.share * due))


@dataclass(frozen=True, eq=False)
class _OutlierTarget(Target):
    fidelity: AbsoluteError
    counted: float | Array

    def excess(self, residual: Array, inside: tuple[slice, ...] | None) -> float:
        """Return log of Σ|r| over what is to be expected, without outliers."""
        xp, weights = namespace(residual), self.counted * self.fidelity.weights
        level = self.noise_std / 2**0.5
        there = xp.astype(weights * xp.ones_like(xp.abs(residual)) > 0, xp.float64)
        found, count = _sums(weights * xp.abs(residual), there, inside)
        return math.log(max(found, 1e-300) / (self.share * level**2 * count))


def _sums(found: Array, due: Array, inside: tuple[slice, ...] | None) -> tuple[float, float]:
    """Return the sums inside; of all samples where none inside counts."""
    xp = namespace(found)
    parts = [() if inside is None else inside, ()]
    sums = [[float(xp.sum(values[part], dtype=xp.float64)) for values in (found, due)] for part in parts]
    return next(((one, other) for one, other in sums if other > 0), (0.0, 1.0))
