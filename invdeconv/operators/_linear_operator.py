"""The linear operator y = C x and its algebra: C(x), C.H(y), C.T(y), C @ D, C + D, 2 * C."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any, NoReturn

import numpy as np
import scipy.sparse
import scipy.sparse.linalg

from invdeconv import checks
from invdeconv.arrays import Array, as_working, is_complex, like, namespace
from invdeconv.operators._norm import largest_singular_value

_SCALAR = (int, float, complex, np.number)

__all__ = ["LinearOperator"]


class LinearOperator(ABC):
    """A linear map between arrays of two fixed shapes.

    A subclass calls ``super().__init__(input_shape, output_shape, dtype)`` and writes ``_forward`` and
    ``_adjoint``, which get arrays of the right shape in a working precision and return new memory.
    Users write ``C(x)`` and ``C.H(y)``. Operators are immutable, picklable and thread-safe.

    SciPy's iterative solvers take an operator as it is (``shape``, ``dtype``, ``matvec``, ``rmatvec`` on
    flat vectors); `as_scipy` returns the real SciPy class where one is asked for.

    Parameters
    ----------
    input_shape, output_shape : tuple of int
        Shapes of x and of C x.
    dtype : dtype, default float64
        Complex if the operator turns real input into complex output.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import Convolution
    >>> C = Convolution([1.0, 2.0], (3,), padding="valid", correlate=True)
    >>> C(np.array([1.0, 1.0, 2.0])), C.H(np.array([1.0, 1.0]))
    (array([3., 5.]), array([1., 3., 2.]))
    """

    # NumPy must hand ``array @ C`` and ``array * C`` to this class instead of broadcasting over it.
    __array_ufunc__ = None

    def __init__(
        self, input_shape: tuple[int, ...], output_shape: tuple[int, ...], dtype: Any = np.float64
    ) -> None:
        self._input_shape = tuple(input_shape)
        self._output_shape = tuple(output_shape)
        self._dtype = np.dtype(dtype)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of x."""
        return self._input_shape

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of C x."""
        return self._output_shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Dtype of C x for float64 x."""
        return self._dtype

    @abstractmethod
    def _forward(self, x: Array) -> Array:
        """Return C x."""

    @abstractmethod
    def _adjoint(self, y: Array) -> Array:
        """Return Cᴴ y."""

    def _label(self) -> str:
        return type(self).__name__

    def __call__(self, x: Array) -> Array:
        """Return C x.

        Raises
        ------
        InvalidInputError
            If the shape of `x` is not exactly `input_shape`, rank included.
        """
        return self._forward(self._checked(x, self.input_shape))

    def _checked(self, x: Any, shape: tuple[int, ...]) -> Array:
        x = as_working(x)
        if tuple(x.shape) != shape:
            advice = (
                "A batch is an operator of its own: Batched(C, (B,))."
                if x.ndim > len(shape)
                else ("Build the operator for the data at hand.")
            )
            checks.refuse(self._label(), "input", f"have shape {shape}", tuple(x.shape), advice)
        return x

    @property
    def H(self) -> LinearOperator:
        """The adjoint Cᴴ: the exact conjugate transpose. It is not an inverse."""
        return _Adjoint(self)

    @property
    def T(self) -> LinearOperator:
        """The transpose Cᵀ; equal to `H` for a real operator."""
        return _Transpose(self) if self.dtype.kind == "c" else self.H

    @property
    def gram(self) -> LinearOperator:
        """The Gram operator CᴴC."""
        return self.H @ self

    def __matmul__(self, other: Any) -> LinearOperator:
        if not isinstance(other, LinearOperator):
            self._refuse_array()
        return _Product(self, other)

    def __rmatmul__(self, other: Any) -> NoReturn:
        self._refuse_array()

    def _refuse_array(self) -> NoReturn:
        raise TypeError(f"{self!r} composes with operators by @; to apply it to an array, use C(x)")

    def __add__(self, other: Any) -> LinearOperator:
        return _Sum(self, other) if isinstance(other, LinearOperator) else NotImplemented

    def __sub__(self, other: Any) -> LinearOperator:
        return _Sum(self, -other) if isinstance(other, LinearOperator) else NotImplemented

    def __neg__(self) -> LinearOperator:
        return _Scaled(self, -1.0)

    def __mul__(self, factor: Any) -> LinearOperator:
        return _Scaled(self, factor) if isinstance(factor, _SCALAR) else NotImplemented

    __rmul__ = __mul__

    def __truediv__(self, divisor: Any) -> LinearOperator:
        return self * (1 / divisor) if isinstance(divisor, _SCALAR) else NotImplemented

    def norm(self) -> float:
        """Return the largest singular value: exact for small operators, else from below to about 1e-3.

        Cost: some tens of applications of C and Cᴴ, on NumPy.
        """
        if math.prod(self.shape) <= 1 << 16:
            return float(np.linalg.norm(self.to_dense(), 2))
        return largest_singular_value(self)

    def to_dense(self) -> np.ndarray:
        """Return the matrix of C, shape (prod(output_shape), prod(input_shape)): for small operators."""
        m, n = self.shape
        matrix = np.empty((m, n), dtype=self.dtype)
        for column in range(n):
            unit = np.zeros(n)
            unit[column] = 1
            matrix[:, column] = self._forward(unit.reshape(self.input_shape)).ravel()
        return matrix

    def to_sparse(self) -> scipy.sparse.csr_array:
        """Return the matrix of C as a SciPy CSR array: for small operators."""
        return scipy.sparse.csr_array(self.to_dense())

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the matrix: (prod(output_shape), prod(input_shape))."""
        return math.prod(self.output_shape), math.prod(self.input_shape)

    def matvec(self, x: np.ndarray) -> np.ndarray:
        """Apply C to a flat vector of shape (n,) or (n, 1), as SciPy's solvers do."""
        return self._flat(self, x)

    def rmatvec(self, y: np.ndarray) -> np.ndarray:
        """Apply Cᴴ to a flat vector of shape (m,) or (m, 1), as SciPy's solvers do."""
        return self._flat(self.H, y)

    @staticmethod
    def _flat(operator: LinearOperator, x: np.ndarray) -> np.ndarray:
        x = np.asarray(x)
        m, n = operator.shape
        if x.shape not in ((n,), (n, 1)):
            advice = "Flatten the array, or call the operator itself on the N-D array."
            checks.refuse("matvec", "x", f"have shape ({n},) or ({n}, 1)", x.shape, advice)
        return operator(x.reshape(operator.input_shape)).reshape((m, *x.shape[1:]))

    def as_scipy(self) -> scipy.sparse.linalg.LinearOperator:
        """Return the operator as a `scipy.sparse.linalg.LinearOperator` on flat vectors."""
        return scipy.sparse.linalg.LinearOperator(
            self.shape, matvec=self.matvec, rmatvec=self.rmatvec, dtype=self.dtype
        )

    def __repr__(self) -> str:
        return f"{self._label()}: {self.input_shape} → {self.output_shape}"


class _Adjoint(LinearOperator):
    def __init__(self, operator: LinearOperator) -> None:
        self._operator = operator
        super().__init__(operator.output_shape, operator.input_shape, operator.dtype)

    def _forward(self, x: Array) -> Array:
        return self._operator._adjoint(x)

    def _adjoint(self, y: Array) -> Array:
        return self._operator._forward(y)

    @property
    def H(self) -> LinearOperator:
        return self._operator

    def _label(self) -> str:
        return f"({self._operator._label()})ᴴ"


class _Transpose(LinearOperator):
    """Cᵀ y is the conjugate of Cᴴ applied to the conjugate of y."""

    def __init__(self, operator: LinearOperator) -> None:
        self._operator = operator
        super().__init__(operator.output_shape, operator.input_shape, operator.dtype)

    def _forward(self, x: Array) -> Array:
        return _conjugate(self._operator._adjoint(_conjugate(x)))

    def _adjoint(self, y: Array) -> Array:
        return _conjugate(self._operator._forward(_conjugate(y)))

    @property
    def T(self) -> LinearOperator:
        return self._operator

    def _label(self) -> str:
        return f"({self._operator._label()})ᵀ"


class _Product(LinearOperator):
    def __init__(self, left: LinearOperator, right: LinearOperator) -> None:
        if left.input_shape != right.output_shape:
            advice = "Operators compose from the right: (A @ B)(x) = A(B(x))."
            checks.refuse(
                "A @ B", "B", f"have output_shape {left.input_shape}", f"{right.output_shape}", advice
            )
        self._left, self._right = left, right
        dtype = np.result_type(left.dtype, right.dtype)
        super().__init__(right.input_shape, left.output_shape, dtype)

    def _forward(self, x: Array) -> Array:
        return self._left._forward(self._right._forward(x))

    def _adjoint(self, y: Array) -> Array:
        return self._right._adjoint(self._left._adjoint(y))

    def _label(self) -> str:
        return f"{self._left._label()} @ {self._right._label()}"


class _Sum(LinearOperator):
    def __init__(self, first: LinearOperator, second: LinearOperator) -> None:
        if (first.input_shape, first.output_shape) != (second.input_shape, second.output_shape):
            advice = "Only operators between the same shapes add up."
            wanted = f"map {first.input_shape} to {first.output_shape}"
            checks.refuse("A + B", "B", wanted, f"{second.input_shape} → {second.output_shape}", advice)
        self._first, self._second = first, second
        dtype = np.result_type(first.dtype, second.dtype)
        super().__init__(first.input_shape, first.output_shape, dtype)

    def _forward(self, x: Array) -> Array:
        return self._first._forward(x) + self._second._forward(x)

    def _adjoint(self, y: Array) -> Array:
        return self._first._adjoint(y) + self._second._adjoint(y)

    def _label(self) -> str:
        return f"({self._first._label()} + {self._second._label()})"


class _Scaled(LinearOperator):
    def __init__(self, operator: LinearOperator, factor: Any) -> None:
        self._operator = operator
        self._factor = complex(factor) if isinstance(factor, complex | np.complexfloating) else float(factor)
        super().__init__(
            operator.input_shape,
            operator.output_shape,
            np.result_type(operator.dtype, type(self._factor)),
        )

    # A Python scalar times an array keeps the array's precision; complexness is promoted by hand,
    # since the array API leaves complex scalar × real array undefined.
    def _times(self, factor: complex, x: Array) -> Array:
        if isinstance(factor, complex) and not is_complex(x):
            return like(np.asarray([factor]), x)[0] * x
        return factor * x

    def _forward(self, x: Array) -> Array:
        return self._times(self._factor, self._operator._forward(x))

    def _adjoint(self, y: Array) -> Array:
        return self._times(self._factor.conjugate(), self._operator._adjoint(y))

    def _label(self) -> str:
        return f"{self._factor:g} · {self._operator._label()}"


def _conjugate(x: Array) -> Array:
    return namespace(x).conj(x) if is_complex(x) else x
