"""The verdict and the two tables as plain text, for a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from invdeconv.report._claims import Claim
from invdeconv.report._format import format_number
from invdeconv.report._page import Page

__all__ = ["claim_parts", "experiment_table", "photograph_table", "verdict", "verdict_parts"]

_GAPS = ("scale", "null", "noise")


def verdict_parts(page: Page, at: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return what each of the three sentences quotes; `at` says where a method of the photograph stands."""
    num, first = page.num, "cases.stride"
    return {
        "scale": {
            "adjoint": num(f"{first}.errors.adjoint", "s4"),
            "pinv": num(f"{first}.errors.pseudo_inverse", "s4"),
            "factor": num(f"{first}.inverse_scale", "c3"),
        },
        "null": {
            "rank": num(f"{first}.rank", "d"),
            "size": num(f"{first}.size", "d"),
            "nullity": num(f"{first}.nullity", "d"),
            "floor": num(f"{first}.floor", "s4"),
            "gradient": num(f"{first}.errors.tikhonov", "s1"),
            "random_gradient": num("random.tikhonov", "s4"),
            "random_pinv": num("random.pseudo_inverse", "s4"),
        },
        "noise": {
            "noise": num("photograph.noise_std", "p1"),
            "pinv": num(f"{at['pseudo_inverse']}.metrics.isnr", "+f1"),
            "adjoint": num(f"{at['adjoint']}.metrics.isnr", "+f1"),
            "wiener": num(f"{at['wiener']}.metrics.isnr", "f1"),
        },
    }


def verdict(page: Page, parts: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """Return one line for each gap."""
    colon = "：" if page.lang == "zh-CN" else ": "
    return tuple(
        page.text(f"verdict.{gap}.title") + colon + page.text(f"verdict.{gap}.text", **parts[gap])
        for gap in _GAPS
    )


def claim_parts(page: Page, claim: Claim) -> dict[str, Any]:
    """Return what the judgement of a claim quotes."""
    return {name: page.num(f"claims.{claim.id}.{name}", style) for name, style in claim.styles.items()}


def experiment_table(page: Page) -> str:
    """Return the relative errors of every case."""
    columns = {
        "text.adjoint": "adjoint",
        "text.best": "best_scaled_adjoint",
        "text.pinv": "pseudo_inverse",
        "text.gradient": "tikhonov",
    }
    rows = [["", page.text("table.rank"), *(page.text(key) for key in columns)]]
    for name, case in page.numbers["cases"].items():
        errors = [_error(case["errors"][method]) for method in columns.values()]
        rows.append([page.text(f"case.{name}.title"), f"{case['rank']}/{case['size']}", *errors])
    random = page.numbers["random"]
    title = page.text("table.random", images=random["images"])
    rank = f"{page.numbers['cases']['stride']['rank']}/{page.numbers['cases']['stride']['size']}"
    rows.append([title, rank, *(_error(random[method]) for method in columns.values())])
    return _aligned(rows)


def photograph_table(page: Page, numbers: Mapping[str, Any]) -> str:
    """Return the metrics of every method on the photograph."""
    columns = {"relative_error": "s4", "psnr": "f2", "isnr": "+f2", "ssim": "f3", "residual_whiteness": "s3"}
    rows = [["", *(page.text(f"metrics.{key}") for key in columns)]]
    for entry in numbers["entries"]:
        cells = [format_number(entry["metrics"][key], style) for key, style in columns.items()]
        rows.append([page.text(f"method.{entry['name']}"), *cells])
    return _aligned(rows)


def _error(value: float | None) -> str:
    return format_number(value, "s1" if value is not None and value < 1e-9 else "s5")


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return left-aligned names and right-aligned cells; Chinese characters are two columns wide."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for name, *cells in rows:
        line = name + " " * (widths[0] - _width(name))
        for cell, width in zip(cells, widths[1:], strict=True):
            line += "  " + " " * (width - _width(cell)) + cell
        lines.append(line.rstrip())
    return "\n".join(lines)


def _width(text: str) -> int:
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    marks = sum(unicodedata.combining(character) != 0 for character in text)
    return len(text) + wide - marks
