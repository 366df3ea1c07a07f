"""Hybrid LSQR: Tikhonov regularization of each projected problem, its λ chosen anew in every step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from invdeconv.arrays import Array
from invdeconv.operators import Basis, LinearOperator, golub_kahan
from invdeconv.solvers import _projected_rules as rules

__all__ = ["hybrid_lsqr_steps"]

# A GCV curve over the steps that has risen so often has passed its minimum (Chung, Nagy, O'Leary, §5.2).
_WINDOW = 3


def hybrid_lsqr_steps(
    C: LinearOperator,
    y: Array,
    *,
    lam: float | None = None,
    residual: float | None = None,
    reorthogonalize: bool = True,
) -> Iterator[tuple[Array, float, float]]:
    """Yield xₖ = argmin ‖Cx − y‖² + λₖ‖x‖² over the k-th Krylov space, a measure, and λₖ.

    λ is the one given; or the one that leaves `residual` (next to 0 until one does); or that of weighted
    GCV. The measure is the gradient, relative to the first, or 1 while λ moves; for GCV the change of its
    minimum, 0 where the minimum has passed: that iterate is the best one.
    Chung, Nagy and O'Leary, ETNA 28 (2008) 149.
    """
    right = Basis()
    left = Basis() if reorthogonalize else None
    process = golub_kahan(C, y, left=left, right=right if reorthogonalize else None)
    beta, alpha, v = next(process)
    if alpha == 0:
        yield 0 * v, 0.0, lam or 0.0
    alphas, betas = [alpha], [beta]
    before = 0.0
    weights: list[float] = []
    minima: list[tuple[float, np.ndarray, float]] = []
    for k, (beta, alpha, following) in enumerate(process, 1):
        if not reorthogonalize:
            right.append(v)
        v = following
        betas.append(beta)
        # The projected problem: min ‖B f − β₁e₁‖² + λ‖f‖².
        B = np.zeros((k + 1, k))
        B[range(k), range(k)] = alphas
        B[range(1, k + 1), range(k)] = betas[1:]
        u, c, vh = np.linalg.svd(B)
        seen = betas[0] * u[0]
        power, unseen = seen[:k] ** 2, float(seen[k] ** 2)
        if lam is not None:
            chosen = lam
        elif residual is not None:
            chosen = rules.discrepancy(c, np.ones(k), power, unseen, residual)[0]
        else:
            weights.append(rules.adapted_weight(c, power, unseen))
            chosen = rules.weighted_gcv(c, power, unseen, float(np.mean(weights)))
        f = vh.T @ (c / (c**2 + chosen) * seen[:k])
        if lam is not None or residual is not None:
            gradient = alpha * beta * abs(float(f[-1])) / (alphas[0] * betas[0])
            settled = lam is not None or abs(chosen - before) <= 0.01 * chosen
            before = chosen
            yield right.combine(f, C.input_shape), gradient if settled else 1.0, chosen
        else:
            minima.append((rules.gcv(chosen, c, power, unseen, C.shape[0], 1.0), f, chosen))
            best = min(range(k), key=lambda i: minima[i][0])
            if k - 1 - best >= _WINDOW:
                yield right.combine(minima[best][1], C.input_shape), 0.0, minima[best][2]
                return
            change = abs(minima[-1][0] - minima[-2][0]) / minima[0][0] if k > 1 else 1.0
            yield right.combine(f, C.input_shape), change, chosen
        alphas.append(alpha)
