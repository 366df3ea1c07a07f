"""Draw the figure of the README: ``python docs/figure.py`` writes docs/three-gaps.png."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from invdeconv import (
    Convolution,
    adjoint,
    metrics,
    pseudo_inverse,
    psf,
    samples,
    simulate,
    tikhonov,
    wiener,
)

TITLES = ("truth  x", "data  y = Cx + noise", "Cᵀy  transposed convolution", "C⁺y  pseudo-inverse")


def main() -> None:
    figure = Figure(figsize=(12.4, 5.4), layout="constrained", facecolor="white")
    axes = figure.subplots(2, 5)
    small_experiment(axes[0])
    photograph(axes[1])
    figure.savefig(Path(__file__).with_name("three-gaps.png"), dpi=110)


def small_experiment(axes: np.ndarray) -> None:
    C = Convolution([[1, 0], [-1, -2]], (4, 4), stride=2, padding="valid", correlate=True)
    x = np.ones((4, 4))
    y = C(x)
    estimates = (adjoint(y, C), pseudo_inverse(y, C), tikhonov(y, C, lam=0))
    titles = (*TITLES[:1], "y = Cx", *TITLES[2:], "gradient prior, λ → 0")
    for ax, title, values in zip(axes, titles, (x, y, *map(np.asarray, estimates)), strict=True):
        ax.imshow(values, cmap="cividis", vmin=-2, vmax=4)
        for (row, column), value in np.ndenumerate(values):
            text = f"{value:.3g}" if abs(value) > 1e-9 else "0"
            ax.text(column, row, text, ha="center", va="center", color="white" if value < 2 else "black")
        error = f"\nerror {metrics.relative_error(values, x):.2g}" if values.shape == x.shape else "\n"
        label(ax, title + ("\n" if title == titles[0] else error))


def photograph(axes: np.ndarray) -> None:
    kernel = psf.gaussian((31, 31), 3)
    seen = simulate.observe(samples.camera() / 255, kernel, noise_std=0.005, rng=0, crop=110)
    estimates = [np.asarray(method(seen.data, kernel)) for method in (adjoint, pseudo_inverse, wiener)]
    titles = (*TITLES, "Wiener, all automatic")
    for ax, title, image in zip(axes, titles, (seen.truth, seen.data, *estimates), strict=True):
        ax.imshow(image, cmap="gray", vmin=0, vmax=1)
        gain = "\n" if image is seen.truth or image is seen.data else f"\n{gained(image, seen):+.1f} dB"
        label(ax, title + gain)


def gained(image: np.ndarray, seen: simulate.Observation) -> float:
    return metrics.isnr(image, seen.truth, seen.data)


def label(ax: object, text: str) -> None:
    ax.set_title(text, fontsize=10)
    ax.set_xticks([])
    ax.set_yticks([])


if __name__ == "__main__":
    main()
