"""Slow textbook versions, written from the definitions and sharing no code with the library."""

from twins._adaptive import adaptive_loop, most_likely_word, ridge, window
from twins._channels import channels_matrix
from twins._convolution import convolution_matrix, differences_matrix, extended, extension_matrix
from twins._equalizers import (
    decision_feedback_loop,
    forced,
    gaussian_tail,
    least_event,
    least_mean_square,
    noise_matrix,
    two_level_patterns,
    window_matrix,
)
from twins._inverses import (
    damped_svd_dense,
    gcv_score,
    generalized_least_squares,
    landweber_loop,
    momentum_loop,
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
    "adaptive_loop",
    "channels_matrix",
    "convolution_matrix",
    "cumulative_periodogram_distance",
    "damped_svd_dense",
    "decision_feedback_loop",
    "differences_matrix",
    "extended",
    "extension_matrix",
    "forced",
    "gaussian_tail",
    "gcv_score",
    "generalized_least_squares",
    "landweber_loop",
    "least_event",
    "least_mean_square",
    "momentum_loop",
    "most_likely_word",
    "noise_matrix",
    "richardson_lucy_loop",
    "ridge",
    "tikhonov_dense",
    "tikhonov_limit",
    "truncated_svd_dense",
    "two_level_patterns",
    "window",
    "window_matrix",
]
