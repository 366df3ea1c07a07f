"""The Gaussian posterior: what a linear estimate is worth, sample by sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from invdeconv import checks
from invdeconv.arrays import Array, namespace
from invdeconv.noise import Gaussian, generator
from invdeconv.operators import (
    Convolution,
    Decomposition,
    LinearOperator,
    Regularizer,
    describe_regularizer,
    regularizer_for,
)
from invdeconv.restoration import _filters
from invdeconv.restoration._covariance import (
    AliasedCovariance,
    Covariance,
    DenseCovariance,
    DiagonalCovariance,
)
from invdeconv.restoration._model import decomposed, model_of
from invdeconv.restoration._undetermined import undetermined
from invdeconv.restoration._whitening import boundary_for, noise_model, whitened

__all__ = ["Posterior", "gaussian_posterior"]

_DIAGONAL = ("periodic DFT", "DFT × DCT-II", "DCT-II")
_MAXIMUM_ENTRIES = 1 << 20  # of the matrices that are factored where no transform fits


@dataclass(frozen=True, eq=False, repr=False)
class Posterior:
    """A Gaussian distribution of estimates, all of which explain the data.

    Attributes
    ----------
    mean : array
        The estimate of least mean-square error, and the most probable one.
    std : array
        Standard deviation of each sample about the mean; mean ± 1.96 std covers 95 %.
    parameters : mapping
        The values in force; ``lam`` is the λ of `tikhonov` with the same mean.
    method : str
        The path taken.
    """

    mean: Array
    std: Array
    parameters: Mapping[str, Any]
    method: str
    _covariance: Covariance
    _level: float
    _crop: tuple[Any, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    def __reduce__(self) -> tuple[Any, ...]:  # a mapping proxy does not pickle
        plain = (self.mean, self.std, dict(self.parameters), self.method)
        return Posterior, (*plain, self._covariance, self._level, self._crop)

    def __repr__(self) -> str:
        return f"Posterior of {' × '.join(map(str, self.mean.shape))} samples, {self.method}"

    def sample(self, n: int = 1, rng: Any = None) -> Array:
        """Draw estimates from the distribution: exact and independent.

        Parameters
        ----------
        n : int >= 1, default 1
            How many.
        rng : int, numpy.random.Generator or None
            Seed; None draws a fresh one.

        Returns
        -------
        array, shape (n, n1, …, nd)
            Same library and precision as the mean.

        Raises
        ------
        InvalidInputError
            If `n` is not a positive integer or `rng` is no seed.
        """
        n = checks.integer("Posterior.sample", "n", n, minimum=1)
        draw = generator("Posterior.sample", rng)
        errors = [self._covariance.draw(draw)[self._crop] for _ in range(n)]
        return self.mean + self._level * namespace(self.mean).stack(errors)


def gaussian_posterior(
    data: Any,
    blur: Any,
    *,
    noise: Gaussian | float,
    prior_std: float,
    regularizer: Regularizer = "gradient",
    boundary: str | None = None,
) -> Posterior:
    """Return the posterior of a linear model: mean, standard deviation per sample, exact samples.

    y = Cx + n with n ~ N(0, N), and Lx of deviation τ: p(x) ∝ exp(−‖Lx‖²/2τ²). Then x given y has the mean
    of `tikhonov` with λ = 1/τ² beside the noise model, σ²/τ² in units of |C|², and the covariance
    (CᴴN⁻¹C + LᴴL/τ²)⁻¹. The bands are as true as the prior: check them on scenes you know.

    Parameters
    ----------
    data : array, shape (n1, …, nd)
        Observed data; must be finite.
    blur : array, shape (k1, …, kd), or LinearOperator
        Point-spread function with its origin at k // 2, or C itself.
    noise : noise.Gaussian or float > 0
        The noise; a number is the deviation of white noise, in data units. `estimate_noise_std` finds it.
    prior_std : float > 0
        τ, the deviation of the entries of Lx: for the gradient, of differences between neighbors. With a
        λ chosen by `tikhonov`, without a noise model, it is noise/√λ.
    regularizer : str, LinearOperator or list of these, default "gradient"
        L, as in `tikhonov`. The gradient says nothing of the mean, which the data then have to fix.
    boundary : str, optional
        Outside the data, for a PSF: "taper" (default), "liu-jia", "unknown" (default beside a deviation per
        sample), or a word of `Convolution`.

    Returns
    -------
    Posterior
        ``mean``, ``std``, and ``sample(n, rng)``.

    Raises
    ------
    InvalidInputError
        As `adjoint`; if `noise` or `prior_std` is not positive or does not fit; if `regularizer` is as
        `tikhonov` refuses it, or leaves a direction with infinite variance; if no structure gives the
        variance exactly and the matrices are too large to factor.

    Notes
    -----
    Cost: periodic, two transforms and one pair per sample; symmetric, n1·…·nd·(n1 + … + nd) products for
    the deviations; sampled with S aliases, one S×S triangle per frequency of the data; otherwise dense.
    Complex data have circular noise and prior, ``std`` is √E|x − mean|². Under "taper" the data in the gap
    are made up: there, and half a PSF from the edges, the bands are too narrow.

    References
    ----------
    .. [1] J. Kaipio, E. Somersalo, "Statistical and Computational Inverse Problems", Springer 2005,
       Theorem 3.7.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import Convolution, gaussian_posterior
    >>> C = Convolution([1.0], (4,), boundary="periodic")
    >>> p = gaussian_posterior(np.ones(4), C, noise=1.0, prior_std=1.0, regularizer="identity")
    >>> p.mean, p.std.round(4)
    (array([0.5, 0.5, 0.5, 0.5]), array([0.7071, 0.7071, 0.7071, 0.7071]))
    """
    name = "gaussian_posterior"
    known = noise_model(name, noise)
    prior_std = checks.positive(name, "prior_std", prior_std)
    plain = model_of(name, data, blur, boundary, default=boundary_for(name, known, boundary, blur))
    penalty = regularizer_for(name, regularizer, plain.operator)
    model, _ = whitened(name, plain, known)
    decomposition = decomposed(name, model, penalty)
    lost = None if decomposition is None else undetermined(decomposition)
    if lost is not None:
        advice = "Add one that does: ['gradient', (1e-3, 'identity')]."
        checks.refuse(name, "regularizer", "see what the data do not", f"nothing that sees {lost}", advice)
    if decomposition is None or not _is_exact(model.operator, penalty, decomposition):
        advice = "Take a boundary that has a transform, or a smaller patch of the data."
        checks.refuse(name, "blur", "have a structure that gives the variance", repr(model.operator), advice)
    lam = (known.level / prior_std) ** 2
    inner = decomposition.filter(model.data, _filters.tikhonov(lam))
    covariance = _covariance(decomposition, penalty, lam, inner)
    return Posterior(
        model.restore(inner),
        known.level * model.crop_of(covariance.std()),
        parameters={
            "lam": lam,
            "noise": repr(known),
            "prior_std": prior_std,
            "regularizer": describe_regularizer(regularizer),
            "boundary": model.boundary,
        },
        method=f"{name} ({decomposition.structure})",
        _covariance=covariance,
        _level=known.level,
        _crop=(...,) if model.crop is None else model.crop,
    )


def _is_exact(operator: LinearOperator, penalty: LinearOperator | None, decomposition: Decomposition) -> bool:
    if decomposition.structure in _DIAGONAL or _is_aliased(decomposition):
        return True
    rows = operator.shape[0] + (operator.shape[1] if penalty is None else penalty.shape[0])
    return rows * operator.shape[1] <= _MAXIMUM_ENTRIES


def _is_aliased(decomposition: Decomposition) -> bool:
    C = decomposition.operator
    one_channel = isinstance(C, Convolution) and C.groups is None
    return one_channel and decomposition.structure == "periodic DFT, one block per alias set"


def _covariance(
    decomposition: Decomposition, penalty: LinearOperator | None, lam: float, x: Array
) -> Covariance:
    if decomposition.structure in _DIAGONAL:
        return DiagonalCovariance(decomposition, lam, x)
    kind = AliasedCovariance if _is_aliased(decomposition) else DenseCovariance
    return kind(decomposition.operator, penalty, lam, x)
