"""Richardson–Lucy that takes differences within the noise for agreement."""

from __future__ import annotations

from collections.abc import Iterator

from invdeconv.arrays import Array, namespace, norm
from invdeconv.solvers._loop import Step
from invdeconv.solvers._poisson_likelihood import PoissonLikelihood
from invdeconv.solvers._richardson_lucy import em_step, moved

__all__ = ["damped_richardson_lucy_steps"]

# White's N: how suddenly the damping sets in.
_ORDER = 10


def damped_richardson_lucy_steps(
    likelihood: PoissonLikelihood, x: Array, divisor: Array, threshold: float
) -> Iterator[Step]:
    """Yield the iterates x + x·Cᵀw(Uᴺ⁻¹(N − (N − 1)U)·(y/m − 1))/Cᵀw, with the relative change.

    U = min(1, 2(y·log(y/m) − y + m)·m/(T²·variance)), about (y − m)²/(T·deviation)².
    White, "Image restoration using the damped Richardson-Lucy method", 1994, Eqs. (6)-(8).
    """
    alpha, beta = likelihood.variance
    while True:
        predicted, excess = likelihood.compare(x)
        xp = namespace(predicted)
        u = likelihood.divergences(predicted, excess)
        u *= 2 / threshold**2
        u *= predicted
        u = xp.clip(u / (beta * predicted + alpha), max=1.0)
        excess *= u ** (_ORDER - 1) * (_ORDER - (_ORDER - 1) * u)
        step = em_step(likelihood, x, excess, divisor)
        change = norm(step)
        x = moved(x, step, out=step)
        yield Step(x, change / (norm(x) or 1.0))
