"""Sections of the tutorial, one per file; the template of each is ``templates/sections/<name>.html.j2``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from invdeconv.report._sections._choice import choice
from invdeconv.report._sections._gallery import gallery
from invdeconv.report._sections._invertible import invertible
from invdeconv.report._sections._iterations import iterations
from invdeconv.report._sections._kept import kept
from invdeconv.report._sections._learned import learned
from invdeconv.report._sections._modem import modem
from invdeconv.report._sections._noise import noise
from invdeconv.report._sections._orthogonal import orthogonal
from invdeconv.report._sections._section import Section
from invdeconv.report._sections._twins import twins_section

__all__ = ["SECTIONS", "Section"]

SECTIONS: Mapping[str, Callable[[], Section]] = MappingProxyType(
    {
        "kept": kept,
        "twins": twins_section,
        "invertible": invertible,
        "noise": noise,
        "iterations": iterations,
        "choice": choice,
        "orthogonal": orthogonal,
        "learned": learned,
        "gallery": gallery,
        "modem": modem,
    }
)
