"""Sums of magnitudes, whose proximal maps shrink: sparse wavelets, sparse gradients, heavy tails."""

from __future__ import annotations

from dataclasses import dataclass

from invdeconv.arrays import Array, namespace

__all__ = ["L1", "GroupL2", "HyperLaplacian"]


@dataclass(frozen=True, eq=False)
class L1:
    """λΣ|xᵢ|.

    Parameters
    ----------
    lam : float or array >= 0
        λ; an array weighs each entry.
    """

    lam: float | Array = 1.0

    def value(self, x: Array) -> float:
        """Return λΣ|xᵢ|."""
        xp = namespace(x)
        return float(xp.sum(self.lam * xp.abs(x), dtype=xp.float64))

    def prox(self, v: Array, step: float) -> Array:
        """Return v with magnitudes shrunk by λ·step."""
        return _scaled(v, namespace(v).abs(v), self.lam * step)


@dataclass(frozen=True)
class GroupL2:
    """λΣ‖x[:, i]‖: the magnitudes of vectors along the first axis, as of a gradient.

    Parameters
    ----------
    lam : float >= 0
        λ.
    """

    lam: float = 1.0

    def value(self, x: Array) -> float:
        """Return λ times the sum of magnitudes."""
        xp = namespace(x)
        return self.lam * float(xp.sum(_length(x), dtype=xp.float64))

    def prox(self, v: Array, step: float) -> Array:
        """Return v with every vector shortened by λ·step."""
        return _scaled(v, _length(v), self.lam * step)


@dataclass(frozen=True)
class HyperLaplacian:
    """λΣ|xᵢ|ᵖ with 0 < p < 1, as the gradients of natural pictures have it. Not convex.

    Parameters
    ----------
    lam : float > 0
        λ.
    p : float in (0, 1)
        Exponent; 2/3 suits photographs.

    References
    ----------
    .. [1] D. Krishnan, R. Fergus, "Fast image deconvolution using hyper-Laplacian priors", NIPS 2009, §2.1.
    """

    lam: float = 1.0
    p: float = 2 / 3

    def value(self, x: Array) -> float:
        """Return λΣ|xᵢ|ᵖ."""
        xp = namespace(x)
        return self.lam * float(xp.sum(xp.abs(x) ** self.p, dtype=xp.float64))

    def prox(self, v: Array, step: float) -> Array:
        """Return the global minimum: 0, or the larger root of x − |v| + λ·step·p·xᵖ⁻¹ = 0."""
        xp = namespace(v)
        size, t, p = xp.abs(v), self.lam * step, self.p
        # f(x) = (x − |v|)²/2 + t·xᵖ beats f(0) exactly above this |v|, where the root is `least`.
        least = (2 * t * (1 - p)) ** (1 / (2 - p))
        threshold = least + t * p * least ** (p - 1)
        # Newton from above on a function that is convex to the right of `least`: monotone, quadratic, and for
        # p <= 0.9 at rounding after five steps.
        x = xp.clip(size, min=least)
        for _ in range(5):
            slope = t * p * x ** (p - 1)
            x = xp.clip(x - (x - size + slope) / (1 - (1 - p) * slope / x), min=least)
        safe = xp.where(size > 0, size, xp.ones_like(size))
        return xp.where(size > threshold, v * (x / safe), xp.zeros_like(v))


def _length(x: Array) -> Array:
    xp = namespace(x)
    return xp.sqrt(xp.sum(xp.abs(x) ** 2, axis=0))


def _scaled(v: Array, size: Array, threshold: float | Array) -> Array:
    """Return v·max(1 − threshold/size, 0)."""
    xp = namespace(v)
    return v * (xp.clip(size - threshold, min=0.0) / xp.where(size > 0, size, xp.ones_like(size)))
