"""What a programme did: operations delivered, structures that live, exits, costs. What is not known is never a zero."""

from __future__ import annotations

import pytest
from notebook_samples import OURS, PLAN, Shown, Tiny

DELIVERY = """\
questions:
  - id: Q1
    criterion: efficiency
    text: Livré ?
    criteria:
      - id: C1
        text: Au moins 90 %.
        indicator: ur_demol
        design: {method: delivery, family: demolition}
        met_if: "value >= 90"
        partly_if: "value >= 75 and value < 90"
        not_met_if: "value < 75"
indicators:
  - {id: ur_demol, role: secondary}
"""
ESS = """\
questions:
  - id: Q1
    criterion: impact
    text: Durent-elles ?
    criteria:
      - id: C1
        text: Davantage que les autres.
        indicator: ess_survie3
        design: {method: survival}
        met_if: "lower > 0"
        not_met_if: "upper < 0"
indicators:
  - {id: ess_survie3, role: primary}
"""


@pytest.fixture
def works(tiny: Tiny) -> Tiny:
    tiny.plan = PLAN + DELIVERY
    return tiny


@pytest.fixture
def ess(tiny: Tiny) -> Tiny:
    tiny.plan = PLAN + ESS
    return tiny


@pytest.mark.parametrize(("delivered", "verdict"), [(95, "met"), (80, "partly"), (10, "not_met"), (0, "not_met")])
def test_delivery_is_judged_against_the_convention(works: Tiny, delivered: float, verdict: str) -> None:
    works.operation(delivered=float(delivered))
    result = works.open().assess("C1")
    assert (result.value, result.verdict, result.unit) == (float(delivered), verdict, "percent")
    assert result.lower is None


def test_a_quantity_that_is_not_known_is_not_a_zero(works: Tiny) -> None:
    works.operation(delivered=100.0)
    works.operation(delivered=None)
    result = works.open().assess("C1")
    assert (result.value, result.status, result.verdict) == (None, "missing", "cannot_tell")


def test_nothing_planned_has_no_rate(works: Tiny) -> None:
    works.operation(planned=0.0, delivered=0.0)
    works.operation("rehabilitation")
    assert works.open().assess("C1").value is None


def test_one_operation_of_several_funders_counts_once(works: Tiny) -> None:
    works.operation(id="A", funder="anru", planned=100.0, delivered=80.0, cost_planned=60.0)
    works.operation(id="A", funder="landlord", planned=0.0, committed=0.0, delivered=0.0, cost_planned=40.0)
    ev = works.open()
    [family] = ev.families()
    assert (family.planned, family.delivered, family.rate, family.cost_planned) == (100.0, 80.0, 80.0, 100.0)
    assert family.operations == 1
    assert ev.assess("C1").n == 1


def test_late_means_ended_after_the_planned_end(works: Tiny) -> None:
    works.operation(end_planned="2015-06-30", end_actual="2016-01-31")
    works.operation(end_planned="2015-06-30", end_actual="2015-06-30")
    works.operation(end_planned="2030-06-30", end_actual=None)
    works.operation(end_planned=None, end_actual="2016-01-31")
    [family] = works.open().families()
    assert (family.operations, family.late) == (4, 1)


def test_families_are_kept_apart_and_sorted_by_cost(works: Tiny) -> None:
    works.operation("rehabilitation", cost_planned=1.0)
    works.operation("demolition", cost_planned=9.0)
    assert [family.id for family in works.open().families()] == ["demolition", "rehabilitation"]


def test_the_delivery_figure_says_what_is_not_known(works: Tiny) -> None:
    works.operation(delivered=None)
    ev = works.open()
    raw = ev.charts.delivery().data.raw
    assert raw[0]["delivered"] is None
    assert "0 %" not in ev.charts.delivery().title


def _lives(tiny: Tiny, supported: int, others: int, closed_supported: int, closed_others: int) -> None:
    for number in range(supported):
        tiny.structure(ended="2013-07-01" if number < closed_supported else None)
    for number in range(others):
        tiny.structure(supported=False, ended="2013-07-01" if number < closed_others else None)


def test_survival_is_supported_minus_not_supported(ess: Tiny) -> None:
    _lives(ess, 100, 100, 10, 60)
    result = ess.open().assess("C1")
    assert result.value == pytest.approx(50.0, abs=0.01)
    assert result.lower is not None
    assert (result.lower > 0, result.verdict, result.n, result.grade) == (True, "met", 200, 1)
    assert result.comparator_value == pytest.approx(40.0, abs=0.01)


def test_survival_that_crosses_zero_cannot_be_told(ess: Tiny) -> None:
    _lives(ess, 12, 12, 5, 6)
    assert ess.open().assess("C1").verdict == "cannot_tell"


def test_survival_without_the_other_group_cannot_be_told(ess: Tiny) -> None:
    _lives(ess, 5, 0, 1, 0)
    result = ess.open().assess("C1")
    assert (result.value, result.status, result.verdict) == (None, "missing", "cannot_tell")


def test_exits_have_a_wilson_interval(ess: Tiny) -> None:
    ess.structure(insertion_exits=40, insertion_exits_positive=20)
    ess.structure(insertion_exits=10, insertion_exits_positive=5)
    ess.structure()
    ess.structure(supported=False, insertion_exits=10, insertion_exits_positive=10)
    result = ess.open().exits()
    assert (result.value, result.n) == (50.0, 50)
    assert result.lower == pytest.approx(36.64, abs=0.01)  # Wilson, 25 of 50
    assert result.upper == pytest.approx(63.36, abs=0.01)


def test_no_exit_is_no_rate(ess: Tiny) -> None:
    ess.structure()
    assert (ess.open().exits().value, ess.open().exits().status) == (None, "missing")


def test_cost_per_job_divides_grants_by_jobs(ess: Tiny) -> None:
    ess.structure(grant=30_000.0, jobs_end=2.0)
    ess.structure(grant=10_000.0, jobs_end=0.0, ended="2014-01-01")
    ess.structure(grant=0.0, jobs_end=0.0, ended="2014-01-01")
    ess.structure(supported=False, grant=99_999.0, jobs_end=9.0)
    assert ess.open().cost_per_job().value == 20_000.0


@pytest.mark.parametrize("unknown", [{"grant": None, "jobs_end": 2.0}, {"grant": 10_000.0, "jobs_end": None}])
def test_a_cost_with_a_part_that_is_not_known_cannot_be_told(ess: Tiny, unknown: dict[str, float | None]) -> None:
    ess.structure(grant=30_000.0, jobs_end=2.0)
    ess.structure(**unknown)
    assert ess.open().cost_per_job().value is None


def test_supported_structures_are_counted(ess: Tiny) -> None:
    ess.structure(jobs_end=3.0)
    ess.structure(jobs_end=0.0, ended="2014-01-01")
    ess.structure(jobs_end=0.0, ended="2014-01-01")
    ess.structure(supported=False, jobs_end=50.0)
    result = ess.open(language="en").supported()
    assert result.value == 3.0
    assert "1 still active, 3 jobs" in result.sentence.render("en")


def test_what_fewer_than_three_structures_employ_and_receive_is_secret(ess: Tiny) -> None:
    ess.structure(jobs_end=7777.0, grant=88_888.0, insertion_exits=40, insertion_exits_positive=20)
    ess.structure(jobs_end=0.0, grant=0.0, ended="2014-01-01")
    ev = ess.open(language="en")
    results = (ev.supported(), ev.cost_per_job(), ev.exits())
    assert [result.status for result in results] == ["published", "secret", "secret"]
    said = " ".join(result.sentence.render("en") for result in results)
    assert "2 supported structures" in said
    assert not any(hidden in said.replace(",", "") for hidden in ("7777", "88888", "50%"))


def test_no_structure_known_is_not_zero_structures(ess: Tiny, shown: Shown) -> None:
    ess.put("de_pop", 2018, {OURS: 1000})
    ev = ess.open()
    assert not ev.has_structures_anywhere
    ev.record(ev.supported(), key=True)
    assert (shown.finding["value"], shown.finding["status"]) == (None, "missing")
    assert shown.of("finding")[0]["key"] is False
