from __future__ import annotations

import datetime
import gzip
import json
import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
import report_samples as samples
from large_portfolio import large_portfolio

from evalkit.model.run import TASK_STATES, TaskRecord
from evalkit.report import PortfolioTask, canonical_hash, portfolio_pages, portfolio_parts, render_portfolio
from evalkit.report.labels import STATE_LABELS, VERDICT_LABELS
from evalkit.report.portfolio_rows import build_rows, readings
from evalkit.report.portfolio_strip import draw_line, nice_ticks


def row_of(html: str, code: str) -> str:
    return next(
        line for line in html.splitlines() if line.startswith("<tr") and 'scope="row"' in line and f">{code}<" in line
    )


@pytest.fixture(scope="module")
def page() -> str:
    return render_portfolio(samples.portfolio_model())


def test_every_territory_has_its_row(page: str) -> None:
    assert page.count('<th scope="row"') == len(samples.NAMES)
    assert '<a href="reports/fr/territory_portrait/QP034005.html">Mosson</a>' in row_of(page, "QP034005")


def test_what_is_not_there_is_listed_with_its_cause(page: str) -> None:
    absent = page.split('<h2 id="absent">')[1]
    assert "Le territoire n’a pas d’opération dans la convention." in absent
    assert absent.index("un calcul du gabarit a échoué") < absent.index("territoire refusé par le gabarit")
    assert "Près Saint Jean" in absent
    assert '<a href="#absent">incomplet</a>' in row_of(page, "QP011002")
    assert "<a href=" not in row_of(page, "QP011002").replace('<a href="#absent">', "")


def test_secret_is_said_not_left_empty(page: str) -> None:
    assert '<span class="quiet">secret</span>' in row_of(page, "QP011002")
    assert "aucune valeur publiée" in row_of(page, "QP011002")


def test_verdicts_grades_and_partial_data(page: str) -> None:
    assert "◆</span> on ne peut conclure" in row_of(page, "QP034005")
    assert '<span class="grade">3</span>' in row_of(page, "QP034001")
    assert "données partielles" in row_of(page, "QP066001")


def test_tiles_and_the_strip(page: str) -> None:
    assert "<b>3</b><span>rapports publiés sur 5</span>" in page
    assert "<b>50,2\u00a0%</b>" in page
    assert "Ce n’est pas un classement" in page
    assert "bouge de 2,0\u00a0pt" in page
    assert 'class="map"' in page
    assert 'class="strip"' in page


def test_three_templates_give_three_links() -> None:
    tasks = samples.portfolio_tasks(templates=("territory_portrait", "anru_outcomes", "ess_programme"))
    row = row_of(render_portfolio(samples.portfolio_model(tasks=tasks)), "QP034005")
    assert re.findall(r'<a href="reports/fr/(\w+)/', row) == ["territory_portrait", "anru_outcomes", "ess_programme"]


def test_other_languages_findings_are_left_out() -> None:
    rows = build_rows(samples.portfolio_model(lang="en"))
    assert not any(row.verdicts for row in rows)


def test_a_portfolio_without_indicator_map_or_finding() -> None:
    record = TaskRecord(template="t", territory="01004", lang="fr", state="ok")
    task = PortfolioTask(record=record, name="Ambérieu", template_label="T", href="x.html")
    html = render_portfolio(samples.portfolio_model(columns=(), outlines=(), tasks=(task,), findings=pd.DataFrame()))
    assert "01004" in html
    assert "<svg" not in html


def test_hostile_names_are_text() -> None:
    hostile = samples.SCRIPT_NAME
    model = samples.portfolio_model(title=hostile, programme=hostile, publisher=hostile, period=hostile)
    html = render_portfolio(model)
    assert "<script>alert" not in html
    assert len(re.findall(r"<script\b", html)) == 1
    assert "&lt;script&gt;" in row_of(html, "QP066001")
    assert canonical_hash(html)


def test_bytes_depend_on_the_model_alone() -> None:
    first = render_portfolio(samples.portfolio_model())
    assert first == render_portfolio(samples.portfolio_model())
    shuffled = render_portfolio(samples.portfolio_model(tasks=samples.portfolio_tasks()[::-1]))
    assert shuffled == first
    later = datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC)
    assert canonical_hash(render_portfolio(samples.portfolio_model(run="b", generated=later))) == canonical_hash(first)


def test_every_state_has_words() -> None:
    assert tuple(STATE_LABELS) == TASK_STATES


@pytest.mark.parametrize(
    ("sign", "expected"), [(-1, ["better", "same", "worse"]), (1, ["worse", "same", "better"]), (0, ["neutral"] * 3)]
)
def test_readings_follow_the_sense_of_the_indicator(sign: int, expected: list[str]) -> None:
    values = {str(number): float(number) for number in range(9)}
    column: Any = samples.portfolio_model().columns[0]
    found = readings(replace(column, sign=sign, values=values), [*values, "absent"])
    assert [found[code] for code in ("0", "4", "8")] == expected
    assert found["absent"] == "unknown"


def test_few_territories_are_never_split_into_better_and_worse() -> None:
    column = samples.portfolio_model().columns[0]
    assert set(readings(column, ["QP034005", "QP034001"]).values()) == {"same"}


def test_nice_ticks_cover_the_range() -> None:
    for low, high in [(0.0, 1.0), (31.2, 57.8), (-3.0, 2.0), (5.0, 5.0), (0.0, 0.0), (12000.0, 15900.0)]:
        ticks = nice_ticks(low, high)
        assert ticks[0] <= low
        assert ticks[-1] >= high
        assert 2 <= len(ticks) <= 9


def test_a_line_with_a_gap_is_broken_and_needs_two_values() -> None:
    drawn = draw_line((1.0, 2.0, None, 3.0), "2012-2015")
    assert drawn is not None
    assert drawn.count("M") == 2
    assert drawn.count("l28") == 1
    assert draw_line((1.0, None), "x") is None
    assert draw_line((), "x") is None


def test_an_interval_that_holds_the_median_says_so_and_is_drawn() -> None:
    column = samples.portfolio_model().columns[0]
    bounds = {"QP034005": (54.0, 61.0), "QP034001": (49.0, 58.0), "QP066001": (20.0, 40.0)}
    html = render_portfolio(samples.portfolio_model(columns=(replace(column, intervals=bounds),)))
    assert html.count('class="whisker"') == 3
    assert "Pour 1 des 3 territoires dotés d’un intervalle" in html


def test_every_indicator_has_its_strip_and_can_be_chosen() -> None:
    first = samples.portfolio_model().columns[0]
    second = replace(first, id="in_med", title="Revenu médian", sign=1)
    html = render_portfolio(samples.portfolio_model(columns=(first, second)))
    assert re.findall(r'data-strip="(\w+)"', html) == ["in_tp60", "in_med"]
    assert '<option value="in_med">Revenu médian</option>' in html


def test_a_contour_that_can_be_seen_is_drawn_and_the_others_are_marks() -> None:
    square = ((3.0, 43.5), (3.6, 43.5), (3.6, 43.9), (3.0, 43.9))
    html = render_portfolio(samples.portfolio_model(shapes={"QP034005": (square,)}))
    drawn = html.split('class="map"')[1].split("</svg>")[0]
    assert re.findall(r'class="area mark-\w+" data-code="(\w+)"', drawn) == ["QP034005"]
    assert drawn.count("data-code") == len(samples.NAMES)


def test_a_town_with_several_territories_is_drawn_larger() -> None:
    task = samples.portfolio_tasks()[0]
    several = [
        replace(
            task,
            record=replace(task.record, territory=f"QP03400{number}"),
            longitude=3.8 + number / 100,
            latitude=43.6,
        )
        for number in range(4)
    ]
    html = render_portfolio(samples.portfolio_model(tasks=(*several, samples.portfolio_tasks()[4])))
    assert html.count('<ul class="insets"><li>') == 1
    assert 'Montpellier <span class="quiet">(4)</span>' in html


def test_downloads_are_offered() -> None:
    html = render_portfolio(samples.portfolio_model(downloads=("findings.csv", "manifest.json")))
    assert '<a href="findings.csv" download>Télécharger tous les constats (CSV)</a>' in html


def test_two_thousand_territories_stay_within_the_budget() -> None:
    html = render_portfolio(large_portfolio(2000))
    assert html.count('<th scope="row">') == 2000
    assert len(gzip.compress(html.encode(), mtime=0)) < 150_000


def test_too_many_for_one_page_are_split_by_department() -> None:
    model = large_portfolio(300)
    pages = portfolio_pages(model, most=100)
    *parts, script, index = pages
    departments = {task.department for task in model.tasks}
    assert index == "index.html"
    assert len(parts) == len(departments)
    assert pages[index].count('<th scope="row"><a href="departments/fr/') == len(departments)
    assert "QP000000</span>" not in pages[index]
    rows = [code for name in parts for code in re.findall(r'<span class="quiet">(QP\d+)</span></th>', pages[name])]
    assert sorted(rows) == sorted({task.record.territory for task in model.tasks})
    assert 'href="../../reports/fr/' in pages[parts[0]]
    assert 'href="../../index.html"' in pages[parts[0]]
    assert script == "departments/fr/places.js"
    assert len(json.loads(pages[script].removeprefix("self.evalkitPlaces=").removesuffix(";\n"))) == 300


def test_the_page_of_a_department_gets_its_own_findings_only(monkeypatch: pytest.MonkeyPatch) -> None:
    model, seen = large_portfolio(300), []
    monkeypatch.setattr(portfolio_parts, "render_portfolio", lambda page: seen.append(page) or "")
    portfolio_pages(model, most=100)
    *parts, index = seen
    assert len(index.findings) == len(model.findings) == sum(len(part.findings) for part in parts)
    for part in parts:
        codes = {task.record.territory for task in part.tasks}
        own = model.findings[model.findings["territory"].isin(codes)]
        pd.testing.assert_frame_equal(part.findings, own)


def test_pages_are_the_same_however_findings_are_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    register = [
        {"id": "R1", "criteria": [{"id": "C1"}, {"id": "C2"}], "territories": []},
        {"id": "R2", "criteria": [{"id": "C2"}], "territories": ["QP000001", "QP000002"]},
    ]
    model = large_portfolio(120, recommendations=tuple(register))
    pages = portfolio_pages(model, most=100)
    texts = [name for name in model.findings if name != "grade"]
    coded = replace(model, findings=model.findings.astype(dict.fromkeys(texts, "category")))
    assert portfolio_pages(coded, most=100) == pages
    monkeypatch.setattr(portfolio_parts, "_sharing", lambda model: lambda tasks: model.findings)
    assert portfolio_pages(model, most=100) == pages


@pytest.mark.parametrize("kind", ["str", "category"])
def test_what_the_findings_of_a_territory_come_to(kind: str) -> None:
    """A grade counts where something is judged, a gap wherever a value is not there."""
    said = [
        ("met", 3, "published"),
        ("met", 1, "published"),
        ("", 5, "published"),
        (None, 4, "secret"),
        ("odd", None, "published"),
    ]
    rows = [samples.finding_row(territory="QP034005", verdict=v, grade=g, status=status) for v, g, status in said]
    frame = pd.DataFrame(rows).astype(dict.fromkeys(("territory", "lang", "verdict", "status"), kind))
    found = {row.code: row for row in build_rows(samples.portfolio_model(findings=frame))}
    assert [(label.symbol, n) for label, n in found["QP034005"].verdicts] == [(VERDICT_LABELS["met"].symbol, 2)]
    assert (found["QP034005"].verdict_keys, found["QP034005"].grades) == (("met",), (1, 3))
    assert found["QP034005"].state == "partial"
    assert (found["QP034001"].verdicts, found["QP034001"].grades, found["QP034001"].state) == ((), (), "ok")


def test_a_hostile_department_is_a_harmless_file_name() -> None:
    tasks = tuple(replace(task, department=name) for task in samples.portfolio_tasks() for name in ("../../x", "É<b>"))
    pages = portfolio_pages(samples.portfolio_model(tasks=tasks), most=1)
    assert set(pages) == {"departments/fr/x.html", "departments/fr/e-b.html", "departments/fr/places.js", "index.html"}
    assert "É&lt;b&gt;</h1>" in pages["departments/fr/e-b.html"]


def test_two_departments_never_share_a_file() -> None:
    tasks = [
        replace(task, department=name)
        for task, name in zip(samples.portfolio_tasks(), ["A", "a", "Á", "Â", "?"], strict=True)
    ]
    names = [
        name for name in portfolio_pages(samples.portfolio_model(tasks=tuple(tasks)), most=1) if name.endswith(".html")
    ]
    assert len(names) == 5 + 1
