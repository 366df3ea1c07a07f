"""ADMM with the data term split off too: any fidelity with a prox, C and DᴴD periodic convolutions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from invdeconv.arrays import Array, empty, is_complex, like, namespace, norm, signal, spectrum
from invdeconv.functionals import Box, Proximable
from invdeconv.operators import Convolution
from invdeconv.solvers._analysis import Analysis
from invdeconv.solvers._primal_dual import partial_gap

__all__ = ["Block", "SplitData", "split_data", "split_data_steps"]

# Over-relaxation, how often the gap is measured and the ρ are balanced, and until when.
_ALPHA = 1.9
_EVERY = 10
_BALANCED = 100


@dataclass(eq=False)
class Block:
    """One row K of the constraint z = Kx.

    Attributes
    ----------
    v : array
        z plus its scaled multiplier: z = prox(v, 1/ρ), and ρ(v − z) is a subgradient there.
    rho : float
        ρ.
    """

    v: Array
    rho: float

    def rescale(self, factor: float, z: Array) -> None:
        """Change ρ: z and the multiplier stay what they are."""
        self.v = z + (self.v - z) / factor
        self.rho *= factor


@dataclass(eq=False)
class SplitData:
    """Where ADMM stands; the solver writes into it, and goes on from it with another λ.

    Attributes
    ----------
    D : Analysis
        What is sparse.
    data, prior : Block
        For Cx and Dx.
    bound : Block or None
        For x in a box.
    """

    D: Analysis
    data: Block
    prior: Block
    bound: Block | None


def split_data(start: Array, D: Analysis, rho: float, *, box: Box | None = None) -> SplitData:
    """Return the state with Cx = x = start; ρ of Dx beside an F of curvature 1, as in `split_gradient`."""
    prior = Block(namespace(start).stack([0 * start] * D.bands), rho)
    return SplitData(D, Block(start + 0, 1.0), prior, None if box is None else Block(start + 0, rho))


def split_data_steps(
    C: Convolution, F: Proximable, G: Proximable, state: SplitData, *, box: Box | None = None
) -> Iterator[tuple[Array, float]]:
    """Yield estimates of least F(Cx) + G(Dx) with the relative partial duality gap, looked at now and then.

    M. A. T. Figueiredo, J. M. Bioucas-Dias, IEEE Trans. Image Process. 19 (2010) 3133; where F looks at a
    part of the frame only, M. S. C. Almeida, M. A. T. Figueiredo, ibid. 22 (2013) 3074. Each row has a ρ of
    its own, balanced by Wohlberg, arXiv:1704.06209, (12)–(14).
    """
    shape = C.input_shape
    half = not (is_complex(state.data.v) or C.dtype.kind == "c")
    h = C.circulant.response(state.data.v, half=half)  # type: ignore[union-attr]
    xp = namespace(h)
    gains = [xp.real(h * xp.conj(h)), like(state.D.power(half), state.data.v), 1.0]
    slope = empty(state.prior.v.shape, state.prior.v)
    image = empty(state.data.v.shape, state.data.v)
    blocks = [(state.data, F), (state.prior, G)]
    if box is not None and state.bound is not None:
        blocks.append((state.bound, box))
    points = [f.prox(block.v, 1 / block.rho) for block, f in blocks]
    smooth: Array = None
    gap, k = math.inf, 0
    while True:
        if smooth is None:
            smooth = _inverse(sum(block.rho * gain for (block, _), gain in zip(blocks, gains, strict=False)))
        # x: Σ ρKᴴKx = Σ ρKᴴ(2z − v) over the rows K = C, D, I
        pulls = [block.rho * (2 * z - block.v) for (block, _), z in zip(blocks, points, strict=True)]
        image = state.D.adjoint(pulls[1], image)
        if len(pulls) > 2:
            image += pulls[2]
        x_hat = spectrum(pulls[0], shape, half=half)
        x_hat *= xp.conj(h)
        x_hat += spectrum(image, shape, half=half)
        x_hat *= smooth
        seen = signal(x_hat * h, shape, shape, half=half)
        x = signal(x_hat, shape, shape, half=half)
        slope = state.D.forward(x, slope)
        rows = [seen, slope, x][: len(blocks)]
        look = k % _EVERY == 0
        if look:
            gap = _gap(C, F, G, state, points, x, box)
        # Relaxed: z⁺ = prox(αKx + (1 − α)z + v − z)
        old = points
        for (block, _), row, z in zip(blocks, rows, points, strict=True):
            block.v += _ALPHA * (row - z)
        points = [f.prox(block.v, 1 / block.rho) for block, f in blocks]
        if look and k <= _BALANCED:
            for (block, _), row, z, before in zip(blocks, rows, points, old, strict=True):
                _balance(block, row, z, before)
            smooth = None
        k += 1
        yield x if box is None else box.prox(x, 1.0), gap


def _gap(
    C: Convolution,
    F: Proximable,
    G: Proximable,
    state: SplitData,
    points: list[Array],
    x: Array,
    box: Box | None,
) -> float:
    """Return the gap at x within its bounds and the multipliers of Cx and Dx."""
    p, q = (block.rho * (block.v - z) for block, z in zip((state.data, state.prior), points, strict=False))
    x = x if box is None else box.prox(x, 1.0)
    pull = C.H(p) + state.D.adjoint(q, empty(x.shape, x))
    slope = state.D.forward(x, empty(q.shape, q))
    return partial_gap([(F, C(x), points[0], p), (G, slope, points[1], q)], pull, x, box)


def _inverse(diagonal: Array) -> Array:
    xp = namespace(diagonal)
    return 1 / xp.where(diagonal > 0, diagonal, xp.ones_like(diagonal))


def _balance(block: Block, row: Array, z: Array, before: Array) -> None:
    """Bring the relative primal and dual residuals of a row together."""
    primal = norm(row - z) / (max(norm(row), norm(z)) or 1.0)
    dual = norm(z - before) / (norm(block.v - z) or 1.0)
    if primal > 0 and dual > 0:
        block.rescale(min(max((primal / dual) ** 0.5, 0.2), 5.0), z)
