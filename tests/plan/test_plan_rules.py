"""The grammar of judgement rules: what is read, and what is refused with the place and the nearest name."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.errors import PlanError
from evalkit.model.plan import Comparison
from evalkit.plan import parse_rule
from evalkit.plan.rules import NAMES, names_of


def test_a_rule_is_comparisons_joined_by_and():
    rule = parse_rule(" upper<0 and value >= -2.5 and lower > target ")
    assert rule.comparisons == (
        Comparison("upper", "<", 0.0),
        Comparison("value", ">=", -2.5),
        Comparison("lower", ">", "target"),
    )
    assert names_of(rule) == ("lower", "target", "upper", "value")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "upper",
        "upper <",
        "< 0",
        "0 > upper",
        "upper < 0 or lower > 0",
        "upper < 0 and",
        "upper < -2,5",
        "upper == 0",
        "upper < 1e3",
        "upper < 0 lower",
        "and < 0",
        "(upper < 0)",
        "upper < 0; import os",
        "upper < 1..2",
    ],
)
def test_what_is_not_a_rule_is_refused(text):
    with pytest.raises(PlanError) as refused:
        parse_rule(text)
    assert refused.value.problems[0].code.id == "EVK-PLAN-011"


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(PlanError) as refused:
        parse_rule("uper < 0")
    assert refused.value.render("en") == "EVK-PLAN-012 unknown name 'uper' in a rule, did you mean 'upper'?"


def test_the_refusal_says_where_reading_stopped():
    with pytest.raises(PlanError, match="from 'or lower > 0' on"):
        parse_rule("upper < 0 or lower > 0")


@given(st.text(max_size=80))
def test_any_text_is_a_rule_or_a_plan_error(text):
    with contextlib.suppress(PlanError):
        assert parse_rule(text).comparisons


@given(
    st.lists(
        st.tuples(
            st.sampled_from(NAMES),
            st.sampled_from(["<", "<=", ">", ">="]),
            st.one_of(st.sampled_from(NAMES), st.integers(-(10**6), 10**6)),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_every_rule_of_the_grammar_is_read_back(parts):
    rule = parse_rule(" and ".join(f"{name} {operator} {value}" for name, operator, value in parts))
    assert [(c.name, c.operator, c.value) for c in rule.comparisons] == parts
