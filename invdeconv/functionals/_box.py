"""Bounds on every sample."""

from __future__ import annotations

import math
from dataclasses import dataclass

from invdeconv.arrays import Array, namespace

__all__ = ["Box"]


@dataclass(frozen=True)
class Box:
    """The constraint lower <= x <= upper for real x; with the defaults non-negativity.

    Parameters
    ----------
    lower, upper : float
        −inf and inf leave a side open.
    """

    lower: float = 0.0
    upper: float = math.inf

    def value(self, x: Array) -> float:
        """Return 0 inside and infinity outside."""
        xp = namespace(x)
        return 0.0 if bool(xp.all((x >= self.lower) & (x <= self.upper))) else math.inf

    def prox(self, v: Array, step: float) -> Array:  # noqa: ARG002  a projection, whatever the step
        """Return the nearest point of the box."""
        xp = namespace(v)
        lower = None if self.lower == -math.inf else self.lower
        upper = None if self.upper == math.inf else self.upper
        return xp.clip(v, min=lower, max=upper)
