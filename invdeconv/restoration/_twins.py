"""The certificate of impossibility: two inputs with the same data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, is_complex, like, namespace, norm, zeros_like_data
from invdeconv.noise import generator
from invdeconv.operators import Convolution, LinearOperator, decompose
from invdeconv.restoration._krylov import by_gradient
from invdeconv.solvers import cgls_steps, iterate

__all__ = ["twins"]

# The orthogonal projector onto the null space, to a relative accuracy.
Projector: TypeAlias = Callable[[Array, float], Array]

_NOTICEABLE = 0.05
_SWEEPS = 50
_PASSES = 5


def twins(C: LinearOperator, x: Any, *, rng: Any = None) -> Array:
    """Return another input with the same C(x): what no method can tell apart.

    x₂ = x + P(z − x), where z is x in the mirror and P the orthogonal projector onto the null space of C:
    the part that C sees is that of x, the rest that of z. Since C(x₂) = C(x) to rounding, every method
    returns the same estimate for both, trained ones included; what it shows beyond C(x) is its prior.

    Parameters
    ----------
    C : LinearOperator
        The forward operator.
    x : array, shape ``C.input_shape``
        An input, a photograph for example.
    rng : seed or Generator, optional
        Turns the mirror image round by a random number of samples, for another twin; by default none.
        Where that shows C nothing new, as for a constant, z is a random cloud (seed 0 by default).

    Returns
    -------
    array, shape ``C.input_shape``
        Differs from x by about a twentieth of ‖x‖ or more, and stays between its least and greatest value
        as far as C leaves room for both: exactly for most strided layers, to some hundredths of the range
        for a blur that hides only few frequencies. Complex where C is; a constant has no range to keep.

    Raises
    ------
    InvalidInputError
        If C is no operator; if x has another shape than ``C.input_shape``, or is not finite; if C is
        injective: then only noise can hide x; if C has no decomposition and its null space cannot be
        told from its small singular values.

    Notes
    -----
    Cost: up to 100 projections, alternating with the range. A projection is two transforms or two
    applications of C where C has a decomposition, or where CCᴴ is a multiple of the identity, as for
    kernels no longer than the stride; otherwise it is an iteration.

    References
    ----------
    .. [1] L. G. Gubin, B. T. Polyak, E. V. Raik, "The method of projections for finding the common point
       of convex sets", USSR Comput. Math. Math. Phys. 7 (1967) 1, Theorem 1.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import Convolution, twins
    >>> C = Convolution(np.ones((2, 2)) / 4, (4, 4), stride=2, padding="valid")
    >>> x = np.arange(16.0).reshape(4, 4)
    >>> other = twins(C, x)
    >>> bool(np.abs(C(other) - C(x)).max() < 1e-13), other.round(1)[0]
    (True, array([1., 0., 3., 2.]))
    """
    if not isinstance(C, LinearOperator):
        advice = "Make one, for example Convolution(kernel, input_shape)."
        checks.refuse("twins", "C", "be a LinearOperator", type(C).__name__, advice)
    x = checks.finite_array("twins", "x", x)
    if tuple(x.shape) != C.input_shape:
        checks.refuse("twins", "x", f"have shape {C.input_shape}", tuple(x.shape), "Pass an input of C.")
    draws = generator("twins", 0 if rng is None else rng)
    hidden = _projector(C)
    xp = namespace(x)
    space = tuple(range(1 if isinstance(C, Convolution) and C.groups is not None else 0, x.ndim))
    mirror = xp.flip(x, axis=space[-1])
    if rng is not None:
        turns = tuple(int(draws.integers(x.shape[axis])) for axis in space)
        mirror = xp.roll(mirror, turns, axis=space)
    size = norm(x) or float(np.sqrt(np.prod(x.shape)))
    noise = like(draws.standard_normal(tuple(x.shape)), x)
    gain = norm(C(noise)) / norm(noise)
    difference = hidden(mirror - x, _rounding(x))
    if norm(difference) < 1e-6 * size:
        cloud = like(_cloud(tuple(x.shape), draws), x)
        difference = hidden(cloud, _rounding(x))
        if norm(difference) < 1e-6 * norm(cloud):
            _refuse_injective(C)
        difference = difference * (_NOTICEABLE * size / norm(difference))
    difference = difference * max(1.0, _NOTICEABLE * size / norm(difference))
    if norm(C(difference)) > 1e-6 * gain * norm(difference):
        advice = "Its small singular values cannot be told from zero; try a smaller input."
        checks.refuse("twins", "C", "have a null space that an iteration finds", repr(C), advice)
    if not is_complex(difference):
        difference = _within_range(x, difference, hidden, least=0.5 * _NOTICEABLE * size)
    for _ in range(_PASSES):  # what one pass leaves is relative to what it took away
        difference = hidden(difference, _rounding(x))
        if norm(C(difference)) <= _rounding(x) * gain * norm(x + difference):
            break
    return x + difference


def _within_range(x: Array, difference: Array, hidden: Projector, *, least: float) -> Array:
    """Return a difference that keeps x in its range, by projections in turn, those on the range relaxed.

    It ends early where the range would leave less than `least` of it.
    """
    xp = namespace(x)
    low, high = float(xp.min(x)), float(xp.max(x))
    # A little inside, so that a finite number of projections gets there.
    margin = 1e-3 * (high - low)
    if margin == 0:
        return difference
    slack = 8 * float(xp.finfo(x.dtype).eps) * (high - low)
    for _ in range(_SWEEPS):
        trial = x + difference
        if low - slack <= float(xp.min(trial)) and float(xp.max(trial)) <= high + slack:
            break
        excess = trial - xp.clip(trial, min=low + margin, max=high - margin)
        smaller = difference - hidden(1.5 * excess, 1e-3)
        if norm(smaller) < least:
            break
        difference = smaller
    return difference


def _projector(C: LinearOperator) -> Projector:
    """Return P = I − C⁺C, by decomposition or by CGLS."""
    decomposition = decompose(C)
    if decomposition is not None:
        if decomposition.nullity == 0:
            _refuse_injective(C)
        return lambda d, _rtol: decomposition.project_null(d)

    def project(d: Array, rtol: float) -> Array:
        start = zeros_like_data(C.input_shape, d, complex_=C.dtype.kind == "c")
        steps = by_gradient(cgls_steps(C, C(d), start))
        return d - iterate(steps, method="twins", start=start, max_iter=300, rtol=rtol).estimate

    return project


def _refuse_injective(C: LinearOperator) -> None:
    advice = "No other input has the same data: only noise can hide x."
    checks.refuse("twins", "C", "have a null space", f"rank {C.shape[1]}, all of [{C!r}]", advice)


def _rounding(x: Array) -> float:
    return 50 * float(namespace(x).finfo(x.dtype).eps)


def _cloud(shape: tuple[int, ...], draws: np.random.Generator) -> np.ndarray:
    """Return a random field with amplitudes 1/f, those of natural pictures."""
    frequencies = np.meshgrid(*(np.fft.fftfreq(n) for n in shape), indexing="ij", sparse=True)
    distance = np.sqrt(sum(f**2 for f in frequencies))
    spectrum = np.fft.fftn(draws.standard_normal(shape)) / np.maximum(distance, 1 / max(shape))
    return np.fft.ifftn(spectrum).real
