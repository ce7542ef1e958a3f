"""CSV, Excel and OpenDocument tables of a run: codes stay texts, no formula, no secret, equal bytes."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from xml.etree import ElementTree

import export_samples as runs
import pytest
import python_calamine
import report_samples as samples

from evalkit.model.finding import FINDING_COLUMNS
from evalkit.report import ReportRenderer
from evalkit.report.exports import Asked, export_run
from evalkit.report.exports.columns import COLUMNS
from evalkit.runs import RunFolder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, renderer: ReportRenderer) -> RunFolder:
    return runs.make_run(tmp_path_factory.mktemp("tables"), renderer)


def exported(run: RunFolder, format, folder: Path, **asked) -> Path:
    return export_run(run, format, folder / f"out.{format}", Asked(**asked)).out


def sheets(path: Path) -> dict[str, list[list[object]]]:
    book = python_calamine.load_workbook(path)
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def records(rows: list[list[object]]) -> list[dict[object, object]]:
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


class TestCsv:
    def test_it_is_the_table_of_the_run_in_one_language(self, run, tmp_path):
        rows = list(csv.DictReader(io.StringIO(exported(run, "csv", tmp_path).read_text("utf-8-sig"))))
        whole = list(csv.DictReader(io.StringIO((run.root / "findings.csv").read_text("utf-8-sig"))))
        assert rows == [row for row in whole if row["lang"] == "fr"]
        assert {row["territory"] for row in rows} == set(runs.NAMES)
        both = exported(run, "csv", tmp_path / "both", languages=("fr", "en"))
        assert sorted(both.read_text().splitlines()) == sorted((run.root / "findings.csv").read_text().splitlines())

    def test_a_territory_and_a_template_can_be_chosen(self, run, tmp_path):
        path = exported(run, "csv", tmp_path, territories=("01004",), templates=("anru_outcomes",))
        rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
        assert {(row["territory"], row["template"], row["lang"]) for row in rows} == {("01004", "anru_outcomes", "fr")}
        assert len(rows) == 3

    def test_a_folder_also_says_what_the_columns_mean(self, run, tmp_path):
        out = export_run(run, "csv", tmp_path / "tables").out
        assert sorted(path.name for path in out.iterdir()) == ["columns.csv", "findings.csv"]
        rows = list(csv.DictReader(io.StringIO((out / "columns.csv").read_text("utf-8-sig"))))
        assert tuple(row["column"] for row in rows) == FINDING_COLUMNS
        assert all(row["label"] and row["meaning"] for row in rows)


@pytest.mark.parametrize("format", ["xlsx", "ods"])
class TestWorkbook:
    def test_the_sheets_and_their_heads(self, run, tmp_path, format):
        book = sheets(exported(run, format, tmp_path))
        assert list(book) == ["Présentation", "Constats", "Définitions", "Colonnes", "Codes", "Sources"]
        for name, rows in book.items():
            heads = rows[0]
            assert all(heads), name
            assert len(set(heads)) == len(heads), name
            assert not any(set(row) == {""} for row in rows), f"a blank row in {name}"

    def test_codes_stay_texts_and_numbers_numbers(self, run, tmp_path, format):
        rows = records(sheets(exported(run, format, tmp_path))["Constats"])
        assert {row["Territoire (code)"] for row in rows} == set(runs.NAMES)
        judged = [row for row in rows if row["Critère"]]
        assert {row["Valeur"] for row in judged} == {-1.9}
        assert {row["Effectif"] for row in judged} == {59.0}
        assert {row["Unité"] for row in judged} == {"points de pourcentage"}
        assert {row["Jugement"] for row in judged} == {"◆ on ne peut conclure"}
        assert {row["Période"] for row in judged} == {"2012/2015"}

    def test_a_secret_value_is_a_symbol_and_a_word_never_zero_or_blank(self, run, tmp_path, format):
        book = sheets(exported(run, format, tmp_path))
        secret = [row for row in records(book["Constats"]) if row["Indicateur (code)"] == "in_med"]
        assert {(row["Valeur"], row["Statut"]) for row in secret} == {("[c]", "secret")}
        assert ["Statut", "[c]", "secret", "secret"] in [row[:4] for row in book["Codes"]]

    def test_no_text_is_a_formula(self, run, tmp_path, format):
        path = exported(run, format, tmp_path)
        names = {row["Territoire"] for row in records(sheets(path)["Constats"])}
        assert f"'{samples.FORMULA_NAME}" in names
        content = runs.every_byte(path)
        assert b"<f>" not in content
        assert b"table:formula" not in content

    def test_definitions_units_and_sources_are_there(self, run, tmp_path, format):
        book = sheets(exported(run, format, tmp_path))
        [poverty] = records(book["Définitions"])
        assert (poverty["Indicateur (code)"], poverty["Unité"], poverty["Sens de lecture"]) == (
            "in_tp60",
            "percent",
            "down",
        )
        [source] = records(book["Sources"])
        assert source["SHA-256 du fichier"] == "ab12" * 16
        assert (source["Millésime"], source["Licence"]) == ("2020", "Licence Ouverte 2.0")
        assert source["Page du jeu de données"] == "https://example.org/income"
        meanings = {row["Nom dans findings.csv"] for row in records(book["Colonnes"])}
        assert meanings - {""} == set(COLUMNS)

    def test_the_cover_says_what_it_is(self, run, tmp_path, format):
        cover = {
            row["Objet"]: row["Contenu"] for row in records(sheets(exported(run, format, tmp_path))["Présentation"])
        }
        assert cover["Titre"] == "Petite évaluation"
        assert cover["Exécution"] == "essai"
        assert cover["Licence des données"] == "Licence Ouverte 2.0"
        assert cover["Feuille 2"].startswith("Constats (18 ")

    def test_english(self, run, tmp_path, format):
        book = sheets(exported(run, format, tmp_path, languages=("en",)))
        assert list(book)[:2] == ["Cover", "Findings"]
        assert {row["Language"] for row in records(book["Findings"])} == {"en"}

    def test_equal_runs_give_equal_bytes(self, run, tmp_path, format):
        first, second = (exported(run, format, tmp_path / name).read_bytes() for name in ("a", "b"))
        assert first == second
        assert b"2026-03-01T10:30:00" in b"".join(runs.unpacked(first).values())

    def test_the_archive_is_well_formed(self, run, tmp_path, format):
        for name, content in runs.unpacked(exported(run, format, tmp_path).read_bytes()).items():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(content)  # noqa: S314 # our own file


def test_an_excel_table_has_no_merged_cell_and_a_filter(run, tmp_path):
    files = runs.unpacked(exported(run, "xlsx", tmp_path).read_bytes())
    pages = [content for name, content in files.items() if name.startswith("xl/worksheets/sheet")]
    assert len(pages) == 6
    assert not any(b"mergeCell" in page for page in pages)
    assert b"autoFilter" in files["xl/tables/table2.xml"]
    assert re.search(rb'<pane [^>]*state="frozen"', files["xl/worksheets/sheet2.xml"])
