"""Structural similarity."""

from __future__ import annotations

from typing import Any

import numpy as np

from invdeconv.arrays import is_complex, to_numpy
from invdeconv.checks import refuse
from invdeconv.metrics._pair import pair, range_of

__all__ = ["ssim"]


def ssim(estimate: Any, truth: Any, *, data_range: float | None = None) -> float:
    """Return the mean structural similarity index, with the Gaussian window of its authors.

    Parameters
    ----------
    estimate, truth : array
        Real, same shape, at least 11 samples along each axis. A host copy is made of other libraries' arrays.
    data_range : float, optional
        As in `psnr`.

    Returns
    -------
    float
        At most 1, which only a perfect estimate reaches.

    Raises
    ------
    InvalidInputError
        The shapes differ, an axis is shorter than the window, the arrays are complex, or there is no default
        range because the truth is constant.

    References
    ----------
    Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural
    similarity", IEEE Trans. Image Process. 13(4), 2004, eq. (13) and (17); window of σ = 1.5.

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv import metrics
    >>> metrics.ssim(np.eye(16), np.eye(16))
    1.0
    """
    from skimage.metrics import structural_similarity

    estimate, truth = pair("ssim", estimate, truth)
    if is_complex(estimate) or is_complex(truth):
        refuse("ssim", "estimate and truth", "be real", "complex values", "Pass their magnitudes.")
    if min(truth.shape) < 11:
        advice = "Use psnr or relative_error."
        refuse("ssim", "truth", "have at least 11 samples per axis", f"shape {tuple(truth.shape)}", advice)
    value = structural_similarity(  # type: ignore[no-untyped-call]
        to_numpy(truth).astype(np.float64),
        to_numpy(estimate).astype(np.float64),
        data_range=range_of("ssim", truth, data_range),
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
    )
    return float(value)
