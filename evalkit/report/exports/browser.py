"""Finding a Chromium on this machine and driving it: one browser for a whole batch of pages, without a network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.errors import RunError
from evalkit.report.exports.codes import BROWSER_FAILED, NO_BROWSER, NO_PLAYWRIGHT

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Playwright, Route

VARIABLE = "EVALKIT_CHROMIUM"
_COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
_LINES = 2
_PATIENCE = 120_000  # milliseconds


def find_browser() -> Path | None:
    """Return the Chromium or Chrome of this machine: the one that `EVALKIT_CHROMIUM` names, else the first that is installed."""
    if named := os.environ.get(VARIABLE):
        return Path(named) if Path(named).is_file() else None
    found = (shutil.which(command) for command in _COMMANDS)
    return next((Path(path) for path in (*filter(None, found), *_PLACES) if Path(path).is_file()), None)


@contextmanager
def printing() -> Iterator[Callable[[], BrowserContext]]:
    """Give what opens a fresh context in one browser, which is closed on leaving.

    Raises `RunError` when the package playwright or the browser is missing, or when the browser fails.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ModuleNotFoundError as error:
        raise RunError.of(NO_PLAYWRIGHT) from error
    with sync_playwright() as playwright:
        path = find_browser() or _own(playwright)
        if path is None:
            raise RunError.of(NO_BROWSER)
        try:
            browser = playwright.chromium.launch(executable_path=path, args=["--disable-background-networking"])
            try:
                yield lambda: _calm(browser.new_context(bypass_csp=True, offline=True, java_script_enabled=False))
            finally:
                browser.close()
        except Error as error:
            reason = " ".join(error.message.splitlines()[:_LINES])
            raise RunError.of(BROWSER_FAILED, browser=str(path), reason=reason) from error


def _own(playwright: Playwright) -> Path | None:
    """Return the browser that playwright downloaded, if it did; one that is named must be there."""
    own = Path(playwright.chromium.executable_path)
    return own if own.is_file() and not os.environ.get(VARIABLE) else None


def _calm(context: BrowserContext) -> BrowserContext:
    """Let a page load files beside it, nothing else."""

    def only_files(route: Route) -> None:
        if route.request.url.startswith(("file:", "data:")):
            route.continue_()
        else:
            route.abort()

    context.set_default_timeout(_PATIENCE)
    context.route("**/*", only_files)
    return context
