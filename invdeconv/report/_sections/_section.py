"""What every section of the tutorial returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Section"]


@dataclass(frozen=True)
class Section:
    """The numbers a section prints, which the page embeds, and the drawings its template places."""

    numbers: Mapping[str, Any]
    drawn: Mapping[str, Any]
