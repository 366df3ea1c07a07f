"""Half-quadratic splitting: shrink the gradient, solve in the Fourier domain, tighten the link."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from invdeconv.arrays import Array, is_complex, like, namespace, norm, signal, spectrum
from invdeconv.functionals import Proximable
from invdeconv.operators import Convolution
from invdeconv.solvers._gradient import gradient, gradient_adjoint, gradient_power

__all__ = ["half_quadratic_steps"]


def half_quadratic_steps(
    C: Convolution, y: Array, G: Proximable, x: Array, weights: Sequence[float]
) -> Iterator[tuple[Array, float]]:
    """Yield estimates of least ½‖Cx − y‖² + G(Dx) with the relative change, one for each weight β.

    Krishnan and Fergus, NIPS 2009, (3)–(5): min ½‖Cx − y‖² + ½β‖Dx − w‖² + G(w) over w and x in turns; β
    rises until Dx = w.
    """
    xp = namespace(y)
    shape = tuple(y.shape)
    half = not (is_complex(y) or C.dtype.kind == "c")
    h = C.circulant.response(y, half=half)  # type: ignore[union-attr]
    back = xp.conj(h) * spectrum(y, shape, half=half)
    power = xp.real(h * xp.conj(h))
    laplacian = like(gradient_power(shape, half=half), y)
    slope = xp.stack([xp.empty_like(y)] * y.ndim)
    for beta in weights:
        slope = gradient(x, slope)
        image = gradient_adjoint(G.prox(slope, 1 / beta), xp.empty_like(y))
        inverse = power + beta * laplacian
        inverse = xp.where(inverse > 0, inverse, xp.ones_like(inverse))
        x_hat = (back + beta * spectrum(image, shape, half=half)) / inverse
        before, x = x, signal(x_hat, shape, shape, half=half)
        yield x, norm(x - before) / (norm(x) or 1.0)
