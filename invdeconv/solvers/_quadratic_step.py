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


def quadratic_step(
    C: LinearOperator, y: Array, L: LinearOperator, near: Convolution | None = None
) -> QuadraticStep:
    """Return the step: exact by two transforms where C and L are periodic, else by conjugate gradients.

    Parameters
    ----------
    C : LinearOperator
        Blur.
    y : array
        Data.
    L : LinearOperator
        The identity or differences.
    near : Convolution, optional
        A periodic convolution close to C, to precondition with.
    """
    periodic = isinstance(L, Identity) or (
        isinstance(L, Differences) and all(word == "periodic" for word in L.boundaries)
    )
    if periodic and isinstance(C, Convolution) and _is_circulant(C):
        return _by_transforms(C, y, L)
    xp = namespace(y)
    spectral = None if near is None else _Spectral(near, y, L)

    def solve(rho: float, w: Array, x: Array) -> Array:
        root = rho**0.5
        both = xp.concat([xp.reshape(y, (-1,)), root * xp.reshape(w, (-1,))])
        inverse = None if spectral is None else (lambda v: spectral.divided(spectral.transform(v), rho))
        for candidate, gradient, _ in islice(cgls_steps(Stacked(C, root * L), both, x, inverse), _MOST):
            x = candidate
            if gradient <= _RTOL:
                break
        return x

    return solve


def _is_circulant(C: Convolution) -> bool:
    return C.circulant is not None and C.groups is None and all(axis.stride == 1 for axis in C.axes)


def _by_transforms(C: Convolution, y: Array, L: LinearOperator) -> QuadraticStep:
    spectral = _Spectral(C, y, L)
    back = namespace(y).conj(spectral.response) * spectral.transform(y)

    def solve(rho: float, w: Array, _: Array) -> Array:
        return spectral.divided(back + rho * spectral.transform(L.H(w)), rho)

    return solve


class _Spectral:
    """CᴴC + ρLᴴL of a periodic convolution, and of an L taken as periodic, in the Fourier domain."""

    def __init__(self, C: Convolution, y: Array, L: LinearOperator) -> None:
        xp = namespace(y)
        self._shape = C.input_shape
        self._half = not (is_complex(y) or C.dtype.kind == "c")
        self.response = C.circulant.response(y, half=self._half)  # type: ignore[union-attr]
        self._power = xp.real(self.response * xp.conj(self.response))
        identity = isinstance(L, Identity)
        self._link = 1.0 if identity else like(gradient_power(self._shape, half=self._half), y)

    def transform(self, x: Array) -> Array:
        return spectrum(x, self._shape, half=self._half)

    def divided(self, x_hat: Array, rho: float) -> Array:
        """Return the signal of x̂ over the eigenvalues."""
        xp = namespace(x_hat)
        values = self._power + rho * self._link
        values = xp.where(values > 0, values, xp.ones_like(values))
        return signal(x_hat / values, self._shape, self._shape, half=self._half)
