"""Inverses of small dense problems, by the least clever method that is accurate."""

from __future__ import annotations

import numpy as np


def tikhonov_dense(A, y, lam, B=None):
    """Return argmin ‖Ax − y‖² + λ‖Bx‖², of least norm, by least squares on the stacked matrices.

    `y` may hold several columns.
    """
    B = np.eye(A.shape[1]) if B is None else B
    stacked = np.concatenate([A, np.sqrt(lam) * B])
    return np.linalg.lstsq(stacked, np.concatenate([y, np.zeros((B.shape[0], *y.shape[1:]))]), rcond=None)[0]


def tikhonov_limit(A, y, B):
    """Return the limit λ → 0: x⁺ − Z(BZ)⁺Bx⁺, with Z a basis of the null space of A."""
    _, values, vh = np.linalg.svd(A)
    rank = int(np.sum(values > 1e-11 * values[0]))
    x = np.linalg.pinv(A, rcond=1e-11) @ y
    Z = vh[rank:].conj().T
    if Z.size == 0:
        return x
    hidden = B @ Z
    hidden[np.abs(hidden) < 1e-12 * np.abs(B).max()] = 0  # what neither A nor B sees stays out
    return x - Z @ (np.linalg.pinv(hidden, rcond=1e-11) @ (B @ x))


def truncated_svd_dense(A, y, rtol):
    """Return Σ vᵢ uᵢᴴy/σᵢ over σᵢ > rtol·σ₁, one term at a time."""
    u, values, vh = np.linalg.svd(A, full_matrices=False)
    x = np.zeros(A.shape[1], np.result_type(A, y))
    for i, value in enumerate(values):
        if value > rtol * values[0]:
            x = x + vh[i].conj() * (np.vdot(u[:, i], y) / value)
    return x


def damped_svd_dense(A, y, lam):
    """Return Σ vᵢ uᵢᴴy/(σᵢ + λ) over σᵢ > 0, one term at a time."""
    u, values, vh = np.linalg.svd(A, full_matrices=False)
    x = np.zeros(A.shape[1], np.result_type(A, y))
    for i, value in enumerate(values):
        if value > 1e-13 * values[0]:
            x = x + vh[i].conj() * (np.vdot(u[:, i], y) / (value + lam))
    return x


def generalized_least_squares(A, y, N, lam, B):
    """Return argmin (Ax − y)ᴴN⁻¹(Ax − y) + λ‖Bx‖² through the normal equations with N in full."""
    weight = np.linalg.inv(N)
    gram = A.conj().T @ weight @ A + lam * B.conj().T @ B
    return np.linalg.solve(gram, A.conj().T @ weight @ y)


def landweber_loop(A, y, step, n_iter):
    """Return xₖ of x ← x + τAᴴ(y − Ax) from zero."""
    x = np.zeros(A.shape[1], np.result_type(A, y))
    for _ in range(n_iter):
        x = x + step * (A.conj().T @ (y - A @ x))
    return x


def richardson_lucy_loop(A, y, n_iter, floor=0.01):
    """Return xₖ of xⱼ ← xⱼ + xⱼ·Σᵢ Aᵢⱼ(yᵢ/(Ax)ᵢ − 1)/max(Σᵢ Aᵢⱼ, floor·max), from Σy/ΣΣA."""
    m, n = A.shape
    weight = np.array([sum(A[i, j] for i in range(m)) for j in range(n)])
    divisor = np.maximum(weight, floor * weight.max())
    x = np.full(n, y.sum() / weight.sum())
    for _ in range(n_iter):
        ratio = y / (A @ x)
        x = np.array([x[j] + x[j] * (A[:, j] @ (ratio - 1)) / divisor[j] for j in range(n)])
    return x


def momentum_loop(A, y, weights, background, n_iter, floor=0.01):
    """Return zₖ of x₊ = EM(z), z₊ = x₊ + (k − 1)/(k + 2)·(x₊ − x), from the constant, without any guard."""
    weight = weights @ A
    x = z = np.full(A.shape[1], weights @ (y - background) / weight.sum())
    for k in range(1, n_iter + 1):
        ratio = np.array([y[i] / (A[i] @ z + background[i]) for i in range(len(y))])
        new = z + z * ((weights * (ratio - 1)) @ A) / np.maximum(weight, floor * weight.max())
        x, z = new, np.maximum(new + (k - 1) / (k + 2) * (new - x), 0.1 * new)
    return z


def gcv_score(A, B, y, lam):
    """Return (‖(I − H)y‖²/m)/(tr(I − H)/m)² with H = A(AᴴA + λBᴴB)⁻¹Aᴴ formed in full."""
    m = A.shape[0]
    H = A @ tikhonov_dense(A, np.eye(m), lam, B)
    return (np.linalg.norm(y - H @ y) ** 2 / m) / (np.trace(np.eye(m) - H).real / m) ** 2
