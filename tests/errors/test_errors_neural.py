"""Neural layers: (call, message). Each is an InvalidInputError."""

from __future__ import annotations

import re

import numpy as np
import pytest

from invdeconv import Convolution, neural
from invdeconv.errors import InvalidInputError

TF = np.ones((3, 3, 2, 4))  # H W I O
TORCH = np.ones((4, 2, 3, 3))  # O I H W
LINE = np.ones((3, 1, 1))


def tf(shape=(1, 7, 8, 2), **options):
    return neural.from_tensorflow(TF, shape, **({"padding": "SAME"} | options))


def tf_up(output_shape, shape=(1, 3, 3, 4), padding="SAME", strides=2, **options):
    return neural.from_tensorflow(
        TF, shape, padding=padding, strides=strides, transposed=True, output_shape=output_shape, **options
    )


def torch(shape=(1, 2, 7, 8), **options):
    return neural.from_torch(TORCH, shape, **options)


def torch_up(shape=(1, 4, 3, 3), **options):
    return neural.from_torch(TORCH, shape, transposed=True, stride=2, **options)


def jax(shape=(1, 2, 7, 8), **options):
    return neural.from_jax(TORCH, shape, **({"padding": "SAME"} | options))


def onnx(shape=(1, 2, 7, 8), **options):
    return neural.from_onnx(TORCH, shape, **options)


def keras(shape=(1, 7, 8, 2), **options):
    return neural.from_keras(TF, shape, **options)


CASES = [
    # the range of an output_shape
    (
        lambda: tf_up((1, 7, 5, 2)),
        "from_tensorflow: output_shape must have spatial sizes in [5 to 6] × [5 to 6]; got (7, 5).",
    ),
    (
        lambda: tf_up((1, 6, 9, 2), padding="VALID"),
        "must have spatial sizes in [7 to 8] × [7 to 8]; got (6, 9).",
    ),
    (lambda: tf_up((1, 3, 2, 2), strides=1), "must have spatial sizes in [3] × [3]; got (3, 2)."),
    (
        lambda: tf_up((1, 4, 9, 2), padding=[[0, 0], [1, 1], [0, 1], [0, 0]]),
        "must have spatial sizes in [5 to 6] × [6 to 7]; got (4, 9).",
    ),
    (lambda: tf_up(None), "output_shape must be given, with spatial sizes from (5, 5) on; got None."),
    (lambda: tf_up((2, 5, 5, 2)), "output_shape must have the batch (1,) of the data; got (2,)."),
    (lambda: tf_up((1, 5, 5, 3)), "output_shape must have a multiple of the kernel's 2 channels; got 3."),
    (lambda: tf_up((5, 5)), "output_shape must have 3 or 4 axes; got (5, 5)."),
    (
        lambda: torch_up(output_size=(9, 7)),
        "from_torch: output_size must have spatial sizes in [7 to 8] × [7 to 8]",
    ),
    (
        lambda: torch_up(output_padding=2),
        "output_padding must be below stride or dilation, at most 1; got 2.",
    ),
    (
        lambda: neural.from_onnx(TORCH, (1, 4, 3, 3), transposed=True, strides=2, output_shape=[9, 7]),
        "from_onnx: output_shape must have sizes from 1 to 8 for 3 samples; got 9.",
    ),
    (
        lambda: neural.from_onnx(TORCH, (1, 4, 3, 3), transposed=True, strides=2, output_padding=2),
        "from_onnx: output_padding must be below the stride, at most 1; got 2.",
    ),
    # TensorFlow
    (lambda: tf(padding="same"), "from_tensorflow: padding must be one of SAME, VALID; got 'same'."),
    (
        lambda: tf(padding=[[1, 1], [1, 1]]),
        "padding must be a word or 4 pairs; got [[1, 1], [1, 1]].",
    ),
    (lambda: tf(strides=[2, 1, 1, 1]), "strides must be 1 along batch and channels; got (2, 1, 1, 1)."),
    (lambda: tf(strides=[1, 2, 3]), "strides must have one entry per axis (2); got 3 entries."),
    (lambda: tf(data_format="NWC"), "data_format must be one of NHWC, NCHW; got 'NWC'."),
    (lambda: tf((1, 7, 8, 3)), "input_shape must have a multiple of the kernel's 2 channels; got 3."),
    (lambda: tf((7, 8)), "input_shape must have 3 or 4 axes; got (7, 8)."),
    (
        lambda: tf((1, 2, 2, 2), padding="VALID"),
        "input_shape must leave at least one output along spatial axis 0",
    ),
    (lambda: tf(output_shape=(1, 7, 8, 2)), "output_shape must be left out; got (1, 7, 8, 2)."),
    (lambda: tf(transposed=1), "transposed must be True or False; got 1."),
    (
        lambda: neural.from_tensorflow(np.ones((3, 3)), (1, 3, 3), padding="SAME"),
        "filters must have at least 3 axes",
    ),
    (
        lambda: tf_up((1, 5, 5, 2), shape=(1, 3, 3, 2)),
        "input_shape must have 4 channels, as the kernel; got 2.",
    ),
    (lambda: tf(padding=1), "from_tensorflow: padding must be a word or 4 pairs; got 1."),
    (
        lambda: tf(padding=[[0, 0], [1], [0, 0], [0, 0]]),
        "padding must be a word or 4 pairs; got [[0, 0], [1],",
    ),
    (lambda: tf(padding=[[1, 1]] * 4), "padding must be (0, 0) for batch and channels; got [(1, 1), (1, 1)"),
    (lambda: tf(padding=[[0, 0], [1, -1], [0, 0], [0, 0]]), "padding must be an integer >= 0; got -1."),
    # PyTorch
    (
        lambda: torch(padding="same", stride=2),
        "padding must be numbers with a stride, not \"same\"; got 'same'.",
    ),
    (lambda: torch_up(padding="same"), "padding must be numbers for a transposed layer; got 'same'."),
    (lambda: torch(groups=2), "input_shape must have 4 channels, as the kernel; got 2."),
    (lambda: torch((1, 6, 7, 8), groups=3), "weight must have a multiple of the kernel's 2 channels; got 6."),
    (lambda: torch(output_padding=1), "output_padding must be left out; got (1, 1)."),
    (
        lambda: torch_up((1, 4, 1, 1), padding=2),
        "input_shape must leave at least one output along spatial axis 0",
    ),
    # JAX
    (lambda: jax(padding="same"), "from_jax: padding must be one of SAME, VALID, SAME_LOWER; got 'same'."),
    (lambda: jax(padding=[(0, 0)]), "padding must be a word or 2 pairs; got [(0, 0)]."),
    (lambda: jax((2, 7, 8)), "input_shape must have 4 axes, as rhs; got (2, 7, 8)."),
    (lambda: jax(transpose_kernel=True), "transpose_kernel must be left out; got True."),
    (lambda: jax(use_consistent_padding=True), "use_consistent_padding must be left out; got True."),
    (
        lambda: jax(dimension_numbers=("NHWC", "HWIO", "NHXC")),
        "dimension_numbers must be three layouts of 4 letters",
    ),
    (lambda: jax(dimension_numbers=("NHWC", "HWIO")), "dimension_numbers must be three layouts of 4 letters"),
    (
        lambda: neural.from_jax(TF, (1, 4, 4, 2), padding="SAME", transposed=True, feature_group_count=2),
        "feature_group_count must be 1 with transposed=True; got 2.",
    ),
    (
        lambda: neural.from_jax(np.ones((1,) * 6), (1,) * 6, padding="SAME"),
        "rhs must have at most 5 axes; got 6.",
    ),
    # ONNX
    (
        lambda: onnx(auto_pad="SAME"),
        "auto_pad must be one of NOTSET, VALID, SAME_UPPER, SAME_LOWER; got 'SAME'.",
    ),
    (
        lambda: onnx(auto_pad="VALID", pads=[0] * 4),
        "pads must be left out with auto_pad VALID; got (0, 0, 0, 0).",
    ),
    (lambda: onnx(pads=[1, 1]), "pads must have one entry per axis (4); got 2 entries."),
    (lambda: onnx(output_shape=[7, 8]), "output_shape must be left out; got [7, 8]."),
    # Keras
    (lambda: keras(padding="causal"), "from_keras: padding must be one of valid, same; got 'causal'."),
    (
        lambda: keras(data_format="NHWC"),
        "data_format must be one of channels_last, channels_first; got 'NHWC'.",
    ),
    (lambda: keras(output_padding=1), "output_padding must be left out; got 1."),
    # tf_nn
    (
        lambda: neural.tf_nn.conv2d(np.ones((1, 4, 4, 2)), strides=1, padding="SAME"),
        "conv2d: filters must be given once; got 0 values. Pass it as filters or filter.",
    ),
    (
        lambda: neural.tf_nn.conv2d(np.ones((1, 4, 4, 2)), TF, filter=TF, strides=1, padding="SAME"),
        "conv2d: filters must be given once; got 2 values.",
    ),
    (
        lambda: neural.tf_nn.conv2d_transpose(np.ones((1, 2, 2, 1)), LINE, [1, 4, 4, 1], 2),
        "conv2d_transpose: filters must have 4 axes; got (3, 1, 1).",
    ),
    # shapes and recipe
    (lambda: neural.shapes(0, 3), "shapes: input_size must be an integer >= 1; got 0."),
    (
        lambda: neural.shapes(2, 3, padding="VALID"),
        "kernel_size must fit into the padded input; got 3 samples on 2.",
    ),
    (lambda: neural.shapes(4, 3, padding="full"), "padding must be one of SAME, VALID; got 'full'."),
    (
        lambda: neural.recipe(np.ones(3), np.ones(3), (4,), stride=2),
        "recipe: output_shape must be one that gives data of shape (3,); got (4,), giving (1,).",
    ),
    (
        lambda: neural.recipe(np.ones((3, 3)), np.ones(3), (4,)),
        "recipe: data must have 1 axes, as kernel; got 2.",
    ),
    (
        lambda: neural.recipe(np.ones(2), np.ones(3), (4,), padding=[]),
        "recipe: padding must be a word or 1 pairs; got [].",
    ),
    # pooling and upsampling
    (lambda: neural.max_pool(np.ones((4, 4)), 2), "max_pool: size must be a sequence of 1 to 2 integers"),
    (
        lambda: neural.max_pool(np.ones((4, 4)), (5, 2)),
        "max_pool: size must fit into the data; got a window of 5 on 4",
    ),
    (lambda: neural.max_pool(np.ones((4, 4)) * 1j, (2, 2)), "max_pool: data must be real; got complex128."),
    (
        lambda: neural.max_pool(np.ones((4, 4)), (2, 2), padding=2),
        "padding must be at most half the window (2); got 2.",
    ),
    (
        lambda: neural.max_pool(np.ones((4, 4)), (2, 2), convention="tf"),
        "convention must be one of torch, tensorflow,",
    ),
    (
        lambda: neural.max_pool(np.ones((4, 4)), (2, 2), convention="tensorflow"),
        "max_pool: data must have at least 3 axes; got 2.",
    ),
    (
        lambda: neural.max_unpool([[16]], (4, 4)),
        "max_unpool: indices must lie between 0 and 15; got 16 to 16.",
    ),
    (
        lambda: neural.max_unpool([[1.5]], (4, 4)),
        "indices must be integers with 2 axes; got float64 of shape (1, 1).",
    ),
    (
        lambda: neural.Selection([4], (2, 2)),
        "Selection: indices must be integers from 0 to 3; got int64 from 4 to 4.",
    ),
    (
        lambda: neural.best_unpooling_kernel(neural.max_pool(np.ones((5, 4)), (2, 2)), (2, 2)),
        "best_unpooling_kernel: pooled must tile its data (5, 4); got (4, 4).",
    ),
    (lambda: neural.average_pool((4, 4), 2), "average_pool: size must be a sequence of 1 to 2 integers"),
    (lambda: neural.nearest((4, 4), 2), "nearest: factor must be a sequence of 1 to 2 integers"),
    (lambda: neural.bilinear((4,), (2, 2)), "bilinear: factor must be a sequence of 1 to 1 integers"),
    (
        lambda: neural.pixel_shuffle((3, 4, 4), (2, 2)),
        "must have a channel axis, a multiple of 4, before 2 spatial",
    ),
    (
        lambda: neural.sub_pixel(np.ones((4, 1, 2, 3)), (1, 4, 4), (2, 2)),
        "weight must have a multiple of 4 channels",
    ),
    (
        lambda: neural.sub_pixel(np.ones((4, 1, 3, 3)), (2, 4, 4), (2, 2)),
        "input_shape must have 1 channels, as weight",
    ),
    (
        lambda: neural.phase_gains(np.ones(3), stride=(2, 2)),
        "phase_gains: stride must have one entry per axis (1)",
    ),
    (
        lambda: neural.overlap_map(np.ones(3), (0,), stride=2),
        "overlap_map: input_shape must be an integer >= 1; got 0.",
    ),
    (lambda: neural.Permuted((2, 3), (0, 0)), "Permuted: axes must be a permutation of 0 … 1; got (0, 0)."),
    # gradients
    (
        lambda: neural.OutputOfKernel(Convolution([1.0, 2.0], (3,), correlate=True), np.ones(4)),
        "OutputOfKernel: data must have shape (3,); got (4,).",
    ),
]


@pytest.mark.parametrize(("call", "message"), CASES, ids=[message[:60] for _, message in CASES])
def test_one_clear_error(call, message):
    with pytest.raises(InvalidInputError, match=re.escape(message)) as caught:
        call()
    assert re.search(r"; got .*\. [A-Z].*\.$", str(caught.value), re.DOTALL)
