"""Convolution with channels: entry by entry its definition, its adjoint the conjugate transpose."""

from __future__ import annotations

import pickle
import re
from itertools import product

import array_api_strict as strict
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from tolerance import assert_close, normal
from twins import channels_matrix, convolution_matrix

from invdeconv import Convolution, InvalidInputError, check_operator, decompose, tikhonov
from invdeconv.operators import BOUNDARIES

ENGINES = ("direct", "fft")
# (C_in, C_out, groups): mixing, two groups, depthwise, with a multiplier, one to many
CHANNELS = [(3, 2, 1), (4, 2, 2), (3, 3, 3), (2, 4, 2), (1, 3, 1)]


def kernel_of(cin, cout, groups, size, *, complex_=False):
    rng = np.random.default_rng([cin, cout, *size])
    return normal(rng, (cout, cin // groups, *size), complex_=complex_)


def assert_is_its_definition(kernel, shape, engines=ENGINES, **options):
    matrix, output_shape = channels_matrix(kernel, shape, **options)
    for engine in engines:
        C = Convolution(kernel, shape, channels=True, **options).with_engine(engine)
        label = f"{C!r} {engine} {options}"
        assert C.engine == engine
        assert C.output_shape == output_shape, label
        assert (C.dtype.kind == "c") == (kernel.dtype.kind == "c"), label
        assert_close(C.to_dense(), matrix, c=32, label=label)
        assert_close(C.H.to_dense(), matrix.conj().T, c=32, label=f"adjoint of {label}")
    if "direct" in engines:
        with pytest.MonkeyPatch.context() as patch:  # tap by tap, which small arrays would not choose
            patch.setattr("invdeconv.operators.convolution._frames._MANY_CHANNELS", 1)
            C = Convolution(kernel, shape, channels=True, **options).with_engine("direct")
            assert_close(C.to_dense(), matrix, c=32, label=f"{C!r} tap by tap")
            assert_close(C.H.to_dense(), matrix.conj().T, c=32, label=f"adjoint of {C!r} tap by tap")


@pytest.mark.parametrize("channels", CHANNELS, ids=str)
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_signals(boundary, channels):
    cin, cout, groups = channels
    pads = ("valid", "same", "full", (2, 0), ((1, 4),))
    # Two pads in five, in turn: every boundary, and every kind of channels, meets every stride and pad.
    turn = CHANNELS.index(channels) + BOUNDARIES.index(boundary)
    for case, (stride, padding) in enumerate(product((1, 2, 3), pads)):
        if (case + turn) % len(pads) > 1:
            continue
        complex_, dilation = case % 2 == 1, 1 + case // 2 % 2
        kernel = kernel_of(cin, cout, groups, (3,), complex_=complex_)
        assert_is_its_definition(
            kernel,
            (cin, 5),
            groups=groups,
            stride=stride,
            dilation=dilation,
            padding=padding,
            boundary=boundary,
            correlate=complex_,
        )


GROUPS = [1, 2, 4]
IMAGE_BOUNDARIES = [*BOUNDARIES, ("periodic", "symmetric"), ("edge", "zero")]


@pytest.mark.parametrize("groups", GROUPS)
@pytest.mark.parametrize("boundary", IMAGE_BOUNDARIES, ids=str)
def test_images(boundary, groups):
    cases = [
        {},
        {"stride": 2, "correlate": True},
        {"stride": (1, 3), "dilation": (2, 1)},
        {"padding": "full"},
        {"padding": ((1, 0), (2, 3)), "stride": (2, 1), "correlate": True},
        {"padding": "valid", "dilation": (1, 2)},
    ]
    # Two of the six, in turn: every boundary, and every number of groups, meets every case.
    first = 2 * ((GROUPS.index(groups) + IMAGE_BOUNDARIES.index(boundary)) % 3)
    for options, complex_ in zip(cases[first : first + 2], (False, True), strict=True):
        kernel = kernel_of(4, 4, groups, (2, 3), complex_=complex_)
        assert_is_its_definition(kernel, (4, 4, 5), groups=groups, boundary=boundary, **options)


def test_a_volume_and_an_origin():
    kernel = kernel_of(2, 3, 1, (2, 1, 3))
    assert_is_its_definition(kernel, (2, 3, 2, 4), stride=(1, 1, 2), boundary=("symmetric", "zero", "zero"))
    kernel = kernel_of(2, 3, 1, (4, 3))
    assert_is_its_definition(kernel, (2, 4, 5), origin=(0, 2), correlate=True)
    assert_is_its_definition(kernel, (2, 4, 5), origin=(3, 0), stride=2, boundary="reflect")


def test_kernels_longer_than_the_data_and_strides_longer_than_both():
    assert_is_its_definition(kernel_of(2, 2, 1, (9,)), (2, 4))
    assert_is_its_definition(kernel_of(2, 2, 2, (9,)), (2, 4), groups=2, boundary="symmetric")
    assert_is_its_definition(kernel_of(2, 3, 1, (2,)), (2, 7), stride=5)
    assert_is_its_definition(kernel_of(2, 3, 1, (2, 2)), (2, 3, 1), stride=(4, 3))
    assert_is_its_definition(kernel_of(2, 3, 1, (1,)), (2, 7), stride=2, padding=(9, 3))


def test_taps_that_are_zero_everywhere_are_skipped():
    kernel = kernel_of(2, 3, 1, (3, 3))
    kernel[:, :, 1, :] = 0
    kernel[0] = 0
    assert_is_its_definition(kernel, (2, 4, 5), stride=2)
    depthwise = kernel_of(2, 2, 2, (3,))
    depthwise[0, 0, 1] = 0
    assert_is_its_definition(depthwise, (2, 5), groups=2)


def test_blocks_of_rows_fit_together(rng, monkeypatch):
    """The same sums whatever the size of a block, by copied columns and tap by tap."""
    module = "invdeconv.operators.convolution._frames."
    for shape, size in (((3, 11, 13), (3, 2)), ((3, 4, 5, 6), (2, 2, 3)), ((3, 40), (5,))):
        kernel = kernel_of(3, 4, 1, size)
        for stride in (1, 2):
            C = Convolution(kernel, shape, stride=stride, channels=True).with_engine("direct")
            x = normal(rng, shape)
            whole = C(x), C.H(C(x))
            for entries, channels in product((1, 50, 500, 3000), (1, 48)):
                with monkeypatch.context() as patch:
                    patch.setattr(module + "_BLOCK", entries)
                    patch.setattr(module + "_MANY_CHANNELS", channels)
                    assert_close(C(x), whole[0])
                    assert_close(C.H(whole[0]), whole[1])


REGISTRY = {
    f"{name} {engine}": Convolution(kernel, shape, channels=True, **options).with_engine(engine)
    for engine in ENGINES
    for name, kernel, shape, options in (
        ("mixing", kernel_of(3, 2, 1, (3, 2)), (3, 5, 4), {"boundary": "symmetric"}),
        ("strided", kernel_of(2, 3, 1, (3, 3), complex_=True), (2, 5, 6), {"stride": 2}),
        ("groups", kernel_of(4, 6, 2, (3,)), (4, 7), {"groups": 2, "dilation": 2}),
        ("depthwise", kernel_of(3, 3, 3, (2, 3)), (3, 4, 5), {"groups": 3, "boundary": "periodic"}),
        (
            "multiplier",
            kernel_of(2, 4, 2, (4,), complex_=True),
            (2, 7),
            {"groups": 2, "stride": 2, "boundary": "antireflect"},
        ),
    )
}
every_operator = pytest.mark.parametrize("name", list(REGISTRY))


@every_operator
def test_check_operator(name):
    check_operator(REGISTRY[name])
    check_operator(REGISTRY[name].H, rng=1)


@every_operator
def test_namespace_and_precision(name, rng):
    C = REGISTRY[name]
    for operator in (C, C.H, C.T):
        for complex_, single in product((False, True), repeat=2):
            x = normal(rng, operator.input_shape, complex_=complex_)
            x = x.astype(np.complex64 if complex_ else np.float32) if single else x
            expected = operator(x)
            got = operator(strict.asarray(x))
            assert expected.real.dtype == x.real.dtype
            assert isinstance(got, type(strict.asarray(0.0)))
            assert str(got.dtype).endswith(str(expected.dtype))
            assert_close(np.asarray(got), expected, c=32)


@every_operator
def test_pickle_drops_the_caches_and_keeps_the_bits(name, rng):
    C = REGISTRY[name]
    x = normal(rng, C.input_shape)
    y, size = C(x), len(pickle.dumps(C))
    back = C.H(y)
    assert len(pickle.dumps(C)) == size
    other = pickle.loads(pickle.dumps(C))
    assert repr(other) == repr(C)
    assert other.engine == C.engine
    assert_array_equal(other(x), y)
    assert_array_equal(other.H(y), back)


@every_operator
def test_the_adjoint_is_back_propagation_to_the_input(name, rng):
    """∂/∂x of ½‖Cx − d‖² by central differences, exact for a quadratic, against Cᴴ(Cx − d)."""
    C = REGISTRY[name]
    x, d = normal(rng, C.input_shape), normal(rng, C.output_shape, complex_=C.dtype.kind == "c")

    def loss(z):
        return 0.5 * np.linalg.norm(C(z) - d) ** 2

    gradient = np.empty(x.size)
    for i in range(x.size):
        step = np.zeros(x.size)
        step[i] = 0.5
        step = step.reshape(x.shape)
        gradient[i] = loss(x + step) - loss(x - step)
    assert_close(C.H(C(x) - d).real.ravel(), gradient, c=100, size=loss(x))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("kernel_shape", "shape", "options"),
    [
        ((16, 12, 3, 3), (12, 61, 64), {"boundary": "reflect"}),
        ((16, 12, 4, 3), (12, 61, 64), {"stride": 2}),
        ((12, 6, 5, 3), (12, 61, 64), {"groups": 2, "stride": (3, 2), "dilation": (1, 3)}),
        ((24, 1, 7, 7), (12, 61, 64), {"groups": 12, "boundary": "antireflect"}),
        ((5, 4, 3, 3, 3), (4, 9, 30, 31), {"stride": 2}),
        ((8, 3, 41), (3, 20011), {"stride": 4, "boundary": "periodic"}),
    ],
    ids=str,
)
def test_dot_test_of_large_cases(kernel_shape, shape, options, engine, rng):
    for complex_ in (False, True):
        kernel = normal(rng, kernel_shape, complex_=complex_)
        C = Convolution(kernel, shape, channels=True, **options).with_engine(engine)
        x, y = normal(rng, shape, complex_=complex_), normal(rng, C.output_shape, complex_=complex_)
        cx, hy = C(x), C.H(y)
        scale = np.linalg.norm(cx) * np.linalg.norm(y)
        assert abs(np.vdot(cx, y) - np.vdot(x, hy)) < 1e-12 * scale


def test_engines_agree_and_the_count_of_work_chooses(rng):
    layer = Convolution(normal(rng, (32, 32, 3, 3)), (32, 28, 28), channels=True)
    wide = Convolution(normal(rng, (4, 1, 25, 25)), (4, 64, 64), channels=True, groups=4)
    assert (layer.engine, wide.engine) == ("direct", "fft")
    for C in (layer, wide):
        x, y = normal(rng, C.input_shape), normal(rng, C.output_shape)
        for engine in ENGINES:
            assert_close(C.with_engine(engine)(x), C(x))
            assert_close(C.with_engine(engine).H(y), C.H(y))
    small = layer.with_engine("fft")
    assert (small.engine, layer.engine) == ("fft", "direct")


def test_one_channel_is_the_convolution_without(rng):
    kernel = normal(rng, (3, 4))
    plain = Convolution(kernel, (6, 7), boundary="symmetric", stride=2)
    C = Convolution(kernel[None, None], (1, 6, 7), boundary="symmetric", stride=2, channels=True)
    assert_close(C.to_dense(), plain.to_dense())
    assert C.axes == plain.axes


def test_only_the_spatial_axes_are_turned_round():
    kernel = np.arange(12.0).reshape(2, 2, 3)
    x = np.zeros((2, 5))
    x[1, 2] = 1
    assert_array_equal(Convolution(kernel, (2, 5), channels=True)(x)[:, 1:4], kernel[:, 1])
    flipped = Convolution(kernel, (2, 5), channels=True, correlate=True)(x)
    assert_array_equal(flipped[:, 1:4], kernel[:, 1, ::-1])


def test_decompose_never_takes_channels_for_an_image(rng):
    for boundary, structures in (
        ("periodic", ("periodic DFT, one matrix per frequency",) * 2),
        ("symmetric", ("dense", None)),
    ):
        for n, structure in zip((4, 64), structures, strict=True):
            C = Convolution(np.ones((2, 2, 3, 3)), (2, n, n), channels=True, boundary=boundary)
            assert C.circulant is None
            found = decompose(C)
            assert structure == (None if found is None else found.structure)


def test_methods_take_channels(rng):
    kernel = normal(rng, (4, 2, 3))
    C = Convolution(kernel, (2, 9), channels=True)
    A, _ = channels_matrix(kernel, (2, 9))
    y = normal(rng, C.output_shape)
    expected = np.linalg.solve(A.T @ A + 0.3 * np.eye(18), A.T @ y.ravel())
    found = tikhonov(y, C, lam=0.3, regularizer="identity").estimate
    assert_close(found.ravel(), expected, c=100, condition=np.linalg.cond(A))


def test_repr():
    C = Convolution(np.ones((32, 64, 3, 3)), (64, 112, 112), stride=2, channels=True)
    assert repr(C) == "Convolution 64→32 channels, 3×3, stride 2, same: (64, 112, 112) → (32, 56, 56)"
    D = Convolution(np.ones((4, 1, 5)), (4, 9), channels=True, groups=4, boundary="edge", padding=(1, 1))
    assert repr(D) == "Convolution 4→4 channels, 4 groups, 5, pads (1, 1), edge: (4, 9) → (4, 7)"
    assert repr(D.with_engine("fft")) == repr(D)
    assert (C.groups, D.groups, Convolution([1.0], (3,)).groups) == (1, 4, None)


ONES = np.ones((4, 2, 3))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: Convolution(ONES, (3, 9), channels=True),
            "Convolution: kernel must have C_in / groups input channels; got 2 in a kernel of shape",
        ),
        (
            lambda: Convolution(ONES, (2, 9), channels=True, groups=2),
            "Convolution: kernel must have C_in / groups input channels; got 2",
        ),
        (
            lambda: Convolution(ONES, (6, 9), channels=True, groups=4),
            "Convolution: groups must divide the channels; got 4 groups of 6 input channels.",
        ),
        (
            lambda: Convolution(ONES, (6, 9), channels=True, groups=3),
            "Convolution: groups must divide the channels; got 3 groups of 4 output channels.",
        ),
        (
            lambda: Convolution(ONES, (2, 9, 9), channels=True),
            "Convolution: kernel must have 4 dimensions; got 3.",
        ),
        (
            lambda: Convolution(ONES, (9,), channels=True),
            "Convolution: input_shape must have a channel axis and a spatial axis; got (9,).",
        ),
        (
            lambda: Convolution(ONES, (2, 9, 9), groups=2),
            "Convolution: groups must be 1 without channels; got 2. Pass channels=True.",
        ),
        (
            lambda: Convolution(ONES, (2, 9), channels=True, groups=0),
            "Convolution: groups must be an integer >= 1; got 0.",
        ),
        (
            lambda: Convolution(ONES, (2, 9), channels=1),
            "Convolution: channels must be True or False; got 1.",
        ),
        (
            lambda: Convolution(ONES, (2, 9), channels=True, stride=(1, 1)),
            "Convolution: stride must have one entry per axis (1); got 2 entries.",
        ),
        (
            lambda: Convolution(ONES, (2, 2), channels=True, padding="valid"),
            "Convolution: kernel must fit into the padded input; got a kernel of 3 samples on 2 along",
        ),
        (
            lambda: Convolution(ONES, (2, 9), channels=True).with_engine("gpu"),
            "Convolution.with_engine: engine must be one of direct, fft; got 'gpu'.",
        ),
    ],
)
def test_errors(call, message):
    with pytest.raises(InvalidInputError, match=re.escape(message)):
        call()


# The whole product of cases, drawn by hypothesis.


@st.composite
def convolutions(draw):
    """Draw a small convolution of any kind, with its matrix made entry by entry."""
    ndim = draw(st.integers(1, 2))
    shape = tuple(draw(st.integers(1, 5 if ndim == 2 else 8)) for _ in range(ndim))
    size = tuple(draw(st.integers(1, 4 if ndim == 2 else 6)) for _ in range(ndim))
    options = {
        "stride": tuple(draw(st.integers(1, 3)) for _ in shape),
        "dilation": tuple(draw(st.integers(1, 3 if ndim == 1 else 2)) for _ in shape),
        "boundary": tuple(draw(st.sampled_from(BOUNDARIES)) for _ in shape),
        "correlate": draw(st.booleans()),
    }
    spans = [(k - 1) * d + 1 for k, d in zip(size, options["dilation"], strict=True)]
    padding = draw(st.sampled_from(["same", "full", "valid", "pairs"]))
    if padding == "pairs":
        padding = tuple((draw(st.integers(0, 4)), draw(st.integers(0, 4))) for _ in shape)
    fits = (
        all(n >= e for n, e in zip(shape, spans, strict=True))
        if padding == "valid"
        else isinstance(padding, str)
        or all(n + sum(p) >= e for n, p, e in zip(shape, padding, spans, strict=True))
    )
    options["padding"] = padding if fits else "same"
    if options["padding"] == "same":
        options["origin"] = tuple(draw(st.integers(0, k - 1)) for k in size)
    groups = draw(st.sampled_from([None, 1, 2, 3]))
    lead = ()
    if groups is not None:
        inputs, outputs = draw(st.integers(1, 2)), draw(st.integers(1, 2))
        shape, lead = (groups * inputs, *shape), (groups * outputs, inputs)
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    kernel = normal(rng, lead + size, complex_=draw(st.booleans()))
    engine = draw(st.sampled_from(ENGINES))
    if groups is None:
        C = Convolution(kernel, shape, **options)
        matrix, output_shape = channels_matrix(kernel[None, None], (1, *shape), **options)
        output_shape = output_shape[1:]
    else:
        C = Convolution(kernel, shape, channels=True, groups=groups, **options)
        matrix, output_shape = channels_matrix(kernel, shape, groups=groups, **options)
    return C.with_engine(engine), matrix, output_shape


@settings(max_examples=100, deadline=None)
@given(convolutions())
def test_the_adjoint_is_the_conjugate_transpose_entry_by_entry(case):
    C, matrix, output_shape = case
    assert C.output_shape == output_shape
    assert_close(C.to_dense(), matrix, c=64)
    assert_close(C.H.to_dense(), matrix.conj().T, c=64)
    assert_close(C.T.to_dense(), matrix.T, c=64)


def test_the_two_twins_agree():
    """Written separately, with and without channels."""
    kernel = kernel_of(1, 1, 1, (3, 2))
    options = {"stride": (2, 1), "boundary": ("symmetric", "periodic")}
    one, _ = channels_matrix(kernel, (1, 5, 4), **options)
    other, _ = convolution_matrix(kernel[0, 0], (5, 4), **options)
    assert_array_equal(one, other)
