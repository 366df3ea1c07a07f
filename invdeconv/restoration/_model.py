"""What a method receives, made definite: data and blur become an operator, its data, and a crop.

A PSF says nothing about the world outside the picture; the boundary model does. "taper" and "liu-jia" set
the data in a periodic frame whose gap leads from one edge to the other, "unknown" lets the estimate extend
beyond the data. An operator already has its boundary.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, is_complex, namespace, next_fast_length, to_numpy
from invdeconv.operators import BOUNDARIES, Convolution, Decomposition, LinearOperator, decompose
from invdeconv.restoration._fills import FILLS, Fill

__all__ = ["MODELS", "Model", "decomposed", "model_of", "periodic_kin", "tapered"]

MODELS = (*FILLS, "unknown", *BOUNDARIES)


@dataclass(frozen=True, eq=False)
class Model:
    """An operator with data in its output shape, and the way back to the shape of the estimate.

    Attributes
    ----------
    operator : LinearOperator
        C on the model's own domain.
    data : array
        In ``operator.output_shape``; complex where the operator is.
    observed : array
        The data as given.
    boundary : str
        The word in force; "operator" where the blur was one.
    crop : tuple of slice or None
        Where the estimate lies in the model's domain; None for all of it.
    inside : tuple of slice or None
        Where the residual can be trusted: half a PSF away from the edges. None for an operator.
    scale : float
        The power of two that `data` and `observed` were divided by; 1 unless their squares could overflow
        or underflow, as the fluxes of astronomy do in single precision.
    """

    operator: LinearOperator
    data: Array
    observed: Array
    boundary: str
    crop: tuple[slice, ...] | None = None
    inside: tuple[slice, ...] | None = None
    scale: float = 1.0

    @property
    def fill(self) -> Fill | None:
        """What joins the edges in a periodic frame; None for a model without one."""
        return FILLS.get(self.boundary)

    def crop_of(self, x: Array) -> Array:
        """Return the part of a model-domain array that lies under the data, in the model's scale."""
        return x if self.crop is None else x[self.crop]

    def restore(self, x: Array) -> Array:
        """Return the estimate of a model-domain array, in the scale of the data as they came."""
        if self.scale != 1.0:
            return self.crop_of(x) * self.scale
        return x if self.crop is None else namespace(x).asarray(x[self.crop], copy=True)


def model_of(function: str, data: Any, blur: Any, boundary: str | None, *, default: str) -> Model:
    """Check data and blur and return the model.

    Parameters
    ----------
    function : str
        Name for error messages.
    data : array
        Observed data.
    blur : array or LinearOperator
        Point-spread function, or the operator itself.
    boundary : str or None
        One of `MODELS` for a PSF; must be None for an operator.
    default : str
        The method's own choice for a PSF.
    """
    data = checks.finite_array(function, "data", data)
    data, scale = _in_range(data)
    if isinstance(blur, LinearOperator):
        if boundary is not None:
            advice = "An operator has its own boundary: drop the word, or pass the PSF."
            checks.refuse(function, "boundary", "be None beside an operator", repr(boundary), advice)
        if tuple(data.shape) != blur.output_shape:
            advice = f"No input of [{blur!r}] maps to data of this shape; build the operator for the data."
            checks.refuse(function, "data", f"have shape {blur.output_shape}", tuple(data.shape), advice)
        return Model(blur, _in_field(data, blur), data, "operator", scale=scale)
    psf = to_numpy(checks.kernel(function, "psf", blur))
    peak = float(np.abs(psf).max())
    limit = 1e100 if namespace(data).finfo(data.dtype).bits == 64 else 1e12
    if not 1 / limit < peak < limit:
        advice = "Divide it by its sum."
        checks.refuse(function, "psf", f"peak between {1 / limit:g} and {limit:g}", f"{peak:g}", advice)
    if psf.ndim != data.ndim:
        axes = "psf[0]" if psf.ndim == data.ndim + 1 else "one of the same rank"
        advice = f"Pass {axes} or {psf.ndim}-D data."
        checks.refuse(function, "psf", f"have as many dimensions as data ({data.ndim})", psf.ndim, advice)
    word = checks.choice(function, "boundary", default if boundary is None else boundary, MODELS)
    _look_at(function, psf, tuple(data.shape))
    if word in FILLS:
        return tapered(data, psf, scale, word)
    inside = _inside(data, psf)
    operator = Convolution.from_psf(psf, tuple(data.shape), boundary=word)
    if word == "unknown":
        # Output i of the valid convolution sits at input i + k − 1 − origin of the larger domain.
        crop = tuple(
            slice(k - 1 - k // 2, k - 1 - k // 2 + n) for n, k in zip(data.shape, psf.shape, strict=True)
        )
        return Model(operator, _in_field(data, operator), data, word, crop, inside, scale)
    return Model(operator, _in_field(data, operator), data, word, None, inside, scale)


def decomposed(function: str, model: Model, penalty: LinearOperator | None = None) -> Decomposition | None:
    """Return the decomposition of the model's operator and a penalty, if there is one that is not zero."""
    decomposition = decompose(model.operator, penalty)
    xp = namespace(model.data)
    if decomposition is not None and float(xp.max(decomposition.factors(model.data)[0])) == 0:
        advice = "Nothing of the input reaches the data; check the kernel and the padding."
        checks.refuse(function, "blur", "not be the zero operator", repr(model.operator), advice)
    return decomposition


def _in_range(data: Array) -> tuple[Array, float]:
    """Return data whose squares neither overflow nor underflow, and the power of two taken out."""
    xp = namespace(data)
    peak = float(xp.max(xp.abs(data))) if is_complex(data) else float(max(xp.max(data), -xp.min(data)))
    if peak == 0 or 2.0**-40 < peak < 2.0**40:
        return data, 1.0
    scale = 2.0 ** round(math.log2(peak))
    return data / scale, scale


def tapered(data: Array, psf: np.ndarray, scale: float = 1.0, boundary: str = "taper") -> Model:
    """Return the model of data in a periodic frame with a gap of at least one PSF."""
    # Not `fast_frame`: the gap is part of the model, and must not depend on which axis is the last.
    frame = tuple(next_fast_length(n + k) for n, k in zip(data.shape, psf.shape, strict=True))
    crop = tuple(slice(0, n) for n in data.shape)
    operator = Convolution.from_psf(psf, frame, boundary="periodic")
    filled = _in_field(FILLS[boundary](data, frame), operator)
    return Model(operator, filled, data, boundary, crop, _inside(data, psf), scale)


def _in_field(data: Array, operator: LinearOperator) -> Array:
    """Return data of the kind that the operator makes: what solvers add to them is complex if it is."""
    if operator.dtype.kind != "c" or is_complex(data):
        return data
    xp = namespace(data)
    return xp.astype(data, xp.complex64 if data.dtype == xp.float32 else xp.complex128)


def periodic_kin(model: Model) -> Convolution | None:
    """Return the periodic convolution of the PSF on the domain of the estimate; None without a PSF."""
    C = model.operator
    if not isinstance(C, Convolution) or C.groups is not None or any(axis.stride != 1 for axis in C.axes):
        return None
    if C.circulant is not None:
        return C
    if model.boundary == "operator" or any(k > n for k, n in zip(C.kernel.shape, C.input_shape, strict=True)):
        return None
    return Convolution.from_psf(C.kernel, C.input_shape, boundary="periodic")


def _inside(data: Array, psf: np.ndarray) -> tuple[slice, ...]:
    """Return the data half a PSF away from the edges, but at least their middle half."""
    rim = (min(k // 2, n // 4) for k, n in zip(psf.shape, data.shape, strict=True))
    return tuple(slice(r, n - r) for n, r in zip(data.shape, rim, strict=True))


def _look_at(function: str, psf: np.ndarray, data_shape: tuple[int, ...]) -> None:
    """Warn of a PSF that is legal but probably not what was meant."""
    total = complex(psf.sum())
    if abs(total - 1) > 1e-3:
        checks.warn(
            "IDW001",
            f"{function}: the PSF sums to {total.real if total.imag == 0 else total:.4g}, not 1",
            "Divide it by its sum, unless the estimate is meant in other units than the data",
        )
    if any(k > n for k, n in zip(psf.shape, data_shape, strict=True)):
        checks.warn(
            "IDW002",
            f"{function}: the PSF {psf.shape} is larger than the data {data_shape}",
            "Crop it to its support",
        )
    weight = np.abs(psf)
    for axis, k in enumerate(psf.shape):
        profile = weight.sum(axis=tuple(i for i in range(psf.ndim) if i != axis))
        shift = float(profile @ np.arange(k) / profile.sum()) - k // 2
        if abs(shift) > max(1.0, k / 4):
            checks.warn(
                "IDW003",
                f"{function}: the PSF's center of mass is {shift:+.1f} samples from its origin {k // 2} "
                f"along axis {axis}",
                "The estimate will be shifted by as much; roll or pad the PSF",
            )
