"""Orthonormal wavelets of any size, and the details as a regularizer, against PyWavelets."""

from __future__ import annotations

import array_api_strict as strict
import numpy as np
import pytest
import pywt
from tolerance import assert_close, normal

from invdeconv import InvalidInputError, check_operator
from invdeconv.operators import Diagonal, Samples, Wavelets, wavelet_details

SHAPES = [(8,), (7,), (2,), (1, 6), (9, 7), (12, 8), (2, 3, 5)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("wavelet", ["db1", "db4", "sym8"])
def test_the_adjoint_is_the_inverse(wavelet, shape, rng):
    for level in (None, 1, 2):
        if level == 2 and shape == (2,):
            continue
        W = Wavelets(shape, wavelet, level=level)
        matrix = W.to_dense()
        # PyWavelets holds its filters to some 1e-12.
        assert np.abs(matrix.T @ matrix - np.eye(matrix.shape[1])).max() < 1e-11
        constant = W(np.ones(shape))
        assert np.abs(constant[: W.n_details]).max() < 1e-10
        assert np.linalg.norm(constant[W.n_details :]) == pytest.approx(np.prod(shape) ** 0.5)
        x = normal(rng, shape, complex_=True)
        assert np.abs(W.H(W(x)) - x).max() < 1e-10
    check_operator(Wavelets(shape, wavelet))
    check_operator(wavelet_details(shape, wavelet))


@pytest.mark.parametrize("wavelet", ["db1", "db3", "sym8", "coif2"])
def test_one_level_is_that_of_pywavelets(wavelet, rng):
    x = normal(rng, (32, 18))
    W = Wavelets(x.shape, wavelet, level=1)
    bands = np.split(W(x), 4)
    theirs = pywt.dwt2(x, wavelet, mode="periodization")
    # The same coefficients, counted from another sample of the period.
    for coefficients, band in zip(bands, (theirs[1][1], theirs[1][0], theirs[1][2], theirs[0]), strict=True):
        ours = coefficients.reshape(16, 9)
        rolls = [np.roll(ours, (i, j), (0, 1)) for i in range(16) for j in range(9)]
        assert min(np.abs(roll - band).max() for roll in rolls) < 1e-11


def test_two_levels_are_one_and_one(rng):
    x = normal(rng, (12, 8))
    first, both = Wavelets(x.shape, "db2", level=1), Wavelets(x.shape, "db2", level=2)
    y = first(x)
    second = Wavelets((6, 4), "db2", level=1)(y[first.n_details :].reshape(6, 4))
    assert_close(both(x), np.concatenate([y[: first.n_details], second]))


def test_what_has_mean_zero_is_lengthened_by_zeros(rng):
    # So that constants stay constants no sample of an odd axis is dropped or counted twice.
    x = normal(rng, (7,))
    x -= x.mean()
    assert_close(Wavelets((7,), "db2", level=1)(x), Wavelets((8,), "db2", level=1)(np.append(x, 0.0)))


def test_array_api_and_single_precision(rng):
    W = Wavelets((9, 6), "db2")
    x = normal(rng, (9, 6))
    got = W(strict.asarray(x.astype(np.float32)))
    assert got.dtype == strict.float32
    assert_close(np.asarray(got), W(x))
    assert_close(np.asarray(W.H(got)), x)


def test_default_level():
    assert Wavelets((64, 40), "db1").level == 5
    assert Wavelets((64, 40), "db4").level == 2
    assert Wavelets((5, 3), "sym8").level == 1
    assert repr(Wavelets((64, 40), "db4")) == "Wavelets db4, level 2: (64, 40) → (2560,)"


def test_diagonal(rng):
    w = normal(rng, (4, 3), complex_=True)
    check_operator(Diagonal(w))
    check_operator(Diagonal(w.real))
    assert_close(Diagonal(w).to_dense(), np.diag(w.ravel()))


def test_samples(rng):
    keep = rng.random((4, 5)) > 0.4
    keep[0, 0] = keep[3, 4] = False
    S = Samples(keep)
    check_operator(S)
    np.testing.assert_array_equal(S.to_dense(), np.eye(20)[keep.ravel()])
    x = normal(rng, (4, 5)).astype(np.float32)
    np.testing.assert_array_equal(np.asarray(S(strict.asarray(x))), x[keep])
    np.testing.assert_array_equal(np.asarray(S.H(strict.asarray(x[keep]))), x * keep)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Wavelets((1, 1)), r"Wavelets: shape must have an axis of two samples; got \(1, 1\)"),
        (lambda: Wavelets((8,), "haar2"), "Wavelets: wavelet must be one of "),
        (lambda: Wavelets((8,), "bior2.2"), "Wavelets: wavelet must be orthogonal; got 'bior2.2'"),
        (lambda: Wavelets((8,), level=0), "Wavelets: level must be an integer >= 1; got 0"),
        (lambda: Wavelets((8, 5), level=4), r"Wavelets: level must halve .*; got 4\. At most 3 here"),
        (lambda: Samples(np.zeros(3)), "Samples: keep must keep a sample; got none"),
        (lambda: Diagonal([np.nan]), "Diagonal: weights must be finite"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(InvalidInputError, match=message):
        call()
