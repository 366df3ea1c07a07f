"""The one-line filters under a periodic boundary: time over that of one real FFT pair, float32.

    python benchmarks/wiener.py

"one shot" builds the transfer function each time, as a call does; "kept" filters once more with a
decomposition at hand. scikit-image's ``wiener`` in float32 is the same filter as the Laplacian one.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable

import numpy as np
import scipy.fft
import skimage.restoration
from harness import ratio

from invdeconv import Convolution, Differences, decompose, fft_options, psf, tikhonov, wiener
from invdeconv.restoration import _filters

ENGINES = ("scipy", "ducc0") if importlib.util.find_spec("ducc0") else ("scipy",)


def main() -> None:
    for n in (512, 2048):
        kernel = psf.gaussian((15, 15), 2.5)
        kernel[3, 4] *= 1.5
        kernel = (kernel / kernel.sum()).astype(np.float32)
        data = np.random.default_rng(0).random((n, n)).astype(np.float32)
        C = Convolution.from_psf(kernel, data.shape, boundary="periodic")
        pair = decompose(C, Differences(data.shape, boundary="periodic"))
        workers = os.cpu_count() if data.size >= 1 << 18 else 1

        def bound() -> None:
            spectrum = scipy.fft.rfftn(data, workers=workers)
            scipy.fft.irfftn(spectrum, data.shape, workers=workers)

        rows: dict[str, Callable[[], object]] = {
            "wiener, one shot": lambda: wiener(data, kernel, noise_to_signal=0.01, boundary="periodic"),
            "gradient, one shot": lambda: tikhonov(data, kernel, lam=0.01, boundary="periodic"),
            "Laplacian, one shot": lambda: tikhonov(
                data, kernel, lam=0.01, regularizer="laplacian", boundary="periodic"
            ),
            "gradient, kept": lambda: pair.filter(data, _filters.tikhonov(0.01)),
        }
        print(f"{n}², 15×15, over one real FFT pair")
        for engine in ENGINES:
            with fft_options(engine=engine):
                for name, function in rows.items():
                    print(f"    {engine:6} {name:20} {ratio(function, bound, rounds=15)}")
        theirs = ratio(lambda: skimage.restoration.wiener(data, kernel, 0.01, clip=False), bound, rounds=15)
        print(f"    scikit-image wiener         {theirs}")


if __name__ == "__main__":
    main()
