"""Noise that is not white made white: ‖N^−½(Cx − y)‖² is ‖Cx − y‖² for another C and y."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from invdeconv import checks
from invdeconv.arrays import is_complex
from invdeconv.noise import Gaussian
from invdeconv.operators import Convolution, LinearOperator
from invdeconv.restoration._fills import FILLS
from invdeconv.restoration._model import Model

__all__ = ["boundary_for", "noise_model", "power_left_out", "whitened"]


def noise_model(function: str, noise: Any) -> Gaussian:
    """Return `noise` as a noise model: a number is the deviation of white noise."""
    if isinstance(noise, Gaussian):
        return noise
    advice = "Wrap a deviation per sample: noise.Gaussian(std=…)."
    return Gaussian(checks.positive(function, "noise", noise, advice))


def boundary_for(
    function: str, noise: Gaussian | None, boundary: str | None, blur: Any, default: str = "taper"
) -> str:
    """Return the boundary for a PSF: weights differ from sample to sample, and the taper's gap has none."""
    if noise is None or noise.shape is None:
        return default
    if noise.spectrum is not None:
        return "taper"
    if boundary in FILLS and not isinstance(blur, LinearOperator):
        advice = "Take boundary='unknown', the default beside weights."
        checks.refuse(
            function, "boundary", f"not be {boundary!r} beside a std per sample", repr(boundary), advice
        )
    return "unknown"


def whitened(function: str, model: Model, noise: Gaussian | None) -> tuple[Model, LinearOperator | None]:
    """Return the model of WC and Wy, and W = level·N^−½; the model itself and None for white noise."""
    if noise is None or noise.shape is None:
        return model, None
    shape = tuple(model.observed.shape)
    if noise.shape != shape:
        word = "std" if noise.spectrum is None else "spectrum"
        checks.refuse(
            function, f"noise.{word}", f"have shape {shape}", noise.shape, "It belongs to the data."
        )
    W = noise.whitener(model.operator.output_shape)
    if W.dtype.kind == "c" and not is_complex(model.observed):
        advice = "Average it with its mirror image."
        checks.refuse(function, "noise.spectrum", "be the same at f and −f for real data", "another", advice)
    C = _periodic_product(W, model.operator) or W @ model.operator
    # Samples that are dropped leave a vector, which has no rim.
    inside = model.inside if W.output_shape == W.input_shape else None
    return dataclasses.replace(model, operator=C, data=W(model.data), inside=inside), W


def power_left_out(noise: Gaussian | None) -> float:
    """Return what λ takes in: level², left out of W so that nothing over- or underflows; 1 without noise."""
    return 1.0 if noise is None else noise.level**2


def _periodic_product(W: LinearOperator, C: LinearOperator) -> Convolution | None:
    """Return WC as one periodic convolution, which has a transform; None where it is not one."""
    if not isinstance(W, Convolution) or not isinstance(C, Convolution) or C.circulant is None:
        return None
    stride = tuple(axis.stride for axis in C.axes)
    if any(axis.n != axis.m * axis.stride for axis in C.axes):
        return None
    # A filter after sampling is one before it, its response repeated for every alias.
    one = np.empty(1)
    weight = np.tile(W.circulant.response(one, half=False), stride)  # type: ignore[union-attr]
    both: np.ndarray = np.fft.ifftn(weight * C.circulant.response(one, half=False))
    kernel = both if "c" in (C.dtype.kind, W.dtype.kind) else both.real
    return Convolution(kernel, C.input_shape, stride=stride, boundary="periodic", origin=(0,) * len(stride))
