"""What sets the frameworks' conventions apart, each difference by name; the posts' listings."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest
from tolerance import assert_close, normal

from invdeconv import neural

EXAMPLES = Path(__file__).parents[2] / "examples"


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
