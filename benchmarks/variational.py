"""Total variation by ADMM: pairs of real FFTs an iteration, how soon the gap closes, and SCICO beside it.

    python benchmarks/variational.py

The reference is one ``scipy.fft.rfftn`` and ``irfftn`` of the same array; one core for all. Iterations are
counted after the first twenty, looks at the gap and changes of ρ included. Where numba is installed (extra
``fast``) they are measured with its compiled rows and without. The last section runs where ``scico`` is: its
ADMM with the exact step in the Fourier domain, compiled and warm, at the best of five ρ. Ours counts setup
and starts at the ρ that `total_variation` takes.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from itertools import islice
from typing import Any
from unittest import mock

import numpy as np
import scipy.fft
from harness import ratio
from skimage import data

from invdeconv import Convolution, psf
from invdeconv.arrays import Array, fft_options, has_compiler, recycling
from invdeconv.functionals import SquaredError, TotalVariation
from invdeconv.restoration._split_problems import steepness
from invdeconv.solvers import _gradient, split_gradient, tv_admm_steps

NOISE = 2.0
LAM = 0.03 * NOISE**2
SHAPES = ((256, 256), (512, 512), (1024, 1024), (96, 96, 100))
ITERATIONS = 20


def main() -> None:
    if hasattr(os, "sched_setaffinity"):  # before JAX makes a thread for every core
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with fft_options(workers=1), recycling():
        iterations()
        convergence()
        if importlib.util.find_spec("scico"):
            beside_scico()


def iterations() -> None:
    print("time of an iteration in pairs of FFTs, float32\n")
    for shape in SHAPES:
        C, y = problem(shape)

        def pairs() -> None:
            for _ in range(ITERATIONS):
                scipy.fft.irfftn(scipy.fft.rfftn(y, workers=1), y.shape, workers=1)

        for compiled in (False, True)[: 1 + has_compiler()]:
            steps = ours(C, y)
            with mock.patch.object(_gradient, "has_compiler", return_value=compiled):
                found = ratio(lambda: advance(steps), pairs, rounds=4)
            print(f"{'×'.join(map(str, shape)):>10} {'numba' if compiled else 'NumPy'} {found}")


def convergence() -> None:
    C, y = problem((256, 256))
    print(
        "\niterations to a proved relative gap, 256², by the ρ to start from (balanced for 100 iterations)\n"
    )
    for start in (0.01, 0.1, 1.0):
        gaps = [gap for _, gap in islice(ours(C, y, start), 600)]
        first = {
            level: next((k + 1 for k, gap in enumerate(gaps) if gap < level), None)
            for level in (1e-2, 1e-3, 1e-4)
        }
        print(f"ρ/λ = {start:<6}", ", ".join(f"{level:g}: {k}" for level, k in first.items()))


def beside_scico() -> None:
    print("\nSCICO's time over ours until the objective is within 10⁻³ of its least value\n")
    for n in (256, 512):
        C, y = problem((n, n))

        def objective(x: Array) -> float:
            return SquaredError(y).value(C(x)) + TotalVariation(LAM, boundary="periodic").value(x)

        *_, (best, gap) = islice(ours(C, y), 1200)
        level = 1.001 * objective(best)

        def needed(steps: Iterator[tuple[Any, float]], level: float = level) -> int | None:
            """Return after how many iterations the objective is low enough, to within five."""
            found = (5 * k for k, (x, _) in enumerate(islice(steps, 4, 400, 5), 1) if objective(x) < level)
            return next(found, None)

        count = needed(ours(C, y))
        theirs = {rho: needed(scico_steps(C, y, rho)) for rho in (0.003, 0.01, 0.03, 0.1, 0.3)}
        rho, most = min(((rho, k) for rho, k in theirs.items() if k), key=lambda item: item[1])
        print(f"    {n}²: proved gap of the reference {gap:.0e}; {count} iterations against {theirs}")
        warm = scico_steps(C, y, rho)
        for compiled in (False, True)[: 1 + has_compiler()]:
            with mock.patch.object(_gradient, "has_compiler", return_value=compiled):
                found = ratio(lambda: advance(warm, most), lambda: advance(ours(C, y), count), rounds=5)
            print(f"    {n}²: {'numba' if compiled else 'NumPy'} {found}")


def ours(C: Convolution, y: np.ndarray, start: float | None = None) -> Iterator[tuple[Array, float]]:
    state = split_gradient(y, steepness(y) if start is None else start, isotropic=True)
    return tv_admm_steps(C, y, LAM, state)


def scico_steps(C: Convolution, y: np.ndarray, rho: float) -> Iterator[tuple[Any, float]]:
    import scico.numpy as snp
    from scico import functional, linop, loss
    from scico.optimize.admm import ADMM, CircularConvolveSolver

    h = np.zeros(y.shape, np.float32)
    h[0, 0] = 1
    A = linop.CircularConvolve(snp.array(C(h)), y.shape, input_dtype=np.float32)
    D = linop.FiniteDifference(y.shape, input_dtype=np.float32, circular=True)
    solver = ADMM(
        f=loss.SquaredL2Loss(y=snp.array(y), A=A),
        g_list=[LAM * functional.L21Norm()],
        C_list=[D],
        rho_list=[rho * LAM],
        x0=snp.array(y),
        subproblem_solver=CircularConvolveSolver(),
    )
    while True:
        solver.step()
        yield np.asarray(solver.x), np.nan


def advance(steps: Iterator[object], count: int = ITERATIONS) -> None:
    for _ in islice(steps, count):
        pass


def problem(shape: tuple[int, ...]) -> tuple[Convolution, np.ndarray]:
    scene = np.resize(data.camera().astype(float), shape)
    if len(shape) == 2 and max(shape) <= 512:
        scene = data.camera()[: shape[0], : shape[1]].astype(float)
    C = Convolution.from_psf(psf.gaussian((15,) * len(shape), 1.6), shape, boundary="periodic")
    noisy = C(scene) + NOISE * np.random.default_rng(0).standard_normal(shape)
    return C, noisy.astype(np.float32)


if __name__ == "__main__":
    main()
