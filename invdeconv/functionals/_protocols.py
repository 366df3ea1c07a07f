"""What a functional can do is its type: a value, a gradient, a proximal map."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from invdeconv.arrays import Array

__all__ = ["Differentiable", "Functional", "Proximable", "dual_prox"]


@runtime_checkable
class Functional(Protocol):
    """A real function f of an array."""

    def value(self, x: Array) -> float:
        """Return f(x), accumulated in double precision."""


@runtime_checkable
class Differentiable(Functional, Protocol):
    """A functional with a gradient."""

    def gradient(self, x: Array) -> Array:
        """Return ∇f(x)."""


@runtime_checkable
class Proximable(Functional, Protocol):
    """A functional with a proximal map."""

    def prox(self, v: Array, step: float) -> Array:
        """Return the x of least f(x) + ‖x − v‖²/(2·step)."""


def dual_prox(f: Proximable, v: Array, step: float) -> Array:
    """Return the proximal map of the convex conjugate f*.

    Moreau: prox of step·f* at v is v − step·prox(f, v/step, 1/step). Primal–dual methods take it at
    every iteration; f must be convex.

    Parameters
    ----------
    f : Proximable
        A convex functional.
    v : array
        Where.
    step : float > 0
        Step of f*.

    Returns
    -------
    array
        Of the shape of `v`.

    References
    ----------
    .. [1] J. J. Moreau, "Proximité et dualité dans un espace hilbertien", Bull. SMF 93 (1965) 273.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv.functionals import L1, dual_prox
    >>> dual_prox(L1(2.0), np.array([-3.0, 1.0, 5.0]), 0.5)
    array([-2.,  1.,  2.])
    """
    return v - step * f.prox(v / step, 1 / step)
