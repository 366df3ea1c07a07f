"""Denoisers for `plug_and_play`, callables (image, sigma) → image; all but the first from scikit-image."""

from __future__ import annotations

from typing import Any

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, is_complex, is_numpy
from invdeconv.functionals._sliding_dct import sliding_dct

__all__ = ["bilateral", "nl_means", "sliding_dct", "total_variation", "wavelet"]


def total_variation(image: Array, sigma: float) -> np.ndarray:
    """Denoise by total variation: flat areas and edges.

    Parameters
    ----------
    image : numpy array
        Real, any number of axes.
    sigma : float
        Deviation of the noise to remove.

    Returns
    -------
    numpy array
        Of the shape of the image.

    Raises
    ------
    InvalidInputError
        If the image is no real NumPy array.

    References
    ----------
    .. [1] A. Chambolle, "An algorithm for total variation minimization and applications",
       J. Math. Imaging Vis. 20 (2004) 89, Eq. (9).
    """
    from skimage.restoration import denoise_tv_chambolle

    image = _real("total_variation", image)
    # scikit-image minimizes ½‖x − v‖² + weight·TV(x); this weight suits noise of deviation σ.
    denoise: Any = denoise_tv_chambolle
    return denoise(image, weight=sigma, eps=1e-4, max_num_iter=100)


def wavelet(image: Array, sigma: float) -> np.ndarray:
    """Denoise by soft thresholds of wavelets, one per level, averaged over shifts.

    Parameters
    ----------
    image : numpy array
        Real, any number of axes.
    sigma : float
        Deviation of the noise to remove.

    Returns
    -------
    numpy array
        Of the shape of the image.

    Raises
    ------
    InvalidInputError
        If the image is no real NumPy array.

    References
    ----------
    .. [1] S. G. Chang, B. Yu, M. Vetterli, "Adaptive wavelet thresholding for image denoising and
       compression", IEEE TIP 9 (2000) 1532, Eq. (20).
    """
    from skimage.restoration import cycle_spin, denoise_wavelet

    image = _real("wavelet", image)
    if sigma == 0:
        return image
    options = {"sigma": sigma, "wavelet": "db2", "rescale_sigma": False}
    return cycle_spin(image, denoise_wavelet, max_shifts=1, func_kw=options, workers=1).astype(
        image.dtype, copy=False
    )


def nl_means(image: Array, sigma: float) -> np.ndarray:
    """Denoise by non-local means: repeated texture; 2-D to 4-D.

    Parameters
    ----------
    image : numpy array
        Real.
    sigma : float
        Deviation of the noise to remove.

    Returns
    -------
    numpy array
        Of the shape of the image.

    Raises
    ------
    InvalidInputError
        If the image is no real NumPy array.

    References
    ----------
    .. [1] A. Buades, B. Coll, J.-M. Morel, "A non-local algorithm for image denoising", CVPR 2005, Eq. (2).
    """
    from skimage.restoration import denoise_nl_means

    image = _real("nl_means", image)
    return denoise_nl_means(image, patch_size=5, patch_distance=6, h=0.8 * sigma, sigma=sigma, fast_mode=True)


def bilateral(image: Array, sigma: float) -> np.ndarray:
    """Denoise by the bilateral filter: means over neighbors of like value; 2-D.

    For noise alone: as a prior it flattens what a blur has left, and can make the data worse.

    Parameters
    ----------
    image : numpy array
        Real, two axes.
    sigma : float
        Deviation of the noise to remove.

    Returns
    -------
    numpy array
        Of the shape of the image.

    Raises
    ------
    InvalidInputError
        If the image is no real NumPy array.

    References
    ----------
    .. [1] C. Tomasi, R. Manduchi, "Bilateral filtering for gray and color images", ICCV 1998, Eq. (5).
    """
    from skimage.restoration import denoise_bilateral

    image = _real("bilateral", image)
    # scikit-image refuses negative values; the filter itself only knows differences.
    lowest = image.min()
    restored = denoise_bilateral(image - lowest, sigma_color=2 * sigma, sigma_spatial=1.5)
    return (restored + lowest).astype(image.dtype, copy=False)


def _real(function: str, image: Array) -> np.ndarray:
    if not is_numpy(image) or is_complex(image):
        got = f"a complex {type(image).__name__}" if is_complex(image) else type(image).__name__
        checks.refuse(f"denoisers.{function}", "image", "be a real NumPy array", got, "Convert it first.")
    return image
