"""Twins and system identification: (call, message). Each is an InvalidInputError."""

from __future__ import annotations

import re

import numpy as np
import pytest

from invdeconv import Convolution, InvalidInputError, estimate_kernel, twins

X = np.random.default_rng(0).standard_normal((6, 7))
HALVED = Convolution(np.ones((2, 2)), (6, 7), stride=2)
BLUR = Convolution([[0.1, 0.2], [0.1, 1.0]], (6, 7))
LONG = Convolution(np.add.outer(np.arange(1.0, 10.0) ** 2, np.ones(9)) + np.eye(9), (72, 72), padding="valid")
LAYER = Convolution(np.ones((2, 1, 2, 2)), (1, 6, 7), channels=True)


def spoiled(value):
    x = X.copy()
    x[1, 2] = value
    return x


CASES = [
    (lambda: twins(np.ones((3, 3)), X), "twins: C must be a LinearOperator; got ndarray."),
    (lambda: twins(HALVED, X.T), "twins: x must have shape (6, 7); got (7, 6)."),
    (lambda: twins(HALVED, spoiled(np.nan)), "twins: x must be finite; got 1 values"),
    (lambda: twins(HALVED, X, rng="x"), "twins: rng must be a seed or a numpy.random.Generator; got 'x'."),
    (
        lambda: twins(BLUR, X),
        "twins: C must have a null space; got rank 42, all of [Convolution 2×2, same: (6, 7) → (6, 7)].",
    ),
    (
        lambda: twins(Convolution([[0.1, 0.2], [0.1, 1.0]], (60, 70)), np.resize(X, (60, 70))),
        "twins: C must have a null space; got rank 4200",
    ),
    (
        lambda: twins(LONG, np.resize(X, (72, 72))),
        "twins: C must have a null space that an iteration finds; got Convolution 9×9, valid",
    ),
    (lambda: estimate_kernel([], X, 2), "estimate_kernel: input must hold 0 recordings; got 1."),
    (lambda: estimate_kernel([X, X], X, 2), "estimate_kernel: input must hold 2 recordings; got 1."),
    (lambda: estimate_kernel([X, X], [X], 2), "estimate_kernel: input must hold 2 recordings; got 1."),
    (lambda: estimate_kernel([X, spoiled(np.inf)], [X, X], 2), "estimate_kernel: data must be finite"),
    (lambda: estimate_kernel(["a"], X, 2), "estimate_kernel: data must be a numeric array"),
    (lambda: estimate_kernel(X, spoiled(np.nan), 2), "estimate_kernel: input must be finite"),
    (lambda: estimate_kernel(X, 0 * X, 2), "estimate_kernel: input must not be all zeros; got zeros."),
    (
        lambda: estimate_kernel(X.T, X, (2, 3)),
        "estimate_kernel: data must have the shape of the input, (6, 7), or (5, 5); got (7, 6).",
    ),
    (
        lambda: estimate_kernel(X[1:], X, 2, boundary="zero"),
        "estimate_kernel: data must have the shape of the input, (6, 7); got (5, 7).",
    ),
    (
        lambda: estimate_kernel(X, X, (2,)),
        "estimate_kernel: size must have one entry per axis (2); got 1 entries.",
    ),
    (lambda: estimate_kernel(X, X, 0), "estimate_kernel: size must be an integer >= 1; got 0."),
    (lambda: estimate_kernel(X, X, 2.5), "estimate_kernel: size must be an integer >= 1; got 2.5."),
    (lambda: estimate_kernel(X, X, 7), "estimate_kernel: size must not exceed the input (6, 7); got (7, 7)."),
    (
        lambda: estimate_kernel(X, X, 5),
        "estimate_kernel: data must hold at least 25 samples, one per tap; got 6. Record more",
    ),
    (lambda: estimate_kernel(X, X, 2, lam=-1), "estimate_kernel: lam must be a finite number >= 0; got -1."),
    (lambda: estimate_kernel(X, X, 2, lam="auto"), "estimate_kernel: lam must be one of gcv; got 'auto'."),
    (
        lambda: estimate_kernel(X, X, 2, boundary="wrap"),
        "estimate_kernel: boundary must be one of unknown, zero, periodic,",
    ),
    (
        lambda: estimate_kernel(X, X, 2, origin=(0, 2)),
        "estimate_kernel: origin must lie inside the kernel (2, 2); got (0, 2).",
    ),
    (
        lambda: estimate_kernel(X, X, HALVED, boundary="zero"),
        "estimate_kernel: boundary must be None beside a Convolution; got 'zero'.",
    ),
    (
        lambda: estimate_kernel(X, X, HALVED, origin=0),
        "estimate_kernel: origin must be None beside a Convolution; got 0.",
    ),
    (
        lambda: estimate_kernel(X, X, HALVED),
        "estimate_kernel: data must have shape (3, 4); got (6, 7).",
    ),
    (
        lambda: estimate_kernel(np.ones((2, 6, 7)), X, LAYER),
        "estimate_kernel: input must have shape (1, 6, 7); got (6, 7).",
    ),
]


@pytest.mark.parametrize(("call", "message"), CASES, ids=[message[:60] for _, message in CASES])
def test_message(call, message):
    with pytest.raises(InvalidInputError, match=re.escape(message)):
        call()
