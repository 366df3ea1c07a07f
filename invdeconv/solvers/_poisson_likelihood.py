"""The likelihood of counts: y ~ Poisson(Cx + b), each sample with a weight."""

from __future__ import annotations

import math
from collections.abc import Set
from dataclasses import dataclass
from functools import cached_property

from invdeconv.arrays import (
    Array,
    constant,
    divide,
    dot,
    elementwise,
    empty,
    is_swept,
    log1p,
    maximum,
    multiply,
    namespace,
    sweep,
    total,
)
from invdeconv.operators import LinearOperator
from invdeconv.solvers._conjugate_kernels import look_rows

__all__ = ["PoissonLikelihood", "along_line"]

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
        return self.C.H(constant(1.0, self.y.shape, self.y) if self.weights is None else self.weights)

    def floored(self, sensitivity: Array) -> Array:
        """Return what a step divides by: Cᵀw, nowhere below a hundredth of its largest value."""
        xp = namespace(sensitivity)
        floor = _WEIGHT_FLOOR * float(xp.max(sensitivity))
        if float(xp.min(sensitivity)) >= floor:
            return sensitivity
        return maximum(sensitivity, floor, out=empty(sensitivity.shape, sensitivity))

    def predicted(self, x: Array) -> Array:
        """Return m = Cx + b."""
        return elementwise(_predicted, self.C(x), self.background, self._floor)

    def look(
        self, m: Array, a: float, change: Array, predicted: Array, excess: Array
    ) -> tuple[Array, Array, float]:
        """Return the prediction m + a·change, its excess, and the slope there.

        The first two are written into `predicted` and `excess` where memory allows.
        """
        if not is_swept(predicted):
            predicted = along_line(m, a, change, self._floor, out=predicted)
            excess = self.excess(predicted, out=excess)
            return predicted, excess, self.slope(change, excess)
        slope = sweep(look_rows, predicted, excess, m, change, self.y, numbers=(a, self._floor))
        return predicted, excess, slope if self.weights is None else self.slope(change, excess)

    @cached_property
    def _floor(self) -> float:
        # Below rounding a prediction is noise: on a dark background the ratio would overflow.
        xp = namespace(self.y)
        info = xp.finfo(self.y.dtype)
        return max(float(info.eps) * float(xp.max(self.y)), float(info.smallest_normal))

    def excess(self, m: Array, out: Array) -> Array:
        """Return y/m − 1, written into `out` where memory allows."""
        return elementwise(_excess, out, self.y, m)

    def slope(self, change: Array, excess: Array) -> float:
        """Return Σ w·change·(y/m − 1): how fast the likelihood grows where the prediction changes so."""
        return dot(change, excess if self.weights is None else self.weights * excess).real

    def light(self, change: Array) -> float:
        """Return Σ w·change, of a prediction or of what is added to one."""
        return total(change) if self.weights is None else dot(self.weights, change).real

    def factor(self, light: float, m: Array, excess: Array) -> float:
        """Return 1 + Σ w(m − b)e/Σ w(m − b), the plain method's step for a factor of x; 1 to rounding is 1.

        Without a background that is Σ wy/Σ wm, the most likely one. `light` is Σ w(m − b): in m there is
        also what was raised out of rounding, which on the dark adds up to more than stars.
        """
        if light <= 0:
            return 1.0
        plain = _is_none(self.background)
        more = (self._seen - light if plain else self.slope(self.above_background(m), excess)) / light
        return 1.0 if abs(more) <= float(namespace(m).finfo(m.dtype).eps) else 1 + more

    @cached_property
    def _seen(self) -> float:
        return self.light(self.y)

    def brightened(self, m: Array, t: float) -> Array:
        """Return t(m − b) + b, in place where memory allows."""
        return elementwise(_brightened, m, t, self.background, self._floor)

    def above_background(self, m: Array) -> Array:
        """Return m − b."""
        return m if _is_none(self.background) else m - self.background

    def compare(self, x: Array) -> tuple[Array, Array]:
        """Return m = Cx + b and the excess y/m − 1."""
        m = self.predicted(x)
        return m, self.excess(m, out=empty(m.shape, m))

    def divergences(self, predicted: Array, excess: Array) -> Array:
        """Return y·log(y/m) − y + m of every sample, which loses no digits near the fit."""
        return elementwise(_divergences, empty(excess.shape, excess), self.y, predicted, excess)

    def measures(self, names: Set[str], predicted: Array, excess: Array) -> dict[str, float]:
        """Return those of the two measures below that are named."""
        both = {"divergence": self.divergence, "discrepancy": self.discrepancy}
        return {name: f(predicted, excess) for name, f in both.items() if name in names}

    def divergence(self, predicted: Array, excess: Array) -> float:
        """Return the I-divergence Σ w·(y·log(y/m) − y + m): zero for a perfect fit."""
        return total(self.weighted(self.divergences(predicted, excess)))

    def discrepancy(self, predicted: Array, excess: Array) -> float:
        """Return Pearson's Σ w·(y − m)²/(α + βm) / Σw: 1 where the residual is the noise."""
        alpha, beta = self.variance
        if alpha == beta == 0:
            return math.inf
        residual = excess * predicted
        values = self.weighted(residual * residual / (beta * predicted + alpha))
        return total(values) / (math.prod(self.y.shape) if self.weights is None else total(self.weights))


def _predicted(m: Array, background: float | Array, floor: float) -> Array:
    if not _is_none(background):
        m += background
    return maximum(m, floor, out=m)


def _is_none(background: float | Array) -> bool:
    return isinstance(background, float) and background == 0


def _brightened(m: Array, t: float, background: float | Array, floor: float) -> Array:
    m *= t
    if not _is_none(background):
        m += (1 - t) * background
    return maximum(m, floor, out=m)


def along_line(x: Array, a: float, change: Array, floor: float, out: Array) -> Array:
    """Return x + a·change, nowhere below a floor, written into `out` where memory allows."""
    return elementwise(_along_line, out, x, a, change, floor)


def _along_line(out: Array, x: Array, a: float, change: Array, floor: float) -> Array:
    moved = multiply(change, a, out=out)
    moved += x
    return maximum(moved, floor, out=moved)


def _excess(out: Array, y: Array, m: Array) -> Array:
    excess = divide(y, m, out=out)
    excess -= 1
    return excess


def _divergences(out: Array, y: Array, predicted: Array, excess: Array) -> Array:
    # y = 0 is an excess of −1, where 0·log 0 = 0.
    tiny = float(namespace(excess).finfo(excess.dtype).eps)
    values = log1p(maximum(excess, tiny - 1, out=out), out=out)
    values *= y
    values -= multiply(predicted, excess, out=empty(excess.shape, excess))
    return values
