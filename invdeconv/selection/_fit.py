"""How a family of linear estimates fits the data: the residual and the trace, at any parameter.

GCV, UPRE and discrepancy need no more than these two numbers, wherever they come from: the spectrum, the
residual away from the edges, or a random probe.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

import numpy as np

from invdeconv.arrays import Array, dot, is_complex, like, namespace, norm
from invdeconv.operators import Decomposition
from invdeconv.operators.decomposition import Filter

__all__ = ["Family", "Fit", "ProbedFit", "RimFit", "SpectralFit", "lambda_grid", "tikhonov_filter"]

# The filter φ of each parameter.
Family: TypeAlias = Callable[[float], Filter]


class Fit(Protocol):
    """What the rules need of an estimate Ay of the data.

    Attributes
    ----------
    samples : int
        m, over which noise of deviation σ has the energy mσ².
    size : int
        The trace of I: m, or the dimension of a projected problem.
    decades : float
        How closely a minimum is worth looking for, in log₁₀ λ.
    """

    samples: int
    size: int
    decades: float

    def misfit(self, parameter: float) -> float:
        """Return ‖y − Ay‖²/m."""

    def trace(self, parameter: float) -> float:
        """Return tr(A), exactly `size` where the estimate keeps everything but rounding."""

    @property
    def grid(self) -> np.ndarray:
        """Trial values of λ, as dense as their cost allows."""


def tikhonov_filter(lam: float) -> Filter:
    """Return φ = c/(c² + λs²), 0 where neither C nor L sees anything."""

    def phi(c: Array, s: Any) -> Array:
        xp = namespace(c)
        denominator = c * c + lam * s * s
        seen = denominator > 0
        return xp.where(seen, c / xp.where(seen, denominator, 1.0), 0.0)

    return phi


def lambda_grid(decomposition: Decomposition, per_decade: int) -> np.ndarray:
    """Return trial values of λ over the squared singular values of the pair.

    Four decades below the smallest, so that a blur of hardly anything may be hardly regularized.
    """
    gamma = decomposition.gamma
    gamma = gamma[np.isfinite(gamma) & (gamma > 0)]
    top = float(gamma.max()) ** 2 if gamma.size else 1.0
    bottom = max(float(gamma.min()) ** 2 if gamma.size else 1.0, 1e-12 * top)
    low, high = np.floor(np.log10(bottom)) - 4, np.ceil(np.log10(top)) + 1
    return np.logspace(low, high, int(high - low) * per_decade + 1)


class SpectralFit:
    """Filters on a decomposition, from |Uᴴy|² alone: no transform per trial.

    Attributes
    ----------
    c, s : array
        Spectra of C and L, in double precision.
    power : array
        multiplicity·|Uᴴy|².
    weight : array
        The multiplicity.
    beyond : float
        ‖y − UUᴴy‖², what no estimate fits.
    samples : int
        Number of samples in the data.
    size : int
        The same, or the dimension of the projected problem.
    """

    decades = 1e-3

    def __init__(self, decomposition: Decomposition, data: Array, family: Family = tikhonov_filter) -> None:
        self.decomposition, self.data, self.family = decomposition, data, family
        self._left: tuple[float, Array] | None = None
        xp = namespace(data)
        c, s = decomposition.factors(data)[:2]
        self.c = xp.astype(c, xp.float64)
        self.s = xp.ones_like(self.c) if s is None else xp.astype(s, xp.float64)
        self.power = xp.astype(decomposition.power(data), xp.float64)
        self.weight = like(np.broadcast_to(decomposition.multiplicity, tuple(c.shape)), self.c)
        self.beyond = decomposition.out_of_range(data)
        self.samples, self.size = decomposition.operator.shape[0], decomposition.data_size

    def left(self, parameter: float) -> Array:
        """Return 1 − cφ: the part of each coefficient that stays in the residual; kept for the next call."""
        if self._left is None or self._left[0] != parameter:
            self._left = parameter, 1 - self.c * self.family(parameter)(self.c, self.s)
        return self._left[1]

    def misfit(self, parameter: float) -> float:
        """Return ‖y − Ay‖²/m."""
        return (self.total(self.left(parameter) ** 2 * self.power) + self.beyond) / self.samples

    def trace(self, parameter: float) -> float:
        """Return tr(A)."""
        trace = self.total(self.weight * (1 - self.left(parameter)))
        nothing_left = self.size - trace <= self.decomposition.rounding(self.data) * self.size
        return float(self.size) if nothing_left else trace

    def residuals(self, parameter: float) -> list[Array]:
        """Return y − Ay by one inverse transform: its real and imaginary part, or both in one."""
        spectrum = self.decomposition.factors(self.data)[0]
        kept = namespace(spectrum).astype(1 - self.left(parameter), spectrum.dtype)
        return [part - self.decomposition.synthesize_output(kept * k) for part, k in self._parts]

    @functools.cached_property
    def _parts(self) -> list[tuple[Array, Array]]:
        pair = (self.decomposition.operator, self.decomposition.regularizer)
        real = all(operator is None or operator.dtype.kind != "c" for operator in pair)
        xp = namespace(self.data)
        # A half spectrum stands for real data; complex data go through it as two real arrays.
        parts = [xp.real(self.data), xp.imag(self.data)] if real and is_complex(self.data) else [self.data]
        return [(part, self.decomposition.analyze(part)) for part in parts]

    @property
    def grid(self) -> np.ndarray:
        """Four values of λ per decade: they cost no transform."""
        return lambda_grid(self.decomposition, 4)

    @staticmethod
    def total(x: Array) -> float:
        """Return the sum of all entries."""
        return float(namespace(x).sum(x))


class RimFit(SpectralFit):
    """The residual counted inside a rim, where the boundary model is right: one inverse transform a trial."""

    def __init__(
        self,
        decomposition: Decomposition,
        data: Array,
        inside: tuple[slice, ...],
        family: Family = tikhonov_filter,
    ) -> None:
        super().__init__(decomposition, data, family)
        self._inside = inside

    @property
    def grid(self) -> np.ndarray:
        """One value of λ per decade."""
        return lambda_grid(self.decomposition, 1)

    def misfit(self, parameter: float) -> float:
        """Return the mean square of the residual inside."""
        parts = [residual[self._inside] for residual in self.residuals(parameter)]
        return sum(norm(part) ** 2 for part in parts) / math.prod(parts[0].shape)


class ProbedFit:
    """Tikhonov where nothing is decomposed: each trial solves two systems, one for the data, one for a probe.

    The same ±1 probe z serves all λ, so that zᴴAz estimates the trace with an error that hardly varies.
    Hutchinson, Commun. Stat. Simul. 19 (1990) 433; Girard, Numer. Math. 56 (1989) 1.
    """

    decades = 0.3

    def __init__(
        self, data: Array, predict: Callable[[Array, float], Array], scale: float, *, rng: Any = None
    ) -> None:
        """`predict` returns C x̂(λ) for data and λ; `scale` is the λ that balances the two, ‖C‖²/‖L‖²."""
        draws = np.random.default_rng(0 if rng is None else rng).integers(0, 2, tuple(data.shape))
        self._data, self._predict, self._scale = data, predict, scale
        self._probe = like(2.0 * draws - 1.0, data)
        self.samples = self.size = draws.size

    def misfit(self, parameter: float) -> float:
        """Return ‖y − Ay‖²/m."""
        return norm(self._data - self._predict(self._data, parameter)) ** 2 / self.samples

    def trace(self, parameter: float) -> float:
        """Return zᴴAz."""
        return complex(dot(self._probe, self._predict(self._probe, parameter))).real

    @property
    def grid(self) -> np.ndarray:
        """One value of λ per decade, over nine."""
        return self._scale * np.logspace(-7, 2, 10)
