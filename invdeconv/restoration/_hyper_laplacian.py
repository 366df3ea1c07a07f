"""Restoration with heavy-tailed gradients."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from invdeconv import checks
from invdeconv.arrays import Array
from invdeconv.functionals import HyperLaplacian
from invdeconv.noise import Gaussian
from invdeconv.operators import regularizer_for
from invdeconv.restoration._channels import by_channel
from invdeconv.restoration._krylov import flat_start
from invdeconv.restoration._missing import evened, is_even, present, refilled, with_gaps_filled
from invdeconv.restoration._model import Model, model_of, periodic_kin, tapered
from invdeconv.restoration._split_problems import circulant, largest_of, steepness
from invdeconv.restoration._variational import automatic, lam_of, last, within
from invdeconv.restoration._whitening import boundary_for, noise_model, power_left_out, whitened
from invdeconv.result import Result
from invdeconv.solvers import Callback, half_quadratic_steps, iterate

__all__ = ["hyper_laplacian"]

# Weights of the link: so often it rises, by √8, with two turns each (Krishnan and Fergus, §2.3).
_RISES = 7
_FACTOR = 8**0.5


@by_channel
def hyper_laplacian(
    data: Any,
    blur: Any,
    *,
    lam: float | str = "discrepancy",
    p: float = 2 / 3,
    noise: Gaussian | float | None = None,
    boundary: str | None = None,
    callback: Callback | None = None,
    channel_axis: int | None = None,
) -> Result:
    """Restore by least squares with a penalty that forgives few large jumps.

    ½‖Cx − y‖² + λΣ|∇x|ᵖ with 0 < p < 1, or ½‖N^−½(Cx − y)‖² + … for noise of covariance N, brought down in
    14 steps: gradients of photographs are distributed so. Fast, and not convex: the result depends on the
    path. `total_variation` has a unique minimum and a proof of it.

    Parameters
    ----------
    data : array, shape (n1, …, nd)
        Observed data; must be finite.
    blur : array, shape (k1, …, kd), or LinearOperator
        Point-spread function with its origin at k // 2, or C itself.
    lam : float > 0 or "discrepancy", default "discrepancy"
        λ, in units of the data to the power 2 − p. "discrepancy" as in `total_variation`.
    p : float in (0, 1), default 2/3
        Exponent: 1/2 to 0.8 for photographs.
    noise : noise.Gaussian or float, optional
        Covariance N of the noise: one deviation, one per sample (``inf`` where it is missing), or a spectrum.
        λ is then in units of x to the power −p. Without it the noise is white, and estimated to choose λ.
    boundary : str, optional
        What lies outside the data, for a PSF: "unknown" (default), "taper" (faster; default beside a noise
        spectrum), "liu-jia", or a word of `Convolution`.
    callback : callable, optional
        Gets each `Iteration` on the model's own domain; returning True stops.
    channel_axis : int, optional
        Axis of colors or channels, which are restored one by one, each with parameters chosen for it.
        `blur` serves all channels or has that axis too.

    Returns
    -------
    Result
        ``history`` holds the relative change of each step.

    Raises
    ------
    InvalidInputError
        As `adjoint`; if `lam` is not positive or an unknown word; if `p` is not between 0 and 1; if `noise`
        is no noise model or does not fit the data; if the blur is the zero operator.

    Warns
    -----
    InputWarning
        IDW004 if no λ leaves the expected residual.

    Notes
    -----
    Cost: two transforms a step, 14 steps for each value of λ. Where C is not periodic a step is some ten of
    conjugate gradients; λ is then chosen, and the start found, in the taper's frame. The shrinkage is exact,
    by Newton's method.

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
    known = None if noise is None else noise_model(name, noise)
    word = boundary_for(name, known, boundary, blur)
    colored = known is not None and known.spectrum is not None
    plain = model_of(name, data, blur, boundary, default=word if colored else "unknown")
    plain = with_gaps_filled(plain, known)
    lam = lam_of(name, lam)
    p = checks.positive(name, "p", p)
    if p >= 1:
        checks.refuse(name, "p", "be less than 1", p, "For p = 1 use total_variation(isotropic=False).")
    checks.optional_callable(name, "callback", callback)
    model, _ = whitened(name, plain, known)
    # λ takes in the scale of the data too.
    power = power_left_out(known) * plain.scale ** (p - 2)
    problem = guide = _Path(plain, model, evened(plain, known), p)
    if circulant(model.operator) is not None:
        problem.start = model.data
    elif plain.boundary == "operator" and circulant(plain.operator) is None:
        largest_of(name, plain.operator)
    elif is_even(known):
        # λ has the same meaning under every boundary model, and in a periodic frame it costs little.
        psf: Any = getattr(plain.operator, "kernel", None)
        frame = plain if plain.boundary == "operator" else tapered(plain.observed, psf)
        guide = _Path(frame, frame, plain.observed, p, present(plain, known))
        guide.start = frame.data
    chosen: dict[str, Any] = {}
    if isinstance(lam, str):
        weight, chosen = automatic(name, guide, plain, known)
    else:
        weight = lam * power
    if guide is not problem:
        if present(plain, known) is not None:
            guide.residual(last(guide, weight, 2 * _RISES))
        problem.start = within(plain, guide.start)
    result = iterate(
        problem.steps(weight),
        method=name,
        start=problem.start,
        max_iter=2 * _RISES,
        callback=callback,
        parameters={
            "lam": weight / power,
            **chosen,
            "p": p,
            **({} if known is None else {"noise": repr(known)}),
            "boundary": plain.boundary,
            "measure": "relative change",
        },
    )
    return dataclasses.replace(result, estimate=plain.restore(result.estimate))


class _Path:
    """The path of β for one λ; each λ starts afresh, with the gaps filled as the one before left them."""

    def __init__(
        self, plain: Model, model: Model, evened: Array, p: float, there: Array | None = None
    ) -> None:
        self.model, self._p, self._there = model, p, there
        self.start = flat_start(plain)
        self._size = 1 / steepness(evened)
        self.steepness = self._size**-p
        self._gradient: Any = regularizer_for("hyper_laplacian", "gradient", plain.operator)
        self._near = periodic_kin(plain)

    def steps(self, lam: float) -> Iterator[tuple[Array, float]]:
        first = 0.25 * lam * self._size ** (self._p - 2)
        weights = [first * _FACTOR ** (i // 2) for i in range(2 * _RISES)]
        penalty = HyperLaplacian(lam, self._p)
        return half_quadratic_steps(
            self.model.operator,
            self.model.data,
            self._gradient,
            penalty,
            self.start,
            weights,
            near=self._near,
        )

    def residual(self, x: Array) -> Array:
        """Return Cx − y, and take Cx for the samples that are missing."""
        error = self.model.operator(x) - self.model.data
        if self._there is not None:
            self.model, error = refilled(self.model, self._there, error)
            self.start = self.model.data
        return error
