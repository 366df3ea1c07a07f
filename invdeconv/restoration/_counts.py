"""What the methods for counts share: a model of the blur and the noise, checked, and where to begin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, constant, is_complex, like, namespace, total
from invdeconv.noise import Poisson, estimate_noise_variance
from invdeconv.operators import Convolution, LinearOperator
from invdeconv.restoration._fills import FILLS
from invdeconv.restoration._least_risk import least_risk_iterations
from invdeconv.restoration._model import Model, model_of
from invdeconv.restoration._sampled_spectrum import windowed_mean
from invdeconv.solvers import PoissonLikelihood

__all__ = ["Counts", "counts_of"]


@dataclass(frozen=True, eq=False)
class Counts:
    """A problem with Poisson noise.

    Attributes
    ----------
    model : Model
        Data and blur.
    likelihood : PoissonLikelihood
        On the model's domain and scale.
    divisor : array
        Cᵀw, floored.
    flat : array
        The constant whose total is that of the data: where an iteration begins.
    parameters : mapping
        For the result.
    """

    model: Model
    likelihood: PoissonLikelihood
    divisor: Array
    flat: Array
    parameters: Mapping[str, Any]

    def least_risk(self) -> float | None:
        """Return how many plain iterations have the least expected error, where that can be told."""
        likelihood, model = self.likelihood, self.model
        if likelihood.weights is not None or not _is_filter(model.operator):
            return None
        y = likelihood.y if model.fill is None else model.crop_of(likelihood.y)
        psf = model.operator.kernel  # type: ignore[attr-defined]
        alpha, beta = likelihood.variance
        variance = alpha + beta * windowed_mean(y, psf)
        # The spectrum is that of the data less their mean: a constant background is gone with it.
        signal = y if isinstance(likelihood.background, float) else y - likelihood.background
        return least_risk_iterations(signal, psf, variance)

    def relative_noise(self) -> float:
        """Return the deviation of the noise over the mean of the data."""
        mean, variance = self._level()
        return variance**0.5 / mean if mean > 0 else 0.0

    def _level(self) -> tuple[float, float]:
        """Return the mean of the samples that are there, and the variance of the noise at that mean."""
        likelihood = self.likelihood
        xp = namespace(likelihood.y)
        weights = xp.ones_like(likelihood.y) if likelihood.weights is None else likelihood.weights
        mean = total(weights * likelihood.y) / total(weights)
        alpha, beta = likelihood.variance
        return mean, alpha + beta * mean


def _is_filter(C: LinearOperator) -> bool:
    """Say whether C is a convolution of one channel that keeps every sample."""
    plain = isinstance(C, Convolution) and C.groups is None
    return plain and all(axis.stride == axis.dilation == 1 for axis in C.axes)  # type: ignore[attr-defined]


def counts_of(name: str, data: Any, blur: Any, boundary: str | None, noise: Any, *, estimate: bool) -> Counts:
    """Check the arguments of a method for counts.

    Parameters
    ----------
    name : str
        For error messages.
    data, blur, boundary : object
        As the method got them.
    noise : object
        A `Poisson` or None.
    estimate : bool
        Estimate the variance where no noise is given.
    """
    if noise is not None:
        if not isinstance(noise, Poisson):
            advice = "Gaussian noise goes in as noise.Poisson(read_noise=…)."
            checks.refuse(name, "noise", "be a noise.Poisson", repr(noise), advice)
        if noise.shape is not None and not isinstance(blur, LinearOperator) and boundary in FILLS:
            advice = "Its frame has samples that have none; take boundary='unknown', the default."
            checks.refuse(
                name, "boundary", f"not be {boundary!r} beside noise per sample", repr(boundary), advice
            )
        data = noise.without_missing(data)
    model = model_of(name, data, blur, boundary, default="unknown")
    if noise is not None and noise.shape not in (None, tuple(model.observed.shape)):
        shape = tuple(model.observed.shape)
        checks.refuse(name, "noise", f"be of shape {shape}", noise.shape, "It belongs to the data.")
    background, shift, weights = _parts(noise, model)
    _check_kernel(name, model)
    _check_data(name, model.observed if _is_zero(shift) else model.observed + shift)
    xp = namespace(model.data)
    if noise is not None:
        variance = 0.0, noise.gain / model.scale
    else:
        variance = estimate_noise_variance(model.observed) if estimate else (0.0, 0.0)
    # A Poisson count is never negative: y < 0 has no likelihood, and its ratio y/Cx no bound.
    y = model.data if _is_zero(shift) else model.data + shift
    y = xp.clip(y, min=0.0) if float(xp.min(y)) < 0 else y
    likelihood = PoissonLikelihood(model.operator, y, background + shift, weights, variance)
    sensitivity = likelihood.sensitivity()
    seen = total(sensitivity)
    if seen == 0:
        advice = "Nothing of the input reaches the data; check the kernel and the padding."
        checks.refuse(name, "blur", "not be the zero operator", repr(model.operator), advice)
    signal = y - (background + shift) if noise is not None else y
    signal = signal if weights is None else weights * signal
    # A signal drowned in its background still needs a positive start.
    least = 1e-3 * total(y) if noise is not None else 0.0
    flat = constant(max(total(signal), least) / seen, model.operator.input_shape, y)
    parameters = {"noise": noise, "boundary": model.boundary}
    if noise is None and estimate:
        parameters["noise_variance"] = variance[0] * model.scale**2, variance[1] * model.scale
    return Counts(model, likelihood, likelihood.floored(sensitivity), flat, parameters)


def _is_zero(shift: Any) -> bool:
    return isinstance(shift, float) and shift == 0


def _parts(noise: Poisson | None, model: Model) -> tuple[Any, Any, Array | None]:
    """Return background, shift and weights in the scale, precision and library of the data."""
    if noise is None:
        return 0.0, 0.0, None
    background, shift = (
        like(value / model.scale, model.data) if isinstance(value, np.ndarray) else value / model.scale
        for value in (noise.background, noise.shift)
    )
    return background, shift, None if noise.weights is None else like(noise.weights, model.data)


def _check_kernel(name: str, model: Model) -> None:
    """Refuse a blur that takes positive values below zero."""
    operator = model.operator
    if is_complex(model.observed):
        advice = "Counts and intensities are real; use wiener for complex data."
        checks.refuse(name, "data", "be real", model.observed.dtype, advice)
    xp = namespace(model.data)
    if isinstance(operator, Convolution):
        kernel = operator.kernel
        # A PSF that comes from a transform has rounding errors below zero.
        if kernel.dtype.kind == "c" or kernel.min() < -1e-6 * kernel.max():
            advice = "A blur of intensities is >= 0 everywhere; use tikhonov for other kernels."
            got = "complex values" if kernel.dtype.kind == "c" else f"values down to {kernel.min():.4g}"
            checks.refuse(name, "kernel", "not be negative", got, advice)
        if "antireflect" in operator.boundaries:
            advice = 'It extends by 2a − b, which can be negative; use "reflect" or "symmetric".'
            checks.refuse(name, "boundary", "keep positive values positive", "'antireflect'", advice)
    elif operator.dtype.kind == "c" or float(xp.min(operator.H(xp.ones_like(model.data)))) < 0:
        advice = "A blur of intensities is >= 0 everywhere; use tikhonov for other operators."
        checks.refuse(name, "blur", "be real and not negative", repr(operator), advice)


def _check_data(name: str, data: Array) -> None:
    """Refuse what the Poisson likelihood has no meaning for; warn of what it has little for."""
    xp = namespace(data)
    light = total(data)
    if light < 0 or (light == 0 and bool(xp.any(data != 0))):
        advice = "Subtract less background, or use wiener."
        checks.refuse(name, "data", "not have a negative or canceling sum", f"{light:.4g}", advice)
    # A few values that noise took below zero do no harm; a background taken off does.
    below = -total(xp.clip(data, max=0.0)) if float(xp.min(data)) < 0 else 0.0
    if below > 1e-3 * light:
        checks.warn(
            "IDW005",
            f"{name}: negative data weigh {below / light:.1%} of the total",
            "Add the background back, or use wiener, which takes data of any sign",
        )
