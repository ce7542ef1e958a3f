from __future__ import annotations

import datetime
import itertools
import re
from html.parser import HTMLParser

import pytest
import report_samples as samples

from evalkit.report import ReportRenderer, canonical_hash

HOSTILE = [
    samples.SCRIPT_NAME,
    samples.FORMULA_NAME,
    "</title><img src=x onerror=alert(1)>",
    "{{ plan }}",
    "a\u202eb'\"&",
]


class Outline(HTMLParser):
    """What the browser will build: elements, ids, headings, inline styles and scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name == "href"]

    @property
    def levels(self) -> list[int]:
        return [int(tag[1]) for tag in self.tags if re.fullmatch(r"h[1-6]", tag)]


@pytest.fixture(scope="module")
def page(renderer: ReportRenderer) -> str:
    return renderer.render(samples.full_notebook(figures=2), samples.report_context()).html


def test_head_names_the_territory_the_template_and_the_plan(page: str) -> None:
    assert page.startswith('<!doctype html>\n<html lang="fr">')
    assert "<title>Mosson (QP034005) – Contrats de ville de Languedoc-Roussillon, 2015-2023</title>" in page
    assert '<meta name="evalkit:territory" content="QP034005">' in page
    assert '<meta name="evalkit:template" content="territory_portrait">' in page
    assert f'<meta name="evalkit:plan" content="{samples.PLAN}">' in page
    assert "default-src &#39;none&#39;" in page
    assert '<h1>Mosson <span class="quiet">QP034005</span></h1>' in page


def test_headings_never_skip_and_there_is_one_h1(page: str) -> None:
    levels = Outline(page).levels
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_ids_are_unique_and_inner_links_arrive(page: str) -> None:
    outline = Outline(page)
    assert len(set(outline.ids)) == len(outline.ids)
    assert {link[1:] for link in outline.links if link.startswith("#")} <= set(outline.ids)


def test_nothing_inline_and_nothing_from_elsewhere(page: str) -> None:
    outline = Outline(page)
    assert "style" not in outline.attributes
    assert not {name for name in outline.attributes if name.startswith("on")}
    assert not {"script", "style", "iframe", "object"} & set(outline.tags)
    assert not [link for link in outline.links if re.match(r"[a-z]+:|//", link) and link != "data:,"]


def test_key_messages_link_to_their_evidence(page: str) -> None:
    keys = page.split('<ol class="keys">')[1].split("</ol>")[0]
    assert keys.count("<li") == 2
    assert 'href="#ind-in_tp60"' in keys
    assert 'href="#finding-C1.1"' in keys
    assert 'Preuve <span class="grade">2</span> avant/après, au regard d’une référence' in keys
    assert "<b>La pauvreté baisse de 1,9 point de plus qu’ailleurs.</b> L’intervalle contient zéro." in keys


def test_a_headline_is_the_bold_part_of_a_key_message(renderer: ReportRenderer) -> None:
    inside = samples.finding_payload(headline="Taux : 57,8 %", sentence="Taux : 57,8 % ; la médiane est de 48,1 %")
    before = samples.finding_payload(headline="la pauvreté monte", sentence="de 2 points en dix ans", anchor="b")
    cells = [samples.cell("r", samples.display("finding", payload)) for payload in (inside, before)]
    html = renderer.render(samples.notebook(*cells), samples.report_context()).html
    assert "<p><b>Taux : 57,8 %</b> ; la médiane est de 48,1 %.</p>" in html
    assert "<p><b>La pauvreté monte.</b> De 2 points en dix ans.</p>" in html


def test_a_judgement_shows_rule_verdict_grade_checks_and_limits(page: str) -> None:
    judgement = page.split('<dl class="judge" id="finding-C1.1">')[1].split("</dl>")[0]
    assert "<dt>Critère</dt><dd>Entre 2012 et 2015" in judgement
    assert "<dt>Règle</dt><dd>Fixée le 12 janvier 2026" in judgement
    assert '<span class="verdict none"><span aria-hidden="true">◆</span> on ne peut conclure</span>' in judgement
    assert '<span class="grade">2</span> sur 5 – avant/après' in judgement
    assert "1 contrôle non réussi" in judgement
    assert [judgement.count(symbol) for symbol in ("✓", "✗", "?</span>")] == [1, 1, 1]
    assert "<dt>Limites</dt><dd>Les ménages" in judgement


@pytest.mark.parametrize(
    ("verdict", "shown"),
    [("met", "▲</span> atteint"), ("partly", "◐</span> partiellement"), ("not_met", "▼</span> non")],
)
def test_every_verdict_has_its_symbol_and_word(renderer: ReportRenderer, verdict: str, shown: str) -> None:
    cell = samples.cell("r", samples.display("finding", samples.finding_payload(verdict=verdict)))
    assert shown in renderer.render(samples.notebook(cell), samples.report_context()).html


def test_an_exploratory_finding_says_so(renderer: ReportRenderer) -> None:
    cell = samples.cell("r", samples.display("finding", samples.finding_payload(role="exploratory")))
    assert (
        "exploratoire\u00a0: non prévu par le plan"
        in renderer.render(samples.notebook(cell), samples.report_context()).html
    )


def test_figure_has_its_two_titles_lines_table_and_doors(page: str) -> None:
    figure = page.split('<figure id="trend-1"')[1].split("</figure>")[0]
    assert '<h3 id="trend-1-heading">La pauvreté est plus forte' in figure
    for line in ("Lecture\u00a0:", "Champ\u00a0:", "Source\u00a0:", "Note\u00a0:"):
        assert f"<b>{line}</b>" in figure
    assert "<summary>Les données de la figure</summary>" in figure
    assert '<th scope="row">2012</th><td class="num">57,4 %</td>' in figure
    for ending in ("csv", "json", "svg"):
        assert f'href="QP034005/trend-1.{ending}" download' in figure


def test_the_locator_stands_beside_the_key_messages(renderer: ReportRenderer) -> None:
    locator = samples.cell("l", samples.display("figure", samples.chart_payload("locator")))
    finding = samples.cell("r", samples.display("finding", samples.observation_payload()))
    cells = [samples.text("## Où est-ce ?"), locator, finding]
    html = renderer.render(samples.notebook(*cells), samples.report_context()).html
    assert '<aside class="where"' in html
    assert "<figure" not in html
    assert "Où est-ce" not in html
    cells.insert(1, samples.text("Une phrase."))
    assert "Où est-ce" in renderer.render(samples.notebook(*cells), samples.report_context()).html


def test_many_findings_in_a_row_are_folded_away(renderer: ReportRenderer) -> None:
    payload = samples.observation_payload(key=False)
    cells = [samples.cell("r", samples.display("finding", payload)) for _ in range(4)]
    few = renderer.render(samples.notebook(*cells[:2]), samples.report_context()).html
    assert "constats en toutes lettres" not in few
    many = renderer.render(samples.notebook(*cells), samples.report_context()).html
    assert "<summary>4 constats en toutes lettres</summary>" in many
    assert many.count('<div class="finding"') == 4


def test_only_the_texts_of_the_language_are_shown(page: str) -> None:
    assert "Portrait de territoire" in page
    assert "autre langue" not in page
    assert '<h2 id="section-2">La concentration de la pauvreté diminue-t-elle ?</h2>' in page
    assert "Douze indicateurs pour <strong>Mosson</strong>." in page


def test_prints_and_plain_outputs_stay_out(page: str) -> None:
    assert "alert(9)" not in page


def test_method_shows_the_code_but_never_the_injected_parameters(page: str) -> None:
    assert "<code>ev = open_evaluation(plan, territory, language)</code>" in page
    assert "/private/plan.yaml" not in page
    assert "20260301" in page


def test_sources_quality_definitions_and_honesty_are_there(page: str) -> None:
    assert "Licence Ouverte 2.0" in page
    assert "<code>ab12ab12ab12</code>" in page
    assert "valeurs publiées <b>118</b>" in page
    assert "valeurs sous secret statistique <b>8</b>" in page
    assert "Ce que ce rapport ne montre pas" in page
    assert "Ce rapport décrit un lieu, non un groupe de personnes" in page
    assert '<details id="def-in_tp60">' in page
    assert "accessibilité\u00a0: non conforme (non auditée)" in page


def test_synthetic_data_are_said_everywhere(renderer: ReportRenderer) -> None:
    html = renderer.render(samples.full_notebook(synthetic=True), samples.report_context()).html
    assert "2015-2023 – données fictives</title>" in html
    assert '<aside class="synthetic" aria-label="Données fictives"><p><b>Données fictives</b>' in html
    assert '<body class="made-up">' in html
    plain = renderer.render(samples.full_notebook(), samples.report_context()).html
    assert "fictives" not in plain


def test_an_open_programme_says_since_when(renderer: ReportRenderer) -> None:
    programme = {"kind": "anru", "name": "NPNRU", "start": 2014, "end": None}
    html = renderer.render(samples.full_notebook(programme=programme), samples.report_context()).html
    assert "Languedoc-Roussillon, depuis 2014</title>" in html


def test_english_report(renderer: ReportRenderer) -> None:
    html = renderer.render(samples.full_notebook(lang="en"), samples.report_context(lang="en")).html
    assert '<html lang="en">' in html
    assert "What to remember" in html
    assert 'lang="fr" hreflang="fr">Français</a>' in html


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_shown_as_text(renderer: ReportRenderer, name: str) -> None:
    question = {"id": "Q1", "text": name, "dac": "x", "criteria": []}
    notebook = samples.full_notebook(name=name, title=name, publisher=name, facts=[[name, name]], questions=[question])
    html = renderer.render(notebook, samples.report_context()).html
    outline = Outline(html)
    assert not {"script", "img"} & set(outline.tags)
    assert not {attribute for attribute in outline.attributes if attribute.startswith("on")}
    assert outline.tags.count("title") == 1 + html.count("<svg")
    assert canonical_hash(html)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_of_findings_and_figures_are_shown_as_text(renderer: ReportRenderer, name: str) -> None:
    finding = samples.finding_payload(sentence=name, uncertainty=name, anchor=name, limits=name)
    figure = samples.chart_payload(
        title=name, subtitle=name, alt=name, lecture=name, champ=name, source=name, note=name
    )
    figure["data"]["rows"][0] = [name, name, name]
    cells = [
        samples.text(f"## Titre\n\n{name}"),
        samples.cell(name, samples.display("finding", finding)),
        samples.cell("f", samples.display("figure", figure)),
    ]
    if name == "{{ plan }}":
        cells.pop(0)
    outline = Outline(renderer.render(samples.notebook(*cells), samples.report_context()).html)
    assert not {"script", "img"} & set(outline.tags)
    assert not {attribute for attribute in outline.attributes if attribute.startswith("on")}


def test_same_inputs_same_bytes_whatever_the_run_and_the_time(renderer: ReportRenderer) -> None:
    first = renderer.render(samples.full_notebook(), samples.report_context())
    again = ReportRenderer().render(samples.full_notebook(), samples.report_context())
    assert first == again
    later = datetime.datetime(2027, 5, 4, 3, 2, tzinfo=datetime.UTC)
    other = renderer.render(samples.full_notebook(), samples.report_context(run="another", generated=later))
    assert other.html != first.html
    assert canonical_hash(other.html) == canonical_hash(first.html)
    changed = [a for a, b in zip(first.html.splitlines(), other.html.splitlines(), strict=True) if a != b]
    assert len(changed) == 1
    assert "data-volatile" in changed[0]


def test_a_report_of_ten_figures_is_light(renderer: ReportRenderer) -> None:
    html = renderer.render(samples.full_notebook(figures=10), samples.report_context()).html
    assert len(html.encode()) < 300_000
