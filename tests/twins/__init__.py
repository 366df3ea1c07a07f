"""Slow textbook versions, written from the definitions and sharing no code with the library."""

from twins._channels import channels_matrix
from twins._convolution import convolution_matrix, differences_matrix, extended, extension_matrix
from twins._inverses import (
    damped_svd_dense,
    gcv_score,
    generalized_least_squares,
    landweber_loop,
    richardson_lucy_loop,
    tikhonov_dense,
    tikhonov_limit,
    truncated_svd_dense,
)

__all__ = [
    "channels_matrix",
    "convolution_matrix",
    "damped_svd_dense",
    "differences_matrix",
    "extended",
    "extension_matrix",
    "gcv_score",
    "generalized_least_squares",
    "landweber_loop",
    "richardson_lucy_loop",
    "tikhonov_dense",
    "tikhonov_limit",
    "truncated_svd_dense",
]
