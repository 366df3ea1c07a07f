"""General-form Tikhonov: lists, channels, noise of known covariance, and what nothing determines."""

from __future__ import annotations

import warnings

import array_api_strict as strict
import numpy as np
import pytest
import scipy.linalg
from tolerance import assert_close, normal
from twins import (
    channels_matrix,
    damped_svd_dense,
    differences_matrix,
    generalized_least_squares,
    tikhonov_dense,
    tikhonov_limit,
)

from invdeconv import (
    Convolution,
    Differences,
    Identity,
    InputWarning,
    InvalidInputError,
    check_operator,
    damped_svd,
    decompose,
    noise,
    pseudo_inverse,
    tikhonov,
    wiener,
)
from invdeconv.operators import Samples, laplacian, regularizer_for, wavelet_details
from invdeconv.restoration._power_law import fit_power_law

KERNEL = np.array([[0.1, 0.5, 0.3], [0.2, 0.9, 0.05]])
BOUNDARIES = ("periodic", "symmetric", "zero")
DENSE_LIMIT = "invdeconv.operators.decomposition._dense._MAXIMUM_ENTRIES"


def dft_matrix(shape):
    """Return the unitary DFT of an array of this shape, flattened."""
    out = np.eye(1)
    for n in shape:
        out = np.kron(out, scipy.linalg.dft(n, scale="sqrtn"))
    return out


def even_power(rng, shape):
    """Return a positive power spectrum that is the same at f and −f, far from flat."""
    power = 0.1 + rng.random(shape) * 5
    return power + power[np.ix_(*((-np.arange(n)) % n for n in shape))]


# Regularizers.


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_a_list_adds_up(boundary, rng):
    C = Convolution(KERNEL, (5, 6), boundary=boundary)
    y = normal(rng, C.output_shape)
    gradient = differences_matrix((5, 6), "periodic" if boundary == "periodic" else "neumann")
    L = Convolution(normal(rng, (2, 2)), (5, 6), boundary=boundary)
    B = np.concatenate([gradient, 0.3**0.5 * np.eye(30), 2**0.5 * L.to_dense()])
    result = tikhonov(y, C, lam=0.2, regularizer=["gradient", (0.3, "identity"), (2, L)])
    assert_close(result.estimate.ravel(), tikhonov_dense(C.to_dense(), y.ravel(), 0.2, B), condition=100)
    assert result.parameters["regularizer"] == f"gradient + 0.3 identity + 2 {L!r}"
    alone = tikhonov(y, C, lam=0.2, regularizer=["gradient"]).estimate
    np.testing.assert_array_equal(alone, tikhonov(y, C, lam=0.2).estimate)


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("shape", [(5, 4)], ids=str)
def test_wavelet_details_as_a_penalty(boundary, shape, rng, monkeypatch):
    C = Convolution(KERNEL, shape, boundary=boundary)
    y = normal(rng, C.output_shape)
    B = wavelet_details(shape).to_dense()
    for lam, expected in (
        (0.2, tikhonov_dense(C.to_dense(), y.ravel(), 0.2, B)),
        (0, tikhonov_limit(C.to_dense(), y.ravel(), B)),
    ):
        got = tikhonov(y, C, lam=lam, regularizer="wavelet").estimate
        assert_close(got.ravel(), expected, condition=1e3)
    # Constants are not penalized.
    flat = tikhonov(C(np.ones(shape)), C, lam=1e3, regularizer="wavelet").estimate
    assert_close(flat, np.ones(shape), condition=1e6)
    monkeypatch.setattr(DENSE_LIMIT, 0)
    iterated = tikhonov(y, C, lam=0.2, regularizer="wavelet", rtol=1e-12).estimate
    assert np.abs(iterated.ravel() - tikhonov_dense(C.to_dense(), y.ravel(), 0.2, B)).max() < 1e-9


@pytest.mark.parametrize("boundary", ["periodic", "zero"])
@pytest.mark.parametrize("word", ["gradient", "laplacian"])
def test_channels_are_not_differenced(word, boundary, rng):
    kernel = normal(rng, (4, 3, 2, 3))
    C = Convolution(kernel, (3, 4, 5), boundary=boundary, channels=True)
    y = normal(rng, C.output_shape)
    if word == "gradient":
        one = differences_matrix((4, 5), "periodic" if boundary == "periodic" else "neumann")
    else:
        one = laplacian((4, 5), boundary="periodic" if boundary == "periodic" else "symmetric").to_dense()
    B = np.kron(np.eye(3), one)
    A, _ = channels_matrix(kernel, (3, 4, 5), boundary=boundary)
    for lam in (0.1, 5.0):
        got = tikhonov(y, C, lam=lam, regularizer=word).estimate
        assert_close(got.ravel(), tikhonov_dense(A, y.ravel(), lam, B), condition=1e3)
    check_operator(regularizer_for("f", word, C))


def test_differences_along_some_axes(rng):
    for boundary in ("neumann", "periodic"):
        D = Differences((3, 4, 5), boundary=boundary, axes=(1, 2))
        check_operator(D)
        assert D.output_shape == (2, 3, 4, 5)
        x = normal(rng, (3, 4, 5))
        np.testing.assert_array_equal(D(x), Differences((3, 4, 5), boundary=boundary)(x)[1:])
    # Where only some axes are penalized, the transforms know it.
    C = Convolution(KERNEL, (4, 6), boundary="periodic")
    y = normal(rng, (4, 6))
    D = Differences((4, 6), boundary="periodic", axes=(1,))
    assert decompose(C, D).structure == "periodic DFT"
    expected = tikhonov_dense(C.to_dense(), y.ravel(), 0.4, D.to_dense())
    assert_close(tikhonov(y, C, lam=0.4, regularizer=D).estimate.ravel(), expected, condition=100)


# Noise of known covariance.


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("complex_", [False, True], ids=["real", "complex"])
def test_weights_are_generalized_least_squares(boundary, complex_, rng):
    C = Convolution(normal(rng, (2, 3), complex_=complex_), (5, 6), boundary=boundary)
    y = normal(rng, C.output_shape, complex_=complex_)
    std = 0.1 + rng.random(y.shape)
    B = regularizer_for("f", "gradient", C).to_dense()
    expected = generalized_least_squares(C.to_dense(), y.ravel(), np.diag(std.ravel() ** 2), 0.7, B)
    result = tikhonov(y, C, lam=0.7, noise=noise.Gaussian(std=std))
    assert_close(result.estimate.ravel(), expected, condition=1e3)
    assert result.parameters["lam"] == 0.7
    # A missing sample has no say, whatever its value.
    std[2, 3] = std[0, 0] = np.inf
    spoiled = y.copy()
    spoiled[2, 3] = 1e6
    model = noise.Gaussian(std=std)
    np.testing.assert_array_equal(
        tikhonov(y, C, lam=0.7, noise=model).estimate, tikhonov(spoiled, C, lam=0.7, noise=model).estimate
    )
    keep = np.isfinite(std.ravel())
    expected = generalized_least_squares(
        C.to_dense()[keep], y.ravel()[keep], np.diag(std.ravel()[keep] ** 2), 0.7, B
    )
    assert_close(tikhonov(y, C, lam=0.7, noise=model).estimate.ravel(), expected, condition=1e3)


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("stride", [1, (2, 3)], ids=["stride 1", "strided"])
@pytest.mark.parametrize("complex_", [False, True], ids=["real", "complex"])
def test_colored_noise_is_generalized_least_squares(boundary, stride, complex_, rng):
    C = Convolution(normal(rng, (2, 3), complex_=complex_), (4, 6), stride=stride, boundary=boundary)
    y = normal(rng, C.output_shape, complex_=complex_)
    power = even_power(rng, y.shape)
    F = dft_matrix(y.shape)
    N = F.conj().T @ (power.ravel()[:, None] * F)
    B = regularizer_for("f", "gradient", C).to_dense()
    expected = generalized_least_squares(C.to_dense(), y.ravel(), N if complex_ else N.real, 0.7, B)
    result = tikhonov(y, C, lam=0.7, noise=noise.Gaussian(spectrum=power))
    assert_close(result.estimate.ravel(), expected, condition=1e3)
    # Stationary noise and a periodic operator: still a transform.
    assert ("DFT" in result.method) == (boundary == "periodic")


@pytest.mark.parametrize("boundary", ["zero", "unknown"])
@pytest.mark.parametrize("kind", ["std", "spectrum"])
def test_noise_on_the_krylov_path(boundary, kind, rng, monkeypatch):
    y = normal(rng, (6, 7))
    values = 0.2 + rng.random(y.shape)
    model = noise.Gaussian(std=values) if kind == "std" else noise.Gaussian(spectrum=even_power(rng, y.shape))
    dense = tikhonov(y, KERNEL / KERNEL.sum(), lam=0.5, noise=model, boundary=boundary)
    assert "dense" in dense.method
    monkeypatch.setattr(DENSE_LIMIT, 0)
    krylov = tikhonov(y, KERNEL / KERNEL.sum(), lam=0.5, noise=model, boundary=boundary, rtol=1e-12)
    assert "dense" not in krylov.method
    assert np.abs(krylov.estimate - dense.estimate).max() < 1e-8


def test_white_noise_of_any_size_only_scales_lambda(rng):
    y = normal(rng, (9, 8))
    kernel = KERNEL / KERNEL.sum()
    for sigma in (1e-3, 1.0, 20.0):
        plain = tikhonov(y, kernel, lam=0.3).estimate
        for model in (sigma, noise.Gaussian(std=sigma), noise.Gaussian(spectrum=np.full(y.shape, sigma**2))):
            result = tikhonov(y, kernel, lam=0.3 / sigma**2, noise=model)
            assert_close(result.estimate, plain, c=32)
            assert result.parameters["lam"] == 0.3 / sigma**2
    y = np.add.outer(np.arange(9.0) > 4, np.arange(8) > 3) + 0.1 * y
    chosen, plain = tikhonov(y, kernel, lam="gcv", noise=0.5), tikhonov(y, kernel, lam="gcv")
    assert chosen.parameters["lam"] * 0.25 == pytest.approx(plain.parameters["lam"], rel=1e-2)


def test_gcv_sees_the_color(rng):
    """λ chosen on whitened data is near the best one, and no λ without the noise model comes close."""
    n = 256
    C = Convolution(np.ones(5) / 5, (n,), boundary="periodic")
    t = np.arange(n)
    x = (np.abs(t - 100) < 40) + np.sin(2 * np.pi * t / n)
    frequency = np.abs(np.fft.fftfreq(n))
    power = 1e-4 + 3 * np.exp(-(((frequency - 0.1) / 0.03) ** 2))
    colored = np.fft.ifft(np.sqrt(power) * np.fft.fft(rng.standard_normal(n))).real
    y = C(x) + colored
    model = noise.Gaussian(spectrum=power)

    def error(**options):
        return np.linalg.norm(tikhonov(y, C, regularizer="laplacian", **options).estimate - x)

    best = min(error(lam=lam, noise=model) for lam in np.logspace(-6, 6, 49))
    assert error(noise=model) < 1.15 * best
    assert best < 0.95 * min(error(lam=lam) for lam in np.logspace(-8, 6, 57))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_noise_on_other_arrays(dtype, rng):
    C = Convolution(KERNEL, (6, 5), boundary="periodic")
    y = normal(rng, (6, 5)).astype(dtype)
    for model in (
        noise.Gaussian(std=0.1 + rng.random(y.shape)),
        noise.Gaussian(spectrum=even_power(rng, y.shape)),
    ):
        expected = tikhonov(y.astype(float), C, lam=0.5, noise=model).estimate
        for convert in (np.asarray, strict.asarray):
            got = tikhonov(convert(y), C, lam=0.5, noise=model).estimate
            assert str(got.dtype).endswith(np.dtype(dtype).name)
            assert_close(np.asarray(got), expected, condition=30)


def test_noise_in_units_whose_squares_overflow(rng):
    C = Convolution(KERNEL, (6, 5), boundary="periodic")
    y, std = normal(rng, (6, 5)), 0.1 + rng.random((6, 5))
    plain = tikhonov(y, C, lam=0.5, noise=noise.Gaussian(std=std)).estimate
    scale = 2.0**100
    scaled = tikhonov(
        (y * scale).astype(np.float32), C, lam=0.5 / scale**2, noise=noise.Gaussian(std=std * scale)
    ).estimate
    assert_close(scaled / np.float32(scale), plain, condition=30)


def test_missing_samples_do_not_count(rng):
    """GCV chooses as if the missing rows were never there."""
    C = Convolution(KERNEL / KERNEL.sum(), (9, 8))
    y = C(np.add.outer(np.arange(9.0) > 4, np.arange(8) > 3)) + 0.05 * normal(rng, (9, 8))
    there = rng.random(y.shape) > 0.4
    std = np.where(there, 0.05, np.inf)
    rows = Samples(there)
    chosen = tikhonov(y, C, lam="gcv", noise=noise.Gaussian(std=std))
    without = tikhonov(rows(y), rows @ C, lam="gcv", regularizer=Differences((9, 8)))
    assert chosen.parameters["lam"] * 0.05**2 == pytest.approx(without.parameters["lam"], rel=1e-6)
    assert_close(chosen.estimate, without.estimate, condition=1e8)


def test_wiener_with_known_noise(rng):
    shape = (64, 48)
    f = np.hypot(np.fft.fftfreq(64)[:, None], np.fft.fftfreq(48))
    scene = np.fft.ifftn(np.fft.fftn(normal(rng, shape)) / np.maximum(f, 1 / 64)).real
    C = Convolution(KERNEL, shape, boundary="periodic")
    power = 1e-3 + 4 * np.exp(-(((f - 0.15) / 0.03) ** 2))  # a band of interference
    y = C(scene) + np.fft.ifftn(np.sqrt(power) * np.fft.fftn(normal(rng, shape))).real

    def error(**options):
        return np.linalg.norm(wiener(y, C, **options).estimate - scene)

    # Against the formula with the scene's true spectrum S = max(f, 1/64)^−2.
    ideal = error(noise_to_signal=power * np.maximum(f, 1 / 64) ** 2)
    colored = noise.Gaussian(spectrum=power)
    assert error(noise=colored) < 1.1 * ideal
    level = float(np.sqrt(power.mean()))
    assert error(noise=level) > 1.3 * ideal
    # A number is taken at its word.
    result = wiener(y, C, noise=0.25)
    assert result.parameters["noise_std"] == 0.25
    tapered = {known: wiener(y, KERNEL / KERNEL.sum(), noise=known) for known in (colored, level)}
    assert tapered[colored].parameters["boundary"] == "taper"
    left = {known: np.linalg.norm(x.estimate / KERNEL.sum() - scene) for known, x in tapered.items()}
    assert left[colored] < 0.95 * left[level]


@pytest.mark.parametrize("method", [wiener, tikhonov])
def test_scaling_data_and_noise_scales_the_estimate(method, rng):
    scene = np.cumsum(np.cumsum(normal(rng, (60, 50)), 0), 1)
    y = Convolution(KERNEL / KERNEL.sum(), scene.shape)(scene) + normal(rng, scene.shape)
    power = even_power(rng, y.shape)
    plain = method(y, KERNEL / KERNEL.sum(), noise=noise.Gaussian(spectrum=power))
    for a in (1e-4, 1e4):
        other = method(a * y, KERNEL / KERNEL.sum(), noise=noise.Gaussian(spectrum=a**2 * power))
        np.testing.assert_allclose(other.estimate, a * plain.estimate, rtol=1e-3, atol=1e-3 * a)
        assert other.parameters.get("edge_share") == plain.parameters.get("edge_share")


def test_the_power_law_leaves_colored_noise_out(rng):
    f = np.hypot(np.fft.fftfreq(128)[:, None], np.fft.rfftfreq(96))
    C = Convolution([[1.0]], (128, 96), boundary="periodic")
    with np.errstate(divide="ignore"):
        signal = 0.05 * np.where(f > 0, f, np.inf) ** -2.0
    power = 0.02 + 3 * f  # over the noise everywhere below 0.2, but by less and less
    drawn = np.fft.rfft2(normal(rng, C.input_shape)) * np.sqrt(signal)
    drawn += np.fft.rfft2(normal(rng, C.input_shape)) * np.sqrt(power)
    y = np.fft.irfft2(drawn, s=C.input_shape)
    assert fit_power_law(decompose(C), y, power).exponent == pytest.approx(2, abs=0.1)
    assert fit_power_law(decompose(C), y, 1e-9 * power).exponent < 1.7


def test_the_noise_model(rng):
    std = np.array([0.5, 1.0, np.inf])
    model = noise.Gaussian(std=std)
    assert model.level == pytest.approx(((1 / 0.25 + 1) / 2) ** -0.5)
    assert_close(model.whitener((3,))(np.ones(3)), model.level / std[:2])
    std[0] = 9  # the model has its own copy
    assert model.std[0] == 0.5
    power = even_power(rng, (6, 4))
    colored = noise.Gaussian(spectrum=power)
    assert colored.level**2 == pytest.approx(power.mean())
    np.testing.assert_array_equal(colored.power((6, 4)), power)
    finer = colored.power((12, 8))
    assert_close(finer[::2, ::2], power)
    assert_close(finer[1::2, ::2], (power + np.roll(power, -1, 0)) / 2)
    assert repr(noise.Gaussian(std=0.1)) == "Gaussian(std=0.1)"
    assert repr(colored) == "Gaussian(power per frequency, shape (6, 4))"


# Damped SVD.


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("complex_", [False, True], ids=["real", "complex"])
def test_damped_svd(boundary, complex_, rng):
    kernel = np.ones((3, 3)) if boundary == "symmetric" else normal(rng, (2, 3), complex_=complex_)
    C = Convolution(kernel, (6, 5), boundary=boundary)  # the box has zeros on the way
    y = normal(rng, C.output_shape, complex_=complex_)
    for lam in (1e-3, 0.4, 30.0):
        result = damped_svd(y, C, lam=lam)
        assert_close(result.estimate.ravel(), damped_svd_dense(C.to_dense(), y.ravel(), lam), condition=1e3)
        assert result.parameters["lam"] == lam
        got = damped_svd(strict.asarray(y), C, lam=lam).estimate
        assert_close(np.asarray(got), result.estimate, condition=100)
    np.testing.assert_array_equal(damped_svd(y, C, lam=0).estimate, pseudo_inverse(y, C).estimate)
    single = damped_svd(y.astype(np.complex64 if complex_ else np.float32), C, lam=0.4).estimate
    assert_close(single, damped_svd(y, C, lam=0.4).estimate)


def test_damped_svd_on_a_psf(rng):
    y, kernel = normal(rng, (9, 8)), KERNEL / KERNEL.sum()
    C = Convolution.from_psf(kernel, (9, 8), boundary="periodic")
    np.testing.assert_array_equal(
        damped_svd(y, kernel, lam=0.2, boundary="periodic").estimate, damped_svd(y, C, lam=0.2).estimate
    )
    assert damped_svd(y, kernel, lam=0.2).parameters["boundary"] == "taper"


# What nothing determines.


def test_a_kernel_of_sum_zero_loses_the_constant(rng):
    kernel = np.array([[1.0, -0.5, -0.5], [0.3, -0.3, 0.0]])
    for boundary in ("periodic", "symmetric"):
        C = Convolution(kernel, (6, 5), boundary=boundary)
        x = normal(rng, (6, 5))
        for lam in (0, 1e-3):
            with pytest.warns(InputWarning, match=r"IDW006 tikhonov: .* determine the constant, which the"):
                got = tikhonov(C(x), C, lam=lam).estimate
            assert abs(got.mean()) < 1e-12
        assert abs(tikhonov(C(x), C, lam=0, regularizer="identity").estimate.mean()) < 1e-12
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tikhonov(C(x), C, lam=1e-3, regularizer=["gradient", (1e-6, "identity")])


LOST = {
    "DCT": (Convolution([-1.0, 2.0, -1.0], (8,), boundary="symmetric"), "gradient", "the constant"),
    "strided": (
        Convolution([1.0, -1.0, 2.0, -2.0], (8,), stride=2, boundary="periodic"),
        "gradient",
        "the constant",
    ),
    "dense": (Convolution([1.0, -1.0], (7,), padding="valid"), "gradient", "the constant"),
    "a channel": (
        Convolution(np.array([[[1.0, 2.0], [1.0, -1.0]]]), (2, 6), boundary="periodic", channels=True),
        "gradient",
        "the mean of channel 1",
    ),
    "both channels": (
        Convolution(np.array([[[2.0, -2.0], [1.0, -1.0]]]), (2, 6), boundary="periodic", channels=True),
        "gradient",
        "the mean of channel 0 and the mean of channel 1",
    ),
    "more channels than outputs": (
        Convolution(np.array([[[2.0, 1.0], [1.0, -3.0]]]), (2, 6), boundary="periodic", channels=True),
        "gradient",
        "a combination of the means of the channels",
    ),
    "Nyquist": (
        Convolution([0.5, 0.5], (8,), boundary="periodic"),
        Convolution([0.5, 0.5], (8,), boundary="periodic"),
        "1 direction at 0.5 to 0.5 cycles per sample",
    ),
    "some": (
        Convolution(np.eye(3)[:, :2] + 0.3, (3, 4), padding="valid"),
        Convolution(np.ones((3, 4)), (3, 4), padding="valid"),
        "8 directions",
    ),
}


@pytest.mark.parametrize("name", LOST)
def test_the_direction_is_named(name, rng):
    C, L, message = LOST[name]
    y = normal(rng, C.output_shape)
    with pytest.warns(InputWarning, match=f"IDW006 tikhonov: .* determine {message}, which"):
        x = tikhonov(y, C, lam=0.1, regularizer=L).estimate
    B = regularizer_for("f", L, C).to_dense()
    assert_close(x.ravel(), tikhonov_dense(C.to_dense(), y.ravel(), 0.1, B), condition=1e3)  # of least norm


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda y: tikhonov(y, KERNEL, regularizer=[]), "tikhonov: regularizer must not be empty"),
        (lambda y: tikhonov(y, KERNEL, regularizer=[3]), "tikhonov: regularizer must hold words, op"),
        (lambda y: tikhonov(y, KERNEL, regularizer=[("gradient",)]), "must hold words, operators or pairs"),
        (
            lambda y: tikhonov(y, KERNEL, regularizer=[(0, "gradient")]),
            "tikhonov: regularizer weight must be a finite number > 0; got 0",
        ),
        (lambda y: tikhonov(y, KERNEL, regularizer=["gradeint"]), "regularizer must be one of gradient, id"),
        (
            lambda y: tikhonov(y, KERNEL, regularizer=["gradient", Identity((3,))]),
            r"tikhonov: regularizer must have input_shape",
        ),
        (lambda y: Differences((4, 5), axes=(2,)), "Differences: axes must name axes"),
        (lambda y: Differences((4, 5), axes=()), "Differences: axes must name axes"),
        (lambda y: tikhonov(y, KERNEL, noise="white"), "tikhonov: noise must be a finite number > 0; got"),
        (lambda y: tikhonov(y, KERNEL, noise=-1), "tikhonov: noise must be a finite number > 0; got -1"),
        (
            lambda y: tikhonov(y, KERNEL, noise=noise.Gaussian(std=np.ones((3, 3)))),
            r"tikhonov: noise.std must have shape \(6, 5\); got \(3, 3\)",
        ),
        (
            lambda y: tikhonov(y, KERNEL, noise=noise.Gaussian(spectrum=np.ones((3, 3)))),
            r"tikhonov: noise.spectrum must have shape \(6, 5\); got \(3, 3\)",
        ),
        (
            lambda y: tikhonov(y, KERNEL, noise=noise.Gaussian(std=np.ones((6, 5))), boundary="taper"),
            "tikhonov: boundary must not be 'taper' beside a std per sample",
        ),
        (
            lambda y: tikhonov(y, KERNEL, noise=noise.Gaussian(spectrum=1 + np.arange(30.0).reshape(6, 5))),
            "tikhonov: noise.spectrum must be the same at f and −f for real data",
        ),
        (
            lambda y: wiener(y, KERNEL, noise=noise.Gaussian(std=np.ones((6, 5)))),
            "wiener: noise must be the same for every sample",
        ),
        (
            lambda y: wiener(y, KERNEL, noise=noise.Gaussian(spectrum=np.ones((3, 5)))),
            r"wiener: noise.spectrum must have shape \(6, 5\); got \(3, 5\)",
        ),
        (
            lambda y: wiener(y, KERNEL, boundary="symmetric", noise=noise.Gaussian(spectrum=np.ones((6, 5)))),
            "wiener: blur must be periodic for a noise spectrum",
        ),
        (
            lambda y: wiener(y, KERNEL, noise_to_signal=0.1, noise=0.1),
            "wiener: noise must be None beside a noise_to_signal",
        ),
        (lambda y: damped_svd(y, KERNEL, lam=-1), "damped_svd: lam must be a finite number >= 0; got -1"),
        (
            lambda y: damped_svd(np.ones((48, 48)), KERNEL, lam=1, boundary="zero"),
            "damped_svd: blur must have a decomposition; got Convolution 2×3",
        ),
        (lambda y: noise.Gaussian(), "noise.Gaussian: std must be given, or spectrum, and not both; got nei"),
        (lambda y: noise.Gaussian(std=1.0, spectrum=y**2), "and not both; got both"),
        (lambda y: noise.Gaussian(std=0), "noise.Gaussian: std must be a finite number > 0; got 0"),
        (lambda y: noise.Gaussian(std=[1.0, 0.0]), "noise.Gaussian: std must be > 0, and finite somewhere"),
        (lambda y: noise.Gaussian(std=np.full(3, np.inf)), "std must be > 0, and finite somewhere"),
        (lambda y: noise.Gaussian(spectrum=[1.0, 0.0]), "noise.Gaussian: spectrum must be real and > 0"),
        (lambda y: noise.Gaussian(spectrum=[1.0, np.inf]), "noise.Gaussian: spectrum must be finite"),
    ],
)
@pytest.mark.filterwarnings("ignore:IDW001")
def test_refusals(call, message, rng):
    with pytest.raises(InvalidInputError, match=message):
        call(normal(rng, (6, 5)))
