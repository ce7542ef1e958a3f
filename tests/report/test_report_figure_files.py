from __future__ import annotations

import csv
import io
import json
from xml.etree import ElementTree

import pytest
import report_samples as samples
from hypothesis import given
from hypothesis import strategies as st

from evalkit.model.figure import DataTable
from evalkit.report import RenderedReport, ReportRenderer
from evalkit.report.figurefiles import csv_bytes


@pytest.fixture(scope="module")
def report(renderer: ReportRenderer) -> RenderedReport:
    return renderer.render(samples.full_notebook(), samples.report_context())


def rows_of(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_each_figure_has_its_files(report: RenderedReport) -> None:
    assert list(report.figure_files) == [
        "indicators.csv",
        "indicators.json",
        "trend-1.csv",
        "trend-1.json",
        "trend-1.svg",
    ]


def test_csv_keeps_codes_statuses_and_negative_numbers(report: RenderedReport) -> None:
    rows = rows_of(report.figure_files["trend-1.csv"])
    assert rows[0] == ["territory", "period", "value", "change", "status"]
    assert rows[1] == ["QP034005", "2012", "", "-1.5", "secret"]
    assert rows[2] == ["QP034005", "2013", "58.4", "-1.5", "published"]


def test_csv_neutralises_formulas() -> None:
    record = {
        "name": samples.FORMULA_NAME,
        "plus": "+1+cmd",
        "minus": "-2+3",
        "at": "@SUM(A1)",
        "tab": "\t=1",
        "return": "\r=1",
        "number": -4.25,
        "text number": "-4.2",
        "code": "01004",
        "nan": float("nan"),
    }
    names, cells = rows_of(csv_bytes(DataTable("", ("a",), (("b",),), raw=(record,))))
    shown = dict(zip(names, cells, strict=True))
    assert shown["name"] == f"'{samples.FORMULA_NAME}"
    assert [shown[name][0] for name in ("plus", "minus", "at", "tab", "return")] == ["'"] * 5
    assert [shown[name] for name in ("number", "text number", "code", "nan")] == ["-4.25", "-4.2", "01004", ""]


@given(st.text(), st.floats(allow_nan=False, allow_infinity=False))
def test_no_text_of_a_csv_begins_like_a_formula(text: str, number: float) -> None:
    content = csv_bytes(DataTable("", ("a",), (("b",),), raw=({"text": f"={text}", "number": number},)))
    (_, (shown, value)) = rows_of(content)
    assert shown.startswith("'=")
    assert float(value) == number


def test_csv_falls_back_on_the_shown_cells() -> None:
    assert rows_of(csv_bytes(DataTable("", ("Année", "Part"), (("2012", "57 %"),)))) == [
        ["Année", "Part"],
        ["2012", "57 %"],
    ]


def test_json_holds_data_texts_and_source(report: RenderedReport) -> None:
    content = json.loads(report.figure_files["trend-1.json"])
    assert content["territory"] == "QP034005"
    assert content["source"] == "Insee-DGFiP-Cnaf-Cnav-CCMSA, Filosofi."
    assert content["data"][0] == {
        "territory": "QP034005",
        "period": "2012",
        "value": None,
        "change": -1.5,
        "status": "secret",
    }


def test_svg_stands_alone(report: RenderedReport) -> None:
    root = ElementTree.fromstring(report.figure_files["trend-1.svg"])  # noqa: S314 # our own picture
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert (root.get("width"), root.get("height")) == ("720", "330")
    assert root.find("{http://www.w3.org/2000/svg}style") is not None
    assert "var(" not in report.figure_files["trend-1.svg"].decode()
