"""Total variation by ADMM: pairs of real FFTs an iteration, and how soon the duality gap closes.

    python benchmarks/variational.py

The reference is one ``scipy.fft.rfftn`` and ``irfftn`` of the same array with the threads the package uses.
"""

from __future__ import annotations

from itertools import islice

import numpy as np
import scipy.fft
from harness import ratio
from skimage import data

from invdeconv import Convolution, psf
from invdeconv.arrays import fft_options
from invdeconv.solvers import split_gradient, tv_admm_steps

ITERATIONS = 20
NOISE = 2.0


def main() -> None:
    print(f"time of an iteration in pairs of FFTs, float32, one thread, {ITERATIONS} iterations\n")
    for n in (256, 512, 1024):
        C, y = problem(n)
        lam = 0.03 * NOISE**2

        def ours() -> None:
            state = split_gradient(y, 0.1, isotropic=True)
            for _ in islice(tv_admm_steps(C, y, lam, state), ITERATIONS):
                pass

        def pairs() -> None:
            for _ in range(ITERATIONS):
                scipy.fft.irfftn(scipy.fft.rfftn(y, workers=1), y.shape, workers=1)

        with fft_options(workers=1):
            print(f"{n:>6}²   {ratio(ours, pairs, rounds=3)}")
    C, y = problem(256)
    print(
        "\niterations to a proved relative gap, 256², by the ρ to start from (balanced for 100 iterations)\n"
    )
    for start in (0.01, 0.1, 1.0):
        gaps = [
            gap for _, gap in islice(tv_admm_steps(C, y, lam, split_gradient(y, start, isotropic=True)), 600)
        ]
        first = {
            level: next((k + 1 for k, gap in enumerate(gaps) if gap < level), None)
            for level in (1e-2, 1e-3, 1e-4)
        }
        print(f"ρ/λ = {start:<6}", ", ".join(f"{level:g}: {k}" for level, k in first.items()))


def problem(n: int) -> tuple[Convolution, np.ndarray]:
    scene = np.resize(data.camera().astype(float), (n, n)) if n > 512 else data.camera()[:n, :n].astype(float)
    C = Convolution.from_psf(psf.gaussian((15, 15), 1.6), (n, n), boundary="periodic")
    noisy = C(scene) + NOISE * np.random.default_rng(0).standard_normal((n, n))
    return C, noisy.astype(np.float32)


if __name__ == "__main__":
    main()
