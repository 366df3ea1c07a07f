"""Every framework's own output, stored: shapes, values and dtype of its layers. See golden/make_golden.py."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from tolerance import assert_close

from invdeconv import Convolution, check_operator, neural

GOLDEN = Path(__file__).parents[1] / "golden"
MAKERS = {
    "tensorflow": neural.from_tensorflow,
    "keras": neural.from_keras,
    "torch": neural.from_torch,
    "jax": neural.from_jax,
    "onnx": neural.from_onnx,
}


def cases(framework):
    """Yield (w, x, y, options) of every stored case."""
    with np.load(GOLDEN / f"{framework}.npz") as stored:
        index = json.loads(str(stored["index"]))
        values = {key: stored[key] for key in "wxy"}
    start = dict.fromkeys("wxy", 0)
    for case in index:
        arrays = []
        for key in "wxy":
            size = int(np.prod(case[key]))
            arrays.append(values[key][start[key] : start[key] + size].reshape(case[key]))
            start[key] += size
        yield *arrays, case["options"]
    assert all(start[key] == len(values[key]) for key in "wxy")


@pytest.mark.parametrize("framework", MAKERS)
def test_layer_returns_what_the_framework_returns(framework):
    tried = {False: 0, True: 0}
    for w, x, y, options in cases(framework):
        layer = MAKERS[framework](w, x.shape, **options)
        label = f"{layer!r} {options}"
        found = layer(x)
        assert found.shape == y.shape == layer.output_shape, label
        assert found.dtype == y.dtype == np.float32, label
        assert_close(found, y, label=label)
        tried[layer.transposed] += 1
    assert min(tried.values()) > 25


@pytest.mark.parametrize("framework", MAKERS)
def test_layer_is_a_sound_operator(framework):
    for number, (w, x, _, options) in enumerate(cases(framework)):
        if number % 9 == 0 or w.ndim > 3:
            check_operator(MAKERS[framework](w, x.shape, **options))


@pytest.mark.parametrize("framework", MAKERS)
def test_convolution_is_the_canonical_form(framework):
    """`.convolution` is channels first, explicit pads, and of one sample."""
    for w, x, y, options in cases(framework):
        if w.ndim != 3 or x.shape[0] != 1 or "dimension_numbers" in options:
            continue
        layer = MAKERS[framework](w, x.shape, **options)
        C = layer.convolution
        sample, expected = x.reshape(-1), y.reshape(-1)  # one channel: the layout is all ones
        if C.input_shape[0] == C.output_shape[0] == 1:
            operator = C.T if layer.transposed else C
            found = operator(sample[: operator.shape[1]].reshape(operator.input_shape)).ravel()
            if operator.shape == (expected.size, sample.size):  # no rows cropped
                assert_close(found, expected, label=f"{layer!r} {options}")


def geometry_of(line):
    return (
        line["n"],
        line["k"],
        {key: tuple(value) if isinstance(value, list) else value for key, value in line["options"].items()},
    )


def test_code_lines_of_the_shape_calculator_do_what_they_say():
    """Each line was run in its framework as it stands: y = Cx, and Cᵀy of n samples."""
    with np.load(GOLDEN / "lines.npz") as stored:
        index, values = json.loads(str(stored["index"])), stored["values"]
    start = 0
    for entry in index:
        n, k, options = geometry_of(entry)
        table = neural.shapes(n, k, **options)
        lines = {line for row in table.frameworks for line in (row.convolution, row.transposed)}
        assert entry["line"] in lines, f"{entry['line']} is no longer the line; run make_golden.py again"
        C = Convolution(
            _next(values, start, (k, k)),
            (n, n),
            stride=table.stride,
            dilation=table.dilation,
            padding=(table.pads,) * 2,
            correlate=True,
        )
        transposed = any(entry["line"] == row.transposed for row in table.frameworks)
        operator = C.T if transposed else C
        data = _next(values, start + k * k, operator.input_shape)
        found = _next(values, start + k * k + data.size, entry["shape"])
        assert_close(found, operator(data), label=entry["line"])
        start += k * k + data.size + found.size
    assert start == len(values)
    assert len(index) > 700


def _next(values, start, shape):
    return values[start : start + int(np.prod(shape))].reshape(shape)


def test_default_sizes_of_the_shape_calculator():
    """What the calculator says each transposed layer returns when it is told nothing of n."""
    makers = {
        "Keras": lambda w, m, s, d, word: neural.from_keras(
            w, (1, m, 1), strides=s, dilation_rate=d, padding=word.lower(), transposed=True
        ).output_shape[1],
        "JAX": lambda w, m, s, d, word: neural.from_jax(
            w, (1, m, 1), strides=s, rhs_dilation=d, padding=word, transposed=True
        ).output_shape[1],
        "ONNX": lambda w, m, s, d, word: neural.from_onnx(
            w.reshape(1, 1, -1), (1, 1, m), strides=s, dilations=d, transposed=True,
            auto_pad="SAME_UPPER" if word == "SAME" else "VALID",
        ).output_shape[2],
    }  # fmt: skip
    for n, k, s, d, word in product((7, 8, 9), (1, 2, 3, 4), (1, 2, 3), (1, 2), ("SAME", "VALID")):
        table = neural.shapes(n, k, stride=s, dilation=d, padding=word)
        for row in table.frameworks:
            if row.framework in makers:
                size = makers[row.framework](np.ones((k, 1, 1)), table.output_size, s, d, word)
                assert row.default_size == size, (row.framework, n, k, s, d, word)
    for n, k, s, p in product((7, 8, 9), (2, 3, 4), (1, 2, 3), (0, 1)):
        table = neural.shapes(n, k, stride=s, padding=p)
        (torch,) = (row for row in table.frameworks if row.framework == "PyTorch")
        layer = neural.from_torch(
            np.ones((1, 1, k)), (1, 1, table.output_size), stride=s, padding=p, transposed=True
        )
        assert torch.default_size == layer.output_shape[2]


# Pooling and upsampling


def pooling_cases(function):
    with np.load(GOLDEN / "pooling.npz") as stored:
        for number, case in enumerate(json.loads(str(stored["index"]))):
            if case["function"] == function:
                yield case["options"], {key: stored[f"{number}.{key}"] for key in case["arrays"]}


def test_max_pool_returns_the_values_and_switches_of_every_framework():
    conventions = set()
    for options, stored in pooling_cases("max_pool"):
        pooled = neural.max_pool(stored["x"], **options)
        np.testing.assert_array_equal(pooled.values, stored["values"], err_msg=str(options))
        assert pooled.values.dtype == np.float32
        np.testing.assert_array_equal(pooled.indices, stored["indices"], err_msg=str(options))
        np.testing.assert_array_equal(pooled.switches(stored["x"]), stored["values"])
        convention = options["convention"]
        conventions.add(convention)
        unpool = neural.max_unpool(stored["indices"], stored["x"].shape, convention=convention)
        np.testing.assert_array_equal(unpool.H(stored["x"]), stored["values"])
        if "unpooled" in stored:
            np.testing.assert_array_equal(unpool(stored["values"]), stored["unpooled"])
    assert len(conventions) == 5


def test_max_unpool_counts_in_the_output_plane_as_onnx_runtime_does():
    """ONNX's own node test expects the indices in the inferred 4 × 4 plane instead (onnx issue 2398)."""
    ((options, stored),) = pooling_cases("max_unpool")
    unpool = neural.max_unpool(stored["indices"], (1, 1, 5, 5), **options)
    np.testing.assert_array_equal(unpool(stored["x"]), stored["unpooled"])
    np.testing.assert_array_equal(stored["unpooled"][0, 0, 1], [5, 0, 6, 0, 0])


def test_average_pool_returns_what_the_frameworks_return():
    for options, stored in pooling_cases("average_pool"):
        found = neural.average_pool(stored["x"].shape, **options)(stored["x"])
        assert found.dtype == np.float32
        assert_close(found, stored["values"], label=str(options))


@pytest.mark.parametrize("function", ["nearest", "pixel_shuffle"])
def test_upsampling_returns_what_pytorch_returns(function):
    for options, stored in pooling_cases(function):
        found = getattr(neural, function)(stored["x"].shape, **options)(stored["x"])
        assert found.dtype == np.float32
        assert_close(found, stored["values"])


def test_bilinear_is_pytorch_interpolate_away_from_the_rim():
    for options, stored in pooling_cases("bilinear"):
        found = neural.bilinear(stored["x"].shape, **options)(stored["x"])
        inside = (..., *(slice(f, -f) for f in options["factor"]))
        assert found.shape == stored["values"].shape
        assert_close(found[inside], stored["values"][inside])
        # At the rim PyTorch repeats the edge, a transposed convolution has zeros there.
        assert np.abs(found - stored["values"]).max() > 0.1


def test_sub_pixel_is_convolution_and_shuffle():
    ((options, stored),) = pooling_cases("sub_pixel")
    layer = neural.sub_pixel(stored["w"], stored["x"].shape, **options)
    assert_close(layer(stored["x"]), stored["values"])
    check_operator(layer)
