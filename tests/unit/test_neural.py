"""Neural layers from closed forms and identities: recipe, unpooling, upsampling, overlap, gradients."""

from __future__ import annotations

import runpy
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from tolerance import assert_close, normal
from twins import convolution_matrix

from invdeconv import Convolution, check_operator, neural

EXAMPLES = Path(__file__).parents[2] / "examples"

# The zero-insertion recipe


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


# Shapes


def test_shapes_lists_the_sizes_that_collide():
    for n, k, s, padding in product(
        range(3, 14), range(1, 5), range(1, 5), ("SAME", "VALID", (1, 0), (2, 2))
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


# Differences between conventions, each by name


def test_jax_default_is_the_transpose_of_the_flipped_kernel():
    w, y = np.array([[1.0, 0], [-1, -2]])[..., None, None], np.full((1, 2, 2, 1), -2.0)
    options = {"strides": 2, "padding": "VALID", "transposed": True}
    plain = neural.from_jax(w, y.shape, **options)(y)[0, ..., 0]
    turned = neural.from_jax(w, y.shape, transpose_kernel=True, **options)(y)[0, ..., 0]
    assert_close(plain, np.tile([[4.0, 2], [0, -2]], (2, 2)))
    assert_close(turned, np.tile([[-2.0, 0], [2, 4]], (2, 2)))


@pytest.mark.parametrize(("k", "extra_row"), [(3, "front"), (4, "back")])
def test_jax_same_has_one_row_more_than_the_transpose(k, extra_row, rng):
    w, y = normal(rng, (k, 1, 1)), normal(rng, (1, 3, 1))
    jax = neural.from_jax(w, (1, 3, 1), strides=2, padding="SAME", transposed=True, transpose_kernel=True)
    tf = neural.from_tensorflow(
        w, (1, 3, 1), strides=2, padding="SAME", transposed=True, output_shape=(1, 5, 1)
    )
    longer, exact = jax(y).ravel(), tf(y).ravel()
    assert longer.size == exact.size + 1
    assert_close(longer[1:] if extra_row == "front" else longer[:-1], exact)


def test_keras_valid_is_longer_than_pytorch_for_small_kernels():
    keras = neural.from_keras(np.ones((2, 1, 1)), (1, 3, 1), strides=3, transposed=True)
    torch = neural.from_torch(np.ones((1, 1, 2)), (1, 1, 3), stride=3, transposed=True)
    assert keras.output_shape[1] == 9
    assert torch.output_shape[2] == 8


def test_onnx_output_shape_crops_the_odd_sample_at_the_start():
    w, y = np.array([[[1.0, 2, 3]]]), np.array([[[1.0, 10, 100]]])
    options = {"strides": 2, "transposed": True, "output_shape": [6]}
    for auto_pad in ("NOTSET", "VALID", "SAME_LOWER"):
        found = neural.from_onnx(w, (1, 1, 3), auto_pad=auto_pad, **options)(y)
        assert_close(found.ravel(), [2.0, 13, 20, 130, 200, 300])
    found = neural.from_onnx(w, (1, 1, 3), auto_pad="SAME_UPPER", **options)(y)
    assert_close(found.ravel(), [1.0, 2, 13, 20, 130, 200])


def test_onnx_runtime_does_not_extend_same():
    """The ONNX reference evaluator gives 6 samples here: 0 5 0 50 0 500."""
    layer = neural.from_onnx(
        np.array([[[5.0]]]), (1, 1, 3), strides=2, auto_pad="SAME_UPPER", transposed=True
    )
    assert_close(layer(np.array([[[1.0, 10, 100]]])).ravel(), [5.0, 0, 50, 0, 500])


def test_output_padding_adds_rows_of_the_transpose_not_zeros():
    w, y = np.array([[[1.0, 2, 3]]]), np.array([[[1.0, 10]]])
    for extra, expected in ((0, [2, 13, 20]), (1, [2, 13, 20, 30])):
        layer = neural.from_torch(w, (1, 1, 2), stride=2, padding=1, output_padding=extra, transposed=True)
        assert_close(layer(y).ravel(), expected)


def test_shapes_agree_where_values_do_not():
    """k = 3, s = 2, SAME: TensorFlow and a symmetric crop are one pixel apart, with equal shapes."""
    w, y = np.array([1.0, 2, 3]), np.array([1.0, 10, 100])
    tf = neural.from_tensorflow(
        w.reshape(3, 1, 1), (1, 3, 1), strides=2, padding="SAME", transposed=True, output_shape=(1, 6, 1)
    )
    torch = neural.from_torch(
        w.reshape(1, 1, 3), (1, 1, 3), stride=2, padding=1, output_padding=1, transposed=True
    )
    a, b = tf(y.reshape(1, 3, 1)).ravel(), torch(y.reshape(1, 1, 3)).ravel()
    assert a.shape == b.shape
    assert_close(a[1:], b[:-1])
    assert a[0] != b[0]


def test_all_ones_example_is_the_same_in_every_framework():
    w = np.array([[1.0, 0], [-1, -2]])
    first, last = w[None, None], w[..., None, None]
    layers = [
        neural.from_tensorflow(last, (1, 4, 4, 1), strides=2, padding=word) for word in ("SAME", "VALID")
    ]
    layers += [
        neural.from_keras(last, (1, 4, 4, 1), strides=2),
        neural.from_torch(first, (1, 1, 4, 4), stride=2),
        neural.from_jax(first, (1, 1, 4, 4), strides=2, padding="SAME"),
        neural.from_onnx(first, (1, 1, 4, 4), strides=2),
    ]
    for layer in layers:
        y = layer(np.ones(layer.input_shape))
        assert_close(y.ravel(), np.full(4, -2.0))
        assert_close(layer.T(y).ravel(), np.tile([[-2.0, 0], [2, 4]], (2, 2)).ravel())
        assert layer.convolution.input_shape == (1, 4, 4)


def test_layers_take_one_sample_without_a_batch_axis(rng):
    w = normal(rng, (3, 3, 2, 4))
    x = normal(rng, (2, 6, 5, 2))
    options = {"strides": 2, "padding": "SAME"}
    batched = neural.from_tensorflow(w, x.shape, **options)(x)
    assert_close(neural.from_tensorflow(w, x.shape[1:], **options)(x[1]), batched[1])


def test_layers_and_poolings_take_other_arrays(xp, rng):
    x = normal(rng, (1, 6, 5, 2)).astype(np.float32)
    w = normal(rng, (3, 2, 2, 3))
    layer = neural.from_tensorflow(w, x.shape, strides=2, padding="SAME")
    y = layer(xp.asarray(x))
    assert y.dtype == xp.float32
    assert_close(np.asarray(y), layer(x))
    back = layer.H(y)
    assert_close(np.asarray(back), layer.H(np.asarray(y)))
    pooled = neural.max_pool(xp.asarray(x), (2, 2), convention="tensorflow")
    plain = neural.max_pool(x, (2, 2), convention="tensorflow")
    assert type(pooled.values) is type(y)
    np.testing.assert_array_equal(np.asarray(pooled.values), plain.values)
    np.testing.assert_array_equal(
        np.asarray(pooled.switches.H(pooled.values)), plain.switches.H(plain.values)
    )


# The posts


def test_the_posts_listings_print_what_tensorflow_printed(capsys):
    runpy.run_path(str(EXAMPLES / "run_the_posts.py"))
    printed = capsys.readouterr().out
    assert printed.splitlines()[:2] == ["(1, 2, 2, 1)"] * 2
    assert printed.splitlines()[-2:] == ["(1, 2, 2, 1)", "(1, 4, 4, 1)"]
    column = "[[[-2.],[0.],[-2.],[0.]],[[2.],[4.],[2.],[4.]],[[-2.],[0.],[-2.],[0.]],[[2.],[4.],[2.],[4.]]]"
    squeezed = "".join(printed.split())
    for name in ("contv", "conts"):
        assert f"{name}:[array([{column}],dtype=float32)]" in squeezed
    assert "cons:[array([[[[-2.],[-2.]],[[-2.],[-2.]]]],dtype=float32)]" in squeezed


def test_tf_nn_takes_the_names_of_both_versions():
    x, w = np.ones((1, 4, 4, 1), np.float32), np.ones((3, 3, 1, 1), np.float32)
    y = neural.tf_nn.conv2d(x, w, [1, 2, 2, 1], "SAME")
    assert y.dtype == np.float32
    for other in (
        neural.tf_nn.conv2d(input=x, filters=w, strides=2, padding="SAME", data_format="NHWC", name="a"),
        neural.tf_nn.conv2d(x, filter=w, strides=[2], padding="SAME"),
    ):
        np.testing.assert_array_equal(other, y)
    z = neural.tf_nn.conv2d_transpose(y, w, [1, 4, 4, 1], [1, 2, 2, 1], "SAME", "NHWC", "name")
    rows = [[9, 9, 15, 6], [9, 9, 15, 6], [15, 15, 25, 10], [6, 6, 10, 4]]
    np.testing.assert_array_equal(z[0, ..., 0], rows)
    other = neural.tf_nn.conv2d_transpose(input=y, filters=w, output_shape=(1, 4, 4, 1), strides=2)
    np.testing.assert_array_equal(other, z)


# Pooling


def test_unpooling_is_the_transpose_and_the_pseudo_inverse(rng):
    for size, stride, padding in (((2, 2), None, 0), ((2, 3), (3, 3), (1, 1)), ((2, 2), 2, "SAME")):
        pooled = neural.max_pool(normal(rng, (2, 7, 5)), size, stride=stride, padding=padding)
        S = pooled.switches
        assert S.distinct
        check_operator(S)
        matrix = S.to_dense()
        assert_close(matrix @ matrix.T, np.eye(len(matrix)))
        assert_close(S.H.to_dense(), np.linalg.pinv(matrix))


def test_overlapping_windows_may_share_a_switch(rng):
    x = np.zeros((5, 5))
    x[2, 2] = 1
    S = neural.max_pool(x, (3, 3), stride=1).switches
    assert not S.distinct
    check_operator(S)
    assert S.H(np.ones((3, 3)))[2, 2] == 9


def test_max_pool_against_loops(rng):
    x = rng.integers(0, 5, (2, 9, 8)).astype(float)
    for size, stride, padding, dilation in (
        ((3, 2), (2, 1), (1, 1), 1),
        ((2, 2), 3, 0, (2, 3)),
        ((1, 4), None, 0, 1),
    ):
        pooled = neural.max_pool(x, size, stride=stride, padding=padding, dilation=dilation)
        strides = size if stride is None else (stride,) * 2 if isinstance(stride, int) else stride
        pads = (padding,) * 2 if isinstance(padding, int) else padding
        steps = (dilation,) * 2 if isinstance(dilation, int) else dilation
        for plane, i, j in np.ndindex(pooled.values.shape):
            seen = []
            for a, b in np.ndindex(size):
                row = i * strides[0] + a * steps[0] - pads[0]
                col = j * strides[1] + b * steps[1] - pads[1]
                if 0 <= row < 9 and 0 <= col < 8:
                    seen.append((-x[plane, row, col], row * 8 + col))
            value, index = min(seen)
            assert pooled.values[plane, i, j] == -value
            assert pooled.indices[plane, i, j] == index


def test_best_fixed_kernel_leaves_most_of_an_unpooled_random_image():
    pooled = neural.max_pool(np.random.default_rng(0).standard_normal((512, 512)), (2, 2))
    kernel, residual = neural.best_unpooling_kernel(pooled, (2, 2))
    assert abs(residual - np.sqrt(0.75)) < 0.003  # 0.87
    assert_close(kernel, np.full((2, 2), 0.25), eps=1e-3)


def test_best_fixed_kernel_is_exact_when_all_switches_coincide(rng):
    x = np.kron(rng.uniform(1, 2, (4, 5)), np.array([[0.0, 0], [1, 0]]))
    kernel, residual = neural.best_unpooling_kernel(neural.max_pool(x, (2, 2)), (2, 2))
    assert residual < 1e-15
    assert_close(kernel, [[0, 0], [1, 0]])


def test_best_kernel_is_the_least_squares_one(rng):
    pooled = neural.max_pool(normal(rng, (6, 9)), (2, 3))
    kernel, residual = neural.best_unpooling_kernel(pooled, (2, 3))
    target = pooled.switches.H(pooled.values)
    columns = []
    for offset in np.ndindex(2, 3):
        unit = np.zeros((2, 3))
        unit[offset] = 1
        columns.append(
            Convolution(unit, (6, 9), stride=(2, 3), padding="valid", correlate=True).T(pooled.values)
        )
    A = np.stack([column.ravel() for column in columns], axis=1)
    best, *_ = np.linalg.lstsq(A, target.ravel())
    assert_close(kernel.ravel(), best)
    assert abs(np.linalg.norm(A @ best - target.ravel()) / np.linalg.norm(target) - residual) < 1e-13


# Upsampling


@pytest.mark.parametrize("factor", [(2,), (2, 3), (1, 2, 2)])
def test_copying_is_a_transposed_convolution_with_ones(factor, rng):
    x = normal(rng, (2, 3, 4, 3)[-len(factor) - 1 :])
    expected = x
    for axis, f in enumerate(factor):
        expected = np.repeat(expected, f, axis=axis + 1)
    up = neural.nearest(x.shape, factor)
    assert_close(up(x), expected)
    check_operator(up)
    pool = neural.average_pool(expected.shape, factor)
    assert_close(pool(expected), x)
    assert_close(up.H(expected) / np.prod(factor), pool(expected))


def test_copying_then_convolving_is_one_transposed_convolution(rng):
    """Q16: nearest-neighbor upsampling and a convolution = Cᵀ with the kernel ones ∗ w."""
    x, w = normal(rng, (5,)), normal(rng, (3,))
    smooth = Convolution(w, (10,), padding="full")  # a convolution
    merged = Convolution(np.convolve(np.ones(2), w), (12,), stride=2, padding="valid", correlate=True).T
    assert_close(smooth(neural.nearest((5,), (2,))(x)), merged(x))


@pytest.mark.parametrize("factor", [(2,), (3,), (5,), (4, 3)])
def test_bilinear_keeps_constants_and_straight_lines_inside(factor):
    m = (6, 7)[: len(factor)]
    up = neural.bilinear(m, factor)
    check_operator(up)
    assert up.output_shape == tuple(f * size for f, size in zip(factor, m, strict=True))
    inside = tuple(slice(f, -f) for f in factor)
    assert_close(up(np.ones(m))[inside], np.ones(up.output_shape)[inside])
    f = factor[0]
    ramp = np.arange(m[0], dtype=float).reshape(-1, *(1,) * (len(m) - 1)) * np.ones(m)
    centers = (np.arange(f * m[0]) + 0.5) / f - 0.5
    expected = centers.reshape(-1, *(1,) * (len(m) - 1)) * np.ones(up.output_shape)
    assert_close(up(ramp)[inside], expected[inside])


def test_bilinear_kernel_sums_to_the_factors(rng):
    """Q20: with zeros inserted the mean falls by f², and a kernel of sum f² brings it back."""
    unit = np.zeros((5, 5))
    unit[2, 2] = 1
    assert_close(neural.bilinear((5, 5), (2, 2))(unit).sum(), 4.0)


def test_pixel_shuffle_is_orthogonal(rng):
    up = neural.pixel_shuffle((2, 12, 3, 2), (2, 3))
    x = normal(rng, up.input_shape)
    expected = x.reshape(2, 2, 2, 3, 3, 2).transpose(0, 1, 4, 2, 5, 3).reshape(2, 2, 6, 6)
    assert_close(up(x), expected)
    assert_close(up.H(up(x)), x)
    check_operator(up)


# Checkerboards


@pytest.mark.parametrize(("k", "ratio"), [(3, 4.0), (5, 2.25), (4, 1.0), (2, 1.0)])
def test_overlap_ratios_at_stride_two(k, ratio):
    gains = neural.phase_gains(np.ones((k, k)), stride=2)
    assert gains.max() / gains.min() == ratio
    inside = neural.overlap_map(np.ones((k, k)), (8, 8), stride=2)[k:-k, k:-k]
    assert_close(inside.max() / inside.min(), ratio, size=inside.size)


def test_overlap_map_repeats_the_phase_gains(rng):
    w = normal(rng, (5, 4))
    covered = neural.overlap_map(w, (6, 7), stride=(2, 3))
    gains = neural.phase_gains(w, stride=(2, 3))
    for phase in np.ndindex(gains.shape):
        part = covered[phase[0] :: 2, phase[1] :: 3][2:-2, 2:-2]
        assert_close(part, np.full(part.shape, gains[phase]), size=64)


# Gradients


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
