"""A functional that looks at a part of an array."""

from __future__ import annotations

from dataclasses import dataclass

from invdeconv.arrays import Array, put_at
from invdeconv.functionals._protocols import Proximable

__all__ = ["Part"]


@dataclass(frozen=True, eq=False)
class Part:
    """f of a part of an array; the rest is free.

    Parameters
    ----------
    f : Proximable
        Looks at the part.
    part : tuple of slice
        Where it lies.
    """

    f: Proximable
    part: tuple[slice, ...]

    def value(self, v: Array) -> float:
        """Return f of the part."""
        return self.f.value(v[self.part])

    def prox(self, v: Array, step: float) -> Array:
        """Return v with the prox of f in place of the part."""
        # Set, not added: v + (prox(v) − v) is rounded, and may leave where f is finite.
        return put_at(v + 0, self.part, self.f.prox(v[self.part], step))
