"""A hidden value cannot be found back: whatever it is, what leaves the notebook is the same, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from notebook_samples import COMMUNE, INSIDE, OTHERS, OURS, Shown, Tiny

from evalkit.notebook.recording import READS
from evalkit.report.figurefiles import figure_files

PLAN_INDICATORS = """\
questions:
  - id: Q1
    criterion: effectiveness
    text: La pauvreté recule-t-elle ?
    criteria:
      - id: C1
        text: Elle recule davantage.
        indicator: in_tp60
        design: {method: before_after, comparator: region, from: 2012, to: 2015}
        met_if: "upper < 0"
        not_met_if: "lower > 0"
indicators:
  - {id: in_tp60, role: primary, baseline: {period: 2012}, target: {value: 40, period: 2020, source: annexe}}
  - {id: ho_prix, role: context, breakdowns: ["dwelling=flat"]}
"""
PLANTED = (87.6543, 0.0)


def _story(folder: Path, hidden: float, where: str, year: int, shown: Shown) -> str:
    """Return all that leaves a notebook about a world in which one value, hidden by its producer's rule, is `hidden`."""
    folder.mkdir()
    tiny = Tiny(folder)
    tiny.plan = tiny.plan.partition("questions:")[0] + PLAN_INDICATORS
    tiny.spread("in_tp60", 2012, 2015, own=-9.0)
    tiny.put("in_tp60", 2014, {OURS: 41.0, **dict.fromkeys(OTHERS, 42.0)})
    tiny.observations = [row for row in tiny.observations if (row["territory"], row["period"]) != (where, str(year))]
    counts = {"numerator": 7 * hidden / 100, "denominator": 7.0, "n": 7, "lower": hidden / 2, "upper": hidden + 1}
    tiny.put("in_tp60", year, {where: hidden}, **counts)
    for code in INSIDE:
        if (code, year) != (where, 2013):
            tiny.put("in_tp60", 2013, {code: 40.0}, numerator=40, denominator=100)
    inside = 200 + counts["numerator"]
    commune = {"level": "commune", "geography": "2020", "numerator": inside, "denominator": 1000}
    tiny.put("in_tp60", 2013 if year == 2013 else 2011, {COMMUNE: 20.0}, **commune)
    tiny.put("ho_prix", 2018, {OURS: 1000 + hidden}, n=7, breakdown="dwelling=flat")
    ev = tiny.open()
    shown.bundles.clear()
    for value in ev.values():
        ev.record(value)
    ev.record(ev.assess("C1"))
    drawn = [ev.charts.indicator_table(), *(ev.charts.trend(*pair) for pair in ev.with_history(at_least=1))]
    drawn += [ev.charts.comparisons()] if ev.has_comparisons else []
    drawn += [ev.charts.outcomes()] if ev.has_targets else []
    drawn += [ev.charts.since_baseline()] if ev.has_baselines else []
    change = ev.assess("C1")
    drawn += [ev.charts.before_after(change)] if change.value is not None else []
    for figure in drawn:
        ev.figure(figure, alt=figure.alt)
    ev.conclude()
    files = figure_files(drawn, OURS)
    assert {name.rpartition(".")[2] for name in files} == {"csv", "json", "svg"}
    shown.bundles[:] = [
        bundle for bundle in shown.bundles if READS not in bundle
    ]  # hashes, for the private ledger alone
    return shown.text + "".join(content.decode() for content in files.values())


@pytest.mark.parametrize(
    ("where", "year"),
    [(OURS, 2012), (OURS, 2015), (OURS, 2013), (OTHERS[0], 2015), (INSIDE[1], 2013), (OTHERS[-1], 2012)],
)
def test_what_is_said_does_not_depend_on_a_hidden_value(tmp_path: Path, shown: Shown, where: str, year: int) -> None:
    told = {_story(tmp_path / str(n), value, where, year, shown) for n, value in enumerate(PLANTED)}
    assert len(told) == 1


def test_the_hidden_value_would_be_seen_without_the_rule(tmp_path: Path, shown: Shown) -> None:
    """The story does tell values: a rule that hid everything would make the test above worthless."""
    text = _story(tmp_path / "a", PLANTED[0], OURS, 2013, shown)
    assert "41.0" in text
    assert "41,0" in text
    assert '"status": "secret"' in text


def test_a_secret_value_stands_nowhere(tmp_path: Path, shown: Shown) -> None:
    planted = PLANTED[0]
    text = _story(tmp_path / "a", planted, OURS, 2015, shown)
    for written in (f"{planted}", f"{planted:.1f}", f"{planted:.1f}".replace(".", ","), f"{planted:.2f}"):
        for mark in ('"', " ", "\xa0"):
            assert f"{mark}{written}{mark}" not in text
    assert str(planted) not in text
    assert str(7 * planted / 100) not in text
