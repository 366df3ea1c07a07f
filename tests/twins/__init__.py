"""Slow textbook versions, written from the definitions and sharing no code with the library."""

from twins._adaptive import adaptive_loop, most_likely_word, ridge, window
from twins._channels import channels_matrix
from twins._convolution import convolution_matrix, differences_matrix, extended, extension_matrix
from twins._inverses import (
    gcv_score,
    landweber_loop,
    richardson_lucy_loop,
    tikhonov_dense,
    tikhonov_limit,
    truncated_svd_dense,
)

__all__ = [
    "adaptive_loop",
    "channels_matrix",
    "convolution_matrix",
    "differences_matrix",
    "extended",
    "extension_matrix",
    "gcv_score",
    "landweber_loop",
    "most_likely_word",
    "richardson_lucy_loop",
    "ridge",
    "tikhonov_dense",
    "tikhonov_limit",
    "truncated_svd_dense",
    "window",
]
