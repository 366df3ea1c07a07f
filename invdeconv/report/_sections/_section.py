"""What every section of the tutorial returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from invdeconv.operators import Decomposition, LinearOperator, decompose

__all__ = ["Section", "decomposed"]


@dataclass(frozen=True)
class Section:
    """The numbers a section prints, which the page embeds, and the drawings its template places."""

    numbers: Mapping[str, Any]
    drawn: Mapping[str, Any]


def decomposed(operator: LinearOperator) -> Decomposition:
    """Return the decomposition of an operator that is known to have one."""
    found = decompose(operator)
    if found is None:
        raise ValueError(f"no decomposition of {operator!r}")
    return found
