"""A constant that is kept as one number goes through a convolution without a transform."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from tolerance import assert_close, normal

from invdeconv import richardson_lucy
from invdeconv.arrays import constant, is_constant
from invdeconv.operators import Convolution
from invdeconv.operators.convolution import _fourier

GEOMETRIES = {
    "same": {},
    "even kernel": {"origin": (1, 0)},
    "valid": {"padding": "valid"},
    "full": {"padding": "full"},
    "pads": {"padding": ((3, 0), (1, 5))},
    "dilated": {"dilation": (2, 3)},
    "dilated, full": {"dilation": (3, 2), "padding": "full"},
    "correlation": {"correlate": True},
    "periodic": {"boundary": "periodic"},
    "one axis periodic": {"boundary": ("periodic", "zero")},
    "symmetric": {"boundary": "symmetric"},
    "antireflect": {"boundary": ("reflect", "antireflect")},
    "strided": {"stride": (2, 3)},
    "periodic, valid": {"boundary": "periodic", "padding": "valid"},
}


@pytest.mark.parametrize("options", GEOMETRIES.values(), ids=GEOMETRIES)
@pytest.mark.parametrize("complex_", [False, True], ids=["real", "complex"])
@pytest.mark.parametrize("size", [(4, 3), (3, 2)], ids=str)
def test_it_is_convolved_as_any_array(options, complex_, size, rng):
    if any(o >= k for o, k in zip(options.get("origin", ()), size, strict=False)):
        pytest.skip("the origin lies outside")
    C = Convolution(normal(rng, size, complex_=complex_), (11, 8), **options).with_engine("fft")
    for A in (C, C.H, C.T):
        one = constant(0.7, A.input_shape, np.ones(1))
        assert is_constant(one)
        assert_close(A(one), A(one.copy()))
        turned = constant(0.7 - 0.2j, A.input_shape, np.ones(1, complex))
        assert_close(A(turned), A(turned.copy()))


def test_a_kernel_longer_than_the_data(rng):
    C = Convolution(normal(rng, (9, 12)), (5, 4), padding="full").with_engine("fft")
    for A in (C, C.H):
        one = constant(1.0, A.input_shape, np.ones(1))
        assert_close(A(one), A(one.copy()))


def test_precision_follows_the_data(rng):
    C = Convolution(normal(rng, (4, 3)), (11, 8)).with_engine("fft")
    for dtype in (np.float32, np.float64, np.complex64):
        one = constant(1.0, (11, 8), np.ones(1, dtype))
        for A in (C, C.H):
            assert A(one).dtype == dtype
            assert_close(A(one), A(one.copy()))


def test_sums_are_exact_where_the_whole_kernel_is_met():
    """Rounding of a transform would leave a blur of 1 that is not 1 inside."""
    C = Convolution(np.full((16, 16), 2.0**-8), (64, 48)).with_engine("fft")
    assert (C.H(constant(1.0, (64, 48), np.ones(1)))[16:-16, 16:-16] == 1).all()


def test_without_a_transform(monkeypatch, rng):
    def no_transform(*_args, **_options):
        raise AssertionError("a constant was transformed")

    C = pickle.loads(pickle.dumps(Convolution(normal(rng, (4, 3)), (11, 8)).with_engine("fft")))
    monkeypatch.setattr(_fourier, "filtered", no_transform)
    C(constant(1.0, (11, 8), np.ones(1)))
    C.H(constant(1.0, (11, 8), np.ones(1)))


def test_what_varies_is_no_constant():
    row = np.arange(4.0)
    assert not is_constant(np.broadcast_to(row, (3, 4)))
    assert not is_constant(np.ones((3, 4)))
    assert not is_constant(row[:1])


@pytest.mark.parametrize("iterations", [1, 3])
def test_richardson_lucy_begins_without_a_transform(iterations, monkeypatch, rng):
    """Cᵀ1 and the blur of the flat start are sums of taps; then come two products an iteration."""
    calls = []

    def counted(*args, **options):
        calls.append(args)
        return filtered(*args, **options)

    filtered = _fourier.filtered
    monkeypatch.setattr(_fourier, "filtered", counted)
    psf = rng.random((8, 7))
    C = Convolution.from_psf(psf / psf.sum(), (40, 32), boundary="unknown").with_engine("fft")
    richardson_lucy(1 + rng.random((40, 32)), C, stop=None, max_iter=iterations)
    assert len(calls) == 2 * iterations - 1
