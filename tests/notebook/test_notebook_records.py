"""What is left for the report: findings, figures, statements, refusals and the end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from notebook_samples import OTHERS, OURS, PLAN, Shown, Tiny

from evalkit.data.warehouse import Warehouse
from evalkit.errors import RefusedTerritoryError, TemplateError
from evalkit.model.finding import FINDING_COLUMNS
from evalkit.notebook import Evaluation, open_evaluation
from evalkit.text.numbers import NBSP


@pytest.fixture
def ev(tiny: Tiny) -> Evaluation:
    tiny.spread("in_tp60", 2012, 2015, own=-9.0)
    tiny.count("em_emploi", 2010, 300, 1000)
    tiny.put("em_emploi", 2010, dict.fromkeys(OTHERS, 45.0))
    tiny.put("de_pop", 2018, 1000)
    tiny.put("in_gini", 2018, 0.3)
    return tiny.open()


def code_of(error: pytest.ExceptionInfo[TemplateError]) -> str:
    return error.value.problems[0].code.id


def test_a_finding_has_the_columns_of_the_contract(ev: Evaluation, shown: Shown) -> None:
    ev.record(ev.assess("C1"))
    assert tuple(shown.finding) == FINDING_COLUMNS
    assert {k: shown.finding[k] for k in ("territory", "level", "geography", "indicator", "question", "criterion")} == {
        "territory": OURS, "level": "qpv", "geography": "2015", "indicator": "in_tp60", "question": "Q1", "criterion": "C1",
    }  # fmt: skip
    assert (shown.finding["verdict"], shown.finding["kind"], shown.finding["method"]) == (
        "met",
        "estimate",
        "before_after",
    )
    assert shown.finding["data_quality"] in set("ABCD")
    assert shown.finding["limits"].endswith(".")


def test_a_payload_is_plain_json_with_its_words(ev: Evaluation, shown: Shown) -> None:
    ev.record(ev.assess("C1"))
    [payload] = shown.of("finding")
    assert json.loads(json.dumps(payload, allow_nan=False)) == payload
    assert payload["sentence"]
    assert payload["uncertainty"]
    assert payload["rule_text"]
    assert payload["anchor"] == "crit-C1"
    assert {check["passed"] for check in payload["checks"]} <= {True, False, None}
    assert all(check["sentence"] for check in payload["checks"])


def test_recording_with_a_criterion_judges_the_result(ev: Evaluation, shown: Shown) -> None:
    ev.record(ev.change("in_tp60", 2012, 2015, "region"), criterion="C1")
    assert (shown.finding["criterion"], shown.finding["verdict"], shown.finding["question"]) == ("C1", "met", "Q1")


@pytest.mark.parametrize(
    ("indicator", "role"),
    [("in_tp60", "primary"), ("em_emploi", "secondary"), ("de_pop", "context"), ("in_gini", "exploratory")],
)
def test_the_role_is_the_plans_and_what_it_does_not_state_is_exploratory(
    ev: Evaluation, shown: Shown, indicator: str, role: str
) -> None:
    ev.record(ev.value(indicator))
    assert shown.finding["role"] == role
    assert shown.finding["verdict"] is None


def test_what_leads_the_report(ev: Evaluation, shown: Shown) -> None:
    ev.record(ev.assess("C1"))
    ev.record(ev.value("in_tp60"))
    ev.record(ev.value("em_emploi"))
    ev.record(ev.value("in_gini"))
    ev.record(ev.value("in_tp60"), key=False)
    ev.record(ev.value("em_emploi"), key=True)
    assert [payload["key"] for payload in shown.of("finding")] == [True, True, False, False, False, True]


def test_a_value_that_is_hidden_never_leads(tiny: Tiny, shown: Shown) -> None:
    tiny.put("in_tp60", 2018, {OURS: None})
    ev = tiny.open()
    ev.record(ev.value("in_tp60"))
    assert shown.of("finding")[0]["key"] is False
    assert shown.finding["status"] == "secret"


def test_what_a_figure_shows_need_not_be_in_the_body(ev: Evaluation, shown: Shown) -> None:
    ev.record(ev.value("in_tp60"), show=False)
    assert shown.of("finding")[0]["show"] is False


def test_only_results_are_recorded(ev: Evaluation, shown: Shown) -> None:
    with pytest.raises(TemplateError) as refused:
        ev.record(ev.charts.trend("in_tp60"))
    assert code_of(refused) == "EVK-TPL-012"
    assert not shown.of("finding")


@pytest.mark.parametrize("alt", ["", "   ", "\n"])
def test_a_figure_without_text_is_refused(ev: Evaluation, shown: Shown, alt: str) -> None:
    with pytest.raises(TemplateError) as refused:
        ev.figure(ev.charts.trend("in_tp60"), alt=alt)
    assert code_of(refused) == "EVK-TPL-011"
    assert not shown.of("figure")


def test_a_figure_is_left_with_its_data_and_its_text(ev: Evaluation, shown: Shown) -> None:
    ev.figure(ev.charts.trend("in_tp60"), alt=ev.alt.trend("in_tp60"))
    [figure] = shown.of("figure")
    assert json.loads(json.dumps(figure, allow_nan=False, default=list))
    assert figure["id"] == "trend-in_tp60"
    assert "Quartier 01" in figure["alt"]
    assert figure["svg"].lstrip().startswith("<svg")
    assert figure["data"]["raw"]
    assert figure["source"] == "alpha"


def test_a_figure_belongs_to_the_change_that_was_given(tiny: Tiny) -> None:
    """A chart is drawn once for its arguments; another change at the same place in memory is another chart."""
    tiny.spread("in_tp60", 2012, 2015, own=-9.0)
    ev = tiny.open()
    changes = (ev.assess("C1") for _ in range(4))
    figures = [ev.charts.before_after(change) for change in changes]
    assert len({id(figure) for figure in figures}) == 4


def test_a_statement_has_cases_and_a_choice_but_no_interval(ev: Evaluation, shown: Shown) -> None:
    statement = ev.statement(
        fr="Les habitants disent attendre longtemps.", en="Inhabitants say they wait long.", n=12,
        selection_fr="volontaires", selection_en="volunteers",
    )  # fmt: skip
    ev.record(statement)
    finding = shown.finding
    assert (finding["kind"], finding["n"], finding["role"], finding["method"]) == (
        "statement", 12, "exploratory", "qualitative",
    )  # fmt: skip
    assert all(finding[name] is None for name in ("value", "lower", "upper", "confidence", "grade", "verdict"))
    assert "12" in shown.of("finding")[0]["uncertainty"]
    assert "volontaires" in shown.of("finding")[0]["uncertainty"]
    assert shown.of("finding")[0]["key"] is False


def test_a_refusal_is_said_and_stops(ev: Evaluation, shown: Shown) -> None:
    with pytest.raises(RefusedTerritoryError):
        ev.refuse(fr="Rien n'est connu ici.", en="Nothing is known here.")
    assert shown.of("refusal") == [{"sentence": "Rien n'est connu ici."}]


def test_nothing_comes_after_the_end(ev: Evaluation) -> None:
    value, figure = ev.value("in_tp60"), ev.charts.trend("in_tp60")
    ev.conclude()
    for late in (lambda: ev.record(value), lambda: ev.figure(figure, alt="x"), ev.conclude):
        with pytest.raises(TemplateError) as refused:
            late()
        assert code_of(refused) == "EVK-TPL-013"


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_three_honest_sentences_have_their_data(tiny: Tiny, shown: Shown, lang: str) -> None:
    tiny.spread("in_tp60", 2012, 2015, own=-9.0)
    tiny.put("de_pop", 2018, {OURS: None})
    ev = tiny.open(language=lang)
    change = ev.assess("C1")
    ev.conclude()
    [summary] = shown.of("summary")
    place, effect, data = (sentence.replace(NBSP, " ") for sentence in summary["honesty"])
    begins = {
        "fr": ("Ce rapport décrit un lieu", "Sauf mention contraire", "Données"),
        "en": ("This report describes a place", "Unless stated otherwise", "Data"),
    }[lang]
    assert (place.startswith(begins[0]), effect.startswith(begins[1]), data.startswith(begins[2])) == (True,) * 3
    assert change.estimate is not None
    smallest = f"{change.estimate.details['smallest_detectable_change']:.1f}"
    assert (smallest.replace(".", ",") if lang == "fr" else smallest) in effect
    assert "alpha (2020)" in data
    assert ("1er mars 2026" if lang == "fr" else "1 March 2026") in data
    assert ("avant" if lang == "fr" else "before the results") in data
    assert "{" not in "".join(summary["honesty"])


def test_values_that_are_weak_are_counted(tiny: Tiny, shown: Shown) -> None:
    tiny.put("in_tp60", 2012, 40.0)
    tiny.put("in_tp60", 2015, {OURS: None})
    tiny.put("de_pop", 2018, {OURS: None}, status="missing")
    ev = tiny.open()
    assert len(list(ev.values())) == 2
    ev.conclude()
    [summary] = shown.of("summary")
    assert summary["quality"]["counts"] == {"published": 1, "secret": 1, "missing": 2}
    assert "3 sur 4" in summary["honesty"][2].replace(NBSP, " ")


def test_the_end_names_sources_definitions_and_versions(ev: Evaluation, shown: Shown) -> None:
    ev.value("em_emploi")
    ev.value("in_tp60")
    ev.conclude()
    [summary] = shown.of("summary")
    assert [source["dataset"] for source in summary["sources"]] == ["alpha"]
    assert len(summary["sources"][0]["files"][0]["sha256"]) == 64
    assert [item["indicator"] for item in summary["definitions"]] == ["in_tp60", "em_emploi", "de_pop"]
    assert any("2016" in text for text in summary["definitions"][0]["breaks"])
    assert summary["seed"] == 7
    assert {"evalkit", "pandas", "papermill"} <= summary["versions"].keys()


def test_the_end_has_the_recommendations_of_this_territory(tiny: Tiny, shown: Shown) -> None:
    tiny.plan += (
        "recommendations:\n"
        "  - {id: R1, text: {en: Follow them}, criteria: [C2, C1, C2], to: {fr: la ville, en: the town}, response: partly,\n"
        "     reason: {fr: trop cher, en: too dear}, due: 2027-06-30}\n"
        "  - {id: R2, text: Autre, criteria: [C1], to: la ville, territories: [QP034001]}\n"
        "  - {id: R3, text: Ailleurs, criteria: [C1], to: la ville, territories: [QP034002]}\n"
    )
    tiny.put("in_tp60", 2012, 40.0)
    tiny.open().conclude()
    first, second = shown.of("summary")[0]["recommendations"]
    assert first["text"] == {"text": "Follow them", "lang": "en"}
    assert first["to"] == {"text": "la ville", "lang": "fr"}
    assert [criterion["id"] for criterion in first["criteria"]] == ["C2", "C1"]
    assert first["criteria"][1]["text"] == {"text": "Elle recule davantage.", "lang": "fr"}
    assert (first["response"], first["reason"]["text"], first["due"]) == ("partly", "trop cher", "2027-06-30")
    assert (first["action"], first["owner"], first["status"]) == (None, None, None)
    assert (second["id"], second["response"], second["territories"]) == ("R2", None, [OURS])


def test_without_a_date_the_plan_is_said_not_to_state_it(tiny: Tiny, shown: Shown) -> None:
    tiny.plan = tiny.plan.replace("judgement: {fixed_on: 2026-03-01, before_results: true}\n", "")
    assert tiny.plan.startswith(PLAN[:20])
    tiny.put("in_tp60", 2012, 40.0)
    tiny.open(language="en").conclude()
    assert "does not state" in shown.of("summary")[0]["honesty"][2]


def test_a_whole_demo_territory_can_be_told(demo: tuple[Path, Warehouse], shown: Shown) -> None:
    from evalkit.plan import load_plan, resolve_territories

    plan, warehouse = demo
    code = resolve_territories(load_plan(plan), warehouse)[0]
    ev = open_evaluation(plan, code)
    for criterion in ev.criteria():
        ev.record(ev.assess(criterion))
    for value in ev.values():
        ev.record(value, show=False)
    ev.conclude()
    findings = [payload["finding"] for payload in shown.of("finding")]
    assert {tuple(finding) for finding in findings} == {FINDING_COLUMNS}
    assert {finding["territory"] for finding in findings} == {code}
    for finding in findings:
        assert (finding["value"] is None) == (finding["status"] in ("secret", "missing", "not_applicable"))
        assert finding["lower"] is None or finding["lower"] <= finding["value"] <= finding["upper"]
        crosses = finding["lower"] is not None and finding["lower"] < 0 < finding["upper"]
        if crosses and finding["method"] in ("before_after", "gap"):
            assert finding["verdict"] in (None, "cannot_tell")
