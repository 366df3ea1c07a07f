"""What the metrics of an estimate and its truth share."""

from __future__ import annotations

from typing import Any

from invdeconv.arrays import Array, is_complex, namespace
from invdeconv.checks import finite_array, positive, refuse

__all__ = ["pair", "range_of", "unit_peak"]


def pair(
    function: str, estimate: Any, truth: Any, *, name: str = "estimate", other: str = "truth"
) -> tuple[Array, Array]:
    """Return both as arrays of one shape."""
    estimate, truth = finite_array(function, name, estimate), finite_array(function, other, truth)
    if estimate.shape != truth.shape:
        what = f"have the shape of {other} {tuple(truth.shape)}"
        refuse(function, name, what, tuple(estimate.shape), "Crop or pad one of them; nothing is broadcast.")
    return estimate, truth


def range_of(function: str, truth: Array, data_range: float | None) -> float:
    """Return the range of values: as given, or that of the truth."""
    if data_range is not None:
        return positive(function, "data_range", data_range)
    if is_complex(truth):
        refuse(function, "data_range", "be given for complex arrays", None, "Pass the largest magnitude.")
    xp = namespace(truth)
    peak = float(xp.max(truth)) - float(xp.min(truth))
    if peak == 0:
        advice = "Pass the range of values the data can take, 255 for 8 bits."
        refuse(function, "data_range", "be given for a constant truth", None, advice)
    return peak


def unit_peak(x: Array) -> Array:
    """Scale to a peak of one, so that squares neither overflow nor vanish."""
    xp = namespace(x)
    peak = float(xp.max(xp.abs(x)))
    return x / peak if peak > 0 else x
