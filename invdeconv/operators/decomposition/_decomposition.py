"""The protocol of a decomposed pair (C, L): every linear inverse is one elementwise filter on it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, is_complex, like, namespace, norm, precision_key
from invdeconv.operators._linear_operator import LinearOperator

__all__ = ["Decomposition", "Filter"]

# φ(c, s): elementwise on the spectrum; s is an array or 1.0.
Filter: TypeAlias = Callable[[Array, Any], Array]


class Decomposition(ABC):
    """C = U c X⁻¹ and L = V s X⁻¹, so that x̂ = X φ(c, s) Uᴴ y is a linear estimate.

    With L = I this is the singular value decomposition: c the singular values, s = 1, X unitary. For a
    pair, c/s are the generalized singular values and the scale of the columns of X is free.

    Attributes
    ----------
    structure : str
        What made it cheap: "periodic DFT", "DCT-II", "Kronecker", "dense", …
    operator : LinearOperator
        C.
    regularizer : LinearOperator or None
        L; None stands for the identity.
    """

    structure: str

    def __init__(self, operator: LinearOperator, regularizer: LinearOperator | None) -> None:
        self.operator = operator
        self.regularizer = regularizer
        self._kept: dict[tuple[Any, ...], tuple[Array, ...]] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_kept": {}}

    @abstractmethod
    def _factors(self, y: Array) -> tuple[Array, ...]:
        """Return (c, s, …) in the library and precision of `y`; s is None for 1. Kept by `factors`."""

    @property
    @abstractmethod
    def multiplicity(self) -> np.ndarray | float:
        """How many singular values each entry of c stands for: 1, or 2 inside a half spectrum."""

    @property
    def data_size(self) -> int:
        """Over how many data the residual is spread: the trace of the identity in the rules for λ."""
        return self.operator.shape[0]

    # Whether each entry of the spectrum belongs to a frequency, and each direction to an entry.
    has_frequencies = False

    @property
    def frequency(self) -> np.ndarray | None:
        """Distance from zero frequency in native layout, where the structure has frequencies."""
        return None

    @abstractmethod
    def analyze(self, y: Array) -> Array:
        """Return Uᴴ y in the native layout of the spectrum."""

    @abstractmethod
    def synthesize(self, k: Array) -> Array:
        """Return X k for coefficients in the native layout."""

    @abstractmethod
    def synthesize_output(self, k: Array) -> Array:
        """Return U k for coefficients in the native layout."""

    def factors(self, y: Array) -> tuple[Array, ...]:
        """Return the spectrum in the library and precision of `y`, kept for the next call."""
        key = precision_key(y)
        if key not in self._kept:
            self._kept[key] = self._factors(y)
        return self._kept[key]

    @property
    def c(self) -> np.ndarray:
        """Spectrum of C in native layout, unsorted."""
        return np.asarray(self.factors(np.empty(1))[0])

    @property
    def s(self) -> np.ndarray | float:
        """Spectrum of L in native layout; 1.0 for the identity."""
        s = self.factors(np.empty(1))[1]
        return 1.0 if s is None else np.asarray(s)

    @property
    def gamma(self) -> np.ndarray:
        """Singular values of the pair, c/s; infinite where L sees nothing, 0 where C sees nothing."""
        c, s = self.c, np.broadcast_to(self.s, self.c.shape)
        cutoff = self._cutoff(c)
        ratio = np.divide(c, s, out=np.full(c.shape, np.inf), where=s > np.finfo(float).eps * s.max())
        return np.where(c > cutoff, ratio, 0.0)

    @property
    def singular_values(self) -> np.ndarray:
        """All min(m, n) singular values of the pair, sorted from the largest."""
        repeats = np.broadcast_to(self.multiplicity, self.c.shape).astype(int)
        values = np.repeat((self.c if self.regularizer is None else self.gamma).ravel(), repeats.ravel())
        count = min(self.operator.shape)
        values = np.sort(values)[::-1][:count]  # what lies beyond is zero
        return np.pad(values, (0, count - values.size))

    def rounding(self, y: Array) -> float:
        """Return the relative size below which c is rounding error, in the precision of `y`.

        A transform's errors grow with the logarithm of its length.
        """
        n = max(self.operator.shape)
        return 8 * float(np.log2(n + 1)) * float(namespace(y).finfo(y.dtype).eps)

    def _cutoff(self, c: Array, rtol: float | None = None) -> float:
        return (self.rounding(np.empty(1)) if rtol is None else rtol) * float(np.max(c))

    def rank(self, rtol: float | None = None) -> int:
        """Return how many entries of c exceed ``rtol`` times the largest; default `rounding`.

        Without L these are the singular values of C; with L their number is still the rank of C.
        """
        return int(np.sum(self.multiplicity * (self.c > self._cutoff(self.c, rtol))))

    @property
    def nullity(self) -> int:
        """Dimension of the null space of C: what no method sees in the data."""
        return self.operator.shape[1] - self.rank()

    @property
    def condition_number(self) -> float:
        """σ₁ over the smallest of the min(m, n) singular values; infinite if that is zero."""
        values = self.singular_values
        return float(values[0] / values[-1]) if values[-1] > self._cutoff(values) else float("inf")

    def filter(self, y: Array, phi: Filter) -> Array:
        """Return x̂ = X φ(c, s) Uᴴ y."""
        self._check_output("filter", y)
        c, s = self.factors(y)[:2]
        if is_complex(y) and not self._takes_complex:
            xp = namespace(y)
            return self.filter(xp.real(y), phi) + 1j * self.filter(xp.imag(y), phi)
        return self.synthesize(phi(c, 1.0 if s is None else s) * self.analyze(y))

    def power(self, y: Array) -> Array:
        """Return multiplicity·|Uᴴy|², what the rules that choose λ need."""
        self._check_output("power", y)
        if is_complex(y) and not self._takes_complex:
            xp = namespace(y)
            return self.power(xp.real(y)) + self.power(xp.imag(y))
        k = self.analyze(y)
        xp = namespace(k)
        squared = xp.real(k) ** 2 + xp.imag(k) ** 2 if is_complex(k) else k * k
        return self._weights(squared) * squared

    def _check_output(self, function: str, y: Array) -> None:
        if tuple(y.shape) != self.operator.output_shape:
            advice = "Decompose the operator that made the data."
            checks.refuse(function, "y", f"have shape {self.operator.output_shape}", tuple(y.shape), advice)

    def _weights(self, k: Array) -> Any:
        return like(self.multiplicity, k) if isinstance(self.multiplicity, np.ndarray) else self.multiplicity

    # A half spectrum stands for real data; complex data go through it as two real arrays.
    _takes_complex = True

    def picard(self, y: Array) -> tuple[np.ndarray, np.ndarray]:
        """Return the singular values from the largest and |Uᴴy| in the same order: the Picard plot."""
        order = np.argsort(self.c, axis=None)[::-1]
        coefficients = np.sqrt(np.asarray(self.power(y)) / self.multiplicity).ravel()[order]
        return self.c.ravel()[order], coefficients

    def project_null(self, x: Array) -> Array:
        """Return x − X (1/c) Uᴴ C x: the part of x that C does not see; orthogonal for L = I."""
        if tuple(x.shape) != self.operator.input_shape:
            advice = "It is a part of the input that is projected."
            checks.refuse("project_null", "x", f"have shape {self.operator.input_shape}", x.shape, advice)
        cutoff = self._cutoff(self.c)

        def inverse(c: Array, _s: Any) -> Array:
            xp = namespace(c)
            return xp.where(c > cutoff, 1 / xp.where(c > cutoff, c, 1.0), 0.0)

        return x - self.filter(self.operator(x), inverse)

    def null_space(self, limit: int = 64) -> np.ndarray:
        """Return up to `limit` orthonormal inputs that C maps to zero, shape (count, *input_shape)."""
        count = min(limit, self.nullity)
        if count == 0:
            return np.empty((0, *self.operator.input_shape))
        rng = np.random.default_rng(0)
        dtype = self.operator.dtype
        draws = rng.standard_normal((count, *self.operator.input_shape)).astype(dtype)
        hidden = np.stack([np.asarray(self.project_null(draw)).ravel() for draw in draws])
        basis, _ = np.linalg.qr(hidden.T)
        return basis.T.reshape(draws.shape)

    def out_of_range(self, y: Array) -> float:
        """Return ‖y − UUᴴy‖²: the energy of the data that no x explains."""
        xp = namespace(y)
        inside = float(xp.sum(self.power(y), dtype=xp.float64))
        return max(norm(y) ** 2 - inside, 0.0)

    def __repr__(self) -> str:
        pair = "identity" if self.regularizer is None else repr(self.regularizer)
        return f"Decomposition ({self.structure}) of [{self.operator!r}] with [{pair}]"
