"""Tikhonov regularization in general form on a generalized Krylov space that serves every λ at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from invdeconv.arrays import Array, dot, like, namespace, norm
from invdeconv.operators import Basis, KrylovDecomposition, LinearOperator
from invdeconv.selection import Selection, SelectionStatus, lambda_grid, refine_minimum
from invdeconv.solvers._projected_rules import discrepancy

__all__ = ["generalized_krylov_steps", "leaving", "trace_gcv"]


def generalized_krylov_steps(
    C: LinearOperator,
    L: LinearOperator | None,
    y: Array,
    choose: Callable[[KrylovDecomposition], Selection],
) -> Iterator[tuple[Array, float, Selection]]:
    """Yield argmin ‖Cx − y‖² + λₖ‖Lx‖² over a growing space, ‖gradient‖/‖Cᴴy‖, and the choice of λₖ.

    The gradient that one step leaves is the next step's direction, so the space follows λ. Lampe, Reichel
    and Voss, Linear Algebra Appl. 436 (2012) 2845, Algorithm 2.
    """
    space = _Space(C, L, y)
    gradient = C.H(y)
    target = norm(gradient) or 1.0
    while space.extend(gradient):
        pair = space.pair()
        selection = choose(pair)
        x, gradient = space.solve(pair, selection.value)
        yield x, norm(gradient) / target, selection


def trace_gcv(
    C: LinearOperator, L: LinearOperator | None, y: Array, *, seed: int = 0
) -> Callable[[KrylovDecomposition], Selection]:
    """Return a rule for the steps: GCV with tr(A) ≈ ξᴴAξ, where ξ has a growing space of its own.

    The trace of the projected problem would be that of k numbers at most, and its λ 30 times too large on
    a photograph (measured). One probe of ±1 keeps the curve smooth: Girard, Numer. Math. 56 (1989) 1.
    """
    size = C.shape[0]
    xi = like(2.0 * np.random.default_rng(seed).integers(0, 2, C.output_shape) - 1.0, y)
    space = _Space(C, L, xi)
    direction = C.H(xi)

    def choose(pair: KrylovDecomposition) -> Selection:
        nonlocal direction
        space.extend(direction)
        probe = space.pair()
        c, s, c_probe, s_probe = pair.c, pair.s, probe.c, probe.s

        def score(lam: float) -> float:
            left = float(np.sum((lam * s**2 / (c**2 + lam * s**2)) ** 2 * pair.energies)) + pair.unseen
            trace = float(np.sum(c_probe**2 / (c_probe**2 + lam * s_probe**2) * probe.energies))
            return left / max(size - trace, 1e-300) ** 2

        selection = refine_minimum(score, lambda_grid(pair, 1), decades=1e-2)
        direction = space.solve(probe, selection.value)[1]
        return selection

    return choose


def leaving(residual: float) -> Callable[[KrylovDecomposition], Selection]:
    """Return a rule for the steps: the λ that leaves ‖Cx − y‖ = residual, the discrepancy principle."""

    def choose(pair: KrylovDecomposition) -> Selection:
        lam, found = discrepancy(pair.c, pair.s * np.ones_like(pair.c), pair.energies, pair.unseen, residual)
        status = SelectionStatus.FOUND if found else SelectionStatus.EDGE
        return Selection(lam, (np.array([lam]), np.array([residual])), status)

    return choose


class _Space:
    """Vectors V with C V = Q A and L V = P B, by Gram–Schmidt as V grows."""

    def __init__(self, C: LinearOperator, L: LinearOperator | None, y: Array) -> None:
        self.C, self.L, self.y = C, L, y
        self._basis, self._range, self._penalty = Basis(), Basis(), Basis()
        self._upper: list[np.ndarray] = []
        self._lower: list[np.ndarray] = []
        self._seen: list[complex] = []
        self._rest = y

    def extend(self, direction: Array) -> bool:
        """Add a direction; False if the space holds it already."""
        v, _ = self._basis.split(direction)
        size = norm(v)
        if size <= 100 * float(namespace(v).finfo(v.dtype).eps) * norm(direction):
            return False
        v = v / size
        self._basis.append(v)
        q = _append(self._range, self._upper, self.C(v))
        self._seen.append(dot(q, self._rest))
        self._rest = self._rest - self._seen[-1] * q
        if self.L is not None:
            _append(self._penalty, self._lower, self.L(v))
        return True

    def pair(self) -> KrylovDecomposition:
        return KrylovDecomposition(
            self.C,
            self.L,
            self.y,
            basis=self._basis,
            upper=_triangle(self._upper),
            lower=_triangle(self._lower) if self._lower else None,
            seen=np.array(self._seen),
            unseen=norm(self._rest) ** 2,
            structure="generalized Krylov",
        )

    def solve(self, pair: KrylovDecomposition, lam: float) -> tuple[Array, Array]:
        """Return x of the projected problem and −gradient/2 of the whole one."""
        x = pair.filter(self.y, lambda c, s: c / (c * c + lam * s * s))
        penalty = x if self.L is None else self.L.H(self.L(x))
        return x, self.C.H(self.y - self.C(x)) - lam * penalty


def _append(basis: Basis, columns: list[np.ndarray], x: Array) -> Array:
    """Add the new part of x to a basis, and all its coefficients to the columns; return the new part."""
    q, known = basis.split(x)
    size = norm(q)
    q = q / (size or 1.0)
    basis.append(q)
    columns.append(np.append(known, size))
    return q


def _triangle(columns: list[np.ndarray]) -> np.ndarray:
    matrix = np.zeros((len(columns), len(columns)), np.result_type(*columns))
    for j, column in enumerate(columns):
        matrix[: j + 1, j] = column
    return matrix
