"""A change among other changes: the gap, its doubt, what is dropped, what cannot be told."""

from __future__ import annotations

from statistics import mean

import pytest
from notebook_samples import CODES, COMMUNE, OTHERS, OURS, PLAN, Shown, Tiny, numbers_in

from evalkit.data.deflate import load_deflator
from evalkit.errors import TemplateError
from evalkit.notebook.results import Result

MONEY = """\
questions:
  - id: Q1
    criterion: effectiveness
    text: Le revenu progresse-t-il ?
    criteria:
      - id: C1
        text: Il progresse davantage.
        indicator: in_med
        design: {method: before_after, comparator: region, from: 2012, to: 2015}
        met_if: "lower > 0"
        not_met_if: "upper < 0"
indicators:
  - {id: in_med, role: primary, prices: {constant: 2020}}
"""


def test_the_gap_is_the_own_change_minus_the_mean_of_the_others(tiny: Tiny) -> None:
    changes = tiny.spread("in_tp60", 2012, 2015, own=-6.0)
    result = tiny.open().change("in_tp60", 2012, 2015, "region")
    assert result.value == pytest.approx(-6.0 - mean(changes))
    assert result.comparator_value == pytest.approx(mean(changes))
    assert sorted(result.others) == pytest.approx(sorted(changes))
    assert (result.n, result.period, result.unit, result.method) == (29, "2012/2015", "point", "before_after")
    assert result.lower is not None
    assert result.upper is not None
    assert result.lower < result.value < result.upper < 0
    assert (result.reading, result.grade) == ("better", 2)


def test_the_sentence_says_both_changes_and_the_gap(tiny: Tiny) -> None:
    changes = tiny.spread("in_tp60", 2012, 2015, own=-6.0)
    said = tiny.open(language="en").change("in_tp60", 2012, 2015, "region").sentence.render("en")
    for number in (-6.0, mean(changes), -6.0 - mean(changes)):
        assert f"{number:+.1f}".replace("-", "−") in said, said
    assert "29" in said


def test_comparators_that_lack_a_year_are_dropped_and_counted(tiny: Tiny) -> None:
    changes = tiny.spread("in_tp60", 2012, 2015, own=-1.0, codes=OTHERS[:24])
    tiny.put("in_tp60", 2012, dict.fromkeys(OTHERS[24:], 99.0))
    tiny.put("in_tp60", 2015, dict.fromkeys(OTHERS[24:27]))
    result = tiny.open(language="en").change("in_tp60", 2012, 2015, "region")
    assert (result.n, len(result.others)) == (24, 24)
    assert result.comparator_value == pytest.approx(mean(changes))
    assert "24" in result.sentence.render("en")


def test_an_interval_across_zero_cannot_be_told(tiny: Tiny) -> None:
    tiny.spread("in_tp60", 2012, 2015, own=-0.5)
    result = tiny.open().assess("C1")
    assert result.lower is not None
    assert result.upper is not None
    assert result.lower < 0 < result.upper
    assert (result.verdict, result.reading) == ("cannot_tell", "not_established")


@pytest.mark.parametrize(("own", "verdict"), [(-9.0, "met"), (9.0, "not_met")])
def test_an_interval_on_one_side_is_judged_by_the_rule(tiny: Tiny, own: float, verdict: str) -> None:
    tiny.spread("in_tp60", 2012, 2015, own=own)
    assert tiny.open().assess("C1").verdict == verdict


def test_fewer_than_twenty_comparators_give_no_interval(tiny: Tiny) -> None:
    tiny.spread("in_tp60", 2012, 2015, own=-9.0, codes=OTHERS[:19])
    ev = tiny.open(language="en")
    result = ev.assess("C1")
    assert (result.n, result.lower, result.upper, result.verdict) == (19, None, None, "cannot_tell")
    assert result.reading == "untested"
    assert "Too few comparators" in result.uncertainty.render("en")
    assert any(check.passed is False for check in result.checks)


def test_twenty_comparators_are_enough(tiny: Tiny) -> None:
    tiny.spread("in_tp60", 2012, 2015, own=-9.0, codes=OTHERS[:20])
    assert tiny.open().assess("C1").lower is not None


def test_no_comparator_at_all_cannot_be_told(tiny: Tiny) -> None:
    tiny.put("in_tp60", 2012, 45.0)
    tiny.put("in_tp60", 2015, 40.0)
    result = tiny.open().assess("C1")
    assert (result.value, result.verdict) == (None, "cannot_tell")


def test_a_break_crossed_lowers_the_grade(tiny: Tiny) -> None:
    tiny.spread("in_tp60", 2014, 2020, own=-9.0)
    result = tiny.open(language="en").change("in_tp60", 2014, 2020, "region", across_breaks="no other year")
    [crossed] = [check for check in result.checks if check.name == "no_break_crossed"]
    said = crossed.sentence.render("en")
    assert crossed.passed is False
    assert all(year in said for year in ("2016", "2018", "2019", "2020", "no other year"))
    assert result.grade == 1
    assert tiny.open().change("in_tp60", 2014, 2020, "region").grade == 1, "without a reason too"


def test_no_break_no_failed_check(tiny: Tiny) -> None:
    tiny.spread("in_tp60", 2012, 2015, own=-9.0)
    assert not [c for c in tiny.open().change("in_tp60", 2012, 2015, "region").checks if c.name == "no_break_crossed"]


def _nothing_told(result: Result, status: str) -> None:
    assert (result.value, result.lower, result.upper, result.comparator_value) == (None, None, None, None)
    assert (result.status, result.verdict) == (status, "cannot_tell")
    assert not numbers_in(result.sentence.render("fr"))


@pytest.mark.parametrize("year", [2012, 2015])
@pytest.mark.parametrize("status", ["secret", "missing"])
def test_a_value_that_is_not_published_cannot_be_told(tiny: Tiny, year: int, status: str) -> None:
    other = 2012 if year == 2015 else 2015
    tiny.spread("in_tp60", 2012, 2015, own=-9.0)
    tiny.observations = [row for row in tiny.observations if (row["territory"], row["period"]) != (OURS, str(year))]
    tiny.put("in_tp60", year, {OURS: None}, status=status)
    assert any((row["territory"], row["period"]) == (OURS, str(other)) for row in tiny.observations)
    _nothing_told(tiny.open().assess("C1"), status)


@pytest.mark.parametrize("year", [2012, 2015])
def test_a_year_without_a_row_cannot_be_told(tiny: Tiny, year: int) -> None:
    tiny.spread("in_tp60", 2012, 2015, own=-9.0)
    tiny.observations = [row for row in tiny.observations if (row["territory"], row["period"]) != (OURS, str(year))]
    _nothing_told(tiny.open().assess("C1"), "missing")


def test_prices_are_constant_before_the_change_is_taken(tiny: Tiny) -> None:
    tiny.plan = PLAN + MONEY
    tiny.put("in_med", 2012, {code: 12_000.0 + 50 * number for number, code in enumerate(CODES)})
    tiny.put("in_med", 2015, {code: 12_500.0 + 50 * number + 3 * (number % 5) for number, code in enumerate(CODES)})
    index = load_deflator("insee_cpi").index
    result = tiny.open().assess("C1")
    assert result.estimate is not None
    own = 12_500 * index[2020] / index[2015] - 12_000 * index[2020] / index[2012]
    assert result.estimate.details["own_change"] == pytest.approx(own)
    assert result.unit == "euro_per_year"


def test_a_neutral_change_is_not_good_or_bad(tiny: Tiny) -> None:
    tiny.plan = PLAN + "indicators:\n  - {id: in_gini, role: primary}\n"
    tiny.spread("in_gini", 2012, 2015, own=-9.0)
    assert tiny.open().change("in_gini", 2012, 2015, "region").reading == "neutral"


def test_a_parent_gives_a_gap_without_an_interval(tiny: Tiny) -> None:
    tiny.put("in_tp60", 2012, 45.0)
    tiny.put("in_tp60", 2015, 40.0)
    for year, value in ((2012, 30.0), (2015, 29.0)):
        tiny.put("in_tp60", year, {COMMUNE: value}, level="commune", geography="2020")
    result = tiny.open().change("in_tp60", 2012, 2015, "commune")
    assert (result.value, result.lower, result.n) == (-4.0, None, 1)
    assert result.reading == "untested"


def test_the_plan_decides_the_comparator_of_a_criterion(tiny: Tiny) -> None:
    tiny.spread("in_tp60", 2012, 2015, own=-9.0)
    result = tiny.open().assess("C1")
    assert (result.comparator, result.criterion) == ("region", "C1")


def test_a_criterion_that_does_not_exist_is_refused(tiny: Tiny) -> None:
    tiny.put("in_tp60", 2012, 45.0)
    with pytest.raises(TemplateError) as refused:
        tiny.open().assess("C9")
    assert refused.value.problems[0].code.id == "EVK-TPL-010"


# -- criteria on a level ---------------------------------------------------------------------------------------


def _employment(tiny: Tiny, year: int, own: tuple[float, float], others: float) -> None:
    tiny.count("em_emploi", year, *own)
    tiny.put("em_emploi", year, {code: others + 0.1 * number for number, code in enumerate(OTHERS)})


def test_a_gap_is_the_value_minus_the_median_of_the_others(tiny: Tiny) -> None:
    _employment(tiny, 2010, (300, 1000), 45.0)
    result = tiny.open().assess("C2")
    assert result.value == pytest.approx(30.0 - 46.4)
    assert result.lower is not None
    assert result.upper is not None
    assert result.lower < result.value < result.upper < 0
    assert (result.verdict, result.unit, result.comparator_value) == ("met", "point", pytest.approx(46.4))


def test_a_judged_criterion_never_uses_another_year(tiny: Tiny) -> None:
    _employment(tiny, 2009, (300, 1000), 45.0)
    _employment(tiny, 2015, (300, 1000), 45.0)
    result = tiny.open(reference_period=2020).assess("C2")
    assert (result.value, result.status, result.verdict, result.period) == (None, "missing", "cannot_tell", "2010")


def test_a_gap_without_published_comparators_cannot_be_told(tiny: Tiny) -> None:
    tiny.count("em_emploi", 2010, 300, 1000)
    tiny.put("em_emploi", 2010, dict.fromkeys(OTHERS))
    result = tiny.open().assess("C2")
    assert result.verdict == "cannot_tell", "the level itself must not be judged as if it were a gap"


def test_a_gap_without_an_interval_cannot_be_told(tiny: Tiny) -> None:
    tiny.put("em_emploi", 2010, {OURS: 30.0, **dict.fromkeys(OTHERS, 45.0)})
    assert tiny.open().assess("C2").verdict == "cannot_tell"


def test_a_result_of_something_else_does_not_answer_a_criterion(tiny: Tiny, shown: Shown) -> None:
    tiny.spread("in_tp60", 2012, 2015, own=-9.0)
    tiny.count("em_emploi", 2010, 300, 1000)
    ev = tiny.open()
    with pytest.raises(TemplateError):
        ev.record(ev.value("em_emploi"), criterion="C1")
    with pytest.raises(TemplateError):
        ev.record(ev.value("in_tp60"), criterion="C1")
    assert not shown.of("finding")


TARGET = """\
questions:
  - id: Q1
    criterion: effectiveness
    text: La cible est-elle atteinte ?
    criteria:
      - id: C1
        text: Elle l'est.
        indicator: em_emploi
        design: {method: target, to: 2018}
        met_if: "lower >= target"
        not_met_if: "upper < target"
indicators:
  - {id: em_emploi, role: primary, target: {value: 50, period: 2020, source: annexe}}
"""


@pytest.mark.parametrize(("count", "verdict"), [(600, "met"), (400, "not_met"), (505, "cannot_tell")])
def test_a_target_is_judged_with_the_interval(tiny: Tiny, count: int, verdict: str) -> None:
    tiny.plan = PLAN + TARGET
    tiny.count("em_emploi", 2018, count, 1000)
    result = tiny.open().assess("C1")
    assert (result.verdict, result.unit) == (verdict, "percent")
    assert "50" in result.sentence.render("fr")
