"""Every framework's own output, stored: shapes, values and dtype of its layers. See golden/make_golden.py."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tolerance import assert_close

from invdeconv import check_operator, neural

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
