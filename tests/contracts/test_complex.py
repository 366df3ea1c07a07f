"""Real data beside a complex PSF, complex data beside a real one: the complex problem, or one clear error."""

from __future__ import annotations

import numpy as np
import pytest
from tolerance import assert_close, normal

from invdeconv import Convolution, InvalidInputError, estimate_kernel, restoration, twins
from invdeconv.functionals import TotalVariation
from invdeconv.operators import regularizer_for
from invdeconv.restoration._model import MODELS, model_of
from invdeconv.solvers import _quadratic_step

# Every parameter given: no level of noise is estimated, which for complex data is that of both parts.
OPTIONS = {
    "adjoint": {},
    "pseudo_inverse": {"rtol": 0.1},
    "truncated_svd": {"rtol": 0.1},
    "damped_svd": {"lam": 0.02},
    "tikhonov": {"lam": 0.02},
    "wiener": {"noise_to_signal": 0.02},
    "gaussian_posterior": {"noise": 0.1, "prior_std": 1.0},
    "landweber": {"n_iter": 7, "step": 0.4},
    "cgls": {"max_iter": 7},
    "lsqr": {"max_iter": 7},
    "lsmr": {"max_iter": 7},
    "hybrid_lsqr": {"max_iter": 7, "lam": 0.1},
    "nnls": {"max_iter": 7, "bounds": None, "stop": None},
    "total_variation": {"lam": 0.1, "max_iter": 10},
    "wavelet_sparse": {"lam": 0.1, "max_iter": 3},
    "hyper_laplacian": {"lam": 0.5},
    "plug_and_play": {"noise": 0.1, "n_iter": 3, "denoiser": lambda image, _: 0.9 * image},
}
REFUSED = ("richardson_lucy", "richardson_lucy_tv", "damped_richardson_lucy")
# They take no boundary word, or no blur.
OTHERS = ("Posterior", "estimate_kernel", "twins")


def kernel(complex_):
    k = np.random.default_rng(3).random((4, 3)) + 0.1
    k = k * np.exp(1j * np.random.default_rng(4).random((4, 3))) if complex_ else k
    return k / k.sum()


def data(complex_):
    rng = np.random.default_rng(5)
    steps = np.add.outer(np.arange(8) > 2, 2.0 * (np.arange(7) > 3))
    parts = [5 + sign * steps + 0.2 * normal(rng, (8, 7)) for sign in (1, -1)]
    return parts[0] + 1j * parts[1] if complex_ else parts[0]


def estimate(name, y, psf, **options):
    found = getattr(restoration, name)(y, psf, **OPTIONS[name], **options)
    return found.mean if name == "gaussian_posterior" else found.estimate


def test_no_method_is_left_out():
    assert set(OPTIONS) | set(REFUSED) | set(OTHERS) == set(restoration.__all__)


@pytest.mark.filterwarnings("ignore:IDW003")
@pytest.mark.parametrize("word", ["taper", "unknown", "symmetric", "zero", "periodic"])
@pytest.mark.parametrize("name", OPTIONS)
def test_what_is_real_stands_for_the_same_complex_numbers(name, word, monkeypatch):
    # Inner steps end at a relative gradient of 1e-4, one earlier or later: seen to rounding where they go on.
    if exactly := word == "zero":
        monkeypatch.setattr(_quadratic_step, "_RTOL", 1e-10)
        monkeypatch.setattr(_quadratic_step, "_MOST", 100)
    inexact = name in ("hyper_laplacian", "plug_and_play") and not exactly
    for y, k in ((data(False), kernel(True)), (data(True), kernel(False))):
        found, twin = estimate(name, y, k, boundary=word), estimate(name, y + 0j, k + 0j, boundary=word)
        assert found.dtype == complex
        if inexact:
            assert np.linalg.norm(found - twin) < 0.02 * np.linalg.norm(twin)
        else:
            assert_close(found, twin, condition=1e6)


@pytest.mark.parametrize("word", MODELS)
def test_least_squares_is_its_complex_matrix(word):
    y, k = data(False), kernel(True)
    model = model_of("test", y, k, word, default=word)
    C = model.operator.to_dense()
    x = np.linalg.solve(C.conj().T @ C + 0.02 * np.eye(C.shape[1]), C.conj().T @ np.ravel(model.data))
    twin = model.crop_of(x.reshape(model.operator.input_shape))
    for name, options in (("tikhonov", {"lam": 0.02, "regularizer": "identity"}), ("cgls", {"lam": 0.02})):
        found = getattr(restoration, name)(y, k, boundary=word, rtol=1e-12, **options).estimate
        assert_close(found, twin, condition=1e5)


@pytest.mark.parametrize("word", ["periodic", "zero"])
def test_total_variation_of_a_complex_psf_is_least(word, rng):
    y, k = data(False), kernel(True)
    C = Convolution.from_psf(k, y.shape, boundary=word)
    L = regularizer_for("test", "gradient", C)

    def objective(x):
        return 0.5 * np.linalg.norm(C(x) - y) ** 2 + TotalVariation(0.05).norm.value(L(x))

    x = restoration.total_variation(y, k, lam=0.05, boundary=word, rtol=1e-7, max_iter=2000).estimate
    for size in (1e-1, 1e-3):
        for _ in range(5):
            assert objective(x) < objective(x + size * normal(rng, x.shape, complex_=True))
    assert objective(x) < objective(x.real)


@pytest.mark.parametrize("name", ["tikhonov", "wiener", "total_variation", "wavelet_sparse", "plug_and_play"])
def test_single_precision_stays(name):
    y, k = data(False).astype(np.float32), kernel(True)
    assert estimate(name, y, k).dtype == np.complex64


@pytest.mark.parametrize(
    "name", ["total_variation", "wavelet_sparse", "hyper_laplacian", "tikhonov", "wiener"]
)
def test_automatic_choices_beside_a_complex_psf(name):
    y, k = data(False), kernel(True)
    found = getattr(restoration, name)(y, k).estimate
    assert found.dtype == complex
    assert np.all(np.isfinite(found))


@pytest.mark.parametrize("word", [None, *MODELS])
@pytest.mark.parametrize("name", REFUSED)
def test_counts_are_real(name, word):
    method = getattr(restoration, name)
    with pytest.raises(InvalidInputError, match=f"{name}: kernel must not be negative; got complex values"):
        method(data(False), kernel(True), boundary=word)
    with pytest.raises(InvalidInputError, match=f"{name}: data must be real; got complex128"):
        method(data(True), kernel(False), boundary=word)


@pytest.mark.parametrize("name", ["total_variation", "nnls"])
def test_complex_numbers_have_no_bounds(name):
    for y, k in ((data(False), kernel(True)), (data(True), kernel(False))):
        with pytest.raises(InvalidInputError, match=f"{name}: bounds must be None for complex data or PSFs"):
            getattr(restoration, name)(y, k, bounds=(0, None))


def test_kernels_and_twins_are_complex_where_one_of_the_two_is(rng):
    x, k = normal(rng, (8, 7)), kernel(True)
    C = Convolution(k, x.shape, padding="valid")
    found = estimate_kernel(C(x), x, k.shape, lam=0).estimate
    assert_close(found, k, condition=1e3)
    real = Convolution(kernel(False), x.shape, padding="valid")
    assert_close(C(twins(C, x, rng=0)), C(x), condition=1e2)
    assert_close(real(twins(real, x + 1j, rng=0)), real(x + 1j), condition=1e2)
