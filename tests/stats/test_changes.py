"""The change of a territory against its comparators."""

from __future__ import annotations

import numpy as np
import pytest

from evalkit.errors import StatsError
from evalkit.stats import change_against_comparators
from evalkit.stats.changes import needed_comparators, rank_p

RNG = np.random.default_rng(7)
OTHERS = RNG.normal(2, 3, 59)


def test_the_interval_is_the_inversion_of_the_placebo_test():
    found = change_against_comparators(-4, OTHERS, unit="point")
    for gap in (found.lower, found.upper):
        inside, outside = gap * (1 - 1e-6), gap * (1 + 1e-6)
        towards = sorted((inside, outside), key=lambda g: abs(g - found.value))
        assert rank_p(-4 - towards[0], OTHERS) > 0.05
        assert rank_p(-4 - towards[1], OTHERS) <= 0.05


@pytest.mark.parametrize("own", np.linspace(-12, 14, 27))
def test_interval_and_p_value_never_contradict_each_other(own):
    found = change_against_comparators(own, OTHERS)
    assert (found.p_value <= 0.05) == (found.lower > 0 or found.upper < 0)


def test_a_gap_below_the_smallest_detectable_change_is_not_told():
    found = change_against_comparators(float(OTHERS.mean()), OTHERS)
    detectable = found.details["smallest_detectable_change"]
    assert found.value == pytest.approx(0)
    assert change_against_comparators(OTHERS.mean() + detectable * 1.001, OTHERS).lower > 0
    assert change_against_comparators(OTHERS.mean() - detectable * 1.001, OTHERS).upper < 0


def test_chance_alone_rejects_one_time_in_twenty():
    draws = np.random.default_rng(1).normal(size=(2000, 40))
    rejected = np.mean([rank_p(row[0], row[1:]) <= 0.05 for row in draws])
    assert rejected == pytest.approx(0.05, abs=0.015)


def test_too_few_comparators_cannot_tell():
    found = change_against_comparators(3, OTHERS[:19], unit="point")
    assert (found.lower, found.upper, found.p_value) == (None, None, None)
    assert found.details["smallest_detectable_change"] is None
    assert found.checks[0].passed is False
    assert "19" in found.checks[0].sentence.render("fr")
    assert change_against_comparators(3, OTHERS[:20]).has_interval
    assert needed_comparators(0.99) == 100


def test_regression_to_the_mean_is_seen_and_the_gap_adjusted():
    starts = np.linspace(30, 60, 40)
    changes = -0.4 * (starts - 45) + RNG.normal(0, 0.5, 40)
    found = change_against_comparators(-6, changes, baseline=60, baselines=starts)
    check = next(c for c in found.checks if c.name == "regression to the mean")
    assert check.passed is False
    adjusted = found.table.set_index("term").loc["adjusted for the starting level"]
    assert abs(adjusted["value"]) < 1
    assert adjusted["lower"] < 0 < adjusted["upper"]
    unknown = change_against_comparators(-6, changes)
    assert next(c for c in unknown.checks if c.name == "regression to the mean").passed is None


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((1, []), "EVK-STAT-007"),
        ((1, [2.0] * 30), "EVK-STAT-014"),
        ((1, [2.0, None]), "EVK-STAT-002"),
    ],
)
def test_refusals(arguments, code):
    with pytest.raises(StatsError, match=code):
        change_against_comparators(*arguments)
