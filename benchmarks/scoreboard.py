"""The six scenarios of Danielyan et al. (2012) on scikit-image photographs: ISNR of every method.

    python benchmarks/scoreboard.py [PHOTOGRAPH …]

Circular blur, as in the literature, with everything automatic; beside it the best value of one parameter
("oracle"), scikit-image's methods, and BM3DDEB where the package ``bm3d`` is installed (binary,
non-commercial: compare, never depend). Rim: error in the outer 16 pixels over that inside, in dB.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import skimage.data
import skimage.restoration
from skimage import color

from invdeconv import (
    Convolution,
    InputWarning,
    Result,
    hyper_laplacian,
    metrics,
    plug_and_play,
    psf,
    richardson_lucy,
    tikhonov,
    total_variation,
    truncated_svd,
    wavelet_sparse,
    wiener,
)
from invdeconv.functionals import denoisers
from invdeconv.solvers import PlainIterations

PHOTOGRAPHS = {
    "camera": lambda: skimage.data.camera()[::2, ::2].astype(float),
    "astronaut": lambda: 255 * color.rgb2gray(skimage.data.astronaut())[::2, ::2],
    "coins": lambda: skimage.data.coins()[:256, :256].astype(float),
}
# Levels of the photographs; scikit-image and bm3d want them from 0 to 1.
RANGE = 255.0
# What TVMM gains over the best Wiener–Hunt filter on the four images of the literature: Table 10 of He et
# al., Neurocomputing 443 (2021), less our own filters on the same images.
TVMM = (0.98, 0.88, 1.24, 0.83, 0.72, -0.44)
Method = Callable[[np.ndarray, Convolution, np.ndarray], np.ndarray]


def scenarios() -> list[tuple[np.ndarray, float | None]]:
    """Return PSF and noise; None asks for a BSNR of 40 dB."""
    i = np.arange(-7, 8)
    hill = 1 / (1 + i[:, None] ** 2 + i**2)
    binomial = np.array([1.0, 4, 6, 4, 1]) / 16
    return [
        (hill / hill.sum(), 2**0.5),
        (hill / hill.sum(), 8**0.5),
        (np.full((9, 9), 1 / 81), None),
        (np.outer(binomial, binomial), 7.0),
        (psf.gaussian((25, 25), 1.6), 2.0),
        (psf.gaussian((25, 25), 0.4), 8.0),
    ]


def best(method: Callable[..., Any], parameter: str, values: Sequence[float]) -> Method:
    """Return the estimate of the best value, judged by the truth."""

    def oracle(data: np.ndarray, C: Convolution, truth: np.ndarray) -> np.ndarray:
        tried = (np.asarray(method(data, C, **{parameter: value})) for value in values)
        return max(tried, key=lambda estimate: metrics.psnr(estimate, truth))

    return oracle


def best_near(
    method: Callable[..., Result], factors: Sequence[float], parameter: str = "lam", chosen: str = "lam"
) -> Method:
    """Return the best of the automatic estimate and those of what was chosen times some factors."""

    def oracle(data: np.ndarray, C: Convolution, truth: np.ndarray) -> np.ndarray:
        first = method(data, C)
        around = best(method, parameter, [factor * first.parameters[chosen] for factor in factors])
        tried = first.estimate, around(data, C, truth)
        return max(tried, key=lambda estimate: metrics.psnr(estimate, truth))

    return oracle


def automatic(method: Callable[..., object]) -> Method:
    return lambda data, C, _: np.asarray(method(data, C))


def skimage_wiener(data: np.ndarray, C: Convolution, *, balance: float) -> np.ndarray:
    return RANGE * skimage.restoration.wiener(data / RANGE, C.kernel, balance, clip=False)


def skimage_richardson_lucy(data: np.ndarray, C: Convolution, *, num_iter: int) -> np.ndarray:
    light = np.maximum(data, 0) / RANGE
    return RANGE * skimage.restoration.richardson_lucy(light, C.kernel, num_iter, clip=False)


def methods() -> dict[str, Method]:
    named = (wiener, tikhonov, truncated_svd, richardson_lucy, total_variation, wavelet_sparse)
    known = {method.__name__: automatic(method) for method in (*named, hyper_laplacian, plug_and_play)}
    for denoiser in (denoisers.nl_means, denoisers.wavelet, denoisers.total_variation):
        known[f"plug_and_play, {denoiser.__name__}"] = automatic(partial(plug_and_play, denoiser=denoiser))
    known["wiener, oracle"] = best_near(wiener, (0.5, 0.7, 1.4, 2.0), "noise", "noise_std")
    known["truncated_svd, oracle"] = best_near(truncated_svd, (0.3, 0.6, 1.6, 3.0), "rtol", "rtol")
    known["richardson_lucy, oracle"] = best(
        richardson_lucy, "stop", [PlainIterations(n) for n in (1, 2, 5, 10, 20, 50, 100, 200)]
    )
    known["wavelet_sparse, oracle"] = best_near(wavelet_sparse, (0.5, 2.0))
    known["tikhonov, oracle"] = best_near(tikhonov, (0.12, 0.35, 3.0, 8.0))
    known["total_variation, oracle"] = best_near(total_variation, (0.5, 0.7, 1.4, 2.0))
    known["hyper_laplacian, oracle"] = best_near(hyper_laplacian, (0.5, 2.0))
    known["plug_and_play, oracle"] = best_near(plug_and_play, (0.7, 1.5))
    known["skimage wiener, oracle"] = best(skimage_wiener, "balance", 10.0 ** np.arange(-4, 1))
    known["skimage richardson_lucy, oracle"] = best(skimage_richardson_lucy, "num_iter", (5, 10, 20, 40))
    try:
        import bm3d
    except ImportError:
        return known

    def deblurred(data: np.ndarray, C: Convolution, truth: np.ndarray) -> np.ndarray:
        sigma = float(np.std(data - C(truth)))
        return RANGE * np.squeeze(bm3d.bm3d_deblurring(data[..., None] / RANGE, sigma / RANGE, C.kernel))

    return known | {"BM3DDEB, true noise": deblurred}


def rim_error(estimate: np.ndarray, truth: np.ndarray) -> float:
    error = (estimate - truth) ** 2
    middle = error[16:-16, 16:-16]
    return 10 * np.log10((error.sum() - middle.sum()) / (error.size - middle.size) / middle.mean())


def main() -> None:
    warnings.simplefilter("ignore", InputWarning)
    names = sys.argv[1:] or list(PHOTOGRAPHS)
    averages: dict[str, list[np.ndarray]] = {}
    for name in names:
        truth = PHOTOGRAPHS[name]()
        print(f"\n{name:30}" + "".join(f"{k:>7}" for k in range(1, 7)) + f"{'SSIM':>8}{'rim':>7}{'s':>7}")
        for label, method in methods().items():
            gains, ssims, rims, began = [], [], [], time.perf_counter()
            for kernel, noise_std in scenarios():
                C = Convolution.from_psf(kernel, truth.shape, boundary="periodic")
                blurred = C(truth)
                sigma = float(blurred.std()) / 100 if noise_std is None else noise_std
                data = blurred + sigma * np.random.default_rng(0).standard_normal(truth.shape)
                estimate = method(data, C, truth)
                gains.append(metrics.isnr(estimate, truth, data))
                ssims.append(metrics.ssim(estimate, truth, data_range=255.0))
                rims.append(rim_error(estimate, truth))
            averages.setdefault(label, []).append(np.array(gains))
            row = "".join(f"{gain:7.2f}" for gain in gains)
            seconds = (time.perf_counter() - began) / 6
            print(f"{label:30}{row}{np.mean(ssims):8.3f}{np.mean(rims):7.2f}{seconds:7.2f}", flush=True)
    report({label: np.mean(gains, axis=0) for label, gains in averages.items()})


def report(mean: dict[str, np.ndarray]) -> None:
    """Print the goals and what was reached, in dB."""
    print("\nmean over photographs")
    gain = mean["total_variation"] - mean["wiener"]
    print("total variation over Wiener, scenarios 1–6:", " ".join(f"{value:.2f}" for value in gain))
    print("TVMM over Wiener–Hunt in the literature:   ", " ".join(f"{value:.2f}" for value in TVMM))
    for label, gains in mean.items():
        if f"{label}, oracle" in mean:
            loss = " ".join(f"{value:.2f}" for value in mean[f"{label}, oracle"] - gains)
            print(f"{label}: automatic below oracle (goal 0.3): {loss}")
    if "BM3DDEB, true noise" in mean:
        ours = np.maximum(mean["plug_and_play"], mean["hyper_laplacian"])
        short = float(np.mean((mean["BM3DDEB, true noise"] - ours)[:5]))
        print(f"best of the two below BM3DDEB, mean of 1–5 (goal 0.5): {short:.2f}")


if __name__ == "__main__":
    main()
