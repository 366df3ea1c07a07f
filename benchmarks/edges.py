"""What the edges cost: every method under every word for what lies outside, in the rim and inside.

    python benchmarks/edges.py

The camera photograph is blurred whole by a Gaussian of σ 3 and cropped to 256 × 256 afterwards, with noise of
0.005: no boundary model is true. Printed: PSNR in dB in the outer 16 samples / inside of them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import skimage.data
import skimage.restoration

from invdeconv import (
    InputWarning,
    InvalidInputError,
    Observation,
    cgls,
    damped_richardson_lucy,
    hybrid_lsqr,
    hyper_laplacian,
    landweber,
    nnls,
    plug_and_play,
    psf,
    richardson_lucy,
    richardson_lucy_tv,
    simulate,
    tikhonov,
    total_variation,
    truncated_svd,
    wiener,
)

RIM = 16
WORDS = ("taper", "liu-jia", "unknown", "symmetric", "reflect", "edge", "antireflect", "zero", "periodic")
Method = Callable[..., Any]


def methods(noise_std: float) -> dict[str, Method]:
    """Return each method as it comes; where iterations are the regularization, what stops them."""
    return {
        "`wiener`": wiener,
        "`tikhonov`": tikhonov,
        "`truncated_svd`": truncated_svd,
        "`hybrid_lsqr`": hybrid_lsqr,
        "`cgls`, noise given": partial(cgls, noise=noise_std),
        "`landweber`": landweber,
        "`richardson_lucy`": richardson_lucy,
        "`richardson_lucy_tv`": richardson_lucy_tv,
        "`damped_richardson_lucy`": damped_richardson_lucy,
        "`nnls`, 30 iterations": partial(nnls, max_iter=30),
        "`total_variation`": total_variation,
        "`hyper_laplacian`": hyper_laplacian,
        "`plug_and_play`": plug_and_play,
    }


def scene() -> Observation:
    truth = skimage.data.camera() / 255
    return simulate.observe(truth, psf.gaussian((25, 25), 3), noise_std=0.005, rng=0, crop=116)


def rim_and_inside(estimate: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Return the PSNR in the outer samples and that of the rest."""
    error = (np.asarray(estimate) - truth) ** 2
    inside = error[RIM:-RIM, RIM:-RIM]
    rim = (error.sum() - inside.sum()) / (error.size - inside.size)
    return -10 * np.log10(rim), -10 * np.log10(inside.mean())


def main() -> None:
    warnings.simplefilter("ignore", InputWarning)
    seen = scene()
    print(f"data: {_cell(seen.data, seen)}; bold: the default\n")
    print("| | " + " | ".join(WORDS) + " |\n" + "|---" * (len(WORDS) + 1) + "|")
    for name, method in methods(0.005).items():
        result = method(seen.data, seen.blur)
        default = result.parameters["boundary"]
        row = []
        for word in WORDS:
            if word == default:
                row.append(f"**{_cell(result.estimate, seen)}**")
                continue
            try:
                row.append(_cell(method(seen.data, seen.blur, boundary=word).estimate, seen))
            except InvalidInputError:
                row.append("–")
        print(f"| {name} | " + " | ".join(row) + " |", flush=True)
    kernel = np.asarray(seen.blur)
    for name, estimate in {
        "scikit-image `wiener`, balance 1e-3": skimage.restoration.wiener(seen.data, kernel, 1e-3),
        "scikit-image `richardson_lucy`, 30": skimage.restoration.richardson_lucy(seen.data, kernel, 30),
        "scikit-image `richardson_lucy`, 100": skimage.restoration.richardson_lucy(seen.data, kernel, 100),
    }.items():
        print(f"{name}: {_cell(estimate, seen)}")


def _cell(estimate: np.ndarray, seen: Observation) -> str:
    return "{:.1f} / {:.1f}".format(*rim_and_inside(estimate, seen.truth))


if __name__ == "__main__":
    main()
