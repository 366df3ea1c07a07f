"""What a network learns when it learns deconvolution: Cᵀ, the trained layer and Wiener on one photograph."""

from __future__ import annotations

import numpy as np

from invdeconv.metrics import psnr, relative_error
from invdeconv.operators import Convolution
from invdeconv.report._chart import Axis, Chart, Series
from invdeconv.report._learned import learned_against_wiener
from invdeconv.report._pictures import diverging, photo
from invdeconv.report._sections._section import Section
from invdeconv.restoration import estimate_kernel

__all__ = ["SETTINGS", "learned"]

SETTINGS = {"kernel_size": 9, "sigma": 1.5, "noise_std": 0.005}
_PART = (slice(75, 203), slice(195, 323))


def learned() -> Section:
    """Return the PSNR of each, and how near the trained kernel is to the best one for the test."""
    size = int(SETTINGS["kernel_size"])
    found = learned_against_wiener(size=size, sigma=SETTINGS["sigma"], noise_std=SETTINGS["noise_std"])
    truth, data = found.pictures["truth"], found.pictures["data"]
    # Least squares on the test photograph itself: its FIR Wiener filter, which no layer of this size beats.
    best = np.asarray(estimate_kernel(truth, data, size, lam=0))
    restored = Convolution.from_psf(best, data.shape, boundary="symmetric")(data)
    inner = (slice(size, -size),) * 2
    back = found.psf[::-1, ::-1]
    kernels = {"adjoint": back, "learned": found.kernel, "best": best}
    peaks = {name: float(np.abs(kernel).max()) for name, kernel in kernels.items()}
    numbers = SETTINGS | {
        "photographs": len(found.trained_on),
        "psnr": found.psnr | {"best": psnr(restored[inner], truth[inner], data_range=1)},
        "distance": relative_error(found.kernel, best),
        "peaks": peaks,
    }
    frequencies = np.fft.rfftfreq(128)
    styles = {"adjoint": ("dashed", 2), "learned": ("line", 1), "best": ("dots", 3)}
    chart = Chart(
        Axis("axis.frequency", 0, 0.5),
        Axis("axis.response", 0, 1.2 * max(_response(kernel).max() for kernel in kernels.values())),
        [
            Series(f"learned.{name}", frequencies[::step], _response(kernels[name])[::step], *style)
            for (name, style), step in zip(styles.items(), (1, 1, 3), strict=True)
        ],
    )
    return Section(
        numbers,
        {
            "pictures": {name: photo(found.pictures[name][_PART], 0, 1) for name in found.psnr},
            "kernels": {
                name: (diverging(kernel, peaks[name]), len(kernel)) for name, kernel in kernels.items()
            },
            "chart": chart,
        },
    )


def _response(kernel: np.ndarray) -> np.ndarray:
    """Return the gain for stripes that run down the picture, over their frequency."""
    return np.abs(np.fft.rfft(kernel.sum(axis=0), 128))
