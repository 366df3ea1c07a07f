"""Why C⁺ fails on noisy data: the Picard plot, and how much it amplifies noise."""

from __future__ import annotations

from typing import Any

import numpy as np

from invdeconv import psf, samples
from invdeconv.metrics import relative_error
from invdeconv.operators import Convolution
from invdeconv.report._chart import Axis, Chart, Series
from invdeconv.report._sections._section import Section, decomposed
from invdeconv.restoration import pseudo_inverse, truncated_svd

__all__ = ["AMPLIFICATION", "PICARD", "noise"]

PICARD = {"samples": 96, "sigma": 1.5, "noise_std": 0.01, "seed": 0}
AMPLIFICATION = {"samples": 128, "draws": 100, "seed": 0}
# One row of the camera photograph, across the photographer.
_ROW = (160, slice(200, 296))
_BLURS = np.round(np.arange(0.3, 1.55, 0.1), 1)


def noise() -> Section:
    """Return both experiments."""
    picard, chart = _picard()
    amplification, curve = _amplification()
    return Section({"picard": picard, "gain": amplification}, {"picard": chart, "gain": curve})


def _picard() -> tuple[dict[str, Any], Chart]:
    x = samples.camera()[_ROW] / 255
    C = Convolution.from_psf(psf.gaussian(13, PICARD["sigma"]), x.shape)
    decomposition = decomposed(C)
    draw = np.random.default_rng(int(PICARD["seed"])).standard_normal(x.shape)
    data = {"clean": C(x), "noisy": C(x) + PICARD["noise_std"] * draw}
    values, clean = decomposition.picard(data["clean"])
    noisy = decomposition.picard(data["noisy"])[1]
    # The last direction in which the picture still stands out of the noise.
    kept = int(np.flatnonzero(clean > PICARD["noise_std"])[-1]) + 1
    rtol = float(np.sqrt(values[kept - 1] * values[kept]) / values[0])
    numbers = PICARD | {
        "kept": kept,
        "smallest": float(values[-1]),
        "clean_error": relative_error(pseudo_inverse(data["clean"], C), x),
        "noisy_error": relative_error(pseudo_inverse(data["noisy"], C), x),
        "truncated_error": relative_error(truncated_svd(data["noisy"], C, rtol=rtol), x),
        "floor": float(np.median(noisy[kept:])),
    }
    index = np.arange(1, x.size + 1)
    chart = Chart(
        Axis("axis.index", 0, x.size + 1),
        Axis("axis.coefficient", 1e-8, 100, log=True),
        [
            Series("noise.series.singular", index, values, "line", 1),
            Series("noise.series.clean", index, clean, "dots", 3),
            Series("noise.series.noisy", index, noisy, "crosses", 2),
        ],
    )
    return numbers, chart


def _amplification() -> tuple[dict[str, Any], Chart]:
    rng = np.random.default_rng(AMPLIFICATION["seed"])
    draws = rng.standard_normal((AMPLIFICATION["draws"], AMPLIFICATION["samples"]))
    rows = []
    for width in _BLURS:
        C = Convolution.from_psf(psf.gaussian(13, float(width)), draws.shape[1:])
        decomposition = decomposed(C)
        values = decomposition.singular_values
        out = np.array([np.sum(np.asarray(pseudo_inverse(draw, C)) ** 2) for draw in draws])
        rows.append(
            {
                "width": float(width),
                "measured": float(np.sqrt(out.sum() / np.sum(draws**2))),
                "closed": float(np.sqrt(np.mean(values**-2.0))),
                "worst": float(1 / values[-1]),
            }
        )
    measured, closed, worst = (
        np.array([row[key] for row in rows]) for key in ("measured", "closed", "worst")
    )
    numbers = AMPLIFICATION | {"rows": rows, "deviation": float(np.abs(measured / closed - 1).max())}
    chart = Chart(
        Axis("axis.width", 0.25, 1.55),
        Axis("axis.gain", 1, 10.0 ** np.ceil(np.log10(worst.max())), log=True),
        [
            Series("noise.series.worst", _BLURS, worst, "dashed", 2),
            Series("noise.series.closed", _BLURS, closed, "line", 1),
            Series("noise.series.measured", _BLURS, measured, "dots", 3),
        ],
    )
    return numbers, chart
