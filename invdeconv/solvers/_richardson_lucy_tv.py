"""Richardson–Lucy with total variation, one step late."""

from __future__ import annotations

from collections.abc import Iterator

from invdeconv.arrays import Array, maximum, namespace, norm
from invdeconv.operators import Differences
from invdeconv.solvers._loop import Step
from invdeconv.solvers._poisson_likelihood import PoissonLikelihood

__all__ = ["richardson_lucy_tv_steps"]


def richardson_lucy_tv_steps(
    likelihood: PoissonLikelihood, x: Array, sensitivity: Array, lam: float, smoothing: float
) -> Iterator[Step]:
    """Yield the iterates x·Cᵀ(w·y/m)/(Cᵀw − λ div(∇x/|∇x|)), with the relative change.

    Dey et al., Microsc. Res. Tech. 69 (2006) 260, Eq. (8), written as a correction, with |∇x| smoothed.
    """
    gradient = Differences(tuple(x.shape))
    weight = likelihood.floored(sensitivity)
    xp = namespace(x)
    while True:
        _, excess = likelihood.compare(x)
        slope = gradient(x)
        slope /= xp.sqrt(xp.sum(slope * slope, axis=0) + smoothing**2)
        curvature = -lam * gradient.H(slope)
        step = likelihood.C.H(likelihood.weighted(excess))
        step += curvature
        # Where the penalty outweighs half of what is seen, the step is shortened: x stays positive.
        step /= xp.maximum(weight - curvature, 0.5 * weight)
        step *= x
        x = x + step
        x = maximum(x, 0.0, out=x)
        yield Step(x, norm(step) / (norm(x) or 1.0))
