"""Expectation maximization with total variation: a Richardson–Lucy step, then a weighted denoising."""

from __future__ import annotations

from collections.abc import Iterator

from invdeconv.arrays import Array, along, namespace, norm, zeros_like_data
from invdeconv.operators import Differences
from invdeconv.solvers._loop import Step
from invdeconv.solvers._poisson_likelihood import PoissonLikelihood
from invdeconv.solvers._richardson_lucy import em_step, moved

__all__ = ["richardson_lucy_tv_steps"]

# Steps of the dual within a step, which goes on from where the last one ended.
_INNER = 6
# The penalty takes no pixel below this share of the step: zeros are for ever.
_LEAST = 0.1


def richardson_lucy_tv_steps(
    likelihood: PoissonLikelihood, x: Array, divisor: Array, lam: float
) -> Iterator[Step]:
    """Yield x₊ = argmin over u of ½Σ (Cᵀw/x)(u − EM(x))² + λΣ|∇u|, with the relative change.

    Sawatzky et al., IEEE NSS 2008, 5133, Eqs. (9)-(11). The minimum by projected gradients on its dual,
    u = EM(x) − (x/Cᵀw)∇ᵀp under |p| <= λ, each with its own step: Pock, Chambolle, ICCV 2011, Eq. (10).
    """
    gradient = Differences(tuple(x.shape))
    dual = zeros_like_data(gradient.output_shape, x)
    xp = namespace(x)
    tiny = float(xp.finfo(x.dtype).smallest_normal)
    while True:
        _, excess = likelihood.compare(x)
        step = em_step(likelihood, x, excess, divisor)
        made = moved(x, step, out=step)
        metric = x / divisor
        pace = 1 / (2 * x.ndim * (metric + _largest_neighbor(metric)) + tiny)
        for _ in range(_INNER):
            dual = dual + pace * gradient(made - metric * gradient.H(dual))
            length = xp.sqrt(xp.sum(dual * dual, axis=0))
            dual = dual * (lam / xp.maximum(length, xp.full_like(length, lam))) if lam > 0 else 0 * dual
        new = xp.maximum(made - metric * gradient.H(dual), _LEAST * made)
        x, change = new, norm(new - x) / (norm(new) or 1.0)
        yield Step(x, change)


def _largest_neighbor(values: Array) -> Array:
    """Return the largest of the next neighbors along each axis, the last sample being its own."""
    xp = namespace(values)
    largest = values
    for axis, n in enumerate(values.shape):
        last = values[along(values.ndim, axis, slice(n - 1, n))]
        ahead = xp.concat([values[along(values.ndim, axis, slice(1, n))], last], axis=axis)
        largest = xp.maximum(largest, ahead)
    return largest
