"""ADMM for a sparse Dx where C and DᴴD are periodic convolutions: one FFT and one inverse an iteration."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from invdeconv.arrays import (
    Array,
    dot,
    empty,
    is_complex,
    like,
    multiply,
    namespace,
    norm,
    signal,
    spectrum,
    total,
    zeros_like_data,
)
from invdeconv.functionals import Box
from invdeconv.operators import Convolution
from invdeconv.solvers._analysis import Analysis, lengths
from invdeconv.solvers._gradient import periodic_gradient

__all__ = ["SplitGradient", "split_gradient", "tv_admm_steps"]

# Over-relaxation (Boyd et al., §3.4.3), and how often the gap is measured and ρ balanced.
_ALPHA = 1.8
_EVERY = 10
# ADMM converges for a constant ρ: so long may it change.
_BALANCED = 100


@dataclass(eq=False)
class SplitGradient:
    """Where ADMM stands; the solver writes into it, and goes on from it with another λ.

    Attributes
    ----------
    D : Analysis
        What is sparse.
    v : array, shape (bands, n1, …, nd)
        z + u before shrinking: the split gradient is z = f·v, its scaled multiplier u = (1 − f)·v.
    keep : array
        f, what shrinking leaves of each vector, or of each component if anisotropic.
    bound : array or None
        The same sum for the constraint, z = clip(bound).
    ratio : float
        ρ/λ, the inverse of the threshold.
    """

    D: Analysis
    v: Array
    keep: Array
    bound: Array
    ratio: float

    def rescale(self, ratio: float) -> None:
        """Change ρ/λ: z and the multiplier ρu stay what they are."""
        c = self.ratio / ratio
        stretch = multiply(self.keep, 1 - c, out=empty(self.keep.shape, self.keep))
        stretch += c
        self.v *= stretch
        self.keep /= stretch
        self.ratio = ratio


def split_gradient(
    y: Array, ratio: float, *, isotropic: bool, box: Box | None = None, D: Analysis | None = None
) -> SplitGradient:
    """Return the state whose first iterate is Tikhonov's with regularization ρ; without D, the gradient's."""
    shape = tuple(y.shape)
    D = periodic_gradient(shape) if D is None else D
    v = zeros_like_data((D.bands, *shape), y)
    keep = zeros_like_data(shape if isotropic else (D.bands, *shape), y)
    return SplitGradient(D, v, keep, None if box is None else zeros_like_data(shape, y), ratio)


def tv_admm_steps(
    C: Convolution, y: Array, lam: float, state: SplitGradient, *, box: Box | None = None
) -> Iterator[tuple[Array, float]]:
    """Yield estimates of least ½‖Cx − y‖² + λ‖Dx‖ with the relative duality gap, looked at now and then.

    Boyd et al., Found. Trends Mach. Learn. 3 (2011) 1, (3.5)–(3.7) with z = Dx, relaxed by (3.19), ρ
    balanced by (3.13); the x-step is exact in the Fourier domain: Wang, Yang, Yin, Zhang, SIAM J. Imaging
    Sci. 1 (2008) 248, (2.5).
    """
    xp = namespace(y)
    D, shape = state.D, tuple(y.shape)
    half = not (is_complex(y) or C.dtype.kind == "c")
    h = C.circulant.response(y, half=half)  # type: ignore[union-attr]
    y_hat = spectrum(y, shape, half=half)
    back = xp.conj(h) * y_hat
    # The constraint is one more block of rows with the same ρ: [D; I].
    rows = like(D.power(half) + (box is not None), y)
    smooth: Array = None
    inside: Array = None
    gap, k = math.inf, 0
    while True:
        if smooth is None:
            smooth, fitted = _normal_equations(h, back, lam * state.ratio, rows)
        # x: (CᴴC + ρDᵀD)x = Cᴴy + ρDᵀ(z − u), z − u = (2f − 1)v
        image = D.reflected(state.v, state.keep)
        if box is not None:
            inside = box.prox(state.bound, 1.0)
            image += 2 * inside - state.bound
        x_hat = spectrum(image, shape, half=half)
        x_hat *= smooth
        x_hat += fitted
        x = signal(x_hat, shape, shape, half=half)
        look = k % _EVERY == 0
        if look:
            slope = D.forward(x, empty(state.v.shape, state.v))
            z = multiply(state.v, state.keep, out=empty(state.v.shape, state.v))
            # Dx − z + u, the multiplier over ρ
            q = multiply(z, -2, out=empty(z.shape, z))
            q += slope
            q += state.v
            error = multiply(x_hat, h, out=empty(x_hat.shape, x_hat))
            error -= y_hat
            products = _products(error, y_hat, shape, half=half)
            if box is None:
                gap = _relative_gap(products, slope, q, state, lam)
            else:
                dual = q, x - (2 * inside - state.bound)
                gap = _bounded_gap(C, y, products, x, dual, state, lam, box)
        # v = αDx + (1 − α)z + u; then z = shrink(v, λ/ρ) = fv, u = v − z
        state.v, state.keep = D.relaxed(x, state.v, state.keep, _ALPHA, 1 / state.ratio)
        if box is not None:
            state.bound = _ALPHA * (x - inside) + state.bound
        if look and k <= _BALANCED:
            _balance(state, slope, z)
            smooth = None
        k += 1
        yield x if box is None else box.prox(x, 1.0), gap


def _normal_equations(h: Array, back: Array, rho: float, rows: Array) -> tuple[Array, Array]:
    """Return ρ/(|h|² + ρ·rows) and back/(|h|² + ρ·rows), 1 for a denominator of 0."""
    xp = namespace(h)
    solve = xp.real(h * xp.conj(h)) + rho * rows
    solve = 1 / xp.where(solve > 0, solve, xp.ones_like(solve))
    # Complex times complex takes half the time of complex times real (measured).
    return xp.astype(rho * solve, back.dtype), back * solve


def _balance(state: SplitGradient, slope: Array, old: Array) -> None:
    """Bring the relative primal and dual residuals together (Wohlberg, arXiv:1704.06209, (12)–(14))."""
    new = multiply(state.v, state.keep, out=empty(old.shape, old))
    size = max(norm(slope), norm(new))
    slope -= new
    old -= new
    primal = norm(slope) / (size or 1.0)
    new -= state.v
    dual = norm(old) / (norm(new) or 1.0)
    if primal > 0 and dual > 0:
        state.rescale(state.ratio * min(max((primal / dual) ** 0.5, 0.2), 5.0))


def _relative_gap(
    products: tuple[float, float], slope: Array, q: Array, state: SplitGradient, lam: float
) -> float:
    """Return (P − D)/P at x and the dual point that the x-step gives for nothing.

    Its optimality condition is Cᴴp = Dᵀq with p = y − Cx and q = ρ(Dx − z + u): a dual point once both are
    scaled until |q| <= λ.
    """
    energy, fit = products
    s = _feasible(q, state)
    s = min(s, fit / energy if energy > 0 else s)
    primal = energy / 2 + lam * total(_lengths(slope, state))
    return (primal - s * fit + s * s * energy / 2) / (primal or 1.0)


def _bounded_gap(
    C: Convolution,
    y: Array,
    products: tuple[float, float],
    x: Array,
    dual: tuple[Array, Array],
    state: SplitGradient,
    lam: float,
    box: Box,
) -> float:
    """Return the same for x in a box: Cᴴp = Dᵀq + r, r the multiplier of the bounds."""
    xp = namespace(x)
    energy, fit = products
    q, r = dual
    s = min(_feasible(q, state), 1.0)
    inside = box.prox(x, 1.0)
    reach = 2 * float(xp.max(xp.abs(inside)))
    support = total(xp.where(r > 0, r * min(box.upper, reach), r * max(box.lower, -reach)))
    slope = state.D.forward(inside, empty(q.shape, q))
    primal = norm(C(inside) - y) ** 2 / 2 + lam * total(_lengths(slope, state))
    dual_value = s * (fit - lam * state.ratio * support) - s * s * energy / 2
    return (primal - dual_value) / (primal or 1.0)


def _feasible(q: Array, state: SplitGradient) -> float:
    """Return the factor that brings ρq to ‖ρq‖ <= λ."""
    steepest = state.ratio * float(namespace(q).max(_lengths(q, state)))
    return 1 / steepest if steepest > 0 else 1.0


def _lengths(g: Array, state: SplitGradient) -> Array:
    return lengths(g, empty(state.keep.shape, state.keep))


def _products(error: Array, y_hat: Array, shape: tuple[int, ...], *, half: bool) -> tuple[float, float]:
    """Return ‖p‖² and ⟨p, y⟩ for p = y − Cx, by Parseval."""
    n = math.prod(shape)
    return _inner(error, error, shape[-1], half=half) / n, -_inner(error, y_hat, shape[-1], half=half) / n


def _inner(a: Array, b: Array, n: int, *, half: bool) -> float:
    """Return Re⟨a, b⟩ over the whole spectrum, of which the last axis may hold half."""
    total = dot(a, b).real
    if not half:
        return total
    ends = [0] if n % 2 else [0, n // 2]
    return 2 * total - sum(dot(a[..., i : i + 1], b[..., i : i + 1]).real for i in ends)
