"""From Cᵀ to C⁺ in small steps: Landweber's iteration, without noise and with it."""

from __future__ import annotations

from typing import Any

import numpy as np

from invdeconv import samples
from invdeconv.metrics import psnr, relative_error
from invdeconv.operators import Convolution
from invdeconv.report._chart import Axis, Chart, Series
from invdeconv.report._pictures import photo
from invdeconv.report._sections._section import Section, decomposed
from invdeconv.restoration import landweber, pseudo_inverse

__all__ = ["SETTINGS", "STEPS", "iterations"]

SETTINGS = {"side": 96, "box": 5, "noise_std": 0.01, "seed": 0}
STEPS = (1, 3, 10, 30, 100, 300, 1000, 10_000, 100_000, 1_000_000)
_PART = (slice(110, 206), slice(200, 296))


def iterations() -> Section:
    """Return the errors of every frame, the frames, and the curves between them."""
    x = samples.camera()[_PART] / 255
    box = int(SETTINGS["box"])
    C = Convolution.from_psf(np.full((box, box), 1 / box**2), x.shape)
    draw = np.random.default_rng(int(SETTINGS["seed"])).standard_normal(x.shape)
    data = {"clean": C(x), "noisy": C(x) + SETTINGS["noise_std"] * draw}

    def estimate(y: np.ndarray, k: int | None) -> np.ndarray:
        return np.asarray(pseudo_inverse(y, C) if k is None else landweber(y, C, n_iter=k))

    frames: list[dict[str, Any]] = []
    pictures: dict[str, list[str]] = {name: [] for name in data}
    for k in (*STEPS, None):
        frame: dict[str, Any] = {"k": k if k is not None else "inf"}
        for name, y in data.items():
            found = estimate(y, k)
            frame[name] = {"error": relative_error(found, x), "psnr": psnr(found, x, data_range=1)}
            pictures[name].append(photo(found, 0, 1))
        frames.append(frame)
    trials = np.unique(np.round(np.logspace(0, 6, 49)).astype(int))
    curves = {
        name: np.array([relative_error(estimate(y, int(k)), x) for k in trials]) for name, y in data.items()
    }
    best = int(np.argmin(curves["noisy"]))
    back = C.H(data["clean"])
    largest = decomposed(C).c.max()
    numbers = SETTINGS | {
        "frames": frames,
        "last": len(frames) - 1,
        "best": {"k": int(trials[best]), "error": float(curves["noisy"][best])},
        "first_is_adjoint": relative_error(estimate(data["clean"], 1), back / largest**2),
    }
    chart = Chart(
        Axis("axis.steps", 1, 1e6, log=True),
        Axis("axis.error", 1e-3, 10, log=True),
        [
            Series("iterations.series.clean", trials, curves["clean"], "line", 1),
            Series("iterations.series.noisy", trials, curves["noisy"], "dashed", 2),
            Series("iterations.series.frames", STEPS, [f["clean"]["error"] for f in frames[:-1]], "dots", 1),
            Series("iterations.series.best", [trials[best]], kind="mark", color=3),
        ],
    )
    return Section(numbers, {"pictures": pictures, "chart": chart})
