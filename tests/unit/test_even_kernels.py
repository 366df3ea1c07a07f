"""A kernel that is the same to both sides has a real transfer function, which is kept as such."""

from __future__ import annotations

import numpy as np
import pytest
from tolerance import assert_close, normal

from invdeconv import Convolution
from invdeconv.operators.convolution._fourier import FourierEngine

EVEN = np.array([[1.0, 2, 1], [3, 5, 3], [1, 2, 1]])


@pytest.fixture
def multipliers(monkeypatch):
    seen = []
    plain = FourierEngine._multiplier

    def watched(self, x, *, half):
        seen.append(plain(self, x, half=half))
        return seen[-1]

    monkeypatch.setattr(FourierEngine, "_multiplier", watched)
    return seen


def agree(C, rng):
    fast, slow = C.with_engine("fft"), C.with_engine("direct")
    for complex_ in (False, True):
        x = normal(rng, C.input_shape, complex_=complex_)
        y = normal(rng, C.output_shape, complex_=complex_)
        assert_close(fast(x), slow(x))
        assert_close(fast.H(y), slow.H(y))
        assert_close(fast.T(y), slow.T(y))


@pytest.mark.parametrize("boundary", ["zero", "periodic"])
@pytest.mark.parametrize(
    ("kernel", "real"),
    [
        (EVEN, True),
        (EVEN.astype(np.float32)[:1], True),
        (EVEN + np.arange(3), False),
        (EVEN[:2], False),  # an even size has no middle
        (EVEN + 0j, False),
        (1j * EVEN, False),
    ],
    ids=["even", "one row", "slanted", "two rows", "complex", "imaginary"],
)
def test_real_where_it_may_be(kernel, real, boundary, rng, multipliers):
    agree(Convolution.from_psf(kernel, (9, 6), boundary=boundary), rng)
    assert multipliers
    assert all(np.isrealobj(multiplier) == real for multiplier in multipliers)


@pytest.mark.parametrize(
    ("options", "real"),
    [
        ({"stride": (2, 3)}, True),
        ({"dilation": 2}, True),
        ({"padding": "valid"}, False),  # the first output reads the first three samples
        ({"padding": "full"}, False),
        ({"origin": 0}, False),
    ],
    ids=str,
)
def test_real_where_the_middle_is_at_zero(options, real, rng, multipliers):
    agree(Convolution(EVEN, (13, 8), **options), rng)
    assert multipliers
    assert all(np.isrealobj(multiplier) == real for multiplier in multipliers)


@pytest.mark.parametrize(("kernel", "kept"), [(EVEN, 2), (EVEN + np.arange(3), 1)], ids=["even", "slanted"])
def test_other_kernels_keep_one_spectrum_for_all(kernel, kept, rng):
    C = Convolution.from_psf(kernel, (9, 6), boundary="periodic").with_engine("fft")
    x = normal(rng, (9, 6))
    C(x), C.H(x), C.circulant.response(x, half=True)
    assert len(C.circulant._responses) == kept


@pytest.mark.parametrize(
    ("boundary", "frame"),
    [("zero", (264, 125)), ("periodic", (259, 121)), (("zero", "periodic"), (264, 121))],
    ids=str,
)
def test_an_axis_that_does_not_wrap_round_has_a_fast_length(boundary, frame):
    """259 + 1 and 121 + 2 points for zeros; 260 is not fast, and the last axis has no factors 7 and 11."""
    C = Convolution(np.ones((3, 5)), (259, 121), padding="same", boundary=boundary)
    assert C.with_engine("fft")._engine.frame == frame
