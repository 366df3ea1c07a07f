"""Slow textbook versions, written from the definitions and sharing no code with the library."""

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
from twins._parameter_choice import DenseRules, cumulative_periodogram_distance
from twins.ill_posed import PROBLEMS

__all__ = [
    "PROBLEMS",
    "DenseRules",
    "channels_matrix",
    "convolution_matrix",
    "cumulative_periodogram_distance",
    "differences_matrix",
    "extended",
    "extension_matrix",
    "gcv_score",
    "landweber_loop",
    "richardson_lucy_loop",
    "tikhonov_dense",
    "tikhonov_limit",
    "truncated_svd_dense",
]
