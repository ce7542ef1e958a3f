"""Recommendations in a report, in the register of the portfolio and in the note: what is asked, of whom, and what was answered."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest
import report_samples as samples
from page_lints import lint_page

from evalkit.report import ReportRenderer, portfolio_pages, render_portfolio
from evalkit.report.recommendations import build_register


def report(renderer: ReportRenderer, *items: dict[str, Any], **context: Any) -> str:
    said = samples.context_payload(**context)
    found = samples.finding_payload(lang=said["lang"])
    notebook = samples.notebook(
        samples.text("## Une partie\n\nUn texte.", said["lang"]),
        samples.cell("ev.record(change)", samples.display("finding", found)),
        samples.text("## Une autre\n\nUn texte.", said["lang"]),
        samples.text("## Une troisième\n\nUn texte.", said["lang"]),
        context=said,
        summary=samples.summary_payload(recommendations=list(items)),
    )
    return renderer.render(notebook, samples.report_context(lang=said["lang"])).html


@pytest.fixture(scope="module")
def page(renderer: ReportRenderer) -> str:
    return report(renderer, samples.recommendation_payload(), samples.unanswered_payload())


def section(html: str) -> str:
    return html.split('<section aria-labelledby="recommendations">')[1].split("</section>")[0]


def test_the_section_stands_between_quality_and_method(page: str) -> None:
    places = [page.index(f'<h2 id="{name}">') for name in ("quality", "recommendations", "definitions", "method")]
    assert places == sorted(places)
    assert '<li><a href="#recommendations">Recommandations</a></li>' in page
    assert lint_page(page) == []


def test_a_recommendation_shows_its_grounds_its_response_and_what_comes_of_it(page: str) -> None:
    first = section(page).split('<h3 id="recommendation-R1">')[1].split("</dl>")[0]
    assert first.startswith('Suivre les ménages qui quittent le quartier <span class="quiet">R1</span></h3>')
    assert '<a href="#finding-C1.1">Entre 2012 et 2015' in first
    assert '<span aria-hidden="true">◆</span> on ne peut conclure</span>' in first
    assert (
        '<li><span lang="en">The rate falls.</span> <span class="quiet">non jugé dans ce rapport</span></li>' in first
    )
    assert "<dt>Destinataire</dt><dd>la métropole de Montpellier</dd>" in first
    assert (
        '<span class="verdict partly"><span aria-hidden="true">◐</span> acceptée en partie</span>\u00a0: les fichiers'
        in first
    )
    assert "<dt>Action</dt><dd>Une enquête auprès des bailleurs.</dd>" in first
    assert '<dt>Responsable</dt><dd><span lang="en">Housing department</span></dd>' in first
    assert "<dt>Échéance</dt><dd>30\u00a0juin 2027</dd>" in first
    assert "<dt>Avancement</dt><dd>action en cours</dd>" in first
    assert 'id="finding-C1.1"' in page


def test_no_answer_is_said_and_nothing_more(page: str) -> None:
    second = section(page).split('<h3 id="recommendation-R2">')[1].split("</dl>")[0]
    assert '<span class="verdict secret"><span aria-hidden="true">○</span> sans réponse à ce jour</span></dd>' in second
    assert not [word for word in ("Action", "Responsable", "Échéance", "Avancement") if word in second]


@pytest.mark.parametrize(
    ("response", "shown"),
    [("accepted", "✓</span> acceptée"), ("partly", "◐</span> acceptée en partie"), ("rejected", "✗</span> refusée")],
)
def test_every_response_has_its_symbol_and_word(renderer: ReportRenderer, response: str, shown: str) -> None:
    assert shown in section(report(renderer, samples.recommendation_payload(response=response)))


def test_a_report_without_recommendations_has_no_section(renderer: ReportRenderer) -> None:
    html = report(renderer)
    assert "Recommandations" not in html
    assert 'id="recommendations"' not in html
    assert "Recommandations" not in renderer.render(samples.full_notebook(), samples.report_context()).html


def test_an_english_report_marks_what_is_in_french(renderer: ReportRenderer) -> None:
    html = section(report(renderer, samples.recommendation_payload(), lang="en"))
    assert '<span lang="fr">Suivre les ménages qui quittent le quartier</span>' in html
    assert "<dd>Housing department</dd>" in html
    assert "accepted in part</span>: <span" in html
    assert "<dt>Due date</dt><dd>30\u00a0June 2027</dd>" in html


@pytest.mark.parametrize(
    "name", [samples.SCRIPT_NAME, samples.FORMULA_NAME, "</title><img src=x onerror=alert(1)>", "{{ plan }}"]
)
def test_hostile_texts_are_shown_as_text(renderer: ReportRenderer, name: str) -> None:
    said = {"text": name, "lang": "fr"}
    hostile = samples.recommendation_payload(
        name, text=said, to=said, reason=said, action=said, owner=said, criteria=[{"id": name, "text": said}]
    )
    pages = [report(renderer, hostile), render_portfolio(samples.portfolio_model(recommendations=(hostile,)))]
    for html in pages:
        shown = html.partition("<main")[2].partition("</main>")[0]
        assert not re.search(r"<(script|img)\b", shown)
        assert lint_page(html) == []


def register(**changes: Any) -> str:
    items = (
        samples.recommendation_payload(),
        samples.unanswered_payload(territories=["QP034001", "QP999999"]),
        samples.unanswered_payload("R3", territories=["QP999999"]),
    )
    return render_portfolio(samples.portfolio_model(**{"recommendations": items, **changes}))


def test_the_register_has_one_row_for_each_recommendation_that_concerns_someone() -> None:
    html = register()
    rows = section(html).split("<tbody>")[1].split("</tbody>")[0].split("<tr")[1:]
    assert len(rows) == 2
    assert ' id="recommendation-R1"><th scope="row">Suivre les ménages qui quittent le quartier<' in rows[0]
    assert "30\u00a0juin 2027" in rows[0]
    assert "action en cours" in rows[0]
    assert "Action\u00a0: une enquête auprès des bailleurs</span>" in rows[0]
    assert rows[0].endswith(f'<td class="num">{len(samples.NAMES)}</td></tr>\n')
    assert rows[1].rstrip().endswith('<td class="num">1</td></tr>')
    assert "sans réponse à ce jour" in rows[1]
    assert '<span lang="en">The rate falls.</span><span class="quiet block">sans jugement</span>' in rows[1]
    assert lint_page(html) == []


def test_the_register_counts_responses_and_verdicts() -> None:
    own = section(register())
    legend = own.split('<ul class="legend">')[1].split("</ul>")[0]
    assert re.findall(r"</span> ([^<]+)</span> <span class=\"quiet\">(\d+)", legend) == [
        ("acceptée en partie", "1"),
        ("sans réponse à ce jour", "1"),
    ]
    first, second = own.split("<tbody>")[1].split("<tr")[1:]
    assert re.findall(r"([▲▼◆])</span>[^<]*</span> <span class=\"quiet\">× (\d)", first) == [
        ("▲", "1"),
        ("▼", "1"),
        ("◆", "1"),
    ]
    assert re.findall(r"([▲▼◆])</span>[^<]*</span> <span class=\"quiet\">× (\d)", second) == [("▲", "1")]


def test_two_templates_that_judge_alike_count_once() -> None:
    rows = [samples.finding_row(template=name, verdict="met") for name in ("territory_portrait", "anru_outcomes")]
    model = samples.portfolio_model(findings=pd.DataFrame(rows), recommendations=(samples.recommendation_payload(),))
    (row,) = build_register(model)
    assert [(label.symbol, n) for label, n in row.item.grounds[0].verdicts] == [("▲", 1)]


def test_a_portfolio_without_recommendations_has_no_register() -> None:
    assert "Recommandations" not in render_portfolio(samples.portfolio_model())
    assert "Recommandations" not in register(recommendations=(samples.unanswered_payload(territories=["QP999999"]),))


def test_a_portfolio_in_parts_has_the_register_once() -> None:
    model = samples.portfolio_model(recommendations=(samples.recommendation_payload(),))
    pages = portfolio_pages(model, most=2)
    assert [name for name, html in pages.items() if 'id="recommendations"' in html] == ["index.html"]
