"""Plug-and-play: half-quadratic splitting with a denoiser where the prior's proximal map would be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from invdeconv.arrays import Array, is_complex, namespace, norm, signal, spectrum
from invdeconv.operators import Convolution

__all__ = ["plug_and_play_steps"]


def plug_and_play_steps(
    C: Convolution,
    y: Array,
    denoise: Callable[[Array, float], Array],
    x: Array,
    schedule: Sequence[tuple[float, float]],
) -> Iterator[tuple[Array, float]]:
    """Yield denoised estimates with the relative change, one for each pair (σ, ρ) of the schedule.

    Zhang, Zuo, Gu, Zhang, CVPR 2017, (6)–(7): x = argmin ½‖Cx − y‖² + ½ρ‖x − z‖², then z = denoise(x, σ).
    """
    xp = namespace(y)
    shape = tuple(y.shape)
    half = not (is_complex(y) or C.dtype.kind == "c")
    h = C.circulant.response(y, half=half)  # type: ignore[union-attr]
    back = xp.conj(h) * spectrum(y, shape, half=half)
    power = xp.real(h * xp.conj(h))
    z = x
    for sigma, rho in schedule:
        x_hat = (back + rho * spectrum(z, shape, half=half)) / (power + rho)
        before, z = z, denoise(signal(x_hat, shape, shape, half=half), sigma)
        yield z, norm(z - before) / (norm(z) or 1.0)
