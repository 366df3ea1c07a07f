"""The page's words: one catalogue per language, both embedded."""

from __future__ import annotations

import functools
import json
import re
from importlib.resources import files

from invdeconv.checks import refuse

__all__ = ["LANGUAGES", "catalogue", "language", "placeholders"]

LANGUAGES = ("en", "zh-CN")
_SHORT = {"zh": "zh-CN", "zh-cn": "zh-CN", "zh_cn": "zh-CN", "en": "en"}


def language(function: str, lang: object) -> str:
    """Return the name of the catalogue for a language word."""
    found = _SHORT.get(lang.lower()) if isinstance(lang, str) else None
    if found is None:
        refuse(function, "lang", "be en, zh or zh-CN", repr(lang), "The page itself switches between both.")
    return found


@functools.cache
def catalogue(lang: str) -> dict[str, str]:
    """Return key → message; placeholders stand in braces, a few inline tags are allowed."""
    text = (files("invdeconv.report") / f"messages.{lang}.json").read_text("utf-8")
    messages: dict[str, str] = json.loads(text)
    return messages


def placeholders(message: str) -> set[str]:
    """Return the names in braces."""
    return set(re.findall(r"\{(\w+)\}", message))
