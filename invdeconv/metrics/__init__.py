"""How near an estimate is to the truth, how white its residual is, and down to what size it resolves.

Arguments are arrays of any library, lists, or Results; host copies are made by `ssim` and the ring
correlations alone.
"""

from invdeconv.metrics._errors import best_scaled_error, i_divergence, isnr, psnr, relative_error
from invdeconv.metrics._ring_correlation import (
    RingCorrelation,
    checkerboard_ring_correlation,
    fourier_ring_correlation,
)
from invdeconv.metrics._ssim import ssim
from invdeconv.metrics._whiteness import residual_whiteness

__all__ = [
    "RingCorrelation",
    "best_scaled_error",
    "checkerboard_ring_correlation",
    "fourier_ring_correlation",
    "i_divergence",
    "isnr",
    "psnr",
    "relative_error",
    "residual_whiteness",
    "ssim",
]
