"""Of which data the quality is judged: a finding's own indicator, a report's own indicators, and nothing else is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from notebook_samples import CODES, OTHERS, OURS, Shown, Tiny

from evalkit.notebook import Evaluation

LISTED = "indicators:\n  - {id: ess_part, role: secondary}\n"


@pytest.fixture
def mixed(tiny: Tiny) -> Tiny:
    """Poverty complete, employment half secret, the share of the social economy for the region, population of every district."""
    tiny.plan = tiny.plan.replace("indicators:\n", LISTED)
    for year in (2015, 2018):
        tiny.put("in_tp60", year, dict.fromkeys(CODES, 40.0))
        tiny.put("ess_part", year, {"91": 9.0}, level="region")
    tiny.put("em_emploi", 2015, dict.fromkeys(CODES, 45.0))
    tiny.put("em_emploi", 2018, {OURS: None, **dict.fromkeys(OTHERS, 45.0)})
    tiny.put("de_pop", 2018, {code: 1000.0 + number for number, code in enumerate(CODES)})
    return tiny


def asked(ev: Evaluation) -> dict[str, list[dict[str, Any]]]:
    """Return the questions about observations that the warehouse noted, by indicator."""
    log = ev._reader.log
    assert log is not None
    found: dict[str, list[dict[str, Any]]] = {}
    for words in log.entries:
        question = json.loads(words)
        for indicator in question.get("indicators", ()):
            found.setdefault(indicator, []).append(question)
    return found


def summary_of(shown: Shown) -> dict[str, Any]:
    found: dict[str, Any] = shown.of("summary")[-1]
    return found


def test_a_finding_has_the_letter_of_its_own_indicator(mixed: Tiny, shown: Shown) -> None:
    ev = mixed.open()
    ev.record(ev.value("in_tp60"))
    assert shown.finding["data_quality"] == "A"
    ev.record(ev.value("em_emploi"))
    assert shown.finding["data_quality"] == "C", "half of the values are secret, the last published one is old"
    ev.record(ev.value("in_tp60"))
    assert shown.finding["data_quality"] == "A"


def test_a_break_counts_against_the_criterion_that_crosses_it_and_no_other(tiny: Tiny, shown: Shown) -> None:
    tiny.plan = tiny.plan.replace("from: 2012, to: 2015}", "from: 2015, to: 2018, across_breaks: known}")
    tiny.spread("in_tp60", 2015, 2018, own=-9.0)
    for year in (2015, 2018):
        tiny.put("em_emploi", year, dict.fromkeys(CODES, 45.0))
    ev = tiny.open()
    ev.record(ev.assess("C1"))
    assert shown.finding["data_quality"] == "B"
    ev.record(ev.value("em_emploi"))
    assert shown.finding["data_quality"] == "A"


@pytest.mark.parametrize(
    "ask",
    [
        lambda ev: ev.delivery("demolition"),
        lambda ev: ev.supported(),
        lambda ev: ev.value("in_gini"),
        lambda ev: ev.statement(fr="x", en="x", n=3, selection_fr="y", selection_en="y", indicator="in_tp60"),
    ],
    ids=["operations", "structures", "no row", "statement"],
)
def test_what_rests_on_no_series_has_no_letter(mixed: Tiny, shown: Shown, ask: Callable[[Evaluation], Any]) -> None:
    mixed.operation()
    mixed.structure()
    ev = mixed.open()
    ev.record(ask(ev))
    assert shown.finding["data_quality"] is None


def test_the_end_judges_and_defines_what_the_report_used(mixed: Tiny, shown: Shown) -> None:
    ev = mixed.open(language="en")
    ev.record(ev.value("in_tp60"))
    ev.conclude()
    summary = summary_of(shown)
    assert [item["indicator"] for item in summary["definitions"]] == ["in_tp60", "de_pop"]
    assert summary["quality"]["counts"] == {"published": 3}
    scope = summary["quality"]["sentences"][0]
    assert scope.startswith("Judged over the 2 indicators that this report uses: ")
    labels = {name: ev._reader.indicator(name).short_label.render("en") for name in ("in_tp60", "de_pop", "em_emploi")}
    assert [name for name, label in labels.items() if label in scope] == ["in_tp60", "de_pop"]


def test_nothing_is_read_of_what_is_not_shown(mixed: Tiny, shown: Shown) -> None:
    ev = mixed.open()
    ev.record(ev.value("in_tp60"))
    ev.conclude()
    assert set(asked(ev)) == {"in_tp60", "de_pop"}


def test_the_population_under_the_title_is_read_for_the_territory_alone(mixed: Tiny, shown: Shown) -> None:
    ev = mixed.open()
    ev.record(ev.value("in_tp60"))
    ev.conclude()
    found = asked(ev)
    assert [question["territories"] for question in found["de_pop"]] == [[OURS]]
    assert [question["territories"] for question in found["in_tp60"]] != [[OURS]]


def test_the_end_does_not_depend_on_the_order_of_the_cells(mixed: Tiny, shown: Shown) -> None:
    for order in (("in_tp60", "em_emploi", "ess_part"), ("ess_part", "em_emploi", "in_tp60")):
        ev = mixed.open()
        for indicator in order:
            ev.record(ev.value(indicator))
        ev.conclude()
    first, second = shown.of("summary")
    assert first == second
    assert [item["indicator"] for item in first["definitions"]] == ["ess_part", "in_tp60", "em_emploi", "de_pop"]


def test_what_the_plan_asks_and_the_data_lack_counts_where_the_report_asks_for_it(tiny: Tiny, shown: Shown) -> None:
    tiny.put("in_tp60", 2018, dict.fromkeys(CODES, 40.0))
    ev = tiny.open(language="en")
    assert [value.indicator for value in ev.values()] == ["in_tp60"]
    ev.conclude()
    quality = summary_of(shown)["quality"]
    assert quality["counts"] == {"published": 1, "missing": 2}
    assert quality["letter"] == "B"
    assert "the 3 indicators" in quality["sentences"][0]


@pytest.mark.parametrize(("lang", "said"), [("fr", "n’est pas jugée"), ("en", "is not judged")])
def test_a_report_without_a_series_has_no_letter_and_says_so(tiny: Tiny, shown: Shown, lang: str, said: str) -> None:
    tiny.put("in_tp60", 2018, dict.fromkeys(OTHERS, 40.0))
    tiny.structure()
    ev = tiny.open(language=lang)
    ev.record(ev.supported())
    ev.conclude()
    quality = summary_of(shown)["quality"]
    assert (quality["letter"], quality["counts"]) == (None, {})
    assert [said in sentence for sentence in quality["sentences"]] == [True]


def test_the_smallest_change_is_that_of_an_indicator_that_the_report_used(tiny: Tiny, shown: Shown) -> None:
    tiny.spread("in_tp60", 2012, 2015, own=-9.0)
    tiny.put("em_emploi", 2015, dict.fromkeys(CODES, 45.0))
    for indicator, known in (("em_emploi", False), ("in_tp60", True)):
        ev = tiny.open(language="en")
        ev.record(ev.value(indicator))
        ev.conclude()
        assert ("is not known" not in summary_of(shown)["honesty"][1]) is known
        assert ("in_tp60" in asked(ev)) is known
