"""The largest singular value, by Golub–Kahan bidiagonalization."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from invdeconv.operators._linear_operator import LinearOperator

__all__ = ["largest_singular_value"]


def largest_singular_value(C: LinearOperator, *, rtol: float = 1e-5, max_iter: int = 300) -> float:
    """Return σ₁ of C, from below, rising until three steps gain less than `rtol` each.

    The largest singular value of the growing bidiagonal matrix rises to σ₁; where σ₁ stands in a cluster
    the vectors converge late but the value early. Golub and Kahan, SIAM J. Numer. Anal. 2 (1965) 205, §2.
    """
    v = np.random.default_rng(0).standard_normal(C.input_shape).astype(C.dtype)
    v /= np.linalg.norm(v)
    u = np.zeros(C.output_shape, C.dtype)
    alphas: list[float] = []
    betas: list[float] = []
    largest, settled = 0.0, 0
    for _ in range(min(max_iter, *C.shape)):
        u = C(v) - (betas[-1] if betas else 0.0) * u
        alphas.append(float(np.linalg.norm(u)))
        before, largest = largest, float(np.linalg.norm(np.diag(alphas) + np.diag(betas, 1), 2))
        settled = settled + 1 if largest - before <= rtol * largest else 0
        if settled == 3 or alphas[-1] <= np.finfo(float).eps * largest:
            break
        u /= alphas[-1]
        v = C.H(u) - alphas[-1] * v
        betas.append(float(np.linalg.norm(v)))
        if betas[-1] <= np.finfo(float).eps * largest:
            break
        v /= betas[-1]
    return largest
