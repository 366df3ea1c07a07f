"""How equal is equal: c·eps(dtype)·size, times the condition number where something is inverted."""

from __future__ import annotations

import numpy as np


def assert_close(actual, desired, *, c=4.0, condition=1.0, size=None, eps=None, label=""):
    """Assert max|actual − desired| ≤ c·eps·size·condition·max|desired|.

    `eps` is that of the coarser of the two precisions; `size` the number of entries of the larger one,
    or more where a sum ran over more.
    """
    actual, desired = np.asarray(actual), np.asarray(desired)
    assert actual.shape == desired.shape, f"{label}: shape {actual.shape}, not {desired.shape}"
    if actual.size == 0:
        return
    if eps is None:
        eps = max(precision(actual), precision(desired))
    scale = float(np.abs(desired).max()) or 1.0
    error = float(np.abs(actual - desired).max())
    allowed = c * eps * (size or max(actual.size, 8)) * condition * scale
    assert error <= allowed, f"{label}: differs by {error:.3g}, allowed {allowed:.3g}"


def precision(array):
    """Return the machine epsilon of an array; that of float64 for integers."""
    kind = np.asarray(array).dtype
    return float(np.finfo(kind).eps) if kind.kind in "fc" else float(np.finfo(float).eps)


def normal(rng, shape, *, complex_=False):
    """Return real or circular complex normal numbers: asymmetric test data."""
    x = rng.standard_normal(shape)
    return x + 1j * rng.standard_normal(shape) if complex_ else x
