"""Richardson–Lucy per iteration: against scikit-image, and against the bound of four real FFTs.

    python benchmarks/richardson_lucy.py

Zero boundary for all, so that the work is the same. The bound is two pairs of ``scipy.fft.rfftn`` and
``irfftn`` on the linear-convolution grid. Setup is included: it is paid by users too.
"""

from __future__ import annotations

import os

import numpy as np
import scipy.fft
from harness import ratio
from skimage.restoration import richardson_lucy as skimage_richardson_lucy

from invdeconv import psf, richardson_lucy

ITERATIONS = 10
CASES = (((512, 512), (15, 15)), ((1024, 1024), (31, 31)), ((32, 192, 192), (9, 31, 31)))


def main() -> None:
    print(f"time of {ITERATIONS} iterations, float32; below 1 is faster than the reference\n")
    print(f"{'image':>16} {'PSF':>12}   against")
    for shape, size in CASES:
        rng = np.random.default_rng(0)
        kernel = psf.gaussian(size, tuple(k / 6 for k in size)).astype(np.float32)
        data = (1 + rng.random(shape)).astype(np.float32)
        frame = tuple(scipy.fft.next_fast_len(n + k - 1, real=True) for n, k in zip(shape, size, strict=True))
        workers = os.cpu_count()

        def ours() -> object:
            return richardson_lucy(data, kernel, max_iter=ITERATIONS, stop=None, boundary="zero")

        def theirs() -> object:
            return skimage_richardson_lucy(data, kernel, num_iter=ITERATIONS, clip=False)

        def bound() -> None:
            for _ in range(2 * ITERATIONS):
                spectrum = scipy.fft.rfftn(data, frame, workers=workers)
                scipy.fft.irfftn(spectrum, frame, workers=workers)

        name = "×".join(map(str, shape)), "×".join(map(str, size))
        print(f"{name[0]:>16} {name[1]:>12}   scikit-image     {ratio(ours, theirs, rounds=5)}")
        print(f"{'':>29}   four real FFTs   {ratio(ours, bound)}")


if __name__ == "__main__":
    main()
