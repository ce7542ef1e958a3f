from __future__ import annotations

from typing import Any

import nbformat
import pytest
import report_samples as samples
from nbformat.v4 import new_notebook

from evalkit.errors import RunError
from evalkit.report import ReportRenderer


def refusal(renderer: ReportRenderer, notebook: nbformat.NotebookNode) -> str:
    with pytest.raises(RunError) as caught:
        renderer.render(notebook, samples.report_context())
    return caught.value.problems[0].code.id


def with_figure(**changes: Any) -> nbformat.NotebookNode:
    return samples.notebook(samples.cell("f", samples.display("figure", samples.chart_payload(**changes))))


def test_a_notebook_without_context(renderer: ReportRenderer) -> None:
    notebook = new_notebook(
        cells=[samples.cell("ev.conclude()", samples.display("summary", samples.summary_payload()))]
    )
    assert refusal(renderer, notebook) == "EVK-RUN-060"


def test_a_notebook_without_summary(renderer: ReportRenderer) -> None:
    notebook = samples.full_notebook()
    notebook.cells.pop()
    assert refusal(renderer, notebook) == "EVK-RUN-061"


@pytest.mark.parametrize("kind", ["context", "summary"])
def test_two_contexts_or_two_summaries(renderer: ReportRenderer, kind: str) -> None:
    payload = samples.context_payload() if kind == "context" else samples.summary_payload()
    assert refusal(renderer, samples.notebook(samples.cell("x", samples.display(kind, payload)))) == "EVK-RUN-062"


def test_a_newer_schema(renderer: ReportRenderer) -> None:
    assert refusal(renderer, samples.full_notebook(schema=2)) == "EVK-RUN-063"


def test_a_finding_that_lacks_a_column(renderer: ReportRenderer) -> None:
    payload = samples.finding_payload()
    del payload["finding"]["verdict"]
    assert refusal(renderer, samples.notebook(samples.cell("r", samples.display("finding", payload)))) == "EVK-RUN-064"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"alt": "  "}, "EVK-RUN-065"),
        ({"figure_id": "../../index"}, "EVK-RUN-066"),
        ({"figure_id": '"><b>'}, "EVK-RUN-066"),
        ({"svg": "<svg><g></svg>"}, "EVK-RUN-068"),
        ({"svg": ""}, "EVK-RUN-068"),
        ({"svg": '<!DOCTYPE svg><svg xmlns="http://www.w3.org/2000/svg"/>'}, "EVK-RUN-068"),
        ({"data": {"caption": "", "columns": [], "rows": []}}, "EVK-RUN-072"),
    ],
)
def test_a_figure_that_a_report_does_not_allow(renderer: ReportRenderer, changes: dict[str, Any], code: str) -> None:
    assert refusal(renderer, with_figure(**changes)) == code


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<style>*{}</style>",
        '<circle onload="alert(1)"/>',
        '<circle style="fill:red"/>',
        '<image href="http://example.org/x.png"/>',
        '<a href="javascript:alert(1)"><text>x</text></a>',
        "<foreignObject/>",
        '<set attributeName="href"/>',
        "<title><SCRIPT>alert(1)</SCRIPT></title>",
        '<desc><p OnClick="alert(1)">x</p></desc>',
        '<a xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="javascript:alert(1)"><text>x</text></a>',
        '<g xmlns="http://www.w3.org/1999/xhtml"><iframe/></g>',
        '<h:script xmlns:h="http://www.w3.org/1999/xhtml">alert(1)</h:script>',
        '<use href=" #a"/>',
    ],
)
def test_a_picture_that_acts_or_calls_out(renderer: ReportRenderer, inside: str) -> None:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">{inside}</svg>'
    assert refusal(renderer, with_figure(svg=svg)) == "EVK-RUN-069"
    if "xmlns:h" in inside:
        return  # in a page, no script: prefixes mean nothing there
    table = samples.table_payload(html=f"<table><tr><td>{inside}</td></tr></table>")
    assert refusal(renderer, samples.notebook(samples.cell("t", samples.display("figure", table)))) == "EVK-RUN-069"


def test_two_figures_of_one_name(renderer: ReportRenderer) -> None:
    cells = [samples.cell("f", samples.display("figure", samples.chart_payload(name))) for name in ("trend", "Trend")]
    assert refusal(renderer, samples.notebook(*cells)) == "EVK-RUN-067"


def test_an_unknown_placeholder(renderer: ReportRenderer) -> None:
    assert refusal(renderer, samples.notebook(samples.text("{{ question:Q9 }}"))) == "EVK-RUN-070"


def test_an_image_in_a_text(renderer: ReportRenderer) -> None:
    assert refusal(renderer, samples.notebook(samples.text("![x](http://example.org/x.png)"))) == "EVK-RUN-071"


def test_refusals_are_said_in_french(renderer: ReportRenderer) -> None:
    with pytest.raises(RunError) as caught:
        renderer.render(with_figure(alt=""), samples.report_context())
    assert "n’a pas de texte de remplacement" in caught.value.render("fr")
