"""How λ is chosen without the truth, beside the λ that only the truth could choose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from invdeconv import psf, samples, selection
from invdeconv.metrics import relative_error
from invdeconv.operators import Convolution
from invdeconv.report._chart import Axis, Chart, Series
from invdeconv.report._sections._section import Section
from invdeconv.restoration import tikhonov
from invdeconv.selection import Selection

__all__ = ["RULES", "SCENE", "choice", "scene"]

SCENE = {"side": 128, "sigma": 2.0, "noise_std": 0.01, "seed": 0}
_PART = (slice(75, 203), slice(195, 323))

RULES: Mapping[str, Callable[[np.ndarray, Convolution], Selection]] = MappingProxyType({"gcv": selection.gcv})


def scene() -> tuple[np.ndarray, Convolution, np.ndarray]:
    """Return the truth, the blur and the data."""
    x = samples.camera()[_PART] / 255
    C = Convolution.from_psf(psf.gaussian((17, 17), SCENE["sigma"]), x.shape)
    draw = np.random.default_rng(int(SCENE["seed"])).standard_normal(x.shape)
    return x, C, C(x) + SCENE["noise_std"] * draw


def choice() -> Section:
    """Return the λ and the error of every rule, and the curves they follow."""
    x, C, data = scene()

    def error(lam: float) -> float:
        return relative_error(tikhonov(data, C, lam=lam, regularizer="gradient"), x)

    trials = np.logspace(-6, 2, 65)
    errors = np.array([error(float(lam)) for lam in trials])
    best = int(np.argmin(errors))
    oracle = {"lam": float(trials[best]), "error": float(errors[best])}
    rules: dict[str, dict[str, Any]] = {}
    curves = {}
    for name, rule in RULES.items():
        found = rule(data, C)
        reached = error(found.value)
        rules[name] = {
            "lam": found.value,
            "error": reached,
            "loss": 20 * float(np.log10(reached / oracle["error"])),
            "status": found.status.name,
        }
        curves[name] = _curve(name, found, oracle["lam"])
    marks = [Series(f"choice.{name}", [row["lam"]], kind="mark", color=2) for name, row in rules.items()]
    chart = Chart(
        Axis("axis.lam", 1e-6, 100, log=True),
        Axis("axis.error", 0.0, 1.15 * float(np.median(errors)) + 0.1),
        [
            Series("choice.series.error", trials, errors, "line", 1),
            *marks,
            Series("choice.oracle", [oracle["lam"]], kind="mark", color=3),
        ],
    )
    return Section(SCENE | {"oracle": oracle, "rules": rules}, {"chart": chart, "curves": curves})


def _curve(name: str, found: Selection, oracle: float) -> Chart:
    lam, score = found.curve
    inside = (lam >= 1e-6) & (lam <= 100) & np.isfinite(score) & (score > 0)
    low, high = float(score[inside].min()), float(score[inside].max())
    return Chart(
        Axis("axis.lam", 1e-6, 100, log=True),
        Axis(f"axis.{name}", low / 1.5, high * 1.5, log=True),
        [
            Series(f"choice.{name}", lam[inside], score[inside], "line", 1),
            Series("choice.chosen", [found.value], kind="mark", color=2),
            Series("choice.oracle", [oracle], kind="mark", color=3),
        ],
    )
