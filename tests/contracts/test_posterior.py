"""The Gaussian posterior against dense matrices, and its bands against simulated scenes."""

from __future__ import annotations

import dataclasses
import pickle

import array_api_strict as strict
import numpy as np
import pytest
from tolerance import assert_close, normal

from invdeconv import Convolution, InvalidInputError, gaussian_posterior, noise, psf, tikhonov
from invdeconv.operators import regularizer_for
from invdeconv.restoration import _covariance

ASYMMETRIC = np.array([[0.1, 0.4, 0.05], [0.2, 0.9, 0.3]])
EVEN = np.array([[0.1, 0.3, 0.1], [0.2, 0.9, 0.2], [0.1, 0.3, 0.1]])
COMPLEX = ASYMMETRIC * np.exp(1j * np.arange(6).reshape(2, 3))

# name: (the path, C)
CASES = {
    "DFT": ("periodic DFT", Convolution(ASYMMETRIC, (4, 5), boundary="periodic")),
    "DFT even": ("periodic DFT", Convolution(ASYMMETRIC, (5, 6), boundary="periodic")),
    "DFT complex": ("periodic DFT", Convolution(COMPLEX, (4, 5), boundary="periodic")),
    "DFT signal": ("periodic DFT", Convolution(ASYMMETRIC[1], (9,), boundary="periodic")),
    "DCT": ("DCT-II", Convolution(EVEN, (5, 4), boundary="symmetric")),
    "DCT volume": ("DCT-II", Convolution(EVEN[None], (2, 4, 3), boundary="symmetric")),
    "mixed": ("", Convolution(EVEN, (4, 5), boundary=("periodic", "symmetric"))),
    "strided": ("alias set", Convolution(ASYMMETRIC, (4, 6), stride=(2, 3), boundary="periodic")),
    "strided one axis": ("alias set", Convolution(ASYMMETRIC, (3, 6), stride=(1, 2), boundary="periodic")),
    "strided complex": ("alias set", Convolution(COMPLEX, (4, 6), stride=2, boundary="periodic")),
    "dense": ("dense", Convolution(ASYMMETRIC, (4, 5))),
    "dense wide": ("dense", Convolution(ASYMMETRIC, (4, 5), padding="valid")),
    "dense complex": ("dense", Convolution(COMPLEX, (4, 5), boundary="symmetric")),
}
PENALTIES = ("gradient", "identity", "laplacian", ["gradient", (0.2, "identity")])
every_case = pytest.mark.parametrize("name", list(CASES))
SIGMA, TAU = 0.3, 0.7


def dense_covariance(C, regularizer, variance=SIGMA**2):
    """Return (CᴴN⁻¹C + LᴴL/τ²)⁻¹ in full."""
    A = C.to_dense()
    L = regularizer_for("test", regularizer, C)
    B = np.eye(A.shape[1]) if L is None else L.to_dense()
    weight = np.broadcast_to(1 / np.asarray(variance), (A.shape[0],))
    return np.linalg.inv(A.conj().T @ (weight[:, None] * A) + B.conj().T @ B / TAU**2)


def roots(posterior, monkeypatch):
    """Return Σ over all unit inputs of the drawing: the columns of its linear map, and their number."""
    x = posterior._covariance._x
    columns, units = [], np.eye(x.size).reshape(x.size, *x.shape)
    for unit in units:
        for turn in (1, 1j):

            def white(like, std, rng, unit=unit, turn=turn):
                drawn = std * (turn * unit * np.sqrt(0.5) if np.iscomplexobj(like) else unit)
                return drawn.astype(like.dtype)

            if turn == 1j and not np.iscomplexobj(x) and not hasattr(posterior._covariance, "_root"):
                continue
            monkeypatch.setattr(_covariance, "white_noise", white)
            columns.append(posterior._covariance.draw(np.random.default_rng()).ravel())
    return posterior._level * np.stack(columns, axis=1)


@every_case
@pytest.mark.parametrize("penalty", PENALTIES, ids=str)
def test_mean_deviation_and_samples_are_those_of_the_matrices(name, penalty, rng, monkeypatch):
    path, C = CASES[name]
    y = normal(rng, C.output_shape, complex_=C.dtype.kind == "c")
    p = gaussian_posterior(y, C, noise=SIGMA, prior_std=TAU, regularizer=penalty)
    if isinstance(penalty, str):
        assert path in p.method
    expected = dense_covariance(C, penalty)
    condition = np.linalg.cond(expected)
    mean = tikhonov(y, C, lam=(SIGMA / TAU) ** 2, regularizer=penalty).estimate
    assert_close(p.mean, mean)
    assert p.parameters["lam"] == (SIGMA / TAU) ** 2
    assert_close(p.mean.ravel(), expected @ (C.H(y).ravel() / SIGMA**2), condition=condition)
    assert p.std.dtype == np.float64
    assert_close(p.std.ravel(), np.sqrt(np.diag(expected).real), condition=condition)
    # Samples: T Tᴴ, column by column, is the whole covariance.
    T = roots(p, monkeypatch)
    assert_close(T @ T.conj().T, expected, condition=condition, c=16)


@pytest.mark.parametrize("kind", ["std", "missing", "spectrum"])
def test_noise_of_known_covariance(kind, rng):
    C = Convolution(ASYMMETRIC, (4, 6), boundary="periodic")
    y = normal(rng, C.output_shape)
    if kind == "spectrum":
        model = noise.Gaussian(spectrum=0.2 + np.cos(2 * np.pi * np.fft.fftfreq(4))[:, None] ** 2 + 0 * y)
        F = np.fft.fft2(np.eye(24).reshape(24, 4, 6)).reshape(24, 24).T / np.sqrt(24)
        N = (F.conj().T @ (model.spectrum.ravel()[:, None] * F)).real
        A, L = C.to_dense(), regularizer_for("test", "gradient", C).to_dense()
        expected = np.linalg.inv(A.T @ np.linalg.inv(N) @ A + L.T @ L / TAU**2)
    else:
        std = 0.1 + rng.random(y.shape)
        if kind == "missing":
            std[1, 2:4] = np.inf
        model = noise.Gaussian(std=std)
        expected = dense_covariance(C, "gradient", std.ravel() ** 2)
    p = gaussian_posterior(y, C, noise=model, prior_std=TAU)
    assert_close(p.std.ravel(), np.sqrt(np.diag(expected)), condition=np.linalg.cond(expected))
    assert_close(p.mean, tikhonov(y, C, lam=1 / TAU**2, noise=model).estimate, c=32)
    if kind == "missing":  # what was not measured is less certain than all of its neighbors
        assert p.std[1, 2] > np.median(p.std)


COVERED = {
    "DFT": Convolution(ASYMMETRIC, (5, 6), boundary="periodic"),
    "DCT": Convolution(EVEN, (6, 5), boundary="symmetric"),
    "alias set": Convolution(ASYMMETRIC, (6, 4), stride=2, boundary="periodic"),
    "dense": Convolution(ASYMMETRIC[1], (6,), padding="valid"),
}
# A prior that can be drawn from.
ROUGH = {1: np.array([-1, 2.5, -1]), 2: np.array([[0, -1, 0], [-1, 4.5, -1], [0, -1, 0]])}


@pytest.mark.parametrize("name", COVERED)
def test_bands_cover_what_they_say(name):
    """Scenes drawn from the prior: mean ± 1.96 std holds 95 % of their samples, pixel by pixel."""
    C = COVERED[name]
    penalty = Convolution(
        ROUGH[len(C.input_shape)], C.input_shape, boundary="symmetric" if name == "DCT" else "periodic"
    )
    L = penalty.to_dense()
    root = TAU * np.linalg.inv(np.linalg.cholesky(L.T @ L)).T
    rng, draws = np.random.default_rng(8), 300
    inside, exceeded = np.zeros(C.input_shape), 0
    for _ in range(draws):
        x = (root @ rng.standard_normal(root.shape[0])).reshape(C.input_shape)
        y = C(x) + noise.white_noise(np.zeros(C.output_shape), SIGMA, rng)
        p = gaussian_posterior(y, C, noise=SIGMA, prior_std=TAU, regularizer=penalty)
        assert name in p.method
        inside += np.abs(x - p.mean) <= 1.959964 * p.std
        exceeded += x.flat[0] > p.sample(1, rng)[0].flat[0]
    spread = (0.95 * 0.05 / draws) ** 0.5
    assert abs(inside.mean() / draws - 0.95) < 3 * spread
    assert np.abs(inside / draws - 0.95).max() < 5 * spread
    # The truth and a sample are exchangeable: each is the larger as often.
    assert abs(exceeded / draws - 0.5) < 4 * 0.5 / draws**0.5


def test_samples_are_drawn_independently():
    C = COVERED["alias set"]
    p = gaussian_posterior(np.zeros(C.output_shape), C, noise=SIGMA, prior_std=TAU)
    draws = 3000
    x = p.sample(draws, rng=0)
    assert x.shape == (draws, *C.input_shape)
    assert x.dtype == np.float64
    assert np.abs(x.mean(axis=0)).max() < 5 * p.std.max() / draws**0.5
    assert np.abs(x.std(axis=0) / p.std - 1).max() < 5 * (0.5 / draws) ** 0.5
    np.testing.assert_array_equal(p.sample(2, rng=3), p.sample(2, rng=3))
    assert not np.array_equal(*p.sample(2, rng=3))


def test_a_psf_on_its_frame(rng):
    kernel = psf.gaussian((3, 4), 0.8)
    y = normal(rng, (9, 8))
    for boundary in (None, "taper", "unknown", "symmetric", "periodic"):
        p = gaussian_posterior(y, kernel, noise=SIGMA, prior_std=TAU, boundary=boundary)
        assert p.mean.shape == p.std.shape == y.shape
        assert p.sample(2, rng=0).shape == (2, 9, 8)
        lam = (SIGMA / TAU) ** 2
        np.testing.assert_array_equal(p.mean, tikhonov(y, kernel, lam=lam, boundary=boundary).estimate)
    assert p.parameters["boundary"] == "periodic"


def test_scaling_everything_scales_the_posterior(rng):
    y = normal(rng, (9, 8)).astype(np.float32)
    kernel = psf.gaussian((3, 4), 0.8)
    plain = gaussian_posterior(y, kernel, noise=SIGMA, prior_std=TAU)
    for scale in (2.0**-90, 2.0**80):
        p = gaussian_posterior(np.float32(scale) * y, kernel, noise=scale * SIGMA, prior_std=scale * TAU)
        assert p.std.dtype == np.float32
        for one, other in ((p.mean, plain.mean), (p.std, plain.std), (p.sample(1, 0), plain.sample(1, 0))):
            assert_close(one / np.float32(scale), other)


@every_case
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_array_api_and_precision(name, dtype, rng):
    _, C = CASES[name]
    y = normal(rng, C.output_shape).astype(dtype)
    expected = gaussian_posterior(y.astype(float), C, noise=SIGMA, prior_std=TAU)
    for convert in (np.asarray, strict.asarray):
        p = gaussian_posterior(convert(y), C, noise=SIGMA, prior_std=TAU)
        draw = p.sample(2, rng=1)
        assert str(p.std.dtype).endswith(np.dtype(dtype).name)
        assert draw.dtype == p.mean.dtype
        assert isinstance(draw, type(convert(y)))
        for got, wanted in (
            (p.mean, expected.mean),
            (p.std, expected.std),
            (draw, expected.sample(2, rng=1)),
        ):
            assert_close(np.asarray(got), wanted, condition=100)


def test_complex_data_through_a_real_operator(rng):
    C = CASES["DFT"][1]
    y = normal(rng, C.output_shape, complex_=True)
    p = gaussian_posterior(y, C, noise=SIGMA, prior_std=TAU)
    assert_close(p.std, gaussian_posterior(y.real, C, noise=SIGMA, prior_std=TAU).std)
    x = p.sample(2000, rng=0) - p.mean
    assert np.mean(np.abs(x) ** 2) == pytest.approx(np.mean(p.std**2), rel=0.05)
    assert abs(np.mean(x**2)) < 0.05 * np.mean(p.std**2)


def test_the_object_is_frozen_and_pickles(rng):
    C = CASES["strided"][1]
    p = gaussian_posterior(normal(rng, C.output_shape), C, noise=SIGMA, prior_std=TAU)
    with pytest.raises(dataclasses.FrozenInstanceError):
        p.mean = 0
    with pytest.raises(TypeError):
        p.parameters["lam"] = 0
    copy = pickle.loads(pickle.dumps(p))
    np.testing.assert_array_equal(copy.sample(1, rng=0), p.sample(1, rng=0))
    assert copy.parameters == p.parameters
    assert repr(p) == f"Posterior of 4 × 6 samples, {p.method}"


def test_the_constant_of_an_improper_prior():
    """The gradient alone says nothing of the mean: its variance is finite iff C sees the constant."""
    C = Convolution([0.5, 0.3, 0.2], (8,), boundary="periodic")
    p = gaussian_posterior(np.zeros(8), C, noise=SIGMA, prior_std=1e-9)
    assert_close(p.std, np.full(8, SIGMA / 8**0.5), condition=1e3)  # only the mean of 8 data is left free
    blind = Convolution([0.5, -0.2, -0.3], (8,), boundary="periodic")
    with pytest.raises(InvalidInputError, match=r"see what the data do not; got nothing that sees the const"):
        gaussian_posterior(np.zeros(8), blind, noise=SIGMA, prior_std=TAU)
    listed = ["gradient", (1e-2, "identity")]
    assert np.isfinite(
        gaussian_posterior(np.zeros(8), blind, noise=1, prior_std=1, regularizer=listed).std
    ).all()


Y = np.ones((4, 5))
VALID = {"noise": 0.1, "prior_std": 1.0}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: gaussian_posterior(Y, EVEN / 2.3, noise=0, prior_std=1),
            "gaussian_posterior: noise must be a finite number > 0; got 0",
        ),
        (
            lambda: gaussian_posterior(Y, EVEN / 2.3, noise=None, prior_std=1),
            "gaussian_posterior: noise must be a finite number > 0; got None",
        ),
        (
            lambda: gaussian_posterior(Y, EVEN / 2.3, noise=1, prior_std=-1),
            "gaussian_posterior: prior_std must be a finite number > 0; got -1",
        ),
        (
            lambda: gaussian_posterior(np.ones((90, 80)), ASYMMETRIC / 1.95, boundary="zero", **VALID),
            "gaussian_posterior: blur must have a structure that gives the variance",
        ),
        (
            lambda: gaussian_posterior(Y, EVEN / 2.3, **VALID).sample(0),
            "Posterior.sample: n must be an integer >= 1; got 0",
        ),
        (
            lambda: gaussian_posterior(Y, EVEN / 2.3, **VALID).sample(rng="x"),
            "Posterior.sample: rng must be a seed",
        ),
    ],
)
def test_refusals(call, message):
    with pytest.raises(InvalidInputError, match=message):
        call()
