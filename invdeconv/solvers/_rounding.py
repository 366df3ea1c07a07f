"""When an iteration has reached the precision of its numbers."""

from __future__ import annotations

from invdeconv.arrays import Array, namespace, norm

__all__ = ["is_lost"]


def is_lost(step: float, direction: Array, x: Array) -> bool:
    """Say whether x + step·direction differs from x by less than rounding: nothing is left to gain."""
    return abs(step) * norm(direction) <= float(namespace(x).finfo(x.dtype).eps) * norm(x)
