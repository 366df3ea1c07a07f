"""Restoration with heavy-tailed gradients."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from invdeconv import checks
from invdeconv.arrays import Array
from invdeconv.functionals import HyperLaplacian
from invdeconv.restoration._model import Model, model_of
from invdeconv.restoration._variational import automatic, circulant, lam_of, steepness
from invdeconv.restoration._whitening import noise_model
from invdeconv.result import Result
from invdeconv.solvers import Callback, half_quadratic_steps, iterate

__all__ = ["hyper_laplacian"]

# Weights of the link: so often it rises, by √8, with two turns each (Krishnan and Fergus, §2.3).
_RISES = 7
_FACTOR = 8**0.5


def hyper_laplacian(
    data: Any,
    blur: Any,
    *,
    lam: float | str = "discrepancy",
    p: float = 2 / 3,
    noise: float | None = None,
    boundary: str | None = None,
    callback: Callback | None = None,
) -> Result:
    """Restore by least squares with a penalty that forgives few large jumps.

    ½‖Cx − y‖² + λΣ|∇x|ᵖ with 0 < p < 1, brought down in 14 steps: gradients of photographs are distributed
    so. Fast, and not convex: the result depends on the path. `total_variation` has a unique minimum and a
    proof of it, and takes weights and any operator.

    Parameters
    ----------
    data : array, shape (n1, …, nd)
        Observed data; must be finite.
    blur : array, shape (k1, …, kd), or Convolution
        Point-spread function with its origin at k // 2, or a periodic convolution.
    lam : float > 0 or "discrepancy", default "discrepancy"
        λ, in units of the data to the power 2 − p. "discrepancy" as in `total_variation`.
    p : float in (0, 1), default 2/3
        Exponent: 1/2 to 0.8 for photographs.
    noise : float, optional
        Standard deviation of the noise, for the choice of λ; estimated by default.
    boundary : {"taper", "periodic"}, optional
        What lies outside the data, for a PSF; "taper" by default.
    callback : callable, optional
        Gets each `Iteration` on the model's own domain; returning True stops.

    Returns
    -------
    Result
        ``history`` holds the relative change of each step.

    Raises
    ------
    InvalidInputError
        As `adjoint`; if `lam` is not positive or an unknown word; if `p` is not between 0 and 1; if `noise`
        is not positive; if the blur is not periodic.

    Warns
    -----
    InputWarning
        IDW004 if no λ leaves the expected residual.

    Notes
    -----
    Cost: two transforms a step, 14 steps for each value of λ. The shrinkage is exact, by Newton's method.

    References
    ----------
    .. [1] D. Krishnan, R. Fergus, "Fast image deconvolution using hyper-Laplacian priors", NIPS 2009,
       Eqs. (3)–(5).

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import hyper_laplacian
    >>> data = np.add.outer(np.arange(12.0) > 5, np.zeros(10))
    >>> estimate = hyper_laplacian(data, np.ones((1, 1)), lam=1e-4).estimate
    >>> bool(np.abs(estimate - data).max() < 1e-2)
    True
    """
    name = "hyper_laplacian"
    model = periodic_model(name, data, blur, boundary)
    lam = lam_of(name, lam)
    p = checks.positive(name, "p", p)
    if p >= 1:
        checks.refuse(name, "p", "be less than 1", p, "For p = 1 use total_variation(isotropic=False).")
    known = None if noise is None else noise_model(name, checks.positive(name, "noise", noise))
    checks.optional_callable(name, "callback", callback)
    problem = _Path(model, p)
    power = model.scale ** (p - 2)
    chosen: dict[str, Any] = {}
    if isinstance(lam, str):
        weight, chosen = automatic(name, problem, model, known)
    else:
        weight = lam * power
    result = iterate(
        problem.steps(weight),
        method=name,
        start=model.data,
        max_iter=2 * _RISES,
        callback=callback,
        parameters={
            "lam": weight / power,
            **chosen,
            "p": p,
            "boundary": model.boundary,
            "measure": "relative change",
        },
    )
    return dataclasses.replace(result, estimate=model.restore(result.estimate))


def periodic_model(function: str, data: Any, blur: Any, boundary: str | None) -> Model:
    """Return a model whose operator is a periodic convolution, or refuse."""
    if isinstance(boundary, str):
        checks.choice(function, "boundary", boundary, ("taper", "periodic"))
    model = model_of(function, data, blur, boundary, default="taper")
    if circulant(model.operator) is None:
        advice = "Pass the PSF, or use total_variation, which takes any operator."
        checks.refuse(function, "blur", "be a PSF or a periodic convolution", repr(model.operator), advice)
    return model


class _Path:
    """The whole path of β for one λ; every λ starts afresh."""

    def __init__(self, model: Model, p: float) -> None:
        self.model, self._p = model, p
        self._size = 1 / steepness(model.observed)
        self.steepness = self._size**-p

    def steps(self, lam: float) -> Iterator[tuple[Array, float]]:
        first = 0.25 * lam * self._size ** (self._p - 2)
        weights = [first * _FACTOR ** (i // 2) for i in range(2 * _RISES)]
        C: Any = self.model.operator
        return half_quadratic_steps(
            C, self.model.data, HyperLaplacian(lam, self._p), self.model.data, weights
        )

    def residual(self, x: Array) -> Array:
        return self.model.operator(x) - self.model.data
