"""The tutorial: everything on the page, computed once, then printed in two languages."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from invdeconv.report import _scenes
from invdeconv.report._cases import overlap_map, random_images, run_cases
from invdeconv.report._claims import VERDICTS, Claim, claims
from invdeconv.report._experiment import SETTINGS, Experiment
from invdeconv.report._messages import catalogue, language
from invdeconv.report._page import Page, checked_path, save, versions
from invdeconv.report._panels import columns, comparison_numbers, panels
from invdeconv.report._pictures import photo, png
from invdeconv.report._sections import SECTIONS
from invdeconv.report._snippets import SNIPPETS
from invdeconv.report._text import claim_parts, experiment_table, photograph_table, verdict, verdict_parts
from invdeconv.report._words import FILTERS, METHODS, TERMS

__all__ = ["Tutorial", "tutorial"]

# In the order of the page.
_ORDER = (
    "verdict",
    "experiment",
    "kept",
    "twins",
    "invertible",
    "photograph",
    "noise",
    "iterations",
    "choice",
    "orthogonal",
    "learned",
    "clock",
    "gallery",
    "channel",
    "modem",
    "claims",
    "glossary",
    "reproduce",
)

# Where the clock stands in its photograph.
CLOCK_PART = (slice(80, 225), slice(120, 310))


@dataclass(frozen=True, eq=False)
class Tutorial:
    """The page that was written, and what it says in short.

    Attributes
    ----------
    path : Path
        The HTML file.
    verdict : tuple of str
        The three gaps, one line each, in the language of the page.
    experiment_table : str
        Relative errors of the 4×4 experiment.
    photograph_table : str
        Metrics on the photograph, without times.
    numbers : mapping
        What is embedded in the page.
    """

    path: Path
    verdict: tuple[str, ...]
    experiment_table: str
    photograph_table: str
    numbers: Mapping[str, Any]

    def __post_init__(self) -> None:
        object.__setattr__(self, "numbers", MappingProxyType(dict(self.numbers)))

    def __str__(self) -> str:
        return "\n\n".join(["\n".join(self.verdict), self.experiment_table, self.photograph_table])


def tutorial(
    path: str | os.PathLike[str],
    *,
    lang: str = "en",
    overwrite: bool = False,
    progress: Callable[[str], object] | None = None,
) -> Tutorial:
    """Write the page that tells the transposed convolution from its inverses.

    The 4×4 experiment; what a layer keeps and what it hides; noise, iterations and the choice of λ; a
    photograph that is blurred here, one that motion blurred, and one sent through a channel: all computed
    now, with the functions of the library.

    Parameters
    ----------
    path : path
        An ``.html`` file in an existing folder. An older report of invdeconv is replaced.
    lang : {"en", "zh", "zh-CN"}, default "en"
        The language the page opens in; it holds both.
    overwrite : bool, default False
        Replace a file that is no report of invdeconv.
    progress : callable, optional
        Gets the name of each stage as it begins.

    Returns
    -------
    Tutorial
        The path, the verdict and two tables as text, and all numbers.

    Raises
    ------
    InvalidInputError
        If `path` does not end in .html, lies in no folder, or is another file; if `lang` is unknown.

    Notes
    -----
    Some ten seconds. The same input and versions give the same bytes.
    """
    target = checked_path("tutorial", path, overwrite=overwrite)
    lang = language("tutorial", lang)
    page = Page({}, lang)

    def begin(stage: str, prefix: str = "progress") -> None:
        text = page.text(f"{prefix}.{stage}")
        if progress is not None:
            progress(text)

    begin("experiment")
    cases = run_cases()
    numbers: dict[str, Any] = {
        "schema_version": 1,
        "settings": dict(SETTINGS),
        "cases": {name: _case_numbers(case) for name, case in cases.items()},
        "overlap": overlap_map().tolist(),
        "random": random_images(),
    }
    begin("photograph")
    photograph = _scenes.photograph()
    numbers["photograph"] = _scenes.PHOTOGRAPH | comparison_numbers(photograph, seconds=False)
    begin("clock")
    clock, motion = _scenes.clock()
    described = comparison_numbers(clock, crop=CLOCK_PART, seconds=False)
    whiteness = [row["metrics"]["residual_whiteness"] for row in described["entries"][1:]]
    numbers["clock"] = {
        "length": motion.length,
        "angle": motion.angle,
        "best_whiteness": min(value for value in whiteness if value is not None),
        **described,
    }
    begin("channel")
    reception = _scenes.channel()
    numbers["channel"] = _channel_numbers(reception)
    begin("claims")
    ledger = claims()
    numbers["claims"] = {claim.id: dict(claim.numbers) for claim in ledger}
    numbers["verdicts"] = {word.replace(" ", "_"): count for word, count in _verdicts(ledger).items()}
    numbers["claim_count"] = len(ledger)
    drawn = {}
    for name, compute in SECTIONS.items():
        begin(name, "nav")
        section = compute()
        numbers[name], drawn[name] = section.numbers, section.drawn
    begin("page")
    page.numbers = numbers
    at = {entry.name: f"photograph.entries.{i}" for i, entry in enumerate(photograph)}
    gaps = verdict_parts(page, at)
    # In words before the page, which embeds every message used so far.
    words = verdict(page, gaps), experiment_table(page), photograph_table(page, numbers["photograph"])
    text = page.render(
        "tutorial.html.j2",
        sections=_ORDER,
        known=METHODS,
        drawn=drawn,
        cases=_case_views(cases),
        filters=FILTERS,
        terms=TERMS,
        snippets=SNIPPETS,
        versions=versions("numpy", "scipy", "scikit-image", "imageio"),
        at=at,
        claims=ledger,
        claim_parts=lambda claim: claim_parts(page, claim),
        originals=catalogue("zh-CN"),
        gaps=gaps,
        photograph_panels=panels(photograph, numbers["photograph"], "photograph.", encode=photo),
        photograph_columns=columns(numbers["photograph"]),
        clock_panels=panels(clock, numbers["clock"], "clock.", crop=CLOCK_PART, encode=photo),
        clock_columns=columns(numbers["clock"]),
        channel_pictures={"sent": png(reception.sent, 0, 255)}
        | {name: png(picture, 0, 255) for name, picture in reception.pictures.items()},
    )
    save(target, text)
    return Tutorial(target, *words, numbers)


def _case_numbers(case: Experiment) -> dict[str, Any]:
    estimates = {name: case.estimate(name) for name in case.errors}
    return {
        "x": case.x.tolist(),
        "w": case.operator.kernel.tolist(),
        "y": case.y.tolist(),
        "size": case.x.size,
        "rank": case.rank,
        "nullity": case.nullity,
        "floor": case.null_space_share,
        "scale": case.scale,
        "inverse_scale": 1 / case.scale,
        "errors": dict(case.errors),
        "estimates": {name: None if x is None else x.tolist() for name, x in estimates.items()},
        "range": {
            name: None if x is None else [float(x.min()), float(x.max())] for name, x in estimates.items()
        },
    }


def _case_views(cases: Mapping[str, Experiment]) -> list[dict[str, Any]]:
    """Return what the template draws: names, and the value at which a color is full."""
    return [
        {
            "name": name,
            "limit": float(np.abs(case.x).max()),
            "best": min(v for v in case.errors.values() if v is not None),
            "errors": dict(case.errors),
        }
        for name, case in cases.items()
    ]


def _verdicts(ledger: tuple[Claim, ...]) -> dict[str, int]:
    return {word: sum(claim.verdict == word for claim in ledger) for word in VERDICTS}


def _channel_numbers(reception: _scenes.Reception) -> dict[str, Any]:
    return _scenes.CHANNEL | {
        "n0": reception.n0,
        "taps": reception.taps.tolist(),
        "bits": reception.errors["data"].n,
        "receivers": {
            name: {"count": errors.count, "rate": errors.rate} for name, errors in reception.errors.items()
        },
    }
