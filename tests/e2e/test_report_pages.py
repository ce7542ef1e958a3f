"""Reports and portfolios as a reader meets them: accessible, calm on a telephone and on paper, silent towards the network."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import report_samples as samples
from change_samples import SINCE
from large_portfolio import large_portfolio

from evalkit.report import ReportRenderer, portfolio_pages, render_portfolio, write_assets

pytestmark = pytest.mark.browser

TAGS = [
    "wcag2a",
    "wcag2aa",
    "wcag21a",
    "wcag21aa",
    "best-practice",
]  # 2.2 adds the size of targets, which paper does not have
PAGES = [
    "index.html",
    "index.en.html",
    "reports/fr/territory_portrait/QP034005.html",
    "reports/fr/territory_portrait/QP066001.html",
]
LOOKS = [("light", None), ("dark", None), ("dark", "print")]


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small published run: a real name, a hostile name, a portfolio in two languages."""
    root = tmp_path_factory.mktemp("run")
    write_assets(root / "assets")
    renderer = ReportRenderer()
    folder = root / "reports/fr/territory_portrait"
    folder.mkdir(parents=True)
    asked = (samples.recommendation_payload(), samples.unanswered_payload())
    compared = samples.report_context(changes=SINCE)
    plain = renderer.render(samples.full_notebook(figures=2, recommendations=asked), compared)
    hostile = {"territory": "QP066001", "name": samples.SCRIPT_NAME, "title": samples.FORMULA_NAME, "synthetic": True}
    strange = renderer.render(samples.full_notebook(**hostile), samples.report_context(territory="QP066001"))
    for code, report in (("QP034005", plain), ("QP066001", strange)):
        (folder / f"{code}.html").write_text(report.html, encoding="utf-8")
        (folder / code).mkdir()
        for name, content in report.figure_files.items():
            (folder / code / name).write_bytes(content)
    three = samples.portfolio_tasks(templates=("territory_portrait", "anru_outcomes", "ess_programme"))
    english = samples.portfolio_model(lang="en", synthetic=True, tasks=three, recommendations=asked)
    (root / "index.html").write_text(render_portfolio(samples.portfolio_model(recommendations=asked)), encoding="utf-8")
    (root / "index.en.html").write_text(render_portfolio(english), encoding="utf-8")
    return root


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("scheme", "media"), LOOKS)
def test_no_accessibility_violation(
    run_folder: Path, visit: Callable[..., Any], name: str, scheme: str, media: str | None
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    seen = visit(run_folder / name, color_scheme=scheme, media=media)
    seen.page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    found = Axe().run(seen.page, options={"runOnly": {"type": "tag", "values": TAGS if media else [*TAGS, "wcag22aa"]}})
    assert found.violations_count == 0, found.generate_report()
    assert found.response["passes"]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_leaves_the_folder_and_nothing_is_blocked(
    run_folder: Path, visit: Callable[..., Any], name: str, scheme: str
) -> None:
    seen = visit(run_folder / name, color_scheme=scheme)
    assert seen.external == []
    assert seen.messages == []
    assert seen.page.evaluate("getComputedStyle(document.body).margin") == "0px"
    seen.page.evaluate("fetch('https://example.org/').catch(() => 0)")
    assert any("Content Security Policy" in message for message in seen.messages)


@pytest.mark.parametrize("name", PAGES)
def test_reflow_at_320_pixels(run_folder: Path, visit: Callable[..., Any], name: str) -> None:
    page = visit(run_folder / name, width=320).page
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_print_opens_the_data_and_hides_the_doors(run_folder: Path, visit: Callable[..., Any]) -> None:
    page = visit(run_folder / PAGES[2], media="print", color_scheme="dark").page
    assert page.locator("#trend-1 details td").first.is_visible()
    assert not page.locator("#trend-1 .doors").is_visible()
    assert not page.locator("details.code").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf(format="A4", tagged=True, outline=True).startswith(b"%PDF")


def test_fictitious_data_are_seen_at_once(run_folder: Path, visit: Callable[..., Any]) -> None:
    page = visit(run_folder / PAGES[3]).page
    assert page.locator(".synthetic").is_visible()
    assert page.locator(".synthetic").bounding_box()["y"] == 0
    assert "données fictives" in page.title()
    assert page.locator("h1").inner_text() == f"{samples.SCRIPT_NAME} QP066001"


def test_skip_link_and_key_messages_lead_where_they_say(run_folder: Path, visit: Callable[..., Any]) -> None:
    page = visit(run_folder / PAGES[2]).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for href in page.locator("ol.keys a").evaluate_all("links => links.map(link => link.getAttribute('href'))"):
        assert page.evaluate("id => document.getElementById(id) !== null", href.removeprefix("#"))


def test_portfolio_without_javascript_is_a_plain_table(run_folder: Path, visit: Callable[..., Any]) -> None:
    page = visit(run_folder / "index.html", java_script_enabled=False).page
    assert page.locator("#territories tbody tr").count() == len(samples.NAMES)
    assert page.locator("#territories tbody tr").first.is_visible()
    assert not page.locator("#filters").is_visible()
    assert page.locator("#territories button").count() == 0
    page.get_by_role("link", name="Mosson").click()
    assert page.title().startswith("Mosson (QP034005)")


def names(page: Any) -> list[str]:
    rows = page.locator("#territories tbody tr:visible th")
    return [text.split("\n")[0].strip() for text in rows.all_inner_texts()]


def test_portfolio_sorts_and_says_so(run_folder: Path, visit: Callable[..., Any]) -> None:
    page = visit(run_folder / "index.html").page
    page.get_by_role("button", name="Population").click()
    assert names(page)[0] == samples.SCRIPT_NAME
    page.get_by_role("button", name="Population").click()
    assert names(page)[0] == "Mosson"
    assert page.locator("th[aria-sort]").count() == 1
    assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"
    assert page.locator("#status").inner_text() == "5 affichés sur 5, triés par Population, ordre décroissant"
    page.get_by_role("button", name="Pauvreté").click()
    assert names(page)[-1] == "La Conte – Ozanam"
    page.get_by_role("button", name="Pauvreté").click()
    assert names(page)[-1] == "La Conte – Ozanam"
    assert page.locator("th[aria-sort]").count() == 1


def test_portfolio_searches_and_filters(run_folder: Path, visit: Callable[..., Any]) -> None:
    page = visit(run_folder / "index.html").page
    page.locator("#search").fill("pres ST")
    assert names(page) == []
    page.locator("#search").fill("PRES saint")
    assert names(page) == ["Près Saint Jean"]
    assert page.locator("#status").inner_text() == "1 affichés sur 5"
    page.locator("#search").fill("qp0340")
    assert len(names(page)) == 2
    page.locator("[data-filter=verdict]").select_option("met")
    assert names(page) == ["Centre Ville"]
    page.locator("[data-filter=verdict]").select_option("")
    page.locator("#search").fill("<script>")
    assert names(page) == [samples.SCRIPT_NAME]
    page.locator("#search").fill("")
    page.locator("[data-filter=state]").select_option("failed")
    assert names(page) == ["La Conte – Ozanam"]


def test_what_is_chosen_is_a_link_that_can_be_sent(run_folder: Path, visit: Callable[..., Any]) -> None:
    page = visit(run_folder / "index.html").page
    page.locator("[data-filter=verdict]").select_option("met")
    page.get_by_role("button", name="Population").click()
    address = page.evaluate("location.href")
    assert "verdict=met" in address
    other = visit(run_folder / "index.html", fragment=address.partition("#")[2]).page
    assert names(other) == ["Centre Ville"]
    assert other.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
    other.get_by_role("button", name="Tout afficher").click()
    assert len(names(other)) == len(samples.NAMES)


def test_a_long_table_is_read_a_hundred_lines_at_a_time(
    run_folder: Path, tmp_path: Path, visit: Callable[..., Any]
) -> None:
    write_assets(tmp_path / "assets")
    (tmp_path / "index.html").write_text(render_portfolio(large_portfolio(230)), encoding="utf-8")
    page = visit(tmp_path / "index.html").page
    assert len(names(page)) == 100
    page.get_by_role("button", name="Suivant").click()
    page.get_by_role("button", name="Suivant").click()
    assert len(names(page)) == 30
    assert "lignes 201 à 230" in page.locator("#status").inner_text()
    assert page.get_by_role("button", name="Suivant").is_disabled()
    assert len(names(visit(tmp_path / "index.html", java_script_enabled=False).page)) == 230


def test_a_name_is_found_among_departments(tmp_path: Path, visit: Callable[..., Any]) -> None:
    write_assets(tmp_path / "assets")
    model = large_portfolio(120)
    for name, content in portfolio_pages(model, most=50).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    page = visit(tmp_path / "index.html").page
    page.locator("#place").fill("qp000042")
    page.locator("#places a").click()
    page.wait_for_selector("#territories")
    assert names(page) == [next(task.name for task in model.tasks if task.record.territory == "QP000042")]


def test_portfolio_works_from_an_unpacked_archive(run_folder: Path, tmp_path: Path, visit: Callable[..., Any]) -> None:
    with zipfile.ZipFile(tmp_path / "run.zip", "w") as archive:
        for file in sorted(run_folder.rglob("*")):
            archive.write(file, file.relative_to(run_folder))
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        archive.extractall(tmp_path / "é space")
    seen = visit(tmp_path / "é space/index.html")
    with seen.page.expect_navigation(wait_until="load"):
        seen.page.get_by_role("link", name="Mosson").click()
    assert seen.page.evaluate("getComputedStyle(document.body).margin") == "0px"
    with seen.page.expect_navigation(wait_until="load"):
        seen.page.get_by_role("link", name="Contrats de ville").click()
    assert seen.page.locator("#filters").is_visible()
    assert seen.external == []
    assert seen.messages == []
