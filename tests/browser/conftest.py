"""Headless Chromium, offline; skipped with the reason where it is missing."""

from __future__ import annotations

import importlib
import os
import shutil
from dataclasses import dataclass, field

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
]


@dataclass
class Opened:
    """A page, and what it complained about or asked for."""

    page: object
    problems: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def chromium():
    required = os.environ.get("INVDECONV_REQUIRE_BROWSER") == "1"  # as in .ci/run: then a miss is a failure
    if required:
        sync_api = importlib.import_module("playwright.sync_api")
    else:
        sync_api = pytest.importorskip("playwright.sync_api", reason="it comes with the extra `browser`")
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        reason = "no Chromium: install it with `apt-get install chromium`"
        pytest.fail(reason) if required else pytest.skip(reason)
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium):
    """Open a file in a context without a network; `javascript=False` for readers who turned it off."""
    contexts = []

    def opened(path, *, width=1280, javascript=True):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, offline=True, java_script_enabled=javascript
        )
        contexts.append(context)
        found = Opened(context.new_page())
        found.page.on("console", lambda message: found.problems.append(message.text))
        found.page.on("pageerror", lambda error: found.problems.append(str(error)))
        found.page.on("request", lambda request: found.requests.append(request.url))
        found.page.goto(path.as_uri())
        return found

    yield opened
    for context in contexts:
        context.close()
