"""The step that splittings share: least squares with a quadratic link, min ½‖Cx − y‖² + ½ρ‖Lx − w‖²."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import TypeAlias

from invdeconv.arrays import Array, is_complex, like, namespace, signal, spectrum
from invdeconv.operators import Convolution, Differences, Identity, LinearOperator, Stacked
from invdeconv.solvers._cgls import cgls_steps
from invdeconv.solvers._gradient import gradient_power

__all__ = ["QuadraticStep", "quadratic_step"]

# (ρ, w, x to start from) → x
QuadraticStep: TypeAlias = Callable[[float, Array, Array], Array]

# Conjugate gradients end at this relative gradient: a splitting mends in the next turn what is left.
_RTOL, _MOST = 1e-4, 40


def quadratic_step(C: LinearOperator, y: Array, L: LinearOperator) -> QuadraticStep:
    """Return the step: exact by two transforms where C and L are periodic, else by conjugate gradients."""
    if _is_circulant(C):
        if isinstance(L, Identity):
            return _fourier(C, y, L, 1.0)
        if isinstance(L, Differences) and all(word == "periodic" for word in L.boundaries):
            half = not (is_complex(y) or C.dtype.kind == "c")
            return _fourier(C, y, L, like(gradient_power(tuple(y.shape), half=half), y))
    xp = namespace(y)

    def solve(rho: float, w: Array, x: Array) -> Array:
        root = rho**0.5
        both = xp.concat([xp.reshape(y, (-1,)), root * xp.reshape(w, (-1,))])
        for candidate, gradient, _ in islice(cgls_steps(Stacked(C, root * L), both, x), _MOST):
            x = candidate
            if gradient <= _RTOL:
                break
        return x

    return solve


def _is_circulant(C: LinearOperator) -> bool:
    if not isinstance(C, Convolution) or C.circulant is None or C.groups is not None:
        return False
    return all(axis.stride == 1 for axis in C.axes)


def _fourier(C: LinearOperator, y: Array, L: LinearOperator, link: Array | float) -> QuadraticStep:
    xp = namespace(y)
    shape = tuple(y.shape)
    half = not (is_complex(y) or C.dtype.kind == "c")
    h = C.circulant.response(y, half=half)  # type: ignore[attr-defined]
    back = xp.conj(h) * spectrum(y, shape, half=half)
    power = xp.real(h * xp.conj(h))

    def solve(rho: float, w: Array, _: Array) -> Array:
        inverse = power + rho * link
        inverse = xp.where(inverse > 0, inverse, xp.ones_like(inverse))
        x_hat = (back + rho * spectrum(L.H(w), shape, half=half)) / inverse
        return signal(x_hat, shape, shape, half=half)

    return solve
