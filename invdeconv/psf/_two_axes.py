"""The shape of a picture."""

from __future__ import annotations

from typing import Any

from invdeconv.checks import refuse
from invdeconv.checks import shape as check_shape


def two_axes(function: str, shape: Any) -> tuple[int, int]:
    """Return a shape as (rows, columns)."""
    sizes = check_shape(function, "shape", shape)
    if len(sizes) != 2:
        refuse(function, "shape", "have two axes", sizes, "Pass (rows, columns).")
    return sizes[0], sizes[1]
