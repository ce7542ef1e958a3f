"""A real Chromium over pages in a folder, as a reader opens them: from a file, without a server and without a network."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).resolve().parent.parent / "report"))  # the hand-made notebooks live there

CHROMIUM = Path("/usr/bin/chromium")
_CALM = ["--no-sandbox", "--disable-background-networking"]


@dataclass
class Visit:
    """An open page and what the browser said and asked for while it was open."""

    page: Any
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def external(self) -> list[str]:
        """Return the requests that leave the folder."""
        return [url for url in self.requests if not url.startswith(("file:", "data:"))]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, the system's; the test is skipped, with this reason, on a machine without it."""
    if not CHROMIUM.exists():
        pytest.skip(f"needs a browser: no {CHROMIUM}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=_CALM)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Visit]]:
    """Open a file: `visit(path, width=320, color_scheme="dark", java_script_enabled=False, media="print")`."""
    contexts = []

    def opened(
        path: Path, *, width: int = 1200, media: str | None = None, fragment: str = "", **settings: Any
    ) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": 900}, **settings)
        contexts.append(context)
        found = Visit(context.new_page())
        found.page.on("console", lambda message: found.messages.append(message.text))
        found.page.on("pageerror", lambda error: found.messages.append(str(error)))
        found.page.on("request", lambda request: found.requests.append(request.url))
        found.page.on("dialog", lambda dialog: (found.messages.append(dialog.message), dialog.dismiss()))
        if media:
            found.page.emulate_media(media=media, color_scheme=settings.get("color_scheme"))
        found.page.goto(path.as_uri() + (f"#{fragment}" if fragment else ""))
        return found

    yield opened
    for context in contexts:
        context.close()
