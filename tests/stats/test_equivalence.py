"""Equivalence to nil, what a null result excludes, and the breakdown value."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats as laws
from test_differences import COLUMNS, panel
from test_robustness import course

from evalkit.errors import StatsError
from evalkit.model.estimate import Estimate
from evalkit.stats import did, sensitivity, synthetic_control
from evalkit.stats.breakdown import breakdown_value
from evalkit.stats.nulls import degrees_of_freedom, equivalence, null_statement


def estimate(value=0.1, se=0.2, times=1.959963984540054, **more):
    return Estimate(
        value=value, method="did", unit="point", se=se, lower=value - times * se, upper=value + times * se, **more
    )


def test_two_one_sided_tests_of_a_mean_are_those_of_scipy():
    sample = np.random.default_rng(1).normal(0.2, 1, 25)
    se, free = sample.std(ddof=1) / 5, 24
    below = laws.ttest_1samp(sample, -0.8, alternative="greater").pvalue
    above = laws.ttest_1samp(sample, 0.6, alternative="less").pvalue
    found = equivalence(Estimate(value=sample.mean(), method="mean", se=se), (-0.8, 0.6), df=free)
    assert found.table["p_value"].tolist() == pytest.approx([below, above], abs=1e-12)
    assert found.p_value == pytest.approx(max(below, above), abs=1e-12)
    assert found.confidence == pytest.approx(0.9)
    inside = laws.t.interval(0.9, free, sample.mean(), se)
    assert (found.lower, found.upper) == pytest.approx(inside)


def test_the_test_and_its_interval_agree():
    for margin in (0.3, 0.42, 0.44, 1.0):
        found = equivalence(estimate(), margin)
        assert (found.p_value < 0.05) == (found.upper < margin)
        assert (found.checks[0].passed is True) == (found.upper < margin)


@pytest.mark.parametrize(("value", "passed"), [(0.0, True), (0.4, None), (2.0, False), (-2.0, False)])
def test_three_answers_in_two_languages(value, passed):
    found = equivalence(estimate(value), 0.5)
    assert found.checks[0].passed is passed
    assert found.sentence.render("fr") != found.sentence.render("en")


def test_degrees_of_freedom_come_from_the_interval():
    assert degrees_of_freedom(estimate()) is None
    assert degrees_of_freedom(estimate(times=laws.t.ppf(0.975, 9))) == pytest.approx(9)
    assert degrees_of_freedom(Estimate(value=0.0, method="did")) is None


def test_an_interval_without_error_decides_carefully():
    bare = Estimate(value=0.0, method="placebo_change", lower=-0.3, upper=0.3)
    found = equivalence(bare, 0.5)
    assert found.p_value is None
    assert found.checks[0].passed is True
    assert equivalence(bare, 0.2).checks[0].passed is None


@pytest.mark.parametrize(
    ("given", "margin", "code"),
    [
        (estimate(), (0.1, 0.5), "EVK-STAT-009"),
        (estimate(), -1, "EVK-STAT-004"),
        (Estimate(value=1.0, method="did"), 1, "EVK-STAT-042"),
        (Estimate(value=1.0, method="did", se=0.0), 1, "EVK-STAT-042"),
    ],
)
def test_refusals(given, margin, code):
    with pytest.raises(StatsError, match=code):
        equivalence(given, margin)


def test_a_null_says_what_it_excludes():
    text = null_statement(estimate(-0.1, 0.5))
    assert text.render("en") == (
        "no effect is told from zero (−0.1\xa0pp, between −1.1\xa0pp and +0.9\xa0pp); an effect below 1.4\xa0pp would have been missed "
        "more than 20% of the time; effects of more than 0.9\xa0pp either way are excluded"
    )
    assert "manqué" in text.render("fr")
    with_margin = null_statement(estimate(-0.1, 0.2), margin=1.0)
    assert "too small to matter" in with_margin.render("en")
    with pytest.raises(StatsError, match="EVK-STAT-041"):
        null_statement(estimate(3.0))
    with pytest.raises(StatsError, match="EVK-STAT-042"):
        null_statement(Estimate(value=0.0, method="did"))


def test_a_null_of_clusters_and_of_placebos():
    frame = panel([2003] * 6 + [None] * 6, effect=0)
    assert null_statement(did(frame, **COLUMNS, method="twfe", measure="point")).render("fr")
    lone = panel([2004] + [None] * 8, periods=8, effect=0)
    found = synthetic_control(lone, outcome="y", unit="u", time="t", treated="q00", start=2004)
    assert found.lower is None
    assert "would have been missed" in null_statement(found).render("en")


@pytest.mark.parametrize("kind", ["relative_magnitude", "smoothness"])
def test_the_breakdown_is_where_the_interval_meets_zero(kind):
    study = course([0.1, -0.2, 0.1, 4, 5])
    found = breakdown_value(study, kind)
    around = sensitivity(study, kind, bounds=[found.value * 0.97, found.value * 1.03]).table["lower"]
    assert around.iloc[0] > 0 > around.iloc[1]
    assert found.sentence.render("fr") != found.sentence.render("en")
    assert found.details["told_from_zero"] == 1


def test_a_doubtful_effect_breaks_down_at_once():
    found = breakdown_value(course([0, 0, 0, 0.3, 0.5]))
    assert found.value == 0
    assert found.checks[0].passed is False
    assert "not told from zero" in found.sentence.render("en")
