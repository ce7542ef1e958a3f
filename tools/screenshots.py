"""Take the pictures of the README from `runs/demo`: the top of a report and of the portfolio, as a reader sees them."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
WIDTH, HEIGHT = 1200, 1400
LIMIT = 300_000
_SCALES = (1.5, 1.25, 1.0)
_CALM = ["--no-sandbox", "--disable-background-networking", "--font-render-hinting=none"]


def pages(run: Path) -> dict[str, Path]:
    """Return the pages to show: the portfolio, and the report with the most figures (the first by name where several have)."""
    reports = sorted((run / "reports").rglob("*.html"))
    if not (run / "index.html").is_file() or not reports:
        sys.exit(f"No portfolio in {run}: run `make demo` first")
    shown = max(reports, key=lambda page: len(list(page.with_suffix("").glob("*.csv"))))
    return {"portfolio": run / "index.html", "report": shown}


def picture(browser: Browser, page: Path) -> bytes:
    """Return the top of a page as PNG, at the finest scale that stays under the limit."""
    taken = b""
    for scale in _SCALES:
        context = browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=scale, color_scheme="light"
        )
        tab = context.new_page()
        tab.goto(page.as_uri())
        tab.evaluate("document.fonts.ready")
        tall = min(HEIGHT, int(tab.evaluate("document.documentElement.scrollHeight")))
        taken = tab.screenshot(clip={"x": 0, "y": 0, "width": WIDTH, "height": tall}, animations="disabled")
        context.close()
        if len(taken) <= LIMIT:
            return taken
    sys.exit(f"The picture of {page.name} has {len(taken)} bytes, more than {LIMIT}")


def main(run: Path) -> None:
    """Write `docs/images/portfolio.png` and `docs/images/report.png`."""
    from playwright.sync_api import sync_playwright

    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_CALM)
        for name, page in pages(run).items():
            content = picture(browser, page)
            (IMAGES / f"{name}.png").write_bytes(content)
            sys.stdout.write(f"docs/images/{name}.png {len(content) // 1000} kB, from {page.relative_to(run)}\n")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "runs" / "demo")
