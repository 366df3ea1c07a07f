"""A report of any comparison, or of one layer."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from invdeconv.checks import refuse
from invdeconv.comparison import Comparison
from invdeconv.operators import LinearOperator, decompose
from invdeconv.report._experiment import Experiment
from invdeconv.report._layer import Layer, layer
from invdeconv.report._messages import catalogue, language
from invdeconv.report._page import Page, checked_path, save, versions
from invdeconv.report._panels import columns, comparison_numbers, panels
from invdeconv.report._pictures import shown

__all__ = ["write"]


def write(
    comparison: Comparison | Experiment,
    path: str | os.PathLike[str],
    *,
    lang: str = "en",
    overwrite: bool = False,
) -> Path:
    """Write a comparison as one self-contained HTML page, in English and Chinese.

    Pictures or curves on one range of values, the table of metrics, the parameters that were chosen,
    refusals and warnings. Works without a truth, in any number of dimensions, for complex data, and where
    the estimate has another shape than the data. For an experiment the page begins with what its layer
    keeps and hides: singular values, and pictures from the null space.

    Parameters
    ----------
    comparison : Comparison or Experiment
        From `compare`, or from `experiment`.
    path : path
        An ``.html`` file in an existing folder. An older report of invdeconv is replaced.
    lang : {"en", "zh", "zh-CN"}, default "en"
        The language the page opens in; it holds both.
    overwrite : bool, default False
        Replace a file that is no report of invdeconv.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    InvalidInputError
        If `comparison` is neither; if `path` does not end in .html, lies in no folder, or is another file; if
        `lang` is unknown.

    Notes
    -----
    Of large pictures the middle 512 × 512 pixels are shown, of volumes the middle plane, of complex values
    the magnitude; the numbers are those of the whole arrays. Of a null space the four directions of least
    gradients are shown; where it has more than 512 dimensions, the smoothest in a random subspace of 512.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> from invdeconv import compare, report
    >>> from invdeconv.simulate import observe
    >>> seen = observe(np.random.default_rng(0).random(60).cumsum(), np.ones(5) / 5, noise_std=0.1, rng=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report.write(compare(seen), pathlib.Path(folder, "report.html")).name
    'report.html'
    """
    if not isinstance(comparison, Comparison | Experiment):
        what, advice = "be a Comparison or an Experiment", "Make one with compare(…) or experiment(…)."
        refuse("write", "comparison", what, type(comparison).__name__, advice)
    target = checked_path("write", path, overwrite=overwrite)
    lang = language("write", lang)
    if isinstance(comparison, Comparison):
        page = Page(comparison_numbers(comparison), lang)
        text = page.render("comparison.html.j2", **_values(comparison, page))
    else:
        kept, drawn = _kept(comparison)
        page = Page(comparison_numbers(comparison.comparison, seconds=False) | {"layer": kept}, lang)
        text = page.render("layer.html.j2", layer=drawn, **_values(comparison.comparison, page))
    save(target, text)
    return target


def _kept(tried: Experiment) -> tuple[dict[str, Any], Layer]:
    decomposition = decompose(tried.operator)
    assert decomposition is not None  # an Experiment has one
    numbers, drawn = layer(decomposition)
    return numbers | {"floor": tried.null_space_share}, drawn


def _values(comparison: Comparison, page: Page) -> dict[str, Any]:
    """Return what the template of a comparison needs beside the numbers of the page."""
    seen = comparison.observation
    drawn = panels(comparison, page.numbers, "")
    views = [shown(seen.data), *(shown(e.estimate) for e in comparison if e.estimate is not None)]
    worse, best = _extremes(comparison)
    blur = repr(seen.blur) if isinstance(seen.blur, LinearOperator) else page.numbers["observation"]["blur"]
    return {
        "panels": drawn,
        "columns": columns(page.numbers),
        "notes": sorted({note for view in views for note in view.notes}),
        "has_truth": seen.truth is not None,
        "size": " × ".join(map(str, seen.data.shape)),
        "blur": blur,
        "worse": worse,
        "best": best,
        "known": [key.removeprefix("method.") for key in catalogue("en") if key.startswith("method.")],
        "versions": versions("numpy", "scipy"),
    }


def _extremes(comparison: Comparison) -> tuple[int | None, int | None]:
    """Return where Cᵀ stands if it is worse than the data, and the best method if it is better."""
    gains = {
        index: gain
        for index, entry in enumerate(comparison)
        if entry.name != "data" and (gain := entry.metrics["isnr"]) is not None
    }
    worse = next(
        (i for i, gain in gains.items() if comparison.entries[i].name == "adjoint" and gain < 0), None
    )
    best = max(gains, key=lambda index: gains[index], default=None)
    return worse, best if best is not None and gains[best] > 0 else None
