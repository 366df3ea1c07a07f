"""The conformance kit for linear operators: run it on ours, and on your own."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np

from invdeconv import checks
from invdeconv.errors import OperatorCheckError
from invdeconv.operators._linear_operator import LinearOperator

__all__ = ["check_operator"]


def check_operator(op: LinearOperator, *, rng: Any = None) -> None:
    """Check that an operator is linear, that `H` is its adjoint, and that it behaves.

    Draws complex normal arrays and checks: shapes; C(ax + z) = aC(x) + C(z); ⟨Cx, y⟩ = ⟨x, Cᴴy⟩; Cᵀy is
    the conjugate of Cᴴ of the conjugate; (Cᴴ)ᴴ = C; arguments are not modified and results share no
    memory; two calls are bit-equal; float32 stays float32 and agrees; a pickled copy agrees.

    Parameters
    ----------
    op : LinearOperator
        Any size; NumPy only.
    rng : seed or numpy.random.Generator, optional
        Source of the test arrays; the default seed is 0.

    Raises
    ------
    OperatorCheckError
        Names the identity that fails and the size of the failure.

    Examples
    --------
    >>> from invdeconv import Convolution, check_operator
    >>> check_operator(Convolution([[1, 2], [3, 4j]], (5, 4), boundary="symmetric"))
    """
    if not isinstance(op, LinearOperator):
        advice = "Subclass LinearOperator, or wrap what you have."
        checks.refuse("check_operator", "op", "be a LinearOperator", type(op).__name__, advice)
    rng = np.random.default_rng(0 if rng is None else rng)
    x, z = (_normal(rng, op.input_shape) for _ in range(2))
    y = _normal(rng, op.output_shape)
    for operator, name, v, w in ((op, "C", x, z), (op.H, "Cᴴ", y, _normal(rng, op.output_shape))):
        _check_calls(operator, name, v, op.dtype)
        a = 0.7 - 1.9j
        _equal(f"{name}(ax + z) = a{name}(x) + {name}(z)", operator(a * v + w), a * operator(v) + operator(w))
        _equal(f"{name} on real input", operator(v.real) + 1j * operator(v.imag), operator(v))
        single = operator(v.astype(np.complex64))
        if single.dtype != np.complex64:
            raise OperatorCheckError(f"{op!r}: {name} turns complex64 into {single.dtype}")
        _equal(f"{name} in single precision", single, operator(v), eps=float(np.finfo(np.float32).eps))
    cx, hy = op(x), op.H(y)
    scale = np.linalg.norm(cx) * np.linalg.norm(y) + np.linalg.norm(x) * np.linalg.norm(hy)
    error = abs(np.vdot(cx, y) - np.vdot(x, hy)) / (scale or 1.0)
    if error > 1e-13:
        raise OperatorCheckError(f"{op!r}: ⟨Cx, y⟩ = ⟨x, Cᴴy⟩ fails by {error:.2g}, relative to the norms")
    _equal("Cᵀy = conj(Cᴴ conj(y))", op.T(y), op.H(y.conj()).conj())
    _equal("(Cᴴ)ᴴ = C", op.H.H(x), cx)
    _equal("a pickled copy", pickle.loads(pickle.dumps(op))(x), cx)


def _check_calls(operator: LinearOperator, name: str, x: np.ndarray, dtype: np.dtype[Any]) -> None:
    before = x.copy()
    first, second = operator(x), operator(x)
    if first.shape != operator.output_shape:
        raise OperatorCheckError(f"{operator!r}: {name} returns shape {first.shape}")
    if not np.array_equal(x, before):
        raise OperatorCheckError(f"{operator!r}: {name} modifies its argument")
    if not np.array_equal(first, second):
        raise OperatorCheckError(f"{operator!r}: {name} returns other bits at the second call")
    if np.shares_memory(first, x) or np.shares_memory(first, second):
        raise OperatorCheckError(f"{operator!r}: {name} returns memory that somebody else sees")
    real = operator(x.real.copy())
    if (real.dtype.kind == "c") != (dtype.kind == "c"):
        raise OperatorCheckError(f"{operator!r}: {name} of real input is {real.dtype}, dtype says {dtype}")


def _equal(identity: str, a: np.ndarray, b: np.ndarray, eps: float = float(np.finfo(float).eps)) -> None:
    scale = float(np.linalg.norm(b)) or 1.0
    error = float(np.linalg.norm(a - b)) / scale
    if error > 500 * eps:
        raise OperatorCheckError(f"{identity} fails by {error:.2g}, relative")


def _normal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.standard_normal(shape) + 1j * rng.standard_normal(shape)
