"""Which rule to trust: what each loses against the best λ there is, on six equations and on photographs.

    python benchmarks/parameter_choice.py

The equations are shaw, deriv2, heat, phillips, baart and gravity with 64 unknowns, 100 draws of white noise
at each of two levels, σ known to the rules that ask for it. The photographs are blurred whole and their
middle kept, so that no boundary model is true, and σ is estimated. A loss is the error of the estimate over
the error at the best λ; in dB, 20 times its logarithm.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import numpy as np
from skimage import data

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from twins.ill_posed import PROBLEMS

from invdeconv import InputWarning, LinearOperator, decompose, metrics, psf, simulate, tikhonov
from invdeconv.operators import regularizer_for
from invdeconv.selection import RULES, choose_lambda

DRAWS, UNKNOWNS = 100, 64
LEVELS = (1e-3, 1e-2)
PHOTOGRAPHS = {
    "camera": data.camera() / 255,
    "brick": data.brick() / 255,
    "grass": data.grass() / 255,
    "text": data.text() / 255,
}
BLURS = {
    "motion": psf.motion((17, 17), 15, 30),
    "box": np.full((9, 9), 1 / 81),
    "Gaussian": psf.gaussian((25, 25), 3),
}
NOISE = (0.001, 0.005, 0.02)


class Matrix(LinearOperator):
    def __init__(self, matrix):
        self.matrix = matrix
        super().__init__((matrix.shape[1],), (matrix.shape[0],))

    def _forward(self, x):
        return self.matrix @ x

    def _adjoint(self, y):
        return self.matrix.T @ y


def equation_losses(name: str, regularizer: str) -> dict[str, list[float]]:
    A, x = PROBLEMS[name](UNKNOWNS)
    C = Matrix(A)
    d = decompose(C, regularizer_for("benchmark", regularizer, C))
    gamma = d.gamma[np.isfinite(d.gamma) & (d.gamma > 0)]
    grid = np.geomspace(max(gamma.min() ** 2, 1e-16 * gamma.max() ** 2), 10 * gamma.max() ** 2, 120)
    losses: dict[str, list[float]] = {rule: [] for rule in RULES}
    for level in LEVELS:
        sigma = level * np.linalg.norm(A @ x) / np.sqrt(UNKNOWNS)
        for draw in range(DRAWS):
            y = A @ x + sigma * np.random.default_rng(draw).standard_normal(UNKNOWNS)
            k = d.c * d.analyze(y)

            def error(lam):
                return np.linalg.norm(d.synthesize(k / (d.c**2 + lam * d.s**2)) - x)

            best = min(map(error, grid))
            for rule in RULES:
                losses[rule].append(error(choose_lambda(rule, d, y, noise_std=sigma).value) / best)
    return losses


def photograph_losses() -> dict[str, list[float]]:
    losses: dict[str, list[float]] = {rule: [] for rule in RULES}
    for scene in PHOTOGRAPHS.values():
        crop = tuple(n // 4 for n in scene.shape)
        for kernel in BLURS.values():
            for noise_std in NOISE:
                seen = simulate.observe(scene, kernel, noise_std=noise_std, rng=0, crop=crop)

                def gain(lam):
                    return metrics.isnr(tikhonov(seen.data, kernel, lam=lam).estimate, seen.truth, seen.data)

                best = max(gain(float(lam)) for lam in np.logspace(-6, 1, 29))
                for rule in RULES:
                    losses[rule].append(10 ** ((best - gain(rule)) / 20))
    return losses


def show(title: str, losses: dict[str, dict[str, list[float]]]) -> None:
    """Print median / worst for each rule and column, and in dB over all columns."""
    print(f"\n{title}\n")
    print("| rule | " + " | ".join(losses) + " | all: median, 90 %, worst | in dB |")
    print("|---" * (len(losses) + 3) + "|")
    for rule in RULES:
        cells = [f"{np.median(loss[rule]):.2f} / {short(max(loss[rule]))}" for loss in losses.values()]
        every = np.concatenate([loss[rule] for loss in losses.values()])
        three = [np.median(every), np.percentile(every, 90), every.max()]
        ratios = ", ".join(map(short, three))
        decibels = ", ".join(f"{20 * np.log10(value):.1f}" for value in three)
        print(f"| `{rule}` | " + " | ".join(cells) + f" | {ratios} | {decibels} |")


def short(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.0f}" if value < 1000 else f"{value:.0e}"


def main() -> None:
    warnings.simplefilter("ignore", InputWarning)
    for regularizer in ("identity", "gradient"):
        losses = {name: equation_losses(name, regularizer) for name in PROBLEMS}
        show(f"Equations, L = {regularizer}: median / worst loss", losses)
    show("Photographs, cropped, L = gradient: median / worst loss", {"photographs": photograph_losses()})


if __name__ == "__main__":
    main()
