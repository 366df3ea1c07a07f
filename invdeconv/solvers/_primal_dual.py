"""Primal–dual iteration for least F(Ax) + G(Dx) in a box: any operators, any fidelity with a prox."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from invdeconv.arrays import Array, dot, is_complex, namespace, norm
from invdeconv.functionals import Box, Proximable
from invdeconv.operators import LinearOperator

__all__ = ["PrimalDual", "partial_gap", "primal_dual_steps"]

# How often the gap is measured and the steps are balanced, and until when.
_EVERY = 10
_BALANCED = 200


@dataclass(eq=False)
class PrimalDual:
    """Where the iteration stands: it goes on from here with another G.

    Attributes
    ----------
    x, p, q : array
        The estimate and the dual variables of F and G; None for zero.
    sigma : float
        Dual step of G; a good one is ρ of `tv_admm_steps`.
    """

    x: Array
    sigma: float
    p: Array | None = None
    q: Array | None = None


def primal_dual_steps(
    A: LinearOperator,
    F: Proximable,
    D: LinearOperator,
    G: Proximable,
    state: PrimalDual,
    *,
    norms: tuple[float, float],
    box: Box | None = None,
) -> Iterator[tuple[Array, float]]:
    """Yield estimates of least F(Ax) + G(Dx) with the relative partial duality gap, looked at now and then.

    Chambolle and Pock, J. Math. Imaging Vis. 40 (2011) 120, Algorithm 1, with one dual step per block:
    τ(σ_A‖A‖² + σ_D‖D‖²) = 1. The gap is theirs, (14): see `partial_gap`. Steps are balanced as by Goldstein
    et al., arXiv:1305.0546, §3.
    """
    x = state.x
    Ax, Dx = A(x), D(x)
    p = 0 * Ax if state.p is None else state.p
    q = 0 * Dx if state.q is None else state.q
    pull = A.H(p) + D.H(q)
    gap, k = math.inf, 0
    while True:
        sigma = state.sigma
        sigma_a = sigma * (norms[1] / norms[0]) ** 2
        tau = 1 / (2 * sigma * norms[1] ** 2)
        before, x = x, x - tau * pull
        x = x if box is None else box.prox(x, 1.0)
        old_Ax, Ax, old_Dx, Dx = Ax, A(x), Dx, D(x)
        # Moreau: w − σ·prox(w/σ, 1/σ) is the prox of the conjugate, and a subgradient at the point v.
        w = p + sigma_a * (2 * Ax - old_Ax)
        v = F.prox(w / sigma_a, 1 / sigma_a)
        old_p, p = p, w - sigma_a * v
        w = q + sigma * (2 * Dx - old_Dx)
        u = G.prox(w / sigma, 1 / sigma)
        old_q, q = q, w - sigma * u
        old_pull, pull = pull, A.H(p) + D.H(q)
        if k % _EVERY == 0:
            gap = partial_gap([(F, Ax, v, p), (G, Dx, u, q)], pull, x, box)
            if k <= _BALANCED:
                rise = norm((before - x) / tau - (old_pull - pull))
                fall = math.hypot(
                    norm((old_p - p) / sigma_a - (old_Ax - Ax)), norm((old_q - q) / sigma - (old_Dx - Dx))
                )
                if rise > 0 and fall > 0:
                    scale = norm(x) / (math.hypot(norm(p), norm(q)) or 1.0)
                    state.sigma *= min(max((fall / (rise * scale)) ** 0.5, 0.3), 3.0) if scale > 0 else 1.0
        state.x, state.p, state.q = x, p, q
        k += 1
        yield x, gap


def partial_gap(
    parts: list[tuple[Proximable, Array, Array, Array]], pull: Array, x: Array, box: Box | None
) -> float:
    """Return (P − D)/P, where D looks at all x in the box within a largest sample's size of the estimate.

    Parameters
    ----------
    parts : list of (f, Kx, z, p)
        The terms of P = Σf(Kx), each with a subgradient p at a point z.
    pull : array
        ΣKᴴp.
    x : array
        The estimate.
    box : Box or None
        Bounds.
    """
    # Fenchel: f*(p) = ⟨p, z⟩ − f(z) where p is a subgradient at z.
    primal = sum(f.value(row) for f, row, _, _ in parts)
    conjugate = sum(dot(p, z).real - f.value(z) for f, _, z, p in parts)
    reach = float(namespace(x).max(namespace(x).abs(x)))
    if math.isinf(primal) or math.isinf(conjugate) or (reach == 0 and primal > 0):
        return 1.0  # counts of no or a negative mean have no objective, and around zero nothing is bounded
    return (primal + conjugate - _least(pull, x, reach, box)) / (abs(primal) or 1.0)


def _least(g: Array, x: Array, reach: float, box: Box | None) -> float:
    """Return the least ⟨g, z⟩ over z in the box with |z − x| <= reach."""
    xp = namespace(g)
    if box is None or is_complex(g):
        return dot(g, x).real - reach * float(xp.sum(xp.abs(g), dtype=xp.float64))
    return float(xp.sum(g * box.prox(x - reach * xp.sign(g), 1.0), dtype=xp.float64))
