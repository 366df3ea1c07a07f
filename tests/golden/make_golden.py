"""Write what the frameworks return into one .npz per framework. Run by hand; the tests only read.

    pip install . tensorflow-cpu keras torch jax onnx onnxruntime
    python tests/golden/make_golden.py [tensorflow keras torch jax onnx lines pooling]

Data and kernels hold small whole numbers, so the values are exact in single precision. Each case stores the
keyword arguments of the `invdeconv.neural.from_…` call as JSON, and x, w and the framework's y, end to end.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent


def whole(seed, shape):
    """Return small whole numbers, asymmetric, none of them zero."""
    values = np.random.default_rng(seed).integers(1, 9, shape) * np.random.default_rng(seed + 1).choice(
        [-1, 1], shape
    )
    return values.astype(np.float32)


def collect(name, cases, call):
    """Run every (w shape, x shape, options) and store arrays and options."""
    index, values = [], {"w": [], "x": [], "y": []}
    for number, (w_shape, x_shape, options) in enumerate(cases):
        w, x = whole(7 * number, w_shape), whole(7 * number + 3, x_shape)
        try:
            y = np.asarray(call(x, w, **options))
        except Exception as error:
            raise SystemExit(f"{name} {w_shape} {x_shape} {options}: {error}") from error
        if y.dtype != np.float32:
            raise SystemExit(f"{name} {options}: {y.dtype}")
        for key, array in (("w", w), ("x", x), ("y", y)):
            values[key].append(array.ravel())
        index.append({"w": w_shape, "x": x_shape, "y": y.shape, "options": options})
    # One flat array per letter: a zip entry per small array would cost ten times the data.
    flat = {key: np.concatenate(parts) for key, parts in values.items()}
    np.savez_compressed(HERE / f"{name}.npz", index=json.dumps(index), **flat)
    print(name, len(index), "cases")


# TensorFlow -------------------------------------------------------------------------------------------


def tensorflow_cases():
    for k, n, s, pad in itertools.product((1, 2, 3, 4), (7, 8), (1, 2, 3), ("SAME", "VALID")):
        yield (k, 1, 1), (1, n, 1), {"strides": s, "padding": pad}
    for k, m, s in itertools.product((1, 2, 3, 4, 5), (3,), (1, 2, 3)):
        for n in range((m - 1) * s + 1, m * s + 1):
            yield (k, 1, 1), (1, m, 1), transposed(s, "SAME", (1, n, 1))
        for n in range((m - 1) * s + k, m * s + k):
            yield (k, 1, 1), (1, m, 1), transposed(s, "VALID", (1, n, 1))
    yield (3, 2, 2, 3), (2, 7, 8, 2), {"strides": [2, 3], "padding": "SAME"}
    yield (2, 4, 3, 2), (2, 5, 6, 3), {"strides": [1, 2, 1, 1], "padding": "VALID"}
    yield (3, 3, 1, 2), (1, 8, 7, 1), {"dilations": 2, "padding": "SAME"}
    yield (3, 2, 2, 1), (1, 7, 7, 2), {"dilations": [1, 2, 3, 1], "padding": "VALID"}
    yield (3, 3, 2, 4), (1, 6, 5, 4), {"strides": 2, "padding": "SAME"}  # two groups
    yield (3, 2, 1, 2), (1, 6, 5, 1), {"strides": 2, "padding": [[0, 0], [2, 1], [0, 1], [0, 0]]}
    yield (3, 2, 2, 3), (2, 4, 3, 3), transposed([2, 3], "SAME", (2, 7, 8, 2))
    yield (2, 4, 3, 2), (2, 4, 3, 2), transposed([1, 2, 1, 1], "VALID", (2, 9, 6, 3))
    yield (3, 2, 1, 2), (1, 4, 3, 2), transposed(2, [[0, 0], [2, 1], [0, 1], [0, 0]], (1, 7, 5, 1))
    yield (2, 3, 2, 2, 3), (1, 4, 5, 3, 2), {"strides": 2, "padding": "SAME"}
    yield (2, 3, 2, 2, 3), (1, 2, 3, 2, 3), transposed(2, "SAME", (1, 4, 5, 3, 2))


def transposed(strides, padding, output_shape):
    return {"strides": strides, "padding": padding, "transposed": True, "output_shape": output_shape}


def run_tensorflow(x, w, *, padding, strides=1, dilations=None, transposed=False, output_shape=None):
    import tensorflow as tf

    d = x.ndim - 2
    if transposed:
        if d == 2:
            return tf.nn.conv2d_transpose(x, w, output_shape, strides=strides, padding=padding)
        return tf.nn.conv_transpose(x, w, output_shape, strides=strides, padding=padding)
    if d == 2:
        return tf.nn.conv2d(x, w, strides=strides, padding=padding, dilations=dilations)
    return tf.nn.convolution(x, w, strides=strides, padding=padding, dilations=dilations)


# Keras ------------------------------------------------------------------------------------------------


def keras_cases():
    for k, s, pad in itertools.product((1, 2, 3, 4), (1, 2, 3), ("same", "valid")):
        yield (k, 1, 1), (1, 7, 1), {"strides": s, "padding": pad}
        yield (k, 1, 1), (1, 3, 1), {"strides": s, "padding": pad, "transposed": True}
    for k, s, pad, extra in itertools.product((2, 3, 4), (2, 3), ("same", "valid"), (0, 1)):
        if (m_mod := k % 2 + extra) < 1 and pad == "same":  # (m − 1)·s samples: TensorFlow refuses
            continue
        if pad == "same" and m_mod > s:
            continue
        options = {"strides": s, "padding": pad, "transposed": True, "output_padding": extra}
        yield (k, 1, 1), (1, 3, 1), options
    yield (3, 2, 2, 3), (2, 7, 8, 2), {"strides": [2, 3], "padding": "same"}
    yield (3, 2, 2, 3), (2, 4, 3, 3), {"strides": [2, 3], "padding": "same", "transposed": True}
    yield (3, 2, 2, 3), (2, 4, 3, 3), {"strides": [2, 3], "padding": "valid", "transposed": True}
    yield (3, 3, 2, 4), (1, 6, 5, 4), {"strides": 2, "padding": "same"}  # two groups
    yield (3, 2, 2, 1), (1, 7, 7, 2), {"dilation_rate": [2, 3], "padding": "valid"}
    yield (3, 1, 1), (1, 6, 1), {"padding": "causal", "dilation_rate": 2}
    yield (3, 2, 1), (1, 4, 1), {"padding": "same", "dilation_rate": 2, "transposed": True}


def run_keras(x, w, *, padding, strides=1, dilation_rate=1, transposed=False, output_padding=None):
    os.environ.setdefault("KERAS_BACKEND", "jax")
    import keras

    d = x.ndim - 2
    common = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate, "use_bias": False}
    if transposed:
        kind = (keras.layers.Conv1DTranspose, keras.layers.Conv2DTranspose)[d - 1]
        layer = kind(w.shape[-2], w.shape[:d], output_padding=output_padding, **common)
    else:
        kind = (keras.layers.Conv1D, keras.layers.Conv2D)[d - 1]
        layer = kind(w.shape[-1], w.shape[:d], groups=x.shape[-1] // w.shape[-2], **common)
    layer.build(x.shape)
    layer.set_weights([w])
    return layer(x)


# PyTorch ----------------------------------------------------------------------------------------------


def torch_cases():
    for k, n, s, p in itertools.product((1, 2, 3, 4), (7, 8), (1, 2, 3), (0, 1, 2)):
        if p < k:
            yield (1, 1, k), (1, 1, n), {"stride": s, "padding": p}
            for extra in range(s):
                yield (1, 1, k), (1, 1, 3), upward(s, p, extra)
    for k, n in itertools.product((2, 3, 4), (5, 6)):
        yield (1, 1, k), (1, 1, n), {"padding": "same", "dilation": 2}
    yield (1, 1, 2), (1, 1, 3), upward(1, 0, 2, dilation=3)  # more rows than the stride has
    yield (1, 1, 3), (1, 1, 3), upward(2, 0, 3, dilation=4)
    yield (3, 2, 3, 2), (2, 2, 7, 8), {"stride": [2, 3], "padding": [1, 0]}
    yield (3, 2, 3, 2), (2, 3, 4, 3), upward([2, 3], [1, 0], [1, 2])
    yield (4, 2, 3, 3), (1, 4, 6, 5), {"stride": 2, "padding": 1, "groups": 2}
    yield (4, 2, 3, 3), (1, 4, 3, 3), upward(2, 1, 1, groups=2)
    yield (4, 1, 3, 2), (4, 3, 3), upward(2, 1, 0, groups=4, dilation=2)
    yield (3, 2, 2, 3, 2), (1, 2, 4, 5, 3), {"stride": 2, "padding": [1, 1, 0]}
    yield (3, 2, 2, 3, 2), (1, 3, 3, 3, 1), upward(2, [1, 1, 0], [0, 0, 1])


def upward(stride, padding, extra, **more):
    return {"stride": stride, "padding": padding, "output_padding": extra, "transposed": True} | more


def run_torch(x, w, *, transposed=False, **options):
    import torch.nn.functional as F
    from torch import from_numpy

    d = w.ndim - 2
    name = f"conv_transpose{d}d" if transposed else f"conv{d}d"
    options = {key: tuple(v) if isinstance(v, list) else v for key, v in options.items()}
    return getattr(F, name)(from_numpy(x), from_numpy(w), **options).numpy()


# JAX --------------------------------------------------------------------------------------------------


def jax_cases():
    for k, n, s, pad in itertools.product((1, 2, 3, 4), (7, 8), (1, 2, 3), ("SAME", "VALID", "SAME_LOWER")):
        yield (1, 1, k), (1, 1, n), {"strides": [s], "padding": pad}
    for k, s, pad, turned in itertools.product(
        (1, 2, 3, 4, 5), (1, 2, 3, 4), ("SAME", "VALID", [[2, 1]], [[0, 3]]), (False, True)
    ):
        options = {"strides": [s], "padding": pad, "transposed": True, "transpose_kernel": turned}
        yield (k, 1, 1), (1, 3, 1), options
    for k, s, pad in itertools.product((3, 4), (1, 2, 3), ([[0, 0]], [[1, 0]], [[1, 2]])):
        options = {"strides": [s], "padding": pad, "transposed": True, "use_consistent_padding": True}
        yield (k, 1, 1), (1, 3, 1), options | {"transpose_kernel": True}
    yield (3, 2, 3, 2), (2, 2, 7, 8), {"strides": [2, 3], "padding": "SAME"}
    yield (
        (4, 2, 3, 3),
        (1, 4, 6, 5),
        {"strides": [2, 2], "padding": [[1, 2], [0, 1]], "feature_group_count": 2},
    )
    yield (
        (3, 2, 3, 3),
        (1, 2, 8, 9),
        {"strides": [1, 2], "padding": [[-1, 2], [0, -2]], "rhs_dilation": [2, 1]},
    )
    layouts = ["NHWC", "HWIO", "NHWC"]
    yield (3, 2, 2, 3), (2, 7, 8, 2), {"strides": [2, 3], "padding": "SAME", "dimension_numbers": layouts}
    layouts = ["CNWH", "OHIW", "WNHC"]
    yield (3, 3, 2, 2), (2, 1, 7, 8), {"strides": [2, 1], "padding": "VALID", "dimension_numbers": layouts}
    yield (3, 2, 3, 2), (2, 4, 3, 3), {"strides": [2, 3], "padding": "SAME", "transposed": True}
    yield (3, 2, 2, 3), (2, 4, 3, 3), {
        "strides": [2, 3], "padding": "SAME", "transposed": True, "transpose_kernel": True, "rhs_dilation": [2, 1],
    }  # fmt: skip
    yield (2, 3, 3, 2), (2, 2, 4, 3), {
        "strides": [2, 3], "padding": "VALID", "transposed": True, "dimension_numbers": ["NCHW", "OIHW", "NHCW"],
        "transpose_kernel": True,
    }  # fmt: skip


def run_jax(x, w, *, transposed=False, strides, padding, dimension_numbers=None, **options):
    from jax import lax

    if not isinstance(padding, str):
        padding = tuple(map(tuple, padding))
    if dimension_numbers is not None:
        options["dimension_numbers"] = tuple(dimension_numbers)
    if transposed:
        return lax.conv_transpose(x, w, strides, padding, **options)
    return lax.conv_general_dilated(x, w, strides, padding, **options)


# ONNX Runtime -----------------------------------------------------------------------------------------


def onnx_cases():
    for k, n, s, pad in itertools.product(
        (1, 2, 3, 4), (7, 8), (1, 2, 3), ("SAME_UPPER", "SAME_LOWER", "VALID")
    ):
        yield (1, 1, k), (1, 1, n), {"strides": [s], "auto_pad": pad}
    for k, s, pad in itertools.product(
        (1, 2, 3, 4), (1, 2, 3), ("SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET")
    ):
        yield (1, 1, k), (1, 1, 3), {"strides": [s], "auto_pad": pad, "transposed": True}
        for n in sorted({2 * s + k - 1, 2 * s + k - 2, 3 * s, 3 * s + k - 1} & set(range(1, 3 * s + k))):
            yield (1, 1, k), (1, 1, 3), {
                "strides": [s], "auto_pad": pad, "transposed": True, "output_shape": [n],
            }  # fmt: skip
    for k, s, pads, extra in itertools.product((2, 3), (2, 3), ([0, 0], [1, 0], [0, 1], [1, 1]), (0, 1)):
        yield (1, 1, k), (1, 1, 3), {
            "strides": [s], "pads": pads, "transposed": True, "output_padding": [extra],
        }  # fmt: skip
    yield (3, 2, 3, 2), (2, 2, 7, 8), {"strides": [2, 3], "pads": [1, 0, 0, 1]}
    yield (4, 2, 3, 3), (1, 4, 6, 5), {"strides": [2, 2], "auto_pad": "SAME_UPPER", "group": 2}
    yield (2, 2, 3, 2), (1, 2, 8, 7), {"dilations": [2, 3], "pads": [2, 0, 1, 1]}
    yield (3, 2, 3, 2), (2, 3, 4, 3), {"strides": [2, 3], "pads": [1, 0, 0, 1], "transposed": True}
    yield (4, 2, 3, 3), (1, 4, 3, 3), {
        "strides": [2, 2], "group": 2, "transposed": True, "output_shape": [6, 5],
    }  # fmt: skip
    yield (3, 2, 3, 2), (1, 3, 4, 3), {"dilations": [2, 2], "strides": [2, 1], "transposed": True}
    yield (
        (3, 2, 2, 3, 2),
        (1, 3, 2, 3, 2),
        {"strides": [2, 2, 2], "auto_pad": "SAME_LOWER", "transposed": True},
    )


def onnx_session(op, inputs, outputs, **attributes):
    """Return ONNX Runtime's session of one node; `inputs` maps names to arrays."""
    import onnxruntime
    from onnx import TensorProto, helper

    kinds = {np.dtype(np.float32): TensorProto.FLOAT, np.dtype(np.int64): TensorProto.INT64}
    node = helper.make_node(op, list(inputs), outputs, **attributes)
    graph = helper.make_graph(
        [node],
        "one",
        [helper.make_tensor_value_info(name, kinds[a.dtype], None) for name, a in inputs.items()],
        [
            helper.make_tensor_value_info(
                name, TensorProto.INT64 if name == "indices" else TensorProto.FLOAT, None
            )
            for name in outputs
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def run_onnx(x, w, *, transposed=False, **attributes):
    inputs = {"x": x, "w": w}
    session = onnx_session("ConvTranspose" if transposed else "Conv", inputs, ["y"], **attributes)
    return session.run(None, inputs)[0]


# The lines of `neural.shapes`, run as they stand -----------------------------------------------------------


def geometries():
    for n, k, s, padding in itertools.product(
        (7, 8), (1, 2, 3, 4), (1, 2, 3), ("SAME", "VALID", (1, 1), (1, 2))
    ):
        if k > 1 or isinstance(padding, str):
            yield n, k, {"stride": s, "padding": padding}
    for n, k, s, padding in itertools.product((9, 10), (2, 3), (1, 2), ("SAME", "VALID", (2, 1))):
        yield n, k, {"stride": s, "padding": padding, "dilation": 2}


def run_lines():
    """Run both lines of every framework on 1-channel images; the two axes have the same numbers."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    import keras
    import tensorflow as tf
    import torch
    import torch.nn.functional as F
    from jax import lax
    from onnx import helper

    from invdeconv.neural import shapes

    names = {"tf": tf, "keras": keras, "F": F, "lax": lax, "N": 1, "C": 1}
    index, values = [], []
    for number, (n, k, options) in enumerate(geometries()):
        table = shapes(n, k, **options)
        m = table.output_size
        w, x, y = (whole(5 * number + i, (size, size)) for i, size in enumerate((k, n, m)))
        for row in table.frameworks:
            for line, data in ((row.convolution, x), (row.transposed, y)):
                if row.framework == "TensorFlow" and data is y and table.dilation > 1:
                    continue  # TensorFlow on the CPU does not have it
                first = row.framework in ("PyTorch", "ONNX")
                layer, weights = (
                    (data[None, None], w[None, None])
                    if first
                    else (data[None, ..., None], w[..., None, None])
                )
                key = "x" if data is x else "y"
                if row.framework == "ONNX":
                    found = run_node(eval(line, {"make_node": helper.make_node}), {key: layer, "w": weights})
                elif row.framework == "PyTorch":
                    found = eval(line, names | {key: torch.from_numpy(layer), "w": torch.from_numpy(weights)})
                else:
                    found = eval(line, names | {key: layer, "w": weights})
                found = np.asarray(found)
                found = found[0, 0] if first else found[0, ..., 0]
                index.append({"n": n, "k": k, "options": options, "line": line, "shape": found.shape})
                values += [w.ravel(), data.ravel(), found.ravel()]
    np.savez_compressed(HERE / "lines.npz", index=json.dumps(index), values=np.concatenate(values))
    print("lines", len(index))


def run_node(node, inputs):
    """Run one ONNX node as it was made."""
    from onnx import helper

    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    return onnx_session(node.op_type, inputs, list(node.output), **attributes).run(None, inputs)[0]


# Pooling and upsampling -----------------------------------------------------------------------------------


def pooling_cases():
    """Yield (function, options, arrays): what each framework returned for data x."""
    import tensorflow as tf
    import torch
    import torch.nn.functional as F

    tied = np.random.default_rng(5).integers(0, 4, (2, 3, 5, 7)).astype(np.float32)  # many equal values
    t = torch.from_numpy(tied)
    for size, stride, padding, dilation, ceil in (
        ((2, 2), None, 0, 1, False),
        ((3, 2), (2, 2), (1, 0), 1, False),
        ((3, 3), 2, 1, 1, True),
        ((2, 2), 3, 1, 1, True),
        ((2, 3), 1, 0, 2, False),
    ):
        values, indices = F.max_pool2d(t, size, stride, padding, dilation, ceil, return_indices=True)
        options = {
            "size": size,
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
            "ceil_mode": ceil,
        }
        arrays = {"x": tied, "values": values.numpy(), "indices": indices.numpy()}
        if stride is None:
            arrays["unpooled"] = F.max_unpool2d(values, indices, size, output_size=t.shape).numpy()
        yield "max_pool", options | {"convention": "torch"}, arrays

        inputs = {"x": tied}
        pair = lambda v: [v, v] if isinstance(v, int) else list(v)  # noqa: E731
        for order, convention in ((0, "onnx"), (1, "onnx_column_major")):
            session = onnx_session(
                "MaxPool", inputs, ["values", "indices"], kernel_shape=pair(size), strides=pair(stride or size),
                pads=pair(padding) * 2, dilations=pair(dilation), ceil_mode=int(ceil), storage_order=order,
            )  # fmt: skip
            values_, indices_ = session.run(None, inputs)
            yield (
                "max_pool",
                options | {"convention": convention},
                {"x": tied, "values": values_, "indices": indices_},
            )

    last = np.moveaxis(tied, 1, -1).copy()
    for padding, batch in itertools.product(("SAME", "VALID"), (False, True)):
        values, indices = tf.nn.max_pool_with_argmax(
            last, (2, 3), (2, 2), padding, include_batch_in_index=batch
        )
        options = {"size": (2, 3), "stride": (2, 2), "padding": padding}
        options["convention"] = "tensorflow_with_batch" if batch else "tensorflow"
        yield "max_pool", options, {"x": last, "values": values.numpy(), "indices": indices.numpy()}

    # ONNX's own node test "maxunpool_export_with_output_shape": ONNX Runtime counts in the 5 × 5 plane.
    inputs = {
        "x": np.array([[[[5, 6], [7, 8]]]], np.float32),
        "where": np.array([[[[5, 7], [13, 15]]]], np.int64),
        "shape": np.array([1, 1, 5, 5], np.int64),
    }
    unpooled = onnx_session("MaxUnpool", inputs, ["y"], kernel_shape=[2, 2], strides=[2, 2]).run(
        None, inputs
    )[0]
    yield (
        "max_unpool",
        {"convention": "onnx"},
        {"x": inputs["x"], "indices": inputs["where"], "unpooled": unpooled},
    )

    whole_x = whole(9, (2, 3, 5, 7))
    t = torch.from_numpy(whole_x)
    for size, stride, padding, include in (
        ((2, 2), None, 0, True),
        ((3, 2), (2, 1), (1, 0), True),
        ((3, 3), 2, 1, False),
    ):
        y = F.avg_pool2d(t, size, stride, padding, count_include_pad=include).numpy()
        options = {"size": size, "stride": stride, "padding": padding, "count_include_pad": include}
        yield "average_pool", options, {"x": whole_x, "values": y}
    y = np.moveaxis(tf.nn.avg_pool2d(np.moveaxis(whole_x, 1, -1), (3, 2), (2, 2), "SAME").numpy(), -1, 1)
    options = {"size": (3, 2), "stride": (2, 2), "padding": "SAME", "count_include_pad": False}
    yield "average_pool", options, {"x": whole_x, "values": y}

    y = F.interpolate(t, scale_factor=(2, 3), mode="nearest").numpy()
    yield "nearest", {"factor": (2, 3)}, {"x": whole_x, "values": y}
    for factor in ((2, 2), (3, 4)):
        y = F.interpolate(t, scale_factor=factor, mode="bilinear", align_corners=False).numpy()
        yield "bilinear", {"factor": factor}, {"x": whole_x, "values": y}
    shuffled = whole(3, (2, 8, 3, 5))
    y = F.pixel_shuffle(torch.from_numpy(shuffled), 2).numpy()
    yield "pixel_shuffle", {"factor": (2, 2)}, {"x": shuffled, "values": y}
    w, x = whole(4, (8, 3, 3, 5)), whole(6, (2, 3, 4, 6))
    y = F.pixel_shuffle(F.conv2d(torch.from_numpy(x), torch.from_numpy(w), padding=(1, 2)), 2).numpy()
    yield "sub_pixel", {"factor": (2, 2)}, {"w": w, "x": x, "values": y}


def run_pooling():
    index, arrays = [], {}
    for number, (function, options, case) in enumerate(pooling_cases()):
        index.append({"function": function, "options": options, "arrays": list(case)})
        arrays |= {f"{number}.{key}": value for key, value in case.items()}
    np.savez_compressed(HERE / "pooling.npz", index=json.dumps(index), **arrays)
    print("pooling", len(index), "cases")


RUNS = {
    "tensorflow": (tensorflow_cases, run_tensorflow),
    "keras": (keras_cases, run_keras),
    "torch": (torch_cases, run_torch),
    "jax": (jax_cases, run_jax),
    "onnx": (onnx_cases, run_onnx),
}


def main():
    for name in sys.argv[1:] or [*RUNS, "lines", "pooling"]:
        if name == "lines":
            run_lines()
        elif name == "pooling":
            run_pooling()
        else:
            cases, call = RUNS[name]
            collect(name, cases(), call)


if __name__ == "__main__":
    main()
