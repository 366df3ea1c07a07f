"""How λ is chosen without the truth, beside the λ that only the truth could choose."""

from __future__ import annotations

import numpy as np

from invdeconv import psf, samples, selection
from invdeconv.metrics import relative_error
from invdeconv.operators import Convolution
from invdeconv.report._chart import Axis, Chart, Series
from invdeconv.report._sections._section import Section
from invdeconv.restoration import tikhonov
from invdeconv.selection import RULES, Selection

__all__ = ["SCENE", "choice", "scene"]

SCENE = {"side": 128, "sigma": 2.0, "noise_std": 0.01, "seed": 0}
_PART = (slice(75, 203), slice(195, 323))
_LAM = (1e-6, 1e4)


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

    trials = np.geomspace(*_LAM, 81)
    errors = np.array([error(float(lam)) for lam in trials])
    best = int(np.argmin(errors))
    oracle = {"lam": float(trials[best]), "error": float(errors[best])}
    found = {name: getattr(selection, name)(data, C) for name in RULES}
    values = [chosen.value for chosen in found.values()]
    reached = [error(value) for value in values]
    rules = {
        name: {
            "lam": chosen.value,
            "error": after,
            "loss": 20 * float(np.log10(after / oracle["error"])),
            "status": chosen.status.name,
        }
        for (name, chosen), after in zip(found.items(), reached, strict=True)
    }
    chart = Chart(
        Axis("axis.lam", *_LAM, log=True),
        Axis("axis.error", 0.0, 6 * oracle["error"]),
        [
            Series("choice.series.error", trials, errors, "line", 1),
            Series("choice.chosen", values, reached, "crosses", 2),
            Series("choice.oracle", [oracle["lam"]], kind="mark", color=3),
        ],
    )
    curves = {name: _curve(chosen, oracle["lam"]) for name, chosen in found.items()}
    return Section(SCENE | {"oracle": oracle, "rules": rules}, {"chart": chart, "curves": curves})


def _curve(found: Selection, oracle: float) -> Chart:
    lam, score = found.curve
    shown = (lam >= _LAM[0]) & (lam <= _LAM[1]) & np.isfinite(score)
    lam, score = lam[shown], score[shown]
    low, high = float(score.min()), float(score.max())
    log = low > 0 and high > 10 * low
    margin = 0.06 * (high - low)
    return Chart(
        Axis("axis.lam", *_LAM, log=True),
        Axis("axis.score", low / 1.5, high * 1.5, log=True)
        if log
        else Axis("axis.score", low - margin, high + margin),
        [
            Series("choice.series.score", lam, score, "line", 1),
            Series("choice.chosen", [found.value], kind="mark", color=2),
            Series("choice.oracle", [oracle], kind="mark", color=3),
        ],
    )
