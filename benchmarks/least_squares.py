"""Least squares per iteration, and λ where no structure fits.

    python benchmarks/least_squares.py

The first table sets an iteration against its bound, two pairs of ``scipy.fft.rfftn`` and ``irfftn`` on the
linear-convolution grid in float64, zero boundary for all, setup included: it is paid by users too. PyLops
is timed where it is installed. The second counts iterations with and without the DCT preconditioner; the
last has the error that the chosen λ makes over that of the best one.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable

import numpy as np
import scipy.fft
import scipy.sparse.linalg
from harness import ratio

from invdeconv import Convolution, cgls, hybrid_lsqr, lsmr, lsqr, metrics, psf, samples, tikhonov
from invdeconv.restoration._krylov import least_squares
from invdeconv.restoration._model import model_of
from invdeconv.solvers import cgls_steps

ITERATIONS = 20
SHAPE, SIZE = (512, 512), (15, 15)


def main() -> None:
    per_iteration()
    preconditioner()
    lambda_in_general_form()


def per_iteration() -> None:
    frame = tuple(scipy.fft.next_fast_len(n + k - 1, real=True) for n, k in zip(SHAPE, SIZE, strict=True))
    kernel = psf.gaussian(SIZE, 2.5)
    data = 1 + np.random.default_rng(0).random(SHAPE)
    workers = os.cpu_count()

    def bound() -> None:
        for _ in range(2 * ITERATIONS):
            spectrum = scipy.fft.rfftn(data, frame, workers=workers)
            scipy.fft.irfftn(spectrum, frame, workers=workers)

    print(f"{ITERATIONS} iterations on 512², 15×15; 1 is two float64 FFT pairs an iteration\n")
    options = {"rtol": 1e-14, "max_iter": ITERATIONS, "boundary": "zero"}

    def row(name: str, subject: Callable[[], object]) -> None:
        print(f"{name:>24} {ratio(subject, bound)}")

    for method in (cgls, lsqr, lsmr):
        for dtype in (np.float64, np.float32):
            y = data.astype(dtype)
            row(f"{method.__name__} {np.dtype(dtype).name}", lambda: method(y, kernel, **options))
    hybrid = {**options, "lam": 1e-4}
    row("hybrid_lsqr", lambda: hybrid_lsqr(data, kernel, **hybrid))
    row("not reorthogonalized", lambda: hybrid_lsqr(data, kernel, reorthogonalize=False, **hybrid))
    C = Convolution.from_psf(kernel, SHAPE, boundary="zero")
    exact = {"atol": 0, "btol": 0, "conlim": 0, "iter_lim": ITERATIONS}
    row("SciPy lsqr on C", lambda: scipy.sparse.linalg.lsqr(C, data.ravel(), **exact))
    if importlib.util.find_spec("pylops") is None:
        print(f"{'PyLops':>24} is not installed")
        return
    import pylops

    theirs = pylops.signalprocessing.Convolve2D(SHAPE, kernel, offset=(SIZE[0] // 2, SIZE[1] // 2))
    for name in ("cgls", "lsqr"):
        solver = getattr(pylops.optimization.basic, name)
        zero = np.zeros(theirs.shape[1])

        row(f"PyLops {name}", lambda: solver(theirs, data.ravel(), x0=zero, niter=ITERATIONS))


def preconditioner() -> None:
    print("\nCGLS iterations to 1e-8, 96², 15×15 PSF, symmetric boundary: plain, DCT preconditioner")
    rng = np.random.default_rng(0)
    scene = photograph(96)
    for asymmetry in (0.0, 0.1, 0.3):
        kernel = psf.gaussian((15, 15), 2.5) * (1 + asymmetry * rng.standard_normal((15, 15)))
        C = Convolution.from_psf(kernel / kernel.sum(), scene.shape)
        data = C(scene) + 1e-3 * rng.standard_normal(scene.shape)
        for lam in (1e-3, 1e-4):
            model = model_of("benchmark", data, C, None, default="taper")
            options = {"rtol": 1e-8, "max_iter": 5000, "lam": lam}
            fast = least_squares("benchmark", model, **options).n_iter
            plain = least_squares("benchmark", model, steps=cgls_steps, **options).n_iter
            print(f"    asymmetry {asymmetry:3.0%}, λ = {lam:g}: {plain:4d} {fast:4d}")


def lambda_in_general_form() -> None:
    print("\nλ by GCV in general form, 256²: relative error over that of the best of 13 λ")
    scene = photograph(256)
    cases = {
        "15×15, reflect": Convolution.from_psf(psf.gaussian((15, 15), 2.0), scene.shape, boundary="reflect"),
        "5×5, stride 2": Convolution(psf.gaussian((5, 5), 1.0), scene.shape, stride=2),
    }
    for name, C in cases.items():
        for noise in (1e-3, 2e-2):
            data = C(scene) + noise * np.random.default_rng(0).standard_normal(C.output_shape)
            chosen = tikhonov(data, C)
            best = min(
                metrics.relative_error(tikhonov(data, C, lam=10.0**power, max_iter=1000).estimate, scene)
                for power in np.arange(-6, 0.5, 0.5)
            )
            error = metrics.relative_error(chosen.estimate, scene) / best
            print(f"    {name:>15}, noise {noise:g}: {error:.3f}, λ = {chosen.parameters['lam']:.1e}")


def photograph(n: int) -> np.ndarray:
    """Return an n × n piece of the photograph."""
    return samples.camera()[100 : 100 + n, 150 : 150 + n] / 255


if __name__ == "__main__":
    main()
