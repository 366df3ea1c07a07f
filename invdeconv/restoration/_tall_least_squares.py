"""Least squares with many more rows than columns, from blocks of the rows: never the whole matrix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

__all__ = ["Blocks", "TallLeastSquares", "tall_least_squares"]

# Blocks of rows of X and of Y.
Blocks: TypeAlias = Iterator[tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True, eq=False)
class TallLeastSquares:
    """H = argmin ‖XH − Y‖ of least norm, with X = U c Vᴴ, and what λ makes of it.

    Attributes
    ----------
    c, V : ndarray
        The singular values above rounding, with their right singular vectors as columns.
    solution : ndarray
        H, one column per column of Y.
    residual : ndarray
        ‖XH − Y‖² of each column.
    refined : bool
        Whether the normal equations did; else QR.
    """

    c: np.ndarray
    V: np.ndarray
    solution: np.ndarray
    residual: np.ndarray
    refined: bool

    def shrunk(self, lam: float) -> np.ndarray:
        """Return the solution with λ: a filter on the one without."""
        return self.V @ (self._kept(lam)[:, None] * (self.V.conj().T @ self.solution))

    def variance(self, lam: float) -> np.ndarray:
        """Return the variance of each tap under noise of variance 1; infinite where X sees nothing."""
        spread = (np.abs(self.V) ** 2) @ (self._kept(lam) / self.c) ** 2
        if self.c.size < self.V.shape[0] and lam == 0:
            hidden = 1 - np.sum(np.abs(self.V) ** 2, axis=1)
            spread[hidden > 1e-8] = np.inf
        return spread

    def _kept(self, lam: float) -> np.ndarray:
        return self.c**2 / (self.c**2 + lam)

    def score_parts(self, lam: float) -> tuple[float, float]:
        """Return the energy of the residual and the trace of X(XᴴX + λ)⁻¹Xᴴ, over all output channels."""
        kept = self._kept(lam)
        explained = np.abs(self.c[:, None] * (self.V.conj().T @ self.solution)) ** 2
        residual = float(self.residual.sum() + np.sum((1 - kept)[:, None] ** 2 * explained))
        return residual, self.residual.size * float(kept.sum())


def tall_least_squares(blocks: Callable[[], Blocks]) -> TallLeastSquares:
    """Solve by the normal equations and refine; by QR where their square has lost too much."""
    gram: Any = 0.0
    right: Any = 0.0
    for X, Y in blocks():
        gram = gram + _adjoint(X) @ X
        right = right + _adjoint(X) @ Y
    values, V = np.linalg.eigh(gram)
    refined = bool(values[0] > 1e-10 * values[-1])
    if refined:
        c = np.sqrt(values)
    else:
        factor: Any = np.empty((0, len(V)))
        for X, _ in blocks():
            factor = np.linalg.qr(np.concatenate([factor, X]), mode="r")
        _, c, Vh = np.linalg.svd(factor)
        keep = c > len(V) * np.finfo(float).eps * c[0]
        c, V = c[keep], _adjoint(Vh)[:, keep]
    solution = np.zeros_like(right)
    for sweep in range(3):
        energy: Any = 0.0
        if sweep > 0:
            right = 0.0
            for X, Y in blocks():
                left = Y - X @ solution
                right = right + _adjoint(X) @ left
                energy = energy + np.sum(np.abs(left) ** 2, axis=0)
        step = (_adjoint(V) @ right) / c[:, None] ** 2
        solution = solution + V @ step
    # The residual after the last step, by Pythagoras.
    residual = np.maximum(energy - np.sum(np.abs(c[:, None] * step) ** 2, axis=0), 0.0)
    return TallLeastSquares(c, V, solution, residual, refined)


def _adjoint(matrix: np.ndarray) -> np.ndarray:
    return matrix.conj().T if np.iscomplexobj(matrix) else matrix.T
