"""How far a prediction v = Cx is from the data: the negative log-likelihood of a kind of noise."""

from __future__ import annotations

from dataclasses import dataclass

from invdeconv.arrays import Array, namespace, norm
from invdeconv.functionals._norms import L1

__all__ = ["AbsoluteError", "PoissonDivergence", "SquaredError"]


@dataclass(frozen=True, eq=False)
class SquaredError:
    """Half the squared distance ½‖v − y‖²: Gaussian noise.

    Parameters
    ----------
    data : array
        y.
    """

    data: Array

    def value(self, v: Array) -> float:
        """Return ½‖v − y‖²."""
        return norm(v - self.data) ** 2 / 2

    def gradient(self, v: Array) -> Array:
        """Return v − y."""
        return v - self.data

    def prox(self, v: Array, step: float) -> Array:
        """Return (v + step·y)/(1 + step)."""
        return (v + step * self.data) / (1 + step)


@dataclass(frozen=True, eq=False)
class AbsoluteError:
    """The sum of distances Σ|v − y|: impulses and outliers, whose size does not matter.

    Parameters
    ----------
    data : array
        y.
    """

    data: Array

    def value(self, v: Array) -> float:
        """Return Σ|v − y|."""
        xp = namespace(v)
        return float(xp.sum(xp.abs(v - self.data), dtype=xp.float64))

    def prox(self, v: Array, step: float) -> Array:
        """Return y plus v − y shrunk by the step."""
        return self.data + L1().prox(v - self.data, step)


@dataclass(frozen=True, eq=False)
class PoissonDivergence:
    """The I-divergence Σ(v − y + y·log(y/v)), v > 0: counts. Infinite elsewhere.

    Parameters
    ----------
    data : array
        Counts y >= 0.
    """

    data: Array

    def value(self, v: Array) -> float:
        """Return the divergence; y = 0 contributes v."""
        xp = namespace(v)
        y = self.data
        if bool(xp.any((v < 0) | ((v == 0) & (y > 0)))):
            return float("inf")
        one = xp.ones_like(y)
        # The sum cancels where v is near y: each term is >= 0 and accumulates in double.
        terms = v - y + y * xp.log(xp.where(y > 0, y, one) / xp.where(y > 0, v, one))
        return float(xp.sum(terms, dtype=xp.float64))

    def gradient(self, v: Array) -> Array:
        """Return 1 − y/v."""
        return 1 - self.data / v

    def prox(self, v: Array, step: float) -> Array:
        """Return the positive root of x² − (v − step)x − step·y = 0."""
        xp = namespace(v)
        b = v - step
        root = xp.sqrt(b * b + (4 * step) * self.data)
        # (b + root)/2 cancels for b < 0; its product with the other root is known.
        safe = xp.where(b < 0, root - b, xp.ones_like(b))
        return xp.where(b < 0, 2 * step * self.data / safe, (b + root) / 2)
