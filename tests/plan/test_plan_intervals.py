"""No rule that passes may hold for an interval that contains the line: decided exactly, and tried on intervals."""

from __future__ import annotations

import operator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from evalkit.plan import crosses_line_safe, parse_rule
from evalkit.plan.intervals import can_hold

OPERATORS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("upper < 0", True),
        ("upper <= 0", True),
        ("lower > 0", True),
        ("lower >= 0", True),
        ("upper < -2", True),
        ("value < -2 and upper < 0", True),
        ("lower > 0 and upper < 5", True),
        ("upper < target and target <= 0", True),
        ("value < 0", False),
        ("upper < 1", False),
        ("lower > -1", False),
        ("upper < target", False),
        ("value < -100", False),
        ("lower < 0", False),
        ("value < 0 and lower < 0", False),
    ],
)
def test_rules_on_a_difference(text, safe):
    assert crosses_line_safe(parse_rule(text)) is safe


@pytest.mark.parametrize(
    ("text", "known", "safe"),
    [
        ("upper <= target", {}, True),
        ("lower > target", {}, True),
        ("value <= target", {}, False),
        ("upper < 50", {}, False),
        ("upper < 50", {"target": 50.0}, True),
        ("upper < 50.1", {"target": 50.0}, False),
        ("upper < 0.3", {"target": 0.1 + 0.2}, True),
    ],
)
def test_rules_on_a_target(text, known, safe):
    assert crosses_line_safe(parse_rule(text), "target", known) is safe


def test_can_hold_tells_a_contradiction():
    assert not can_hold(parse_rule("upper < 0 and lower > 0").comparisons)
    assert not can_hold(parse_rule("value < target and value > target").comparisons)
    assert not can_hold(parse_rule("value < value").comparisons)
    assert can_hold(parse_rule("value <= target and value >= target").comparisons)
    assert not can_hold(parse_rule("value > 10").comparisons, {"upper": 10.0})


small = st.integers(-3, 3)
comparison = st.tuples(
    st.sampled_from(["value", "lower", "upper"]),
    st.sampled_from(sorted(OPERATORS)),
    st.one_of(small, st.sampled_from(["value", "lower", "upper", "target"])),
)


@given(st.lists(comparison, min_size=1, max_size=3), st.lists(small, min_size=3, max_size=3), small, small)
def test_a_safe_rule_never_holds_across_the_line(parts, bounds, target, line):
    lower, value, upper = sorted(bounds)
    assume(lower < line < upper)
    rule = parse_rule(" and ".join(f"{name} {sign} {other}" for name, sign, other in parts))
    known = {"value": value, "lower": lower, "upper": upper, "target": target}
    holds = all(OPERATORS[c.operator](known[c.name], known.get(c.value, c.value)) for c in rule.comparisons)
    if holds:
        assert can_hold(rule.comparisons)
        assert not crosses_line_safe(rule, float(line))
