"""The zero-insertion recipe and the shape calculator."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from tolerance import assert_close, normal
from twins import convolution_matrix

from invdeconv import Convolution, neural


@pytest.mark.parametrize("mode", ["VALID", "SAME"])
def test_recipe_is_the_transpose_in_every_case(mode):
    rng = np.random.default_rng(1)
    for n, k, s in product(range(3, 17), range(1, 6), range(1, 5)):
        if k > n:
            continue
        table = neural.shapes(n, k, stride=s, padding=mode)
        y, w = normal(rng, (table.output_size,)), normal(rng, (k,))
        matrix, _ = convolution_matrix(w, (n,), stride=s, padding=(table.pads,), correlate=True)
        steps = neural.recipe(y, w, (n,), stride=s, padding=mode)
        assert_close(steps.output.array, matrix.T @ y, label=f"n {n}, k {k}, s {s}")
        assert [step.array.size for step in steps] == [
            k,
            (table.output_size - 1) * s + 1,
            n + k - 1,
            n,
        ]


def test_recipe_with_explicit_pads_on_two_axes(rng):
    w = normal(rng, (3, 4))
    for pads in (((1, 0), (2, 1)), ((0, 0), (5, 4))):  # pads beyond k − 1 make the recipe crop
        C = Convolution(w, (7, 6), stride=(2, 3), padding=pads, correlate=True)
        y = normal(rng, C.output_shape)
        found = neural.recipe(y, w, (7, 6), stride=(2, 3), padding=pads)
        assert_close(found.output.array, C.T(y))


def test_literal_recipe_right_and_wrong():
    grid = neural.literal_recipe_grid()

    def share(keep):
        kept = [right for key, right in grid.items() if keep(*key)]
        return sum(kept), len(kept)

    assert share(lambda n, k, s, mode: mode == "VALID") == (196, 268)  # 73 %
    assert share(lambda n, k, s, mode: mode == "SAME") == (119, 268)  # 44 %
    assert share(lambda n, k, s, mode: mode == "SAME" and s > 1) == (52, 201)  # 26 %
    assert all(right for (_, _, s, _), right in grid.items() if s == 1)
    assert grid[4, 2, 2, "VALID"]
    assert grid[4, 2, 2, "SAME"]  # the post's own example
    assert not grid[4, 3, 2, "SAME"]  # the commonest layer


def test_literal_recipe_on_the_posts_example():
    w = np.array([[1.0, 0], [-1, -2]])
    y = np.full((2, 2), -2.0)
    for mode, literal in product(("SAME", "VALID"), (False, True)):
        steps = neural.recipe(y, w, (4, 4), stride=2, padding=mode, literal=literal)
        assert_close(steps.output.array, np.tile([[-2.0, 0], [2, 4]], (2, 2)))
    assert steps.inserted.array.shape == (4, 4)
    assert steps.inserted.name == "1 zero after each sample"


def test_the_literal_recipe_fails_the_adjoint_test(rng):
    x, y, w = normal(rng, (4,)), normal(rng, (2,)), normal(rng, (3,))
    C = Convolution(w, (4,), stride=2, padding=((0, 1),), correlate=True)
    right = neural.recipe(y, w, (4,), stride=2, padding="SAME").output.array
    wrong = neural.recipe(y, w, (4,), stride=2, padding="SAME", literal=True).output.array
    assert abs(C(x) @ y - x @ right) < 1e-14
    assert abs(C(x) @ y - x @ wrong) > 0.1


def test_gather_scatter_im2col_matrix_and_fft_agree(rng):
    """Cᵀ by five computations."""
    from unittest import mock

    w = normal(rng, (3, 2))
    choice = "invdeconv.operators.convolution._convolution.direct_is_cheaper"
    options = {"stride": 2, "padding": ((1, 1), (0, 1)), "correlate": True}
    C = Convolution(w, (8, 7), **options)
    y = normal(rng, C.output_shape)
    gather = neural.recipe(y, w, (8, 7), stride=2, padding=((1, 1), (0, 1))).output.array
    scatter = np.zeros((10, 8))
    for i, j in np.ndindex(y.shape):
        scatter[2 * i : 2 * i + 3, 2 * j : 2 * j + 2] += y[i, j] * w
    columns = np.zeros((10 * 8, y.size))  # im2col's transpose: one column per window
    for column, (i, j) in enumerate(np.ndindex(y.shape)):
        window = np.zeros((10, 8))
        window[2 * i : 2 * i + 3, 2 * j : 2 * j + 2] = w
        columns[:, column] = window.ravel()
    im2col = (columns @ y.ravel()).reshape(10, 8)
    matrix, _ = convolution_matrix(w, (8, 7), **options)
    with mock.patch(choice, return_value=False):
        fft = Convolution(w, (8, 7), **options).T(y)
    for found in (gather, scatter[1:9, 0:7], im2col[1:9, 0:7], (matrix.T @ y.ravel()).reshape(8, 7), fft):
        assert_close(found, C.T(y))


def test_shapes_lists_the_sizes_that_collide():
    for n, k, s, padding in product(
        range(3, 10), range(1, 5), range(1, 5), ("SAME", "VALID", (1, 0), (2, 2))
    ):
        if k > n or (k == 1 and not isinstance(padding, str)):
            continue
        table = neural.shapes(n, k, stride=s, padding=padding)
        same = [
            other
            for other in range(1, 40)
            if padding == "SAME" or other + (0 if padding == "VALID" else sum(padding)) >= k
            if neural.shapes(other, k, stride=s, padding=padding).output_size == table.output_size
        ]
        assert list(table.input_sizes) == same, (n, k, s, padding)
        assert n in table.input_sizes


def test_same_pads_depend_on_the_size():
    assert neural.shapes(7, 3, stride=2).pads == (1, 1)
    assert neural.shapes(8, 3, stride=2).pads == (0, 1)


def test_shapes_prints_a_line_per_framework():
    text = str(neural.shapes(8, 3, stride=2))
    assert "inputs of 7, 8 samples all give 4" in text
    for name in ("TensorFlow", "Keras", "PyTorch", "JAX", "ONNX"):
        assert name in text
    assert "tf.nn.conv2d_transpose(y, w, (N, 8, 8, C), strides=2, padding='SAME')" in text
