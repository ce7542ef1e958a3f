"""Pages pass the lints for what an accessibility tool cannot see, and the lints see what they are for."""

from __future__ import annotations

import pytest
import report_samples as samples
from page_lints import lint_page

from evalkit.charts import Captions, ForestData, ForestRow, forest
from evalkit.report import ReportRenderer, render_accessibility, render_portfolio


@pytest.fixture(scope="module")
def report() -> str:
    return ReportRenderer().render(samples.full_notebook(), samples.report_context()).html


def test_sample_pages_pass(report: str) -> None:
    pages = [report, render_portfolio(samples.portfolio_model()), render_accessibility(samples.portfolio_model(), None)]
    assert [lint_page(page) for page in pages] == [[], [], []]


def test_a_portfolio_with_effects_passes_and_links_to_their_data() -> None:
    rows = (ForestRow("Pauvreté", -1.0, -2.0, -0.5), ForestRow("Logement social", -6.0, -8.0, -4.0))
    data = ForestData("Effet", "point", rows)
    captions = Captions("Deux effets", "Effet moyen", "Chaque effet avec son intervalle.", "Tous", "Fictif")
    page = render_portfolio(samples.portfolio_model(forest=forest("programme-effects", data, captions, lang="fr")))
    assert lint_page(page) == []
    for ending in ("csv", "json", "svg"):
        assert f'href="figures/fr/programme-effects.{ending}"' in page


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<h2 id=\"quality\">", "<h4 id=\"quality\">", "a heading skips"),
        ("<b>Source\u00a0:</b>", "<b>Origine\u00a0:</b>", "no line Source"),
        ("<b>Lecture\u00a0:</b>", "", "no line Lecture"),
        ('<span aria-hidden="true">◆</span>', "", "a status without symbol"),
        ('.csv"', '.txt"', "no link to its data"),
        ("<caption>", "<caption hidden></caption><p>", "a table without a caption"),
        ('scope="col"', "", "a head without scope"),
        (">voir la preuve</a>", ">ici</a>", "does not say where it leads"),
        ('role="img"', 'role="img" aria-label="figure 1"', "a picture says only"),
        ('role="img"', 'role="img" aria-label="Taux de pauvreté"', "its text alternative is short"),
        ('role="img"', 'role="img" aria-label=" "', "a picture says nothing"),
    ],
)  # fmt: skip
def test_each_fault_is_seen(report: str, old: str, new: str, said: str) -> None:
    assert old in report
    assert any(said in fault for fault in lint_page(report.replace(old, new)))
