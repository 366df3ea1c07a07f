"""Wavelet-sparse restoration against closed forms, dense minima and PyWavelets."""

from __future__ import annotations

import array_api_strict as strict
import numpy as np
import pytest
import pywt
import scipy.optimize
from tolerance import assert_close, normal

from invdeconv import (
    Convolution,
    InvalidInputError,
    Status,
    check_operator,
    metrics,
    noise,
    psf,
    samples,
    simulate,
    wavelet_sparse,
)
from invdeconv.operators import UndecimatedDetails, Wavelets

KERNEL = np.array([[0.02, 0.1, 0.03], [0.1, 0.55, 0.08], [0.0, 0.07, 0.05], [0.0, 0.0, 0.0]])
SHAPES = [(16,), (12, 8), (1, 9), (5, 4, 3)]


def soft(z, threshold):
    return np.sign(z) * np.maximum(np.abs(z) - threshold, 0)


# The transform.


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("wavelet", ["db1", "db2", "sym4"])
def test_the_spectrum_of_the_details_is_the_one_they_state(shape, wavelet):
    for level in (1, 2, 3):
        D = UndecimatedDetails(shape, wavelet, level=level)
        check_operator(D)
        matrix = D.to_dense()
        values = np.linalg.eigvalsh(matrix.T @ matrix)
        np.testing.assert_allclose(values, np.sort(D.power(half=False).ravel()), atol=1e-11)
        assert_close(D.power(half=True), D.power(half=False)[..., : shape[-1] // 2 + 1], c=64)


@pytest.mark.parametrize("wavelet", ["db1", "db2", "sym4"])
def test_undecimated_details_are_those_of_pywavelets(wavelet, rng):
    x = normal(rng, (16, 24))
    ours = UndecimatedDetails(x.shape, wavelet, level=2)(x)
    theirs = pywt.swt2(x, wavelet, 2, norm=True, trim_approx=True)
    # The same coefficients up to order and sign, each band counted from another sample.
    bands = [band for level in theirs[:0:-1] for band in level]
    got = sorted((np.sort(np.abs(band).ravel()) for band in ours), key=tuple)
    expected = sorted((np.sort(np.abs(band).ravel()) for band in bands), key=tuple)
    np.testing.assert_allclose(got, expected, atol=1e-10)


def test_details_along_some_axes_are_those_of_every_slice(rng):
    x = normal(rng, (3, 8, 6))
    whole = UndecimatedDetails(x.shape, level=2, axes=(1, 2))
    check_operator(whole)
    each = UndecimatedDetails((8, 6), level=2)
    for i in range(3):
        assert_close(whole(x)[:, i], each(x[i]))


def test_details_on_other_arrays(rng):
    x = normal(rng, (9, 6)).astype(np.float32)
    D = UndecimatedDetails(x.shape, "db2", level=2)
    got = D(strict.asarray(x))
    assert got.dtype == strict.float32
    assert_close(np.asarray(got), D(x.astype(float)), eps=1e-7)
    assert_close(np.asarray(D.H(got)), D.H(D(x.astype(float))), eps=1e-7)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: UndecimatedDetails((1,)), "shape must have an axis of two samples"),
        (lambda: UndecimatedDetails((8,), "bior2.2"), "wavelet must be orthogonal"),
        (lambda: UndecimatedDetails((8,), level=0), "level must be an integer >= 1"),
    ],
)
def test_details_refuse(call, message):
    with pytest.raises(InvalidInputError, match=message):
        call()


# The minimum.


def test_one_basis_without_blur_is_soft_thresholding(rng):
    y = normal(rng, (16, 8))
    C = Convolution(np.ones((1, 1)), y.shape, boundary="periodic")
    result = wavelet_sparse(y, C, lam=0.3, wavelet="db2", undecimated=False, rtol=1e-12)
    W = Wavelets(y.shape, "db2", level=3)
    z = W(y)
    z[: W.n_details] = soft(z[: W.n_details], 0.3)
    np.testing.assert_allclose(result.estimate, W.H(z), atol=1e-9)
    assert result.status is Status.CONVERGED
    assert result.method == "wavelet_sparse (FISTA)"


def blurred(shape=(8, 7)):
    rng = np.random.default_rng(3)
    truth = np.where(np.arange(shape[0])[:, None] > 2, 2.0, 0.5) + (np.arange(shape[1]) > 1)
    C = Convolution.from_psf(KERNEL, shape, boundary="periodic")
    return C, C(truth) + 0.1 * rng.standard_normal(shape)


def dual_solution(C, D, y, lam):
    """Solve the analysis problem by its dual: bounded least squares over |q| <= λ."""
    A = C.to_dense()
    inverse = np.linalg.inv(A.T)
    found = scipy.optimize.lsq_linear(
        inverse @ D.T, inverse @ (A.T @ y.ravel()), bounds=(-lam, lam), method="bvls", tol=1e-14
    )
    return np.linalg.solve(A.T @ A, A.T @ y.ravel() - D.T @ found.x).reshape(y.shape)


@pytest.mark.parametrize("opaque", [False, True], ids=["ADMM", "primal-dual"])
def test_every_shift_is_the_minimum_of_the_analysis_problem(opaque):
    C, y = blurred((6, 5))
    D = UndecimatedDetails(y.shape).to_dense()
    expected = dual_solution(C, D, y, 0.07)
    blur = 1.0 * C if opaque else C  # the product hides the spectrum
    result = wavelet_sparse(y, blur, lam=0.07, rtol=1e-9, max_iter=4000)
    assert ("primal" in result.method) is opaque
    np.testing.assert_allclose(result.estimate, expected, atol=2e-5)


def test_one_basis_is_the_minimum_of_its_problem():
    C, y = blurred((8, 8))
    W = Wavelets(y.shape, "db1", level=3)
    details = W.to_dense()[: W.n_details]
    result = wavelet_sparse(y, C, lam=0.07, undecimated=False, rtol=1e-9, max_iter=4000)
    np.testing.assert_allclose(result.estimate, dual_solution(C, details, y, 0.07), atol=2e-5)


@pytest.mark.parametrize("undecimated", [True, False])
def test_the_gap_bounds_the_distance(undecimated):
    C, y = blurred((8, 8))
    W = Wavelets(y.shape, "db1", level=3)
    D = UndecimatedDetails(y.shape).to_dense() if undecimated else W.to_dense()[: W.n_details]

    def objective(x):
        return np.sum((C(x) - y) ** 2) / 2 + 0.05 * np.abs(D @ x.ravel()).sum()

    least = objective(dual_solution(C, D, y, 0.05))
    seen = []
    wavelet_sparse(
        y,
        C,
        lam=0.05,
        undecimated=undecimated,
        rtol=1e-9,
        max_iter=41,
        callback=lambda step: seen.append((objective(step.estimate), step.measure)),
    )
    for value, gap in seen[10::10]:
        assert value - least <= gap * value + 1e-9
    assert seen[-1][1] < 0.1


# The method.


def photograph(shape=(64, 56)):
    kernel = psf.gaussian((9, 8), 1.4)
    kernel = kernel / kernel.sum()
    scene = samples.camera()[200:, 180:][tuple(map(slice, shape))] / 255
    return simulate.observe(scene, kernel, noise_std=0.01, rng=0)


def test_the_automatic_estimate_beats_its_input_scales_and_is_near_the_best():
    seen = photograph((100, 90))
    result = wavelet_sparse(seen.data, seen.blur)
    gain = metrics.isnr(result.estimate, seen.truth, seen.data)
    assert gain > 1.0
    scaled = wavelet_sparse(4 * seen.data, seen.blur)
    np.testing.assert_allclose(scaled.estimate, 4 * result.estimate, rtol=1e-6, atol=1e-6)
    others = (
        wavelet_sparse(seen.data, seen.blur, lam=result.parameters["lam"] * f).estimate
        for f in (0.3, 0.6, 1.7, 3)
    )
    assert gain > max(metrics.isnr(x, seen.truth, seen.data) for x in others) - 0.5


def test_one_basis_takes_its_lambda_from_every_shift():
    seen = photograph()
    one = wavelet_sparse(seen.data, seen.blur, undecimated=False, max_iter=30)
    every = wavelet_sparse(seen.data, seen.blur, max_iter=30)
    assert one.parameters["lam"] == pytest.approx(4 * every.parameters["lam"], rel=1e-9)
    assert metrics.isnr(every.estimate, seen.truth, seen.data) > metrics.isnr(
        one.estimate, seen.truth, seen.data
    )


@pytest.mark.parametrize("undecimated", [True, False])
def test_other_arrays_and_single_precision(undecimated):
    data = photograph().data[:20, :17].astype(np.float32)
    kernel = KERNEL[:3] / KERNEL.sum()
    options = {"undecimated": undecimated, "max_iter": 10, "lam": 1e-3}
    ours = wavelet_sparse(strict.asarray(data), kernel, **options).estimate
    assert ours.dtype == strict.float32
    theirs = wavelet_sparse(data, kernel, **options).estimate
    assert theirs.dtype == np.float32
    np.testing.assert_allclose(np.asarray(ours), theirs, atol=2e-3)


@pytest.mark.parametrize("undecimated", [True, False])
def test_channels_do_not_mix(undecimated):
    rng = np.random.default_rng(1)
    kernel = np.zeros((2, 2, 3, 3))
    # Without blur both converge at once; restarts and balanced steps look at all channels together.
    kernel[[0, 1], [0, 1], 1, 1] = 1
    C = Convolution(kernel, (2, 8, 6), channels=True, boundary="periodic")
    y = rng.random(C.output_shape)
    alone = y.copy()
    alone[1] = 5.0
    options = {"lam": 0.02, "undecimated": undecimated, "max_iter": 300, "rtol": 1e-7}
    first, second = (wavelet_sparse(data, C, **options).estimate[0] for data in (y, alone))
    np.testing.assert_allclose(first, second, atol=1e-3)


def test_missing_samples_do_not_matter():
    seen = photograph()
    gone = np.random.default_rng(7).random(seen.data.shape) < 0.1
    model = noise.Gaussian(std=np.where(gone, np.inf, 0.01))
    estimates = [
        wavelet_sparse(np.where(gone, value, seen.data), seen.blur, noise=model, max_iter=60).estimate
        for value in (0.0, 7.0)
    ]
    np.testing.assert_allclose(estimates[0], estimates[1], rtol=1e-9, atol=1e-9)
    filled = np.where(gone, 0.0, seen.data)
    assert metrics.psnr(estimates[0], seen.truth) > metrics.psnr(filled, seen.truth) + 3
