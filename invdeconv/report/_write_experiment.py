"""The page of one layer: what it keeps, what it hides, and what each method brings back."""

from __future__ import annotations

import os
from pathlib import Path

from invdeconv.checks import refuse
from invdeconv.operators import decompose
from invdeconv.report._experiment import Experiment
from invdeconv.report._layer import layer
from invdeconv.report._messages import language
from invdeconv.report._page import Page, checked_path, save
from invdeconv.report._panels import comparison_numbers
from invdeconv.report._write import comparison_values

__all__ = ["write_experiment"]


def write_experiment(
    experiment: Experiment, path: str | os.PathLike[str], *, lang: str = "en", overwrite: bool = False
) -> Path:
    """Write one layer as a self-contained HTML page: singular values, null space, and seven ways back.

    Parameters
    ----------
    experiment : Experiment
        From `experiment`.
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
        If `experiment` is none; if `path` does not end in .html, lies in no folder, or is another file; if
        `lang` is unknown.

    Notes
    -----
    Of the null space the four directions of least gradients are shown; where it has more than 512
    dimensions, the smoothest in a random subspace of 512.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> from invdeconv import report
    >>> tried = report.experiment(np.ones((3, 3)), np.ones((5, 5)), padding="same")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report.write_experiment(tried, pathlib.Path(folder, "layer.html")).name
    'layer.html'
    """
    if not isinstance(experiment, Experiment):
        advice = "Make one with experiment(…)."
        refuse("write_experiment", "experiment", "be an Experiment", type(experiment).__name__, advice)
    target = checked_path("write_experiment", path, overwrite=overwrite)
    lang = language("write_experiment", lang)
    decomposition = decompose(experiment.operator)
    assert decomposition is not None  # an Experiment has one
    described, drawn = layer(decomposition)
    described["floor"] = experiment.null_space_share
    page = Page(comparison_numbers(experiment.comparison, seconds=False) | {"layer": described}, lang)
    values = comparison_values(experiment.comparison, page)
    save(target, page.render("layer.html.j2", layer=drawn, **values))
    return target
