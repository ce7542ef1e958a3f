"""Verdicts: the four answers, and `cannot_tell` whenever something is missing or doubtful."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.model.plan import Criterion, Design
from evalkit.model.texts import LocalText
from evalkit.plan import judge, lines_of, parse_rule


def criterion(met: str, not_met: str | None = None, partly: str | None = None, **design: object) -> Criterion:
    return Criterion(
        id="C1",
        text=LocalText(fr="critère"),
        indicator="in_tp60",
        design=Design(**{"method": "gap", "comparator": "region", **design}),
        met_if=parse_rule(met),
        not_met_if=None if not_met is None else parse_rule(not_met),
        partly_if=None if partly is None else parse_rule(partly),
    )


FALLS = criterion("upper < 0", "lower > 0")
DELIVERY = criterion("delivered >= planned", "value < 75", "value >= 75 and delivered < planned", method="delivery")


@pytest.mark.parametrize(
    ("lower", "upper", "verdict"),
    [
        (-5.0, -1.0, "met"),
        (1.0, 5.0, "not_met"),
        (-5.0, 1.0, "cannot_tell"),
        (0.0, 2.0, "cannot_tell"),
        (-2.0, 0.0, "cannot_tell"),
        (None, -1.0, "cannot_tell"),
        (-5.0, math.nan, "cannot_tell"),
    ],
)
def test_a_gap(lower, upper, verdict):
    assert judge(FALLS, {"value": 0.0, "lower": lower, "upper": upper}) == verdict


@pytest.mark.parametrize(
    ("delivered", "planned", "value", "verdict"),
    [
        (100, 100, 100, "met"),
        (80, 100, 80, "partly"),
        (50, 100, 50, "not_met"),
        (None, 100, None, "cannot_tell"),
    ],
)
def test_a_delivery(delivered, planned, value, verdict):
    assert judge(DELIVERY, {"delivered": delivered, "planned": planned, "value": value}) == verdict


def test_an_unchecked_rule_never_judges_an_interval_that_contains_the_line():
    careless = criterion("value < 0", "value >= 0")
    assert judge(careless, {"value": -1.0, "lower": -3.0, "upper": 1.0}) == "cannot_tell"
    assert judge(careless, {"value": -1.0, "lower": -3.0, "upper": -0.5}) == "met"


def test_a_target_is_its_own_line():
    reached = criterion("value <= target", "value > target", method="target", comparator=None)
    assert judge(reached, {"value": 48.0, "target": 50.0}) == "met"
    assert judge(reached, {"value": 48.0, "lower": 45.0, "upper": 51.0, "target": 50.0}) == "cannot_tell"
    assert judge(reached, {"value": 48.0, "lower": 45.0, "upper": 51.0}) == "cannot_tell"


def test_rules_that_disagree_tell_nothing():
    assert judge(criterion("upper < 5", "upper < 3"), {"lower": 0.0, "upper": 1.0}) == "cannot_tell"


def test_lines_by_design():
    rule = parse_rule("value > 60 and value < baseline")
    assert lines_of(Design("did"), rule) == (0.0,)
    assert lines_of(Design("survival", "refused"), rule) == (0.0,)
    assert lines_of(Design("target"), rule) == ("target",)
    assert lines_of(Design("delivery"), rule) == ()
    assert lines_of(Design("level"), rule) == (60.0, "baseline")


numbers = st.one_of(st.none(), st.floats(-10, 10), st.just(math.nan))


@given(st.tuples(numbers, numbers, numbers, numbers))
def test_an_interval_with_zero_inside_is_never_judged(found):
    value, lower, upper, target = found
    verdict = judge(FALLS, {"value": value, "lower": lower, "upper": upper, "target": target})
    assert verdict in ("met", "not_met", "cannot_tell")
    if lower is None or upper is None or math.isnan(lower + upper) or lower < 0 < upper:
        assert verdict == "cannot_tell"
