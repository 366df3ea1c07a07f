"""What can be said of an equalizer without sending a bit: limits, bounds and exact error rates."""

from invdeconv.equalization.theory._adaptive import dispersion_constant, lms_misadjustment
from invdeconv.equalization.theory._blocks import block_mmse, block_zf
from invdeconv.equalization.theory._channel_estimates import estimate_least_squares, estimate_lmmse
from invdeconv.equalization.theory._error_propagation import dfe_bit_error_rate
from invdeconv.equalization.theory._fading import rayleigh_bit_error_rate
from invdeconv.equalization.theory._infinite_length import (
    gaussian_rate,
    matched_filter_bound,
    mmse_dfe,
    mmse_linear,
    zf_dfe,
    zf_linear,
)
from invdeconv.equalization.theory._linear_error_rate import linear_bit_error_rate
from invdeconv.equalization.theory._minimum_distance import minimum_distance_loss_db
from invdeconv.equalization.theory._union_bound import mlse_union_bound

__all__ = [
    "block_mmse",
    "block_zf",
    "dfe_bit_error_rate",
    "dispersion_constant",
    "estimate_least_squares",
    "estimate_lmmse",
    "gaussian_rate",
    "linear_bit_error_rate",
    "lms_misadjustment",
    "matched_filter_bound",
    "minimum_distance_loss_db",
    "mlse_union_bound",
    "mmse_dfe",
    "mmse_linear",
    "rayleigh_bit_error_rate",
    "zf_dfe",
    "zf_linear",
]
