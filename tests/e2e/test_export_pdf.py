"""PDF files by a real Chromium, and the archive opened in it: tagged, with bookmarks and page numbers, the same each time."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from pathlib import Path

import export_samples as runs
import pytest
import report_samples as samples

from evalkit.errors import RunError
from evalkit.report import ReportRenderer
from evalkit.report.exports import Asked, export_run, find_browser
from evalkit.report.exports.browser import VARIABLE
from evalkit.runs import RunFolder

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_browser() is None, reason="needs a browser: no Chromium or Chrome"),
]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return runs.make_run(tmp_path_factory.mktemp("pdf"), ReportRenderer())


@pytest.fixture(scope="module")
def pdf(run: RunFolder, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    out = tmp_path_factory.mktemp("one") / "01004.pdf"
    return export_run(run, "pdf", out, Asked(("01004",))).out.read_bytes()


def in_hex(text: str) -> bytes:
    """A text as Chromium writes it in titles and text alternatives."""
    return text.encode("utf-16-be").hex().upper().encode()


class TestPdf:
    def test_it_is_tagged_in_its_language_under_its_title(self, pdf):
        assert pdf.startswith(b"%PDF-")
        assert b"/Marked true" in pdf
        assert re.search(rb"/Type /Catalog[^%]*?/Lang \(fr\)", pdf)
        assert b"/DisplayDocTitle true" in pdf
        assert in_hex("Ambérieu-en-Bugey (01004)") in pdf

    def test_headings_tables_and_pictures_are_structure(self, pdf):
        tags = Counter(tag.decode() for tag in re.findall(rb"/Type /StructElem\n/S /(\w+)", pdf))
        assert tags["H1"] == 2, "a part for each template"
        assert tags["H2"] > 4
        assert tags["Table"] >= 4
        assert tags["TH"] > 10
        assert tags["LI"] > 2
        assert in_hex("Courbe du taux de pauvreté de 2012 à 2021") in pdf

    def test_it_has_bookmarks_pages_and_sources(self, pdf):
        assert int(re.search(rb"/Type /Outlines[^>]*/Count (\d+)", pdf)[1]) >= 10
        assert len(re.findall(rb"/Type /Page\b", pdf)) >= 2

    def test_it_says_nothing_of_this_machine_and_holds_no_hidden_value(self, pdf, run):
        assert b"file:" not in pdf
        assert str(run.root).encode() not in pdf
        assert runs.HIDDEN.encode() not in pdf

    def test_equal_runs_give_equal_bytes_with_one_browser(self, run, tmp_path, pdf):
        again = export_run(run, "pdf", tmp_path / "again.pdf", Asked(("01004",))).out.read_bytes()
        assert again == pdf
        assert b"/CreationDate (D:20260301103000+00'00')" in pdf

    def test_a_folder_has_one_file_a_territory(self, run, tmp_path):
        done = export_run(run, "pdf", tmp_path / "all", Asked(templates=("anru_outcomes",), languages=("en",)))
        assert sorted(path.name for path in done.out.iterdir()) == [f"{code}.en.pdf" for code in sorted(runs.NAMES)]
        hostile = (done.out / "2A004.en.pdf").read_bytes()
        assert in_hex(f"{samples.FORMULA_NAME} (2A004)") in hostile or samples.FORMULA_NAME.encode() in hostile
        assert b"/Lang (en)" in hostile


class TestBrowser:
    def test_a_named_browser_that_is_not_there(self, run, tmp_path, monkeypatch):
        monkeypatch.setenv(VARIABLE, str(tmp_path / "none"))
        with pytest.raises(RunError, match=r"EVK-RUN-119.*EVALKIT_CHROMIUM"):
            export_run(run, "pdf", tmp_path / "pdf", Asked(("01004",)))
        assert list(tmp_path.iterdir()) == []

    def test_a_named_browser_that_fails(self, run, tmp_path, monkeypatch):
        broken = tmp_path / "broken"
        broken.write_text("#!/bin/sh\nexit 3\n")
        broken.chmod(0o755)
        monkeypatch.setenv(VARIABLE, str(broken))
        with pytest.raises(RunError, match="EVK-RUN-120"):
            export_run(run, "pdf", tmp_path / "out.pdf", Asked(("01004",)))
        assert [path.name for path in tmp_path.iterdir()] == ["broken"]


@pytest.mark.parametrize("part", [(), ("01004", "QP034005")], ids=["whole", "part"])
def test_an_archive_opens_from_a_folder_and_its_reports_from_there(run, tmp_path, visit, part):
    out = export_run(run, "zip", tmp_path / "run.zip", Asked(part)).out
    folder = tmp_path / "open"
    with zipfile.ZipFile(out) as archive:
        archive.extractall(folder)
    seen = visit(folder / "index.html")
    assert seen.page.locator("h1").is_visible()
    report: Path = folder / "reports" / "fr" / "territory_portrait" / "QP034005.html"
    if part:
        seen.page.get_by_role("link", name="Mosson").first.click()
        seen.page.wait_for_url("**/QP034005.html")
    opened = visit(report)
    assert "Mosson" in opened.page.locator("h1").inner_text()
    assert opened.page.evaluate("getComputedStyle(document.body).margin") == "0px", "the style sheet is there"
    assert [*seen.messages, *opened.messages] == []
    assert [*seen.external, *opened.external] == []
