"""The one-line methods, Cᵀ first."""

from invdeconv.restoration._adjoint import adjoint
from invdeconv.restoration._cgls import cgls
from invdeconv.restoration._damped_richardson_lucy import damped_richardson_lucy
from invdeconv.restoration._damped_svd import damped_svd
from invdeconv.restoration._estimate_kernel import estimate_kernel
from invdeconv.restoration._hybrid_lsqr import hybrid_lsqr
from invdeconv.restoration._hyper_laplacian import hyper_laplacian
from invdeconv.restoration._landweber import landweber
from invdeconv.restoration._lsmr import lsmr
from invdeconv.restoration._lsqr import lsqr
from invdeconv.restoration._nnls import nnls
from invdeconv.restoration._plug_and_play import plug_and_play
from invdeconv.restoration._posterior import Posterior, gaussian_posterior
from invdeconv.restoration._pseudo_inverse import pseudo_inverse
from invdeconv.restoration._richardson_lucy import richardson_lucy
from invdeconv.restoration._richardson_lucy_tv import richardson_lucy_tv
from invdeconv.restoration._tikhonov import tikhonov
from invdeconv.restoration._total_variation import total_variation
from invdeconv.restoration._truncated_svd import truncated_svd
from invdeconv.restoration._twins import twins
from invdeconv.restoration._wavelet_sparse import wavelet_sparse
from invdeconv.restoration._wiener import wiener

__all__ = [
    "Posterior",
    "adjoint",
    "cgls",
    "damped_richardson_lucy",
    "damped_svd",
    "estimate_kernel",
    "gaussian_posterior",
    "hybrid_lsqr",
    "hyper_laplacian",
    "landweber",
    "lsmr",
    "lsqr",
    "nnls",
    "plug_and_play",
    "pseudo_inverse",
    "richardson_lucy",
    "richardson_lucy_tv",
    "tikhonov",
    "total_variation",
    "truncated_svd",
    "twins",
    "wavelet_sparse",
    "wiener",
]
