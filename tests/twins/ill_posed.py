"""Six Fredholm equations of the first kind that rules for λ are tried on, by the midpoint rule.

The equations are those of P. C. Hansen, "Regularization Tools", Numer. Algorithms 6 (1994) 1: each
function returns (A, x) for n unknowns, and the exact data are A @ x.
"""

from __future__ import annotations

import numpy as np


def _midpoints(low, high, n):
    h = (high - low) / n
    return low + h * (np.arange(n) + 0.5), h


def shaw(n):
    """One-dimensional image restoration: light through a slit."""
    t, h = _midpoints(-np.pi / 2, np.pi / 2, n)
    u = np.pi * np.add.outer(np.sin(t), np.sin(t))
    A = h * np.add.outer(np.cos(t), np.cos(t)) ** 2 * np.sinc(u / np.pi) ** 2
    return A, 2 * np.exp(-6 * (t - 0.8) ** 2) + np.exp(-2 * (t + 0.5) ** 2)


def deriv2(n):
    """Second derivative: the kernel is Green's function, mildly ill-posed."""
    t, h = _midpoints(0, 1, n)
    low, high = np.minimum.outer(t, t), np.maximum.outer(t, t)
    return h * low * (high - 1), t


def heat(n):
    """Inverse heat equation: a Volterra kernel, lower triangular."""
    t, h = _midpoints(0, 1, n)
    kernel = t**-1.5 / (2 * np.sqrt(np.pi)) * np.exp(-1 / (4 * t))
    i, j = np.indices((n, n))
    A = np.where(i >= j, h * kernel[np.maximum(i - j, 0)], 0.0)
    u = 20 * t
    rise = np.where(u < 2, 0.75 * u**2 / 4, 0.75 + (u - 2) * (3 - u))
    return A, np.where(u < 3, rise, np.where(t < 0.5, 0.75 * np.exp(-2 * (u - 3)), 0.0))


def phillips(n):
    """Phillips' "famous" problem: a convolution with a raised cosine."""
    t, h = _midpoints(-6, 6, n)

    def bump(u):
        return np.where(np.abs(u) < 3, 1 + np.cos(np.pi * u / 3), 0.0)

    return h * bump(np.subtract.outer(t, t)), bump(t)


def baart(n):
    """Severely ill-posed, with data on another interval than the unknown."""
    s, _ = _midpoints(0, np.pi / 2, n)
    t, h = _midpoints(0, np.pi, n)
    return h * np.exp(np.outer(s, np.cos(t))), np.sin(t)


def gravity(n):
    """A mass distribution from gravity a quarter of the interval above it."""
    t, h = _midpoints(0, 1, n)
    depth = 0.25
    A = h * depth * (depth**2 + np.subtract.outer(t, t) ** 2) ** -1.5
    return A, np.sin(np.pi * t) + 0.5 * np.sin(2 * np.pi * t)


PROBLEMS = {f.__name__: f for f in (shaw, deriv2, heat, phillips, baart, gravity)}
