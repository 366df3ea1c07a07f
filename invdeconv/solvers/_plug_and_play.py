"""Plug-and-play: half-quadratic splitting with a denoiser where the prior's proximal map would be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from invdeconv.arrays import Array, norm
from invdeconv.operators import Convolution, Identity, LinearOperator
from invdeconv.solvers._quadratic_step import quadratic_step

__all__ = ["plug_and_play_steps"]


def plug_and_play_steps(
    C: LinearOperator,
    y: Array,
    denoise: Callable[[Array, float], Array],
    x: Array,
    schedule: Sequence[tuple[float, float]],
    *,
    near: Convolution | None = None,
) -> Iterator[tuple[Array, float]]:
    """Yield denoised estimates with the relative change, one for each pair (σ, ρ) of the schedule.

    Zhang, Zuo, Gu, Zhang, CVPR 2017, (6)–(7): x = argmin ½‖Cx − y‖² + ½ρ‖x − z‖², then z = denoise(x, σ).
    `near` as in `quadratic_step`.
    """
    solve = quadratic_step(C, y, Identity(C.input_shape), near)
    z = x
    for sigma, rho in schedule:
        x = solve(rho, z, x)
        before, z = z, denoise(x, sigma)
        yield z, norm(z - before) / (norm(z) or 1.0)
