"""One HTML file from a template, numbers and messages; `script.js` fills the same places again."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invdeconv.checks import flag, refuse
from invdeconv.report._format import format_number
from invdeconv.report._messages import LANGUAGES, catalogue, placeholders

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["Page", "checked_path", "save", "versions"]

_GENERATOR = re.compile(rb'<meta name="generator" content="invdeconv [^"]*">')
_TAG = re.compile(r"<[^>]+>")


class Page:
    """What templates call to print: `num`, `ref`, `t`, `attrs`.

    Every number is named by its path in `numbers`, every text by its key in the catalogues, so that the
    page can be filled again in the browser, in the other language.

    Parameters
    ----------
    numbers : mapping
        Plain values that JSON can hold; embedded in the page.
    lang : str
        Which language the page opens in.
    """

    def __init__(self, numbers: Mapping[str, Any], lang: str) -> None:
        self.numbers = numbers
        self.lang = lang
        self.used: set[str] = set()

    def value(self, path: str) -> Any:
        """Return the number at a dotted path."""
        found: Any = self.numbers
        for step in path.split("."):
            found = found[int(step)] if isinstance(found, Sequence) else found[step]
        return found

    def num(self, path: str, style: str) -> _Part:
        """Return a number to print, or to pass to a message."""
        text = format_number(self.value(path), style)
        html = f'<span data-number="{path}" data-format="{style}">{text}</span>'
        return _Part(["n", path, style], text, html)

    def ref(self, key: str) -> _Part:
        """Return another message, to pass to a message."""
        return _Part(["m", key], self.text(key), self._fill(key, {}, html=True))

    def t(self, key: str, tag: str = "span", extra: str = "", /, **parts: Any) -> Markup:
        """Return an element that holds a message."""
        from markupsafe import Markup

        return Markup(f"<{tag}{extra}{self._hook(key, parts)}>{self._fill(key, parts, html=True)}</{tag}>")

    def attrs(self, name: str, key: str, /, **parts: Any) -> Markup:
        """Return an attribute (alt, aria-label, …) that holds a message."""
        from markupsafe import Markup

        hook = json.dumps([name, key, _specs(parts)], ensure_ascii=False)
        value = escape(self._fill(key, parts, html=False))
        return Markup(f' {name}="{value}" data-attribute="{escape(hook)}"')

    def text(self, key: str, /, **parts: Any) -> str:
        """Return a message as plain text."""
        return self._fill(key, parts, html=False)

    def _hook(self, key: str, parts: Mapping[str, Any]) -> str:
        given = f' data-parts="{escape(json.dumps(_specs(parts), ensure_ascii=False))}"' if parts else ""
        return f' data-message="{key}"{given}'

    def _fill(self, key: str, parts: Mapping[str, Any], *, html: bool) -> str:
        message = catalogue(self.lang)[key]
        self.used.add(key)
        if placeholders(message) != set(parts):
            raise KeyError(f"message {key!r} takes {placeholders(message)}, got {set(parts)}")
        if not html:
            message = _TAG.sub("", message)
        for name, part in parts.items():
            message = message.replace(f"{{{name}}}", _shown(part, html=html))
        return message

    def _embedded_messages(self) -> Markup:
        """Return what the page has used so far, in every language: call it last."""
        return _embedded(
            {lang: {key: catalogue(lang)[key] for key in sorted(self.used)} for lang in LANGUAGES}
        )

    def render(self, template: str, **values: Any) -> str:
        """Return the page."""
        import jinja2
        from markupsafe import Markup

        environment = jinja2.Environment(
            loader=jinja2.PackageLoader("invdeconv.report", "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals.update(
            t=self.t, num=self.num, ref=self.ref, attrs=self.attrs, value=self.value, lang=self.lang
        )
        return environment.get_template(template).render(
            **values,
            version=_version(),
            style=Markup(_resource("style.css")),
            script=Markup(_resource("script.js")),
            numbers_json=_embedded(self.numbers),
            messages_json=self._embedded_messages,
        )


class _Part:
    """A piece of a message: how the browser finds it, and what it says now."""

    def __init__(self, spec: list[str], text: str, html: str) -> None:
        self.spec, self.text, self.html = spec, text, html

    def __html__(self) -> str:
        return self.html


def _specs(parts: Mapping[str, Any]) -> dict[str, list[str]]:
    return {name: part.spec if isinstance(part, _Part) else ["t", str(part)] for name, part in parts.items()}


def _shown(part: Any, *, html: bool) -> str:
    if isinstance(part, _Part):
        return part.html if html else part.text
    return escape(str(part)) if html else str(part)


def _embedded(values: Any) -> Markup:
    """Return JSON that no HTML parser mistakes for markup."""
    from markupsafe import Markup

    text = json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def _resource(name: str) -> str:
    return (files("invdeconv.report") / "templates" / name).read_text("utf-8")


def _version() -> str:
    import invdeconv

    return invdeconv.__version__


def versions(*names: str) -> list[tuple[str, str]]:
    """Return (name, version) of this library, of Python, and of the named distributions."""
    import platform
    from importlib.metadata import version

    own = [("invdeconv", _version()), ("Python", platform.python_version())]
    return own + [(name, version(name)) for name in names]


def checked_path(function: str, path: str | os.PathLike[str], *, overwrite: bool) -> Path:
    """Return the path if a report may be written there: a new file, or an older report of ours."""
    flag(function, "overwrite", overwrite)
    target = Path(path)
    if target.suffix.lower() not in (".html", ".htm"):
        refuse(function, "path", "end in .html", repr(target.name), "A report is one HTML page.")
    if not target.parent.is_dir():
        refuse(function, "path", "lie in an existing folder", f"'{target.parent}'", "Make the folder first.")
    if target.is_dir() or (target.exists() and not overwrite and not _is_report(target)):
        advice = "Choose another name or pass overwrite=True; a report of invdeconv would be replaced."
        refuse(function, "path", "not exist yet", f"'{target}'", advice)
    return target


def _is_report(path: Path) -> bool:
    with path.open("rb") as stream:
        return _GENERATOR.search(stream.read(4096)) is not None


def save(path: Path, page: str) -> None:
    """Write under a temporary name in the same folder, then move: nobody meets half a page."""
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(page)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
