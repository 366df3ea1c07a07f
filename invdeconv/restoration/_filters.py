"""Every linear inverse as one filter φ on the pair (c, s): x̂ = X φ(c, s) Uᴴ y.

================  ==========================  =======================================
estimator         φ                           gap it closes
================  ==========================  =======================================
adjoint           c (C.H itself)              none
pseudo-inverse    1/c, 0 at c = 0             scale
truncated SVD     1/c where c > τ             scale, noise
damped SVD        1/(c + λ)                   scale, noise
Tikhonov, Wiener  c/(c² + λs²)                scale, noise, null space if L mixes it
Landweber         (1 − (1 − τc²)ᵏ)/c          k = 1 is τCᵀ, k → ∞ is C⁺
================  ==========================  =======================================
"""

from __future__ import annotations

from typing import Any

from invdeconv.arrays import Array, divide, elementwise, empty, multiply, namespace
from invdeconv.operators.decomposition import Filter

__all__ = ["Filter", "damped", "landweber", "tikhonov", "truncated"]


def truncated(rtol: float) -> Filter:
    """Return φ = 1/c where c exceeds ``rtol`` times its largest value, 0 elsewhere."""
    return lambda c, _s: _inverse_where(c > rtol * namespace(c).max(c), c)


def damped(lam: float) -> Filter:
    """Return φ = 1/(c + λ), and 0 where c is rounding."""

    def phi(c: Array, _s: Any) -> Array:
        xp = namespace(c)
        return _inverse_where(c > 16 * xp.finfo(c.dtype).eps * xp.max(c), c + lam)

    return phi


def tikhonov(lam: float | Array) -> Filter:
    """Return φ = c/(c² + λs²) for λ > 0, one number or one per entry of the spectrum."""

    def phi(c: Array, s: Any) -> Array:
        xp = namespace(c)
        # Where neither C nor L sees more than rounding the estimate of least norm is 0.
        least = (16 * float(xp.finfo(c.dtype).eps) * float(xp.max(c))) ** 2
        return elementwise(_damped_inverse, empty(c.shape, c), c, s, lam, least)

    return phi


def landweber(step: float, n_iter: int) -> Filter:
    """Return φ = (1 − (1 − τc²)ᵏ)/c, whose limit at c = 0 is 0."""

    def phi(c: Array, _s: Any) -> Array:
        xp = namespace(c)
        left = 1 - step * c * c
        # Without cancellation for small c: 1 − (1 − u)ᵏ = −expm1(k·log1p(−u)) while 1 − u > 0.
        slow = left > 0
        decay = -xp.expm1(n_iter * xp.log1p(xp.where(slow, -step * c * c, 0.0)))
        gain = xp.where(slow, decay, 1 - xp.where(slow, 0.0, left) ** n_iter)
        return gain * _inverse_where(c > 0, c)

    return phi


def _damped_inverse(out: Array, c: Array, s: Any, lam: float | Array, least: float) -> Array:
    """Return c/(c² + λs²), and 0 where the denominator is no more than `least`."""
    xp = namespace(c)
    out = multiply(c, c, out=out)
    out += lam * s * s
    if float(xp.min(out)) <= least:
        out = xp.where(out > least, out, xp.inf)
    return divide(c, out, out=out)


def _inverse_where(keep: Array, c: Array) -> Array:
    xp = namespace(c)
    return xp.where(keep, 1 / xp.where(keep, c, 1.0), 0.0)
