"""Write the claims ledger, in English and Chinese: ``python docs/claims.py``."""

from __future__ import annotations

from pathlib import Path

from invdeconv.report._claims import VERDICTS, Claim, claims
from invdeconv.report._messages import catalogue
from invdeconv.report._page import Page
from invdeconv.report._text import claim_parts

FILES = {"en": "claims.md", "zh-CN": "claims.zh-CN.md"}
OTHER = {"en": "[中文](claims.zh-CN.md)", "zh-CN": "[English](claims.md)"}
COLUMNS = ("place", "quote", "verdict", "number")


def main() -> None:
    for lang, text in documents().items():
        Path(__file__).with_name(FILES[lang]).write_text(text, "utf-8", newline="\n")


def documents() -> dict[str, str]:
    """Return language → the file's text."""
    ledger = claims()
    numbers = {
        "claims": {claim.id: claim.numbers for claim in ledger},
        "verdicts": {word: sum(claim.verdict == word for claim in ledger) for word in VERDICTS},
    }
    return {lang: document(Page(numbers, lang), ledger) for lang in FILES}


def document(page: Page, ledger: tuple[Claim, ...]) -> str:
    counts = {word.replace(" ", "_"): page.num(f"verdicts.{word}", "d") for word in VERDICTS}
    lines = [
        f"# {page.text('claims.title')}",
        "",
        OTHER[page.lang],
        "",
        page.text("claims.lead", **counts),
        "",
        "| " + " | ".join(page.text(f"claims.{column}") for column in COLUMNS) + " |",
        "|---" * len(COLUMNS) + "|",
    ]
    for claim in ledger:
        key = f"claims.{claim.id}"
        original = f"“{catalogue('zh-CN')[f'{key}.quote']}”"
        quote = original if page.lang == "zh-CN" else f"“{page.text(f'{key}.quote')}”<br>{original}"
        place = page.text("claims.post", post=claim.post), page.text(f"claims.place.{claim.place}")
        verdict = page.text(f"claims.verdict.{claim.verdict.replace(' ', '_')}")
        judgement = page.text(f"{key}.judgement", **claim_parts(page, claim))
        cells = ("，" if page.lang == "zh-CN" else ", ").join(place), quote, f"**{verdict}**", judgement
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
