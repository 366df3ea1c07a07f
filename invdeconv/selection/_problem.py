"""From what the user passes to what a rule looks at."""

from __future__ import annotations

from typing import Any

from invdeconv import checks
from invdeconv.arrays import Array, dot, norm, zeros_like_data
from invdeconv.noise import estimate_noise_std
from invdeconv.operators import Decomposition, Identity, LinearOperator, decompose, regularizer_for
from invdeconv.selection._fit import Fit, ProbedFit, RimFit, SpectralFit

__all__ = ["fit_of", "noise_level", "spectral_fit_of"]


def fit_of(
    function: str,
    data: Any,
    operator: LinearOperator,
    regularizer: str | LinearOperator,
    inside: tuple[slice, ...] | None,
    rng: Any,
) -> Fit:
    """Check and return the Tikhonov fit: spectral, inside a rim, or probed where nothing decomposes."""
    data, decomposition, penalty = _decomposed(function, data, operator, regularizer)
    if decomposition is not None:
        return SpectralFit(decomposition, data) if inside is None else RimFit(decomposition, data, inside)
    if inside is not None:
        advice = "Leave it out, or use an operator that has a decomposition."
        checks.refuse(function, "inside", "be None without a decomposition", repr(inside), advice)
    penalty = Identity(operator.input_shape) if penalty is None else penalty

    def predict(y: Array, lam: float) -> Array:
        return operator(_tikhonov(operator, penalty, y, lam))

    return ProbedFit(data, predict, (operator.norm() / penalty.norm()) ** 2, rng=rng)


def spectral_fit_of(
    function: str, data: Any, operator: LinearOperator, regularizer: str | LinearOperator
) -> SpectralFit:
    """Check and return the spectral Tikhonov fit, or refuse an operator that has no decomposition."""
    data, decomposition, _ = _decomposed(function, data, operator, regularizer)
    if decomposition is None:
        advice = "Use gcv, weighted_gcv, upre or discrepancy, which need none."
        checks.refuse(function, "operator", "have a decomposition", repr(operator), advice)
    return SpectralFit(decomposition, data)


def noise_level(function: str, noise_std: float | None, data: Any, operator: LinearOperator) -> float:
    """Return the standard deviation of the noise, estimated from the data where it is not given."""
    if noise_std is None:
        return estimate_noise_std(data, operator)
    return checks.nonnegative(function, "noise_std", noise_std)


def _decomposed(
    function: str, data: Any, operator: LinearOperator, regularizer: str | LinearOperator
) -> tuple[Array, Decomposition | None, LinearOperator | None]:
    data = checks.finite_array(function, "data", data)
    if not isinstance(operator, LinearOperator):
        advice = "Make one from the PSF: Convolution.from_psf(psf, data.shape)."
        checks.refuse(function, "operator", "be a LinearOperator", type(operator).__name__, advice)
    if tuple(data.shape) != operator.output_shape:
        advice = "Build the operator for the data."
        checks.refuse(function, "data", f"have shape {operator.output_shape}", tuple(data.shape), advice)
    penalty = regularizer_for(function, regularizer, operator)
    return data, decompose(operator, penalty), penalty


def _tikhonov(C: LinearOperator, L: LinearOperator, y: Array, lam: float) -> Array:
    """Solve (CᴴC + λLᴴL)x = Cᴴy to one per cent by conjugate gradients: a score needs no more."""
    r = C.H(y)
    x, p = zeros_like_data(C.input_shape, r), r
    gamma = first = norm(r) ** 2
    for _ in range(100):
        if gamma <= 1e-4 * first:
            break
        q = C.H(C(p)) + lam * L.H(L(p))
        alpha = gamma / dot(p, q).real
        x = x + alpha * p
        r = r - alpha * q
        gamma, before = norm(r) ** 2, gamma
        p = r + (gamma / before) * p
    return x
