"""A comparison as the numbers and pictures of a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from invdeconv.arrays import to_numpy
from invdeconv.comparison import Comparison
from invdeconv.report._messages import catalogue
from invdeconv.report._pictures import curve, limits, png, shown, visible

__all__ = ["COLUMNS", "Panel", "columns", "comparison_numbers", "panels"]

# metric → how it is printed; in the order of the table.
COLUMNS: Mapping[str, str] = {
    "relative_error": "s4",
    "best_scaled_error": "s4",
    "psnr": "f2",
    "isnr": "+f2",
    "ssim": "f3",
    "residual_whiteness": "s3",
    "seconds": "f3",
}

# What describes the computation rather than the estimate.
_INTERNAL = ("measure", "selection_status")


@dataclass(frozen=True)
class Panel:
    """One picture or curve of the grid.

    Attributes
    ----------
    key : str or None
        Message that names it; None where the user named it.
    name : str
        Name as given.
    path : str
        Where its numbers stand.
    kind : str
        "picture", "curve", "table" or "refused".
    content : str or list
        Address of the picture, points of the curve, or shape of the table.
    reference : str
        Points of the truth behind a curve.
    metrics : str
        Where its metrics stand; empty where there are none.
    width, height : int
        Of a picture, in pixels.
    """

    key: str | None
    name: str
    path: str
    kind: str
    content: Any = ""
    reference: str = ""
    metrics: str = ""
    width: int = 0
    height: int = 0


def comparison_numbers(
    comparison: Comparison, *, crop: tuple[slice, ...] | None = None, seconds: bool = True
) -> dict[str, Any]:
    """Return the plain values of a comparison, with what is shown of it."""
    low, high = limits(comparison, crop)
    numbers = comparison.to_dict()
    numbers["shown"] = {"low": low, "high": high}
    seen = comparison.observation
    numbers["observation"] |= _range(seen.data, crop, low, high, "data")
    if seen.truth is not None:
        numbers["observation"] |= _range(seen.truth, crop, low, high, "truth")
    for row, entry in zip(numbers["entries"], comparison, strict=True):
        row["metrics"]["seconds"] = row.pop("seconds") if seconds else None
        row.pop("seconds", None)
        row["parameters"] = {
            k: v for k, v in row["parameters"].items() if v is not None and k not in _INTERNAL
        }
        if entry.estimate is not None:
            row["shown"] = _range(entry.estimate, crop, low, high)["shown"]
            _keep_values(row["shown"], entry.estimate)
    return numbers


def _range(
    array: Any, crop: tuple[slice, ...] | None, low: float, high: float, name: str = "shown"
) -> dict[str, Any]:
    values = shown(array, crop).values
    bottom, top = visible(low, high) if values.ndim == 1 else (low, high)
    outside = float(np.mean((values < bottom) | (values > top)))
    found: dict[str, Any] = {"low": float(values.min()), "high": float(values.max()), "outside": outside}
    _keep_values(found, array)
    return {name: found}


def _keep_values(found: dict[str, Any], array: Any) -> None:
    """Arrays small enough to read are printed as numbers."""
    values = np.asarray(to_numpy(array))
    if values.ndim == 2 and max(values.shape) <= 8 and not np.iscomplexobj(values):
        found["values"] = values.tolist()


def columns(numbers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the metrics that some entry has, with their number style."""
    rows = [row["metrics"] for row in numbers["entries"]]
    return [(key, style) for key, style in COLUMNS.items() if any(row[key] is not None for row in rows)]


def panels(
    comparison: Comparison,
    numbers: Mapping[str, Any],
    prefix: str,
    *,
    crop: tuple[slice, ...] | None = None,
    encode: Callable[[np.ndarray, float, float], str] = png,
) -> list[Panel]:
    """Return the truth where it is known, the data, and every estimate; all on one range of values."""
    low, high = numbers["shown"]["low"], numbers["shown"]["high"]
    seen = comparison.observation
    behind = None if seen.truth is None else shown(seen.truth, crop).values

    def panel(name: str, path: str, array: Any, found: Mapping[str, Any], metrics: str = "") -> Panel:
        key = f"method.{name}" if f"method.{name}" in catalogue("en") else None
        values = shown(array, crop).values
        if "values" in found:
            return Panel(key, name, path, "table", list(values.shape), metrics=metrics)
        if values.ndim == 2:
            height, width = values.shape
            address = encode(values, low, high)
            return Panel(key, name, path, "picture", address, metrics=metrics, width=width, height=height)
        line = values.ravel()
        points = curve(behind, low, high) if behind is not None and behind.ndim == 1 else ""
        return Panel(key, name, path, "curve", curve(line, low, high), points, metrics)

    described = numbers["observation"]
    found = []
    if seen.truth is not None:
        found.append(panel("truth", f"{prefix}observation.truth", seen.truth, described["truth"]))
    if comparison.entries[0].name != "data":
        found.append(panel("data", f"{prefix}observation.data", seen.data, described["data"]))
    for index, entry in enumerate(comparison):
        path = f"{prefix}entries.{index}"
        if entry.estimate is None:
            key = f"method.{entry.name}" if f"method.{entry.name}" in catalogue("en") else None
            found.append(Panel(key, entry.name, path, "refused", entry.refusal))
        else:
            row = numbers["entries"][index]
            found.append(panel(entry.name, f"{path}.shown", entry.estimate, row["shown"], f"{path}.metrics"))
    return found
