"""Pages: a report of ten figures against nbconvert's own page, a portfolio of 2,000 territories against pandas' own table, in Chromium.

And what ends a run of 35,000 territories, each with as many findings as one of the demo: the tables and the pages by department.
"""

from __future__ import annotations

import argparse
import gzip
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from measuring import peak_memory, print_table, timed

TESTS = Path(__file__).resolve().parents[1] / "tests" / "report"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
CLICK = """place => new Promise(done => { const start = performance.now();
document.querySelectorAll('#territories thead button')[place].click();
requestAnimationFrame(() => setTimeout(() => done(performance.now() - start))); })"""
TYPE = """text => new Promise(done => { const start = performance.now(), box = document.getElementById('search');
box.value = text; box.dispatchEvent(new Event('input'));
requestAnimationFrame(() => setTimeout(() => done(performance.now() - start))); })"""
FINDINGS = 41
"""So many findings a territory of the demo leaves."""


def milliseconds(work: Callable[[], Any], times: int) -> float:
    """Return the median time of a work, after one that does not count."""
    work()
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(1000 * (time.perf_counter() - start))
    return statistics.median(found)


def weight(page: str) -> tuple[str, str]:
    """Return the size of a page, raw and compressed."""
    content = page.encode()
    return f"{len(content) / 1000:.0f} KB", f"{len(gzip.compress(content, mtime=0)) / 1000:.0f} KB"


def reports(times: int) -> None:
    """Print the render step of a report beside nbconvert's own exporter, both kept from page to page."""
    import report_samples as samples
    from nbconvert import HTMLExporter

    from evalkit.report import ReportRenderer

    notebook = samples.full_notebook(figures=10)
    ours, rival = ReportRenderer(), HTMLExporter()
    html = ours.render(notebook, samples.report_context()).html
    stock, _ = rival.from_notebook_node(notebook)
    rows = []
    for name, page, work in (
        ("evalkit", html, lambda: ours.render(notebook, samples.report_context())),
        ("nbconvert lab", stock, lambda: rival.from_notebook_node(notebook)),
    ):
        raw, compressed = weight(page)
        took = milliseconds(work, times)
        rows.append({"report of ten figures": name, "render, median": f"{took:.0f} ms", "raw": raw, "gzip": compressed})
    print_table(rows)


def portfolio(territories: int, times: int) -> None:
    """Print first paint, sort and filter of a portfolio beside the same table as pandas writes it, which does neither."""
    from large_portfolio import large_portfolio
    from playwright.sync_api import sync_playwright

    from evalkit.report import render_portfolio, write_assets

    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        write_assets(folder / "assets")
        page = render_portfolio(large_portfolio(territories))
        (folder / "index.html").write_text(page, encoding="utf-8")
        table = pd.read_html(folder / "index.html", attrs={"id": "territories"}, encoding="utf-8")[0]
        plain = (
            f'<!doctype html><html lang="fr"><meta charset="utf-8"><title>x</title>{table.to_html(index=False)}</html>'
        )
        (folder / "plain.html").write_text(plain, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        rows = []
        for label, file, text in (("evalkit", "index.html", page), ("pandas to_html", "plain.html", plain)):
            paints, sorts, filters = [], [], []
            for _ in range(times):
                tab = browser.new_page(viewport={"width": 1200, "height": 900})
                tab.goto((folder / file).as_uri())
                tab.wait_for_timeout(300)
                paints.append(tab.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
                if label == "evalkit":
                    sorts += [tab.evaluate(CLICK, place) for place in (0, 2, 3)]
                    filters += [tab.evaluate(TYPE, words) for words in ("haut", "bas val", "")]
                tab.close()
            raw, compressed = weight(text)
            rows.append(
                {
                    f"portfolio of {territories} territories": label,
                    "first paint": f"{statistics.median(paints):.0f} ms",
                    "sort": f"{statistics.median(sorts):.0f} ms" if sorts else "none",
                    "filter": f"{statistics.median(filters):.0f} ms" if filters else "none",
                    "raw": raw,
                    "gzip": compressed,
                }
            )
        browser.close()
    print_table(rows)


def country(territories: int) -> None:
    """Print how long the tables and the pages of a large run take, and the most memory that this process held until then."""
    from large_portfolio import large_portfolio

    from evalkit.report import FINDINGS_USED, portfolio_pages
    from evalkit.runs import RunFolder, read_findings, write_findings

    if not territories:
        return
    with tempfile.TemporaryDirectory() as name:
        folder = RunFolder(Path(name))
        rows = [
            {f"what ends a run of {territories} territories": "libraries loaded", "time": "", "peak": peak_memory()}
        ]

        def step(label: str, work: Callable[[], Any]) -> Any:
            made, clock = timed(work)
            rows.append(dict(zip(rows[0], (label, f"{clock.wall:.0f} s", peak_memory()), strict=True)))
            return made

        step(f"{FINDINGS * territories} findings to both tables", lambda: write_findings(folder, findings(territories)))
        read = step("what the portfolio needs of them", lambda: read_findings(folder, FINDINGS_USED))
        model = step("(making up the territories)", lambda: large_portfolio(territories, findings=read))
        pages = step("the pages of all departments", lambda: portfolio_pages(model))
    rows[-1] |= {"time": f"{rows[-1]['time']}, {len(pages)} files"}
    print_table(rows)


def findings(territories: int) -> Iterator[dict[str, Any]]:
    """Give the findings of a run, one in ten judged."""
    import report_samples as samples

    judged = samples.finding_row()
    unjudged = {**judged, "criterion": None, "verdict": None, "grade": None}
    for place in range(territories):
        for number in range(FINDINGS):
            usual = unjudged if number % 10 else judged
            yield {**usual, "territory": f"QP{place:06d}", "value": place / 7 + number}


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--territories", type=int, default=2000)
    parser.add_argument("--country", type=int, default=35_000, help="0: leave that out")
    parser.add_argument("--times", type=int, default=15)
    chosen = parser.parse_args()
    if CHROMIUM is None:
        sys.exit("Chromium is not installed: tools/need-chromium says how to get it")
    sys.path.insert(0, str(TESTS))
    country(chosen.country)
    reports(chosen.times)
    portfolio(chosen.territories, chosen.times)


if __name__ == "__main__":
    main()
