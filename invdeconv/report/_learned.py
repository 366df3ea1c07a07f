"""One transposed convolution trained on photographs, beside Cᵀ and Wiener: numbers and pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invdeconv import metrics, samples
from invdeconv.operators import Convolution
from invdeconv.psf import gaussian
from invdeconv.restoration import adjoint, estimate_kernel, wiener
from invdeconv.simulate import observe

__all__ = ["Learned", "learned_against_wiener"]


@dataclass(frozen=True, eq=False)
class Learned:
    """What training made of the layer.

    Attributes
    ----------
    trained_on, tested_on : tuple of str, str
        Names of the photographs.
    pictures : dict of str to ndarray
        Of the test photograph: "truth", "data", "adjoint", "learned", "wiener".
    psnr : dict of str to float
        Of each but the truth, in dB, where no filter reads beyond the edges.
    psf, kernel : ndarray
        The blur, and the layer's kernel after training.
    """

    trained_on: tuple[str, ...]
    tested_on: str
    pictures: dict[str, np.ndarray]
    psnr: dict[str, float]
    psf: np.ndarray
    kernel: np.ndarray


def learned_against_wiener(
    *, tested_on: str = "camera", size: int = 9, sigma: float = 1.5, noise_std: float = 0.005
) -> Learned:
    """Train x̂ = w * y by least squares on all sample photographs but one, and test on that one."""
    blur = gaussian((2 * int(4 * sigma) + 1,) * 2, sigma)
    seen = {
        name: observe(picture, blur, noise_std=noise_std, rng=number)
        for number, (name, picture) in enumerate(samples.photographs().items())
    }
    test = seen.pop(tested_on)
    fit = estimate_kernel([s.truth for s in seen.values()], [s.data for s in seen.values()], size, lam=0)
    layer = Convolution.from_psf(fit.estimate, test.data.shape, boundary="symmetric")
    truth = np.asarray(test.truth)
    pictures = {
        "truth": truth,
        "data": test.data,
        "adjoint": adjoint(test.data, blur).estimate,
        "learned": layer(test.data),
        "wiener": wiener(test.data, blur).estimate,
    }
    inner = (slice(size, -size),) * 2
    psnr = {
        name: metrics.psnr(picture[inner], truth[inner], data_range=1)
        for name, picture in pictures.items()
        if name != "truth"
    }
    return Learned(tuple(seen), tested_on, pictures, psnr, blur, fit.estimate)
