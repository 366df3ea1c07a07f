"""Pooling and upsampling: what switches, copies and one fixed kernel bring back."""

from __future__ import annotations

import numpy as np

from invdeconv import samples
from invdeconv.metrics import relative_error
from invdeconv.neural import best_unpooling_kernel, bilinear, max_pool, nearest
from invdeconv.operators import Convolution

__all__ = ["copying", "fixed_kernel", "mirror", "unpool", "upsampling"]


def mirror() -> dict[str, float]:
    """Return the correlation of a photograph with its mirror image through one layer and a max pooling."""
    x = samples.camera()[100:166, 200:266].astype(float)  # whole numbers: ties stay ties
    kernels = {
        "smooth": np.outer([1.0, 2, 1], [1, 2, 1]) / 16,
        "edge": np.array([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]]),
    }
    found = {}
    for name, kernel in kernels.items():
        C = Convolution(kernel, x.shape, padding="valid", correlate=True)
        pooled = max_pool(C(x), (2, 2))
        back = C.T(pooled.switches.H(pooled.values))
        found[name] = float(np.corrcoef(back.ravel(), x.ravel())[0, 1])
    return found


def unpool() -> dict[str, float]:
    """Return how well unpooled values pool again, and what is missing of the image."""
    x = _random_image()
    pooled = max_pool(x, (2, 2))
    back = pooled.switches.H(pooled.values)
    return {
        "again": relative_error(pooled.switches(back), pooled.values),
        "error": relative_error(back, x),
    }


def fixed_kernel() -> dict[str, float]:
    """Return what the best fixed 2×2 kernel leaves of an unpooled image."""
    _, random = best_unpooling_kernel(max_pool(_random_image(), (2, 2)), (2, 2))
    aligned = np.kron(np.random.default_rng(1).uniform(1, 2, (8, 8)), [[0.0, 0], [1, 0]])
    _, coincide = best_unpooling_kernel(max_pool(aligned, (2, 2)), (2, 2))
    return {"random": random, "coincide": coincide}


def copying() -> dict[str, float]:
    """Return the difference of copying and of Cᵀ with a kernel of ones."""
    x = np.random.default_rng(0).standard_normal((4, 5))
    C = Convolution(np.ones((2, 2)), (8, 10), stride=2, padding="valid", correlate=True)
    return {"difference": relative_error(C.T(x), nearest((4, 5), (2, 2))(x))}


def upsampling() -> dict[str, float]:
    """Return what the bilinear layer makes of ones, and the sum of its kernel."""
    up = bilinear((4, 4), (2, 2))
    grown = np.asarray(up(np.ones((4, 4))))
    point = np.zeros((4, 4))
    point[1, 1] = 1
    return {"size": grown.shape[0], "middle": float(grown[4, 4]), "sum": float(np.asarray(up(point)).sum())}


def _random_image() -> np.ndarray:
    return np.random.default_rng(0).random((128, 128))
