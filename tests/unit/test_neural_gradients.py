"""Gradients of a layer: Cᵀ for its input, a correlation for its kernel; small operators."""

from __future__ import annotations

import numpy as np
import pytest
from tolerance import assert_close, normal

from invdeconv import Convolution, check_operator, neural


def layers_for_gradients():
    rng = np.random.default_rng(3)
    yield neural.from_torch(normal(rng, (4, 1, 3, 2)), (2, 6, 5), stride=2, padding=1, groups=2).convolution
    yield neural.from_tensorflow(
        normal(rng, (2, 3, 3, 2)), (5, 7, 3), strides=[1, 2], padding="SAME"
    ).convolution
    yield neural.from_torch(normal(rng, (2, 2, 3)), (2, 9), dilation=2).convolution
    yield Convolution(normal(rng, (3, 2)), (5, 4), stride=(1, 2), boundary="reflect", correlate=True)


@pytest.mark.parametrize("C", list(layers_for_gradients()), ids=repr)
def test_adjoint_is_back_propagation(C, rng):
    """The loss ½‖Cx − t‖² has the gradients Cᵀ(Cx − t) and the correlation of x with Cx − t."""
    x, target = normal(rng, C.input_shape), normal(rng, C.output_shape)
    residual = C(x) - target
    step = 1e-5

    def slope(loss, at):
        found = np.empty(at.shape)
        for i in np.ndindex(at.shape):
            ahead, behind = at.copy(), at.copy()
            ahead[i] += step
            behind[i] -= step
            found[i] = (loss(ahead) - loss(behind)) / (2 * step)  # exact for a quadratic
        return found

    assert_close(C.H(residual), slope(lambda v: 0.5 * np.sum((C(v) - target) ** 2), x), eps=1e-11)
    of_kernel = neural.OutputOfKernel(C, x)
    assert_close(of_kernel(C.kernel), C(x))
    found = neural.kernel_gradient(C, x, residual)
    assert_close(
        found, slope(lambda k: 0.5 * np.sum((of_kernel(k) - target) ** 2), np.array(C.kernel)), eps=1e-11
    )
    check_operator(of_kernel)


def test_output_is_linear_in_the_kernel(rng):
    """The layer rebuilt with another kernel gives what the same map gives."""
    x, first, second = normal(rng, (7, 6)), normal(rng, (3, 2)), normal(rng, (3, 2))
    C, D = (Convolution(k, (7, 6), stride=2, correlate=True) for k in (first, second))
    assert_close(neural.OutputOfKernel(C, x)(second), D(x))


def test_kernel_gradient_of_complex_data(rng):
    x = normal(rng, (6,), complex_=True)
    C = Convolution(normal(rng, (3,), complex_=True), (6,), correlate=True)
    check_operator(neural.OutputOfKernel(C, x))


@pytest.mark.parametrize(
    "operator",
    [
        neural.Permuted((2, 3, 4), (2, 0, 1)),
        neural.Selection([[3, 1], [3, 0]], (2, 3)),
        neural.average_pool((2, 7, 5), (3, 2), stride=2, padding=1, count_include_pad=False),
        neural.max_unpool(np.array([[[0, 5], [9, 6]]]), (1, 3, 4)),
    ],
    ids=repr,
)
def test_small_operators_are_sound(operator):
    check_operator(operator)
