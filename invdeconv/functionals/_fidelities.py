"""How far a prediction v = Cx is from the data: the negative log-likelihood of a kind of noise."""

from __future__ import annotations

from dataclasses import dataclass

from invdeconv.arrays import Array, namespace, norm
from invdeconv.functionals._norms import L1

__all__ = ["AbsoluteError", "PoissonDivergence", "SquaredError"]


@dataclass(frozen=True, eq=False)
class SquaredError:
    """Half the squared distance ½Σw|v − y|²: Gaussian noise.

    Parameters
    ----------
    data : array
        y.
    weights : float or array >= 0, default 1
        w; 0 for a sample that is missing.
    """

    data: Array
    weights: float | Array = 1.0

    def value(self, v: Array) -> float:
        """Return ½Σw|v − y|²."""
        return norm(self.weights**0.5 * (v - self.data)) ** 2 / 2

    def gradient(self, v: Array) -> Array:
        """Return w(v − y)."""
        return self.weights * (v - self.data)

    def prox(self, v: Array, step: float) -> Array:
        """Return (v + step·w·y)/(1 + step·w)."""
        scaled = step * self.weights
        return (v + scaled * self.data) / (1 + scaled)


@dataclass(frozen=True, eq=False)
class AbsoluteError:
    """The sum of distances Σw|v − y|: impulses and outliers, whose size does not matter.

    Parameters
    ----------
    data : array
        y.
    weights : float or array >= 0, default 1
        w; 0 for a sample that is missing.
    """

    data: Array
    weights: float | Array = 1.0

    def value(self, v: Array) -> float:
        """Return Σw|v − y|."""
        return L1(self.weights).value(v - self.data)

    def prox(self, v: Array, step: float) -> Array:
        """Return y plus v − y shrunk by w·step."""
        return self.data + L1(self.weights).prox(v - self.data, step)


@dataclass(frozen=True, eq=False)
class PoissonDivergence:
    """The I-divergence Σw(m − y + y·log(y/m)) of counts from m = v + b > 0. Infinite elsewhere.

    Parameters
    ----------
    data : array
        Counts y >= 0.
    background : float or array >= 0, default 0
        b.
    weights : float or array >= 0, default 1
        w; 0 for a sample that is missing.
    """

    data: Array
    background: float | Array = 0.0
    weights: float | Array = 1.0

    def value(self, v: Array) -> float:
        """Return the divergence; y = 0 contributes w·m."""
        xp = namespace(v)
        m, y = v + self.background, self.data
        # An operator's zero is one to rounding.
        zero = -64 * float(xp.finfo(m.dtype).eps) * float(xp.max(xp.abs(m)))
        if bool(xp.any(((m < zero) | ((m <= 0) & (y > 0))) & (self.weights * xp.ones_like(m) > 0))):
            return float("inf")
        return float(xp.sum(self.terms(v), dtype=xp.float64))

    def terms(self, v: Array) -> Array:
        """Return what each sample contributes where m >= 0, and m > 0 with y > 0."""
        xp = namespace(v)
        m, y = v + self.background, self.data
        one = xp.ones_like(m)
        # The sum cancels where m is near y: each term is >= 0, and value() accumulates in double.
        ratio = xp.where(y > 0, y, one) / xp.where((y > 0) & (m > 0), m, one)
        return self.weights * (m - y + y * xp.log(ratio))

    def gradient(self, v: Array) -> Array:
        """Return w(1 − y/m)."""
        return self.weights * (1 - self.data / (v + self.background))

    def prox(self, v: Array, step: float) -> Array:
        """Return the positive root of m² − (v + b − w·step)m − w·step·y = 0, less b."""
        xp = namespace(v)
        scaled = step * self.weights
        b = v + self.background - scaled
        root = xp.sqrt(b * b + 4 * scaled * self.data)
        # (b + root)/2 cancels for b < 0; its product with the other root is known.
        safe = xp.where(b < 0, root - b, xp.ones_like(b))
        m = xp.where(b < 0, 2 * scaled * self.data / safe, (b + root) / 2)
        return m - self.background
