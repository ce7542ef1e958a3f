from __future__ import annotations

import pytest
import report_samples as samples

from evalkit.errors import RunError
from evalkit.report import ReportRenderer, canonical_hash, check_identity


def codes(html: str, notebook: object, **task: str) -> list[str]:
    return [problem.code.id for problem in check_identity(html, notebook, samples.task(**task))]  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def html(renderer: ReportRenderer) -> str:
    return renderer.render(samples.full_notebook(), samples.report_context()).html


def test_the_right_page_passes(html: str) -> None:
    assert codes(html, samples.full_notebook()) == []


@pytest.mark.parametrize("name", [samples.SCRIPT_NAME, samples.FORMULA_NAME, "A & B (C) – D"])
def test_a_hostile_name_passes_too(renderer: ReportRenderer, name: str) -> None:
    notebook = samples.full_notebook(name=name)
    assert codes(renderer.render(notebook, samples.report_context()).html, notebook) == []


def test_another_territory_is_caught_everywhere(html: str) -> None:
    found = codes(html, samples.full_notebook(), territory="QP034006")
    assert found == ["EVK-RUN-073", "EVK-RUN-074", "EVK-RUN-075", "EVK-RUN-076", "EVK-RUN-076"]


def test_a_single_wrong_finding_is_caught(html: str) -> None:
    notebook = samples.full_notebook()
    notebook.cells += [samples.cell("r", samples.display("finding", samples.finding_payload(territory="QP034006")))]
    assert codes(html, notebook) == ["EVK-RUN-076"]


def test_a_wrong_mark_or_title_is_caught(html: str) -> None:
    marked = html.replace('name="evalkit:territory" content="QP034005"', 'name="evalkit:territory" content="QP034006"')
    assert codes(marked, samples.full_notebook()) == ["EVK-RUN-073"]
    titled = html.replace("<title>Mosson (QP034005)", "<title>Mosson (QP034006)")
    assert codes(titled, samples.full_notebook()) == ["EVK-RUN-074"]
    assert codes("", samples.full_notebook())[:4] == ["EVK-RUN-073"] * 3 + ["EVK-RUN-074"]


def test_a_mark_in_the_body_does_not_count(html: str) -> None:
    moved = html.replace('<meta name="evalkit:territory" content="QP034005">\n', "")
    moved = moved.replace("<main", '<meta name="evalkit:territory" content="QP034005"><main')
    assert codes(moved, samples.full_notebook()) == ["EVK-RUN-073"]


def test_another_template_or_language_is_caught(html: str) -> None:
    assert "EVK-RUN-073" in codes(html, samples.full_notebook(), template="anru_outcomes")
    assert "EVK-RUN-075" in codes(html, samples.full_notebook(), lang="en")


def test_problems_are_readable(html: str) -> None:
    problem = check_identity(html, samples.full_notebook(), samples.task(territory="QP034006"))[0]
    assert "la page dit territory = QP034005, la tâche dit QP034006" in problem.render("fr")
    assert "the page says territory = QP034005, the task says QP034006" in problem.render("en")


def test_canonical_hash_needs_exactly_one_marked_line(renderer: ReportRenderer, html: str) -> None:
    with pytest.raises(RunError):
        canonical_hash(html.replace("data-volatile", ""))
    hostile = samples.full_notebook(name='<p class="volatile" data-volatile>x</p>')
    assert canonical_hash(renderer.render(hostile, samples.report_context()).html)
