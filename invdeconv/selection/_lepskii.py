"""Lepskiĭ's balancing principle: smooth as long as the estimates differ by no more than their noise."""

from __future__ import annotations

import math

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, namespace, to_numpy
from invdeconv.operators import LinearOperator
from invdeconv.selection._fit import SpectralFit, lambda_grid
from invdeconv.selection._problem import noise_level, spectral_fit_of
from invdeconv.selection._selection import Selection, SelectionStatus

__all__ = ["KAPPA", "balance", "lepskii"]

# What the proofs ask for; with 1 white noise itself is taken for disagreement.
KAPPA = 4.0

# Entries of the table of estimates held at a time.
_BLOCK = 1 << 21


def lepskii(
    data: Array,
    operator: LinearOperator,
    *,
    noise_std: float | None = None,
    kappa: float = KAPPA,
    regularizer: str | LinearOperator = "gradient",
) -> Selection:
    """Choose λ of Tikhonov regularization by Lepskiĭ's balancing principle.

    The largest λ on a grid with ‖L(x̂ᵢ − x̂)‖ ≤ κσψᵢ for all smaller λᵢ, where ψᵢ² = E‖Lx̂ᵢ‖²/σ² of noise
    alone. The safest rule of all: on severely ill-posed problems no draw of noise leads it far
    astray. It pays by smoothing too much; `upre` with the same σ is closer to the best λ in the median.

    Parameters
    ----------
    data : array, shape operator.output_shape
        Observed data.
    operator : LinearOperator
        C; must have a decomposition.
    noise_std : float >= 0, optional
        σ in data units; for complex data √E|n|². Estimated by default.
    kappa : float > 0, default 4
        κ, as in the proofs. Below 2 chance disagreements of noise stop the rule far too early.
    regularizer : {"gradient", "identity", "laplacian"} or LinearOperator, default "gradient"
        L.

    Returns
    -------
    Selection
        λ > 0; the curve is the largest ratio of difference and noise, chosen where it last is κ or less.

    Raises
    ------
    InvalidInputError
        If the pair has no decomposition, or shapes do not fit.
        If `noise_std` is negative or `kappa` not positive.

    Notes
    -----
    Cost: no transform; for G values on the grid 2G² operations per entry of the spectrum.

    References
    ----------
    .. [1] P. Mathé, S. V. Pereverzev, "Geometry of linear ill-posed problems in variable Hilbert scales",
       Inverse Problems 19 (2003) 789, section 5.
    .. [2] F. Bauer, M. A. Lukas, "Comparing parameter choice methods for regularization of ill-posed
       problems", Math. Comput. Simul. 81 (2011) 1795, section 4.2.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import Convolution, selection
    >>> C = Convolution(np.ones(5) / 5, (64,), boundary="periodic")
    >>> x = np.exp(-(((np.arange(64) - 30) / 9) ** 2))
    >>> y = C(x) + 0.01 * np.random.default_rng(0).standard_normal(64)
    >>> selection.lepskii(y, C, noise_std=0.01).status.name
    'FOUND'
    """
    kappa = checks.positive("lepskii", "kappa", kappa)
    fit = spectral_fit_of("lepskii", data, operator, regularizer)
    return balance(
        fit, noise_level("lepskii", noise_std, data, operator), lambda_grid(fit.decomposition, 8), kappa
    )


def balance(fit: SpectralFit, noise_std: float, grid: np.ndarray, kappa: float) -> Selection:
    """Return the largest grid value whose estimate agrees with all rougher ones."""
    gram, noise = _estimates(fit, grid)
    energy = np.diag(gram)
    distance = np.sqrt(np.maximum(energy[:, None] + energy - 2 * gram, 0.0))
    spread = noise_std * np.sqrt(noise)
    ratio = np.divide(distance, spread[:, None], out=np.full(gram.shape, np.inf), where=spread[:, None] > 0)
    rougher = np.triu(np.ones(gram.shape, bool), 1)
    curve = np.max(ratio, axis=0, where=rougher, initial=0.0)
    best = int(np.flatnonzero(curve <= kappa)[-1])
    status = SelectionStatus.EDGE if best in (0, len(grid) - 1) else SelectionStatus.FOUND
    return Selection(float(grid[best]), (grid, curve), status)


def _estimates(fit: SpectralFit, grid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return ⟨Lx̂ᵢ, Lx̂ⱼ⟩ for all pairs, and E‖Lx̂ᵢ‖² for noise of variance 1 alone."""
    xp = namespace(fit.c)
    c, s, power, weight = (xp.reshape(x, (-1,)) for x in (fit.c, fit.s, fit.power, fit.weight))
    gram, noise = np.zeros((len(grid), len(grid))), np.zeros(len(grid))
    size, block = math.prod(c.shape), max(1, _BLOCK // len(grid))
    for start in range(0, size, block):
        part = slice(start, min(start + block, size))
        gains: Array = xp.stack([s[part] * fit.family(float(lam))(c[part], s[part]) for lam in grid])
        estimates = gains * xp.sqrt(power[part])
        gram += to_numpy(estimates @ estimates.T)
        noise += to_numpy(xp.sum(gains**2 * weight[part], axis=1))
    return gram, noise
