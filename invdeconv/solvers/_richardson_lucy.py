"""Expectation maximization for Poisson data: multiplicative, positive, energy-keeping; and accelerated."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from invdeconv.arrays import Array, add, add_scaled, dot, elementwise, empty, maximum, multiply, norm
from invdeconv.solvers._loop import Step
from invdeconv.solvers._poisson_likelihood import PoissonLikelihood

__all__ = ["Momentum", "biggs_andrews", "momentum", "richardson_lucy_steps"]

# (iterations since the last restart, this step, the step before) → how far to go on.
Momentum: TypeAlias = Callable[[int, Array, Array | None], float]

# An extrapolation takes no pixel below this share of what the step made of it: zeros are for ever.
_LEAST = 0.1


def momentum(k: int, _step: Array, _before: Array | None) -> float:
    """Return Nesterov's (k − 1)/(k + 2)."""
    return (k - 1) / (k + 2)


def biggs_andrews(_k: int, step: Array, before: Array | None) -> float:
    """Return how alike two steps in a row are. Biggs, Andrews, Appl. Opt. 36 (1997) 1766, Eq. (9)."""
    power = 0.0 if before is None else dot(before, before).real
    return min(max(dot(step, before).real / power, 0.0), 0.999) if power > 0 else 0.0


def richardson_lucy_steps(
    likelihood: PoissonLikelihood, x: Array, divisor: Array, *, done: float = 0.0
) -> Iterator[Step]:
    """Yield the iterates x + x·Cᵀw(y/(Cx + b) − 1)/Cᵀw, with the relative change.

    Richardson, JOSA 62 (1972) 55, Eq. (6); Lucy, Astron. J. 79 (1974) 745, Eq. (15). Written as a
    correction, so that a fit stays one to the last bit and hardly seen pixels stay where they are.
    `divisor` is Cᵀw, floored.
    """

    def state() -> dict[str, Any]:
        return {"point": x, "plain_equivalent": done}

    while True:
        m = likelihood.predicted(x)
        step = em_step(likelihood, x, likelihood.excess(m, out=m), divisor)
        del m
        change = norm(step)
        x = moved(x, step, out=step)
        done += 1
        yield Step(x, change / (norm(x) or 1.0), state=state)


def em_step(likelihood: PoissonLikelihood, x: Array, excess: Array, divisor: Array) -> Array:
    """Return x·Cᵀw(y/m − 1)/Cᵀw: a step from x that never lowers the likelihood."""
    return elementwise(_scaled, likelihood.C.H(likelihood.weighted(excess)), x, divisor)


def _scaled(step: Array, x: Array, divisor: Array) -> Array:
    step /= divisor
    step *= x
    return step


def moved(x: Array, step: Array, out: Array) -> Array:
    """Return x + step."""
    return elementwise(_moved, out, x, step)


def _moved(out: Array, x: Array, step: Array) -> Array:
    # An exact step keeps x >= 0; rounding in C and Cᵀ may not.
    return maximum(add(x, step, out=out), 0.0, out=out)


def accelerated_richardson_lucy_steps(
    likelihood: PoissonLikelihood,
    state: Mapping[str, Any],
    divisor: Array,
    *,
    factor: Momentum,
    figures: frozenset[str],
    until: float = math.inf,
) -> Iterator[Step]:
    """Yield points from which each step starts, extrapolated along the last two and guarded, with their fit.

    z = x + β(x − x₋), x₊ = EM(z). Where the divergence at z is above that at the last point, z falls back to
    x, which is below it, and the momentum starts anew: the likelihood of what is yielded never falls. Steps
    count as plain ones by the same recursion: a plain step goes 1 further, and β of the last advance on,
    though not beyond `until`.
    """
    point = state["point"]
    x, before, k = state.get("estimate", point), state.get("step"), state.get("since_restart", 0)
    here = state["plain_equivalent"]
    behind = state.get("estimate_equivalent", here)
    predicted, excess = likelihood.compare(point)
    lowest = likelihood.divergence(predicted, excess)
    remembers = factor is biggs_andrews

    def reached() -> dict[str, Any]:
        arrays = {"point": point, "estimate": x, "step": before}
        return {**arrays, "since_restart": k, "plain_equivalent": here, "estimate_equivalent": behind}

    while True:
        del predicted
        step = em_step(likelihood, point, excess, divisor)
        del excess
        k, made = k + 1, here + 1
        beta = min(factor(k, step, before), max(0.0, (until - made) / (made - behind)))
        new = moved(point, step, out=empty(point.shape, point) if remembers else step)
        step = step if remembers else None
        ahead, there = _extrapolated(new, x, beta), made + beta * (made - behind)
        predicted, excess = likelihood.compare(ahead)
        divergence = likelihood.divergence(predicted, excess)
        if beta > 0 and divergence > lowest:
            ahead, there, k, step = new, made, 0, None
            predicted, excess = likelihood.compare(ahead)
            divergence = likelihood.divergence(predicted, excess)
        change = _distance(ahead, point) / (norm(ahead) or 1.0)
        x, point, before, lowest, behind, here = new, ahead, step, divergence, made, there
        rest = likelihood.measures(figures - {"divergence"}, predicted, excess)
        yield Step(point, change, {"divergence": divergence, "plain_equivalent": here, **rest}, reached)


def _extrapolated(new: Array, old: Array, beta: float) -> Array:
    """Return new + β(new − old), no pixel of it below a tenth of the new one."""
    if beta == 0:
        return new
    return elementwise(_beyond, empty(new.shape, new), new, old, beta)


def _beyond(out: Array, new: Array, old: Array, beta: float) -> Array:
    above = add_scaled(multiply(new, 1 + beta - _LEAST, out=out), -beta, old)
    return add_scaled(maximum(above, 0.0, out=above), _LEAST, new)


def _distance(x: Array, y: Array) -> float:
    """Return ‖x − y‖, a piece at a time: their difference would be one more array."""
    n = x.shape[0]
    count = min(n, 16)
    parts = (slice(n * i // count, n * (i + 1) // count) for i in range(count))
    return math.sqrt(sum(norm(x[part, ...] - y[part, ...]) ** 2 for part in parts))
