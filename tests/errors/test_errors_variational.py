"""(call, message) of every error and warning of the variational methods."""

from __future__ import annotations

import re

import array_api_strict as strict
import numpy as np
import pytest

from invdeconv import (
    InputWarning,
    InvalidInputError,
    hyper_laplacian,
    nnls,
    noise,
    plug_and_play,
    total_variation,
    wavelet_sparse,
)
from invdeconv.functionals import denoisers
from invdeconv.operators import Diagonal
from invdeconv.solvers import Flatness

Y = np.random.default_rng(0).random((8, 7))
K = np.ones((3, 3)) / 9
STD = np.ones((8, 7))

CASES = {
    "tv lam": (lambda: total_variation(Y, K, lam=0), "total_variation: lam must be a finite number > 0"),
    "tv word": (lambda: total_variation(Y, K, lam="gcv"), "total_variation: lam must be one of discrepancy"),
    "tv flag": (lambda: total_variation(Y, K, isotropic=1), "isotropic must be True or False"),
    "tv pair": (lambda: total_variation(Y, K, bounds=0), "total_variation: bounds must be a pair; got 0"),
    "tv order": (lambda: total_variation(Y, K, bounds=(1, 0)), "bounds must rise from lower to upper"),
    "tv side": (lambda: total_variation(Y, K, bounds=(np.nan, 0)), "bounds must be a finite number"),
    "tv complex": (lambda: total_variation(1j * Y, K, bounds=(0, 1)), "bounds must be None for complex"),
    "tv rtol": (lambda: total_variation(Y, K, rtol=0), "total_variation: rtol must be a finite number > 0"),
    "tv max_iter": (lambda: total_variation(Y, K, max_iter=0), "max_iter must be an integer >= 1"),
    "tv callback": (lambda: total_variation(Y, K, callback=1), "callback must be callable"),
    "tv noise": (
        lambda: total_variation(Y, K, noise=-1),
        "total_variation: noise must be a finite number > 0",
    ),
    "tv weights": (
        lambda: total_variation(Y, K, noise=noise.Gaussian(std=STD[1:])),
        "total_variation: noise.std must have shape (8, 7)",
    ),
    "tv taper": (
        lambda: total_variation(Y, K, noise=noise.Gaussian(std=STD), boundary="taper"),
        "total_variation: boundary must not be 'taper' beside a std per sample",
    ),
    "tv zero": (lambda: total_variation(Y, Diagonal(0 * Y), lam=1.0), "blur must not be the zero operator"),
    "tv counts": (
        lambda: total_variation(Y, K, noise=noise.Poisson(), boundary="reflect", lam=-1),
        "total_variation: lam must be a finite number > 0",
    ),
    "tv counts taper": (
        lambda: total_variation(Y, K, noise=noise.Poisson(weights=STD), boundary="taper"),
        "total_variation: boundary must not be 'taper' beside noise per sample",
    ),
    "tv outliers": (
        lambda: total_variation(Y, K, noise=noise.Laplace(STD[1:])),
        "total_variation: noise.std must have shape (8, 7)",
    ),
    "tv outliers taper": (
        lambda: total_variation(Y, K, noise=noise.Laplace(STD), boundary="taper"),
        "total_variation: boundary must not be 'taper'",
    ),
    "laplace": (lambda: noise.Laplace(0), "noise.Laplace: scale must be a finite number > 0"),
    "laplace array": (
        lambda: noise.Laplace(0 * STD),
        "scale must be > 0, and finite somewhere",
    ),
    "wavelet lam": (lambda: wavelet_sparse(Y, K, lam=0), "wavelet_sparse: lam must be a finite number > 0"),
    "wavelet word": (lambda: wavelet_sparse(Y, K, lam="sure"), "wavelet_sparse: lam must be one of"),
    "wavelet name": (lambda: wavelet_sparse(Y, K, wavelet="db0"), "wavelet must be one of"),
    "wavelet kind": (lambda: wavelet_sparse(Y, K, wavelet="bior2.2"), "wavelet must be orthogonal"),
    "wavelet flag": (lambda: wavelet_sparse(Y, K, undecimated=1), "undecimated must be True or False"),
    "wavelet rtol": (
        lambda: wavelet_sparse(Y, K, rtol=0),
        "wavelet_sparse: rtol must be a finite number > 0",
    ),
    "wavelet max_iter": (lambda: wavelet_sparse(Y, K, max_iter=0), "max_iter must be an integer >= 1"),
    "wavelet callback": (lambda: wavelet_sparse(Y, K, callback=1), "callback must be callable"),
    "wavelet noise": (lambda: wavelet_sparse(Y, K, noise="x"), "noise must be a finite number > 0"),
    "wavelet sample": (
        lambda: wavelet_sparse(Y[:1, :1], np.ones((1, 1))),
        "data must have at least two samples along an axis",
    ),
    "hyper lam": (lambda: hyper_laplacian(Y, K, lam=-1), "hyper_laplacian: lam must be a finite number > 0"),
    "hyper p": (lambda: hyper_laplacian(Y, K, p=1), "hyper_laplacian: p must be less than 1; got 1"),
    "hyper p 0": (lambda: hyper_laplacian(Y, K, p=0), "hyper_laplacian: p must be a finite number > 0"),
    "hyper noise": (lambda: hyper_laplacian(Y, K, noise=0), "hyper_laplacian: noise must be a finite"),
    "hyper weights": (
        lambda: hyper_laplacian(Y, K, noise=noise.Gaussian(std=STD[1:])),
        "hyper_laplacian: noise.std must have shape (8, 7)",
    ),
    "hyper liu-jia": (
        lambda: hyper_laplacian(Y, K, noise=noise.Gaussian(std=STD), boundary="liu-jia"),
        "hyper_laplacian: boundary must not be 'liu-jia' beside a std per sample",
    ),
    "hyper zero": (
        lambda: hyper_laplacian(Y, Diagonal(0 * Y), lam=1.0),
        "hyper_laplacian: blur must not be the zero operator",
    ),
    "hyper callback": (lambda: hyper_laplacian(Y, K, callback=1), "callback must be callable"),
    "pnp denoiser": (lambda: plug_and_play(Y, K, denoiser=1), "plug_and_play: denoiser must be callable"),
    "pnp shape": (
        lambda: plug_and_play(Y, K, denoiser=lambda image, sigma: image[1:]),
        "plug_and_play: denoiser must return shape",
    ),
    "pnp lam": (lambda: plug_and_play(Y, K, lam=0), "plug_and_play: lam must be a finite number > 0"),
    "pnp noise": (lambda: plug_and_play(Y, K, noise=0), "plug_and_play: noise must be a finite number > 0"),
    "pnp n_iter": (lambda: plug_and_play(Y, K, n_iter=0), "plug_and_play: n_iter must be an integer >= 1"),
    "pnp callback": (lambda: plug_and_play(Y, K, callback=1), "plug_and_play: callback must be callable"),
    "pnp weights": (
        lambda: plug_and_play(Y, K, noise=noise.Gaussian(std=STD[1:])),
        "plug_and_play: noise.std must have shape (8, 7)",
    ),
    "pnp taper": (
        lambda: plug_and_play(Y, K, noise=noise.Gaussian(std=STD), boundary="taper"),
        "plug_and_play: boundary must not be 'taper' beside a std per sample",
    ),
    "pnp zero": (lambda: plug_and_play(Y, Diagonal(0 * Y)), "blur must not be the zero operator"),
    "dct image": (
        lambda: denoisers.sliding_dct(Y * np.nan, 0.1),
        "denoisers.sliding_dct: image must be finite",
    ),
    "dct sigma": (
        lambda: denoisers.sliding_dct(Y, -1),
        "denoisers.sliding_dct: sigma must be a finite number >= 0; got -1",
    ),
    "nnls pair": (lambda: nnls(Y, K, bounds=(0,)), "nnls: bounds must be a pair"),
    "nnls complex": (lambda: nnls(1j * Y, K), "nnls: bounds must be None for complex data"),
    "nnls momentum": (lambda: nnls(Y, K, momentum=None), "nnls: momentum must be True or False"),
    "nnls stop": (lambda: nnls(Y, K, stop=Flatness()), "nnls: stop must be a rule on the discrepancy"),
    "nnls stop type": (lambda: nnls(Y, K, stop=3), "nnls: stop must be a rule on the discrepancy"),
    "nnls word": (lambda: nnls(Y, K, stop="noise"), "nnls: stop must be one of discrepancy; got 'noise'"),
    "nnls rtol": (lambda: nnls(Y, K, rtol=0), "nnls: rtol must be a finite number > 0"),
    "nnls max_iter": (lambda: nnls(Y, K, max_iter=0), "nnls: max_iter must be an integer >= 1"),
    "nnls callback": (lambda: nnls(Y, K, callback=1), "nnls: callback must be callable"),
    "nnls zero": (lambda: nnls(Y, Diagonal(0 * Y)), "nnls: blur must not be the zero operator"),
}


@pytest.mark.parametrize("case", CASES)
def test_refused(case):
    call, message = CASES[case]
    with pytest.raises(InvalidInputError, match=re.escape(message)):
        call()


@pytest.mark.parametrize("name", sorted({*denoisers.__all__} - {"sliding_dct"}))
@pytest.mark.parametrize("image", [1j * Y, strict.asarray(Y)], ids=["complex", "strict"])
def test_denoisers_are_for_real_numpy_arrays(name, image):
    with pytest.raises(InvalidInputError, match=f"denoisers.{name}: image must be a real NumPy array"):
        getattr(denoisers, name)(image, 0.1)


def test_a_model_that_does_not_fit_is_said():
    # Data of deviation 1 that no bounded picture near zero can explain with so little noise.
    with pytest.warns(InputWarning, match="IDW004 total_variation: no lam leaves the expected residual"):
        total_variation(10 + Y, K, bounds=(0, 1), noise=1e-3, boundary="periodic")
