"""The likelihood of counts: y ~ Poisson(Cx + b), each sample with a weight."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from invdeconv.arrays import Array, divide, maximum, namespace
from invdeconv.operators import LinearOperator

__all__ = ["PoissonLikelihood"]

# Under an unknown boundary some pixels are hardly seen; without a floor on Cᵀw they diverge (measured).
_WEIGHT_FLOOR = 0.01


@dataclass(frozen=True, eq=False)
class PoissonLikelihood:
    """−log likelihood of y under x, up to a constant: Σ w·(m − y·log m) with m = Cx + b.

    Attributes
    ----------
    C : LinearOperator
        Takes no positive x below zero.
    y : array
        >= 0.
    background : float or array
        b >= 0.
    weights : array or None
        w >= 0; None for 1.
    variance : tuple of float
        (α, β): the noise of y has variance α + β·m.
    """

    C: LinearOperator
    y: Array
    background: float | Array = 0.0
    weights: Array | None = None
    variance: tuple[float, float] = (0.0, 1.0)

    def weighted(self, values: Array) -> Array:
        """Return w·values, in place where memory allows."""
        if self.weights is not None:
            values *= self.weights
        return values

    def sensitivity(self) -> Array:
        """Return Cᵀw."""
        xp = namespace(self.y)
        return self.C.H(xp.ones_like(self.y) if self.weights is None else self.weights)

    def floored(self, sensitivity: Array) -> Array:
        """Return what a step divides by: Cᵀw, nowhere below a hundredth of its largest value."""
        xp = namespace(sensitivity)
        return xp.clip(sensitivity, min=_WEIGHT_FLOOR * float(xp.max(sensitivity)))

    def compare(self, x: Array) -> tuple[Array, Array]:
        """Return m = Cx + b and the excess y/m − 1."""
        xp = namespace(self.y)
        # Below rounding a prediction is noise: on a dark background the ratio would overflow.
        info = xp.finfo(self.y.dtype)
        floor = max(float(info.eps) * float(xp.max(self.y)), float(info.smallest_normal))
        predicted = self.C(x)
        if not isinstance(self.background, float) or self.background:
            predicted += self.background
        predicted = maximum(predicted, floor, out=predicted)
        excess = divide(self.y, predicted, out=xp.empty_like(predicted))
        excess -= 1
        return predicted, excess

    def divergences(self, predicted: Array, excess: Array) -> Array:
        """Return y·log(y/m) − y + m of every sample, which loses no digits near the fit."""
        xp = namespace(predicted)
        # y = 0 is an excess of −1, where 0·log 0 = 0.
        tiny = float(xp.finfo(excess.dtype).eps)
        values = xp.log1p(xp.clip(excess, min=tiny - 1))
        values *= excess + 1
        values -= excess
        values *= predicted
        return values

    def divergence(self, predicted: Array, excess: Array) -> float:
        """Return the I-divergence Σ w·(y·log(y/m) − y + m): zero for a perfect fit."""
        values = self.weighted(self.divergences(predicted, excess))
        return float(namespace(values).sum(values, dtype=namespace(values).float64))

    def discrepancy(self, predicted: Array, excess: Array) -> float:
        """Return Pearson's Σ w·(y − m)²/(α + βm) / Σw: 1 where the residual is the noise."""
        alpha, beta = self.variance
        if alpha == beta == 0:
            return math.inf
        residual = excess * predicted
        values = self.weighted(residual * residual / (beta * predicted + alpha))
        total = math.prod(self.y.shape) if self.weights is None else _sum(self.weights)
        return _sum(values) / total


def _sum(values: Any) -> float:
    xp = namespace(values)
    return float(xp.sum(values, dtype=xp.float64))
