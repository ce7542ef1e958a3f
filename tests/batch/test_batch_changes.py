"""What a report says of an earlier run: classes, the order of the five that are shown, and what the past must not tell."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from evalkit.batch.changes import SHOWN, changes_since
from evalkit.batch.differences import Making, compare_findings
from evalkit.model.finding import FINDING_COLUMNS
from evalkit.model.run import Task
from evalkit.report import Change, Changes
from evalkit.runs import RunFolder
from evalkit.runs.files import write_atomic

TASK = Task("t", "A", "fr", "k")
FIRST = Making({"t": "t1"}, "plan1", "0.1.0", "c1", {"numpy": "2"}, {"insee": ("f1",), "other": ("g1",)})
DATA = Making({"t": "t1"}, "plan1", "0.1.0", "c1", {"numpy": "2"}, {"insee": ("f2",), "other": ("g1",)})
TEMPLATE = Making({"t": "t2"}, "plan1", "0.1.0", "c1", {"numpy": "2"}, {"insee": ("f1",), "other": ("g1",)})


def row(indicator: str = "in_tp60", **values: Any) -> dict[str, Any]:
    plain = {
        "territory": "A", "template": "t", "lang": "fr", "indicator": indicator, "breakdown": "none", "kind": "observation",
        "period": "2019", "value": 40.0, "lower": 38.0, "upper": 42.0, "unit": "percent", "n": 12, "method": "wilson",
        "comparator": "near", "comparator_value": 30.0, "status": "published", "source": "insee", "vintage": "2019",
    }  # fmt: skip
    return {**dict.fromkeys(FINDING_COLUMNS), **plain, **values}


def kind(before: dict[str, Any], after: dict[str, Any], now: Making = FIRST) -> str:
    [found] = compare_findings([before], [after], FIRST, now)
    return found.kind


def changes(
    folder: Path, before: list[dict[str, Any]] | None, after: list[dict[str, Any]], now: Making = DATA
) -> Changes:
    """Compare as a worker does: what it needs of the earlier run lies in the run folder."""
    run = RunFolder(folder)
    told = {"run": "last", "day": "2025-03-01", "before": vars(FIRST), "now": vars(now)}
    write_atomic(run.earlier_run("x"), json.dumps(told).encode())
    if before is not None:
        write_atomic(run.earlier_findings("x", TASK), json.dumps(before).encode())
    return changes_since(run, "x", TASK, after)


def said(change: Change, lang: str = "en") -> list[str]:
    """Return everything that a page says of a change."""
    parts: list[Any] = [change.label, *change.where, change.before, change.after, change.note, change.reason]
    parts += [label.word for label in (change.verdict_before, change.verdict_after) if label]
    return [part if isinstance(part, str) else part.render(lang) for part in parts if part is not None]


class TestClasses:
    def test_only_the_files_of_its_own_data_set_revise_a_finding(self) -> None:
        assert kind(row(), row(value=41.0), DATA) == "revised"
        assert kind(row(source="other"), row(source="other", value=41.0), DATA) == "unexplained"
        assert kind(row(source=""), row(source="", value=41.0), DATA) == "revised"

    def test_method_and_both(self) -> None:
        assert kind(row(), row(value=41.0), TEMPLATE) == "method"
        assert kind(row(), row(value=41.0, vintage="2020"), TEMPLATE) == "revised_and_method"
        assert kind(row(), row(value=41.0, method="wilson_census")) == "method"

    def test_a_value_that_is_withheld_is_still_the_same_finding(self) -> None:
        """A withheld value has no comparator and no method: that must not make two findings of it, nor a change of method."""
        hidden = row(
            value=None, lower=None, upper=None, n=None, comparator=None, comparator_value=None, status="secret"
        )
        hidden["method"] = "published"
        assert kind(row(), hidden, DATA) == "revised"
        assert kind(hidden, row(), DATA) == "revised"
        assert kind(hidden, dict(hidden), DATA) == "unchanged"

    def test_a_withheld_value_is_not_paired_where_two_could_be_meant(self) -> None:
        hidden = row(value=None, comparator=None, status="secret")
        found = compare_findings([row(), row(comparator="far")], [hidden], FIRST, DATA)
        assert sorted(item.kind for item in found) == ["dropped", "dropped", "new"]

    def test_tables_and_rows_say_the_same(self) -> None:
        """Integers that a table turned into decimal numbers, and NaN for nothing, are no change."""
        table = row(grade=3.0, n=12.0, se=float("nan"), criterion=float("nan"), data_quality=float("nan"))
        assert kind(row(grade=3), table) == "unchanged"


class TestSentence:
    def test_counts_by_class(self, tmp_path: Path) -> None:
        before = [row(), row("in_med", value=1.0), row("de_pop")]
        after = [row(value=41.0), row("in_med", value=1.0), row("ho_vac"), row("ho_vac", period="2018")]
        found = changes(tmp_path, before, after)
        assert (
            found.sentence.render("en")
            == "5 findings compared: 1 unchanged, 1 revised with the data, 2 new, 1 dropped."
        )
        assert found.sentence.render("fr").startswith(
            "5 constats comparés\u00a0: 1 inchangé, 1 révisé avec les données"
        )
        assert (found.run, found.day) == ("last", datetime.date(2025, 3, 1))

    def test_nothing_changed_is_one_calm_sentence(self, tmp_path: Path) -> None:
        found = changes(tmp_path, [row(), row("de_pop")], [row(), row("de_pop")])
        assert found.sentence.render("en") == "Nothing has changed: 2 findings, as they were."
        assert found.shown == ()

    def test_a_territory_without_earlier_report_says_so(self, tmp_path: Path) -> None:
        found = changes(tmp_path, None, [row()])
        assert "has no report of this territory" in found.sentence.render("en")
        assert found.shown == ()

    def test_no_finding_on_either_side(self, tmp_path: Path) -> None:
        assert changes(tmp_path, [], []).sentence.render("en") == "Neither report holds a finding."


class TestOrder:
    def test_verdicts_then_what_moved_most_within_its_interval_then_new_and_dropped(self, tmp_path: Path) -> None:
        before = [
            row("in_tp60"), row("in_med", lower=None, upper=None, value=100.0), row("em_emploi", lower=30.0, upper=50.0),
            row("ho_vac", criterion="C1", verdict="met"), row("ho_social", data_quality="A"), row("de_pop"),
        ]  # fmt: skip
        after = [
            row("ig_etr"), row("in_tp60", value=41.0), row("in_med", lower=None, upper=None, value=900.0),
            row("em_emploi", lower=30.0, upper=50.0, value=42.0), row("ho_vac", criterion="C1", verdict="not_met"),
            row("ho_social", data_quality="B"),
        ]  # fmt: skip
        found = changes(tmp_path, before, after)
        places = [change.finding for change in found.shown]
        assert [None if place is None else after[place]["indicator"] for place in places] == [
            "ho_vac", "in_tp60", "em_emploi", "in_med", "ho_social",
        ]  # fmt: skip
        assert len(found.shown) == SHOWN
        assert found.more == 2
        rest = changes(tmp_path, before[-1:], after[:1])
        assert [change.reason.render("en") for change in rest.shown] == ["new", "dropped"]

    def test_numbers_are_those_of_the_indicator_with_decimals_that_tell_them_apart(self, tmp_path: Path) -> None:
        [change] = changes(tmp_path, [row()], [row(value=40.02)]).shown
        assert said(change, "fr")[:4] == [
            "Taux de pauvreté au seuil de 60\u00a0%",
            "2019",
            "40,00\u00a0%",
            "40,02\u00a0%",
        ]
        [change] = changes(
            tmp_path,
            [row(method="before_after", unit="point", value=-1.0)],
            [row(method="before_after", unit="point", value=2.0)],
        ).shown
        assert "+2.0\u00a0pp" in said(change)

    def test_a_value_that_stays_says_what_moved_around_it(self, tmp_path: Path) -> None:
        [change] = changes(tmp_path, [row()], [row(lower=37.0, upper=43.0, comparator_value=31.0)]).shown
        assert "the value is the same; what moved: its interval, what it is compared with" in said(change)
        assert (change.before, said(change)[2]) == (None, "40.0%")

    def test_a_number_that_is_recorded_twice_is_shown_once_with_its_judgement(self, tmp_path: Path) -> None:
        before = [row(), row(criterion="C1", verdict="met"), row(criterion="C2", verdict="met")]
        after = [row(value=41.0), row(value=41.0, criterion="C1", verdict="met")]
        found = changes(tmp_path, before[:2], after)
        assert [change.finding for change in found.shown] == [1]
        assert found.more == 0
        assert found.sentence.render("en").startswith("2 findings compared")
        judged = [row(value=41.0, criterion=name, verdict="cannot_tell") for name in ("C1", "C2")]
        assert len(changes(tmp_path, before, [after[0], *judged]).shown) == 3

    def test_verdicts_of_both_sides(self, tmp_path: Path) -> None:
        before, after = (row(criterion="C1", verdict=verdict) for verdict in ("met", "cannot_tell"))
        [change] = changes(tmp_path, [before], [after]).shown
        assert said(change)[-2:] == ["criterion met", "cannot be concluded"]


class TestPrivacy:
    SECRET = 40.7

    def now(self, **values: Any) -> dict[str, Any]:
        empty = {"value": None, "lower": None, "upper": None, "n": None, "comparator_value": None, "status": "secret"}
        return row(**{**empty, **values})

    @pytest.mark.parametrize(
        "later",
        [
            {},
            {"comparator": None, "method": "published"},
            {"value": 39.9},  # must not happen; if it does, nothing is shown all the same
            {"status": "missing"},
            {"status": "not_applicable"},
        ],
    )
    def test_what_is_hidden_now_cannot_be_read_from_the_past(self, tmp_path: Path, later: dict[str, Any]) -> None:
        [change] = changes(tmp_path, [row(value=self.SECRET)], [self.now(**later)]).shown
        assert change.before is None
        assert change.after is None
        assert not any(digits in text for text in said(change) for digits in ("40", "39"))

    def test_a_former_verdict_would_tell_on_which_side_of_the_line_it_was(self, tmp_path: Path) -> None:
        judged = {"criterion": "C1", "verdict": "met"}
        [change] = changes(
            tmp_path, [row(value=self.SECRET, **judged)], [self.now(**{**judged, "verdict": "cannot_tell"})]
        ).shown
        assert change.verdict_before is None
        assert "criterion met" not in said(change)

    def test_a_finding_that_is_gone_takes_its_number_and_verdict_with_it(self, tmp_path: Path) -> None:
        [change] = changes(tmp_path, [row(value=self.SECRET, criterion="C1", verdict="met")], []).shown
        assert change.before is None
        assert said(change) == ["Poverty rate at the 60% threshold", "2019", "dropped"]

    def test_what_was_hidden_and_is_published_now_is_shown(self, tmp_path: Path) -> None:
        [change] = changes(tmp_path, [self.now()], [row(value=41.0)]).shown
        assert change.before is None
        assert {"41.0%", "there was no value"} <= set(said(change))
