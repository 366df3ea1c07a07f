"""A pair (C, L) seen from a Krylov space of the data: a small decomposition for every rule that chooses λ."""

from __future__ import annotations

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, like, namespace, norm, to_numpy
from invdeconv.operators._basis import Basis
from invdeconv.operators._golub_kahan import golub_kahan
from invdeconv.operators._linear_operator import LinearOperator
from invdeconv.operators.decomposition import Decomposition

__all__ = ["KrylovDecomposition", "bidiagonalize"]


class KrylovDecomposition(Decomposition):
    """The pair projected on k vectors V: C V = Q A and L V = P B with small A and B.

    c and s are those of (A, B); it serves the one data array it was made for.

    Parameters
    ----------
    operator, regularizer : LinearOperator
        C and L; None for the identity.
    y : array
        The data.
    basis : Basis
        V.
    upper, lower : array of shape (r, k), array of shape (p, k) or None
        A and B; None for the identity.
    seen : array of shape (r,)
        Qᴴy.
    unseen : float
        ‖y‖² − ‖Qᴴy‖²: 0 if y lies in the range of Q.
    structure : str
        Name of the process, for messages.

    Attributes
    ----------
    energies : array of shape (k,)
        `power` of the data.
    unseen : float
        `out_of_range` of the data.
    """

    multiplicity = 1.0

    def __init__(
        self,
        operator: LinearOperator,
        regularizer: LinearOperator | None,
        y: Array,
        *,
        basis: Basis,
        upper: np.ndarray,
        lower: np.ndarray | None,
        seen: np.ndarray,
        unseen: float,
        structure: str,
    ) -> None:
        super().__init__(operator, regularizer)
        self.structure = f"{structure}, {upper.shape[1]} steps"
        self._y, self._basis = y, basis
        left, self._values, self._x, self._seen = _factor(upper, lower)
        self._analyzed = left.conj().T @ seen
        self.energies = np.abs(self._analyzed) ** 2
        self.unseen = unseen + float(np.linalg.norm(seen - left @ self._analyzed) ** 2)

    def _factors(self, y: Array) -> tuple[Array, ...]:
        return like(self._values, y), None if self._seen is None else like(self._seen, y)

    @property
    def data_size(self) -> int:
        """Number of projected data: one for each of the k vectors and one for all that they miss."""
        return len(self._values) + 1

    def analyze(self, y: Array) -> Array:
        if y is not self._y and (tuple(y.shape) != tuple(self._y.shape) or norm(y - self._y) > 0):
            advice = "Another data array spans another Krylov space: make a new decomposition."
            checks.refuse(
                "KrylovDecomposition", "y", "be the data it was made for", f"shape {tuple(y.shape)}", advice
            )
        return like(self._analyzed, y)

    def synthesize(self, k: Array) -> Array:
        return self._basis.combine(self._x @ to_numpy(k), self.operator.input_shape)

    def synthesize_output(self, k: Array) -> Array:
        # C X = U c, and U is not kept.
        xp = namespace(k)
        c = self.factors(k)[0]
        return self.operator(self.synthesize(k * xp.where(c > 0, 1 / xp.where(c > 0, c, 1.0), 0.0)))

    def out_of_range(self, y: Array) -> float:
        self.analyze(y)
        return self.unseen


def bidiagonalize(
    C: LinearOperator, y: Array, k: int, *, reorthogonalize: bool = True
) -> KrylovDecomposition:
    """Return what k Golub–Kahan steps see of C and y, fewer if the process ends."""
    right = Basis()
    left = Basis() if reorthogonalize else None
    alphas, betas = [], []
    for step, (beta, alpha, v) in zip(
        range(k + 1), golub_kahan(C, y, left=left, right=right if reorthogonalize else None), strict=False
    ):
        betas.append(beta)
        alphas.append(alpha)
        if step < k and right.count == step and not (reorthogonalize and alpha > 0):
            right.append(v)
    steps = max(1, len(alphas) - 1)
    return projected(C, y, right, alphas[:steps], [*betas, 0.0][: steps + 1])


def projected(
    C: LinearOperator, y: Array, right: Basis, alphas: list[float], betas: list[float]
) -> KrylovDecomposition:
    """Return the decomposition of B, whose diagonal is `alphas` with betas[1:] below; y is β₁u₁."""
    upper = np.zeros((len(alphas) + 1, len(alphas)))
    np.fill_diagonal(upper, alphas)
    np.fill_diagonal(upper[1:], betas[1:])
    seen = np.zeros(len(alphas) + 1)
    seen[0] = betas[0]
    return KrylovDecomposition(
        C, None, y, basis=right, upper=upper, lower=None, seen=seen, unseen=0.0, structure="Golub–Kahan"
    )


def _factor(
    upper: np.ndarray, lower: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]:
    """Return U, c, X and s of a small pair; s is None for the identity."""
    if lower is None:
        u, c, vh = np.linalg.svd(upper, full_matrices=False)
        return u, c, vh.conj().T, None
    # Both blocks at one scale: a pair in unlike units would lose the digits of the smaller.
    size = float(np.linalg.norm(lower))
    balance = float(np.linalg.norm(upper)) / size if size > 0 else 1.0
    p, sigma, qh = np.linalg.svd(np.concatenate([upper, balance * lower]), full_matrices=False)
    rank = max(1, int(np.sum(sigma > sigma[0] * upper.shape[1] * np.finfo(float).eps)))
    m = len(upper)
    u, c, wh = np.linalg.svd(p[:m, :rank], full_matrices=False)
    s = np.linalg.norm(p[m:, :rank] @ wh.conj().T, axis=0) / balance
    return u, c, (qh[:rank].conj().T / sigma[:rank]) @ wh.conj().T, s
