"""Averages of a radial function over pixels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

# Gauss–Legendre nodes per pixel and axis: exact for polynomials of degree 7.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)


def pixel_averages(
    sizes: tuple[int, int], pixel: tuple[float, float], profile: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Return the mean of ``profile(r)`` over each pixel, origin at ``n // 2``; leading axes of it lead.

    A detector collects the light of a whole pixel: at the sampling limit of an optical system the values
    at the centers are off by several per cent.
    """
    total = np.zeros(())
    rows, columns = (
        [(np.arange(n) - n // 2 + node / 2) * size for node in _NODES]
        for n, size in zip(sizes, pixel, strict=True)
    )
    for y, weight_y in zip(rows, _WEIGHTS, strict=True):
        for x, weight_x in zip(columns, _WEIGHTS, strict=True):
            total = total + 0.25 * weight_y * weight_x * profile(np.hypot(y[:, None], x))
    return total
