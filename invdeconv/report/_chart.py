"""Line charts as what a template draws: pixels are computed here, words and colors stay in the page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from invdeconv.report._format import SUPERSCRIPTS, format_number

__all__ = ["Axis", "Chart", "Series"]

WIDTH, HEIGHT = 440, 290
LEFT, RIGHT, TOP, BOTTOM = 60, 10, 8, 46


@dataclass(frozen=True)
class Axis:
    """A linear or logarithmic axis; `label` is a message."""

    label: str
    low: float
    high: float
    log: bool = False

    def place(self, values: Any) -> np.ndarray:
        """Return where values stand, 0 at the low end and 1 at the high one; NaN where log has none."""
        values = np.asarray(values, float)
        if not self.log:
            return (values - self.low) / (self.high - self.low)
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.where(values > 0, np.log(values / self.low), np.nan)
        return found / math.log(self.high / self.low)

    def ticks(self) -> list[tuple[float, str]]:
        """Return at most seven places with their labels."""
        if self.log:
            first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
            step = next(s for s in (1, 2, 3, 5, 10, 20) if (last - first) / s <= 6)
            values = [10.0**e for e in range(first, last + 1, step)]
            texts = [_power(e) for e in range(first, last + 1, step)]
        else:
            apart = _step(self.high - self.low)
            count = range(math.ceil(self.low / apart - 1e-9), math.floor(self.high / apart + 1e-9) + 1)
            values = [i * apart for i in count]
            texts = [format_number(v, "c3") for v in values]
        return list(zip(self.place(values).tolist(), texts, strict=True))


@dataclass(frozen=True)
class Series:
    """Points of one kind.

    Attributes
    ----------
    label : str
        Message for the legend.
    x, y : arrays
        In the units of the axes.
    kind : str
        "line", "dashed", "dots", "crosses", "mark" for a vertical line at each x, "bars" for intervals, y
        being the rows low, value, high, or "traces" for a line per row of y.
    color : int
        1 to 3.
    """

    label: str
    x: Any
    y: Any = ()
    kind: str = "line"
    color: int = 1


@dataclass(frozen=True)
class Chart:
    """What the template draws."""

    x: Axis
    y: Axis
    series: Sequence[Series]

    @property
    def frame(self) -> dict[str, int]:
        """Return the plotting area in the pixels of the view box."""
        return {"x": LEFT, "y": TOP, "width": WIDTH - LEFT - RIGHT, "height": HEIGHT - TOP - BOTTOM}

    @property
    def columns(self) -> list[tuple[str, str]]:
        """Return the ticks of the x axis as (pixel, text)."""
        return [(_pixel(u * self.frame["width"]), text) for u, text in self.x.ticks()]

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Return the ticks of the y axis as (pixel, text)."""
        return [(_pixel((1 - v) * self.frame["height"]), text) for v, text in self.y.ticks()]

    def path(self, series: Series) -> str:
        """Return the SVG path of a series inside the plotting area."""
        across = self.x.place(series.x) * self.frame["width"]
        if series.kind == "mark":
            return "".join(f"M{_pixel(u)} 0v{self.frame['height']}" for u in across)
        down = (1 - self.y.place(series.y)) * self.frame["height"]
        if series.kind == "bars":
            # What the logarithm has no place for lies below the frame.
            low, value, high = np.clip(np.nan_to_num(down, nan=999.0), -999, 999)
            return "".join(
                f"M{_pixel(u)} {_pixel(a)}V{_pixel(c)}M{_pixel(u - 3)} {_pixel(b)}h6"
                for u, a, b, c in zip(across, low, value, high, strict=True)
            )
        if series.kind == "traces":
            return "".join(_line(across, row) for row in down)
        if series.kind == "dots":
            return _each(_points(across, down), "h0")
        if series.kind == "crosses":
            return _each(_points(across, down), "m-3-3l6 6m0-6l-6 6")
        return _line(across, down)


def _line(across: np.ndarray, down: np.ndarray) -> str:
    return "M" + "L".join(f"{u} {v}" for u, v in _points(across, down))


def _points(across: np.ndarray, down: np.ndarray) -> list[tuple[str, str]]:
    # Far outside the frame a browser loses precision; a little outside is clipped by it.
    return [
        (_pixel(u), _pixel(min(max(v, -999.0), 999.0)))
        for u, v in zip(across, down, strict=True)
        if math.isfinite(v)
    ]


def _each(points: Iterable[tuple[str, str]], shape: str) -> str:
    return "".join(f"M{u} {v}{shape}" for u, v in points)


def _pixel(value: float) -> str:
    return f"{value:.1f}"


def _power(exponent: int) -> str:
    if exponent in (0, 1):
        return str(10**exponent)
    return "10" + str(exponent).translate(SUPERSCRIPTS)


def _step(span: float) -> float:
    """Return 1, 2 or 5 times a power of ten, at most six of which fit."""
    power: float = 10.0 ** math.floor(math.log10(span / 6))
    return next(power * m for m in (1, 2, 5, 10) if span / (power * m) <= 6)
