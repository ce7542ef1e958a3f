"""Edges and refusals of the statistics every territory sheet uses."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import evalkit.stats as stats
from evalkit.errors import StatsError
from evalkit.stats import (
    adjust,
    cost_effectiveness,
    difference_of_proportions,
    funnel_limits,
    median_interval,
    minimum_detectable_effect,
    pool,
    proportion_interval,
    rate_interval,
    shrink,
    standardised_rate,
    survival,
    trend,
)


def test_names_are_sorted_and_load_on_use():
    assert list(stats.__all__) == sorted(stats.__all__)
    for name in stats.__all__:
        assert callable(getattr(stats, name))
    with pytest.raises(AttributeError):
        _ = stats.nothing_of_that_name


def test_no_module_hides_a_function_of_its_name():
    folder = Path(stats.__file__).parent
    assert not {path.stem for path in folder.iterdir()} & set(stats.__all__)


def test_importing_the_room_is_light():
    code = "import sys, evalkit.stats; sys.exit(bool({'scipy', 'statsmodels', 'pandas'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@given(n=st.integers(1, 5000), share=st.floats(0, 1), level=st.sampled_from([0.8, 0.95, 0.998]))
def test_a_wilson_interval_holds_its_share_and_stays_a_share(n, share, level):
    x = round(n * share)
    found = proportion_interval(x, n, level)
    assert 0 <= found.lower <= found.value + 1e-12
    assert found.value - 1e-12 <= found.upper <= 1


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: proportion_interval(5, 4), "EVK-STAT-006"),
        (lambda: proportion_interval(5, 0), "EVK-STAT-004"),
        (lambda: proportion_interval(-1, 4), "EVK-STAT-005"),
        (lambda: proportion_interval(math.nan, 4), "EVK-STAT-002"),
        (lambda: proportion_interval(1, 4, 95), "EVK-STAT-003"),
        (lambda: rate_interval(1, 0), "EVK-STAT-004"),
        (lambda: median_interval([1, 2, 3, 4, 5]), "EVK-STAT-007"),
        (lambda: median_interval([1, None, 3, 4, 5, 6, 7]), "EVK-STAT-002"),
        (lambda: adjust([]), "EVK-STAT-007"),
        (lambda: adjust([0.1, 1.2]), "EVK-STAT-009"),
        (lambda: adjust([0.1], "magic"), "EVK-STAT-009"),
        (lambda: pool([1], [1]), "EVK-STAT-007"),
        (lambda: pool([1, 2], [1, 0]), "EVK-STAT-004"),
        (lambda: pool([1, 2], [1]), "EVK-STAT-008"),
        (lambda: shrink([1, 2], [1, 2]), "EVK-STAT-007"),
        (lambda: funnel_limits(10, 1.5), "EVK-STAT-009"),
        (lambda: cost_effectiveness(0, 10, effect_se=1), "EVK-STAT-004"),
        (lambda: minimum_detectable_effect(), "EVK-STAT-013"),
    ],
)
def test_refusals_say_why(call, code):
    with pytest.raises(StatsError) as refused:
        call()
    problem = refused.value.problems[0]
    assert problem.code.id == code
    assert problem.message("fr") != problem.message("en")


def test_the_interval_of_a_median_needs_six_values_and_covers():
    found = median_interval([5, 1, 4, 2, 3, 6])
    assert (found.value, found.lower, found.upper) == (3.5, 1, 6)
    assert found.details["coverage"] == pytest.approx(1 - 2 / 64)


def test_a_rate_without_events_has_an_upper_limit():
    found = rate_interval(0, 100)
    assert (found.value, found.lower) == (0, 0)
    assert found.upper == pytest.approx(-math.log(0.025) / 100)


def test_a_standardised_rate_of_few_events_is_refused_and_the_frame_stays():
    frame = pd.DataFrame({"o": [3, 4], "n": [100, 200], "w": [1, 1]})
    before = frame.copy()
    with pytest.raises(StatsError, match="EVK-STAT-010"):
        standardised_rate(frame, count="o", population="n", standard="w")
    with pytest.raises(StatsError, match="EVK-STAT-001"):
        standardised_rate(frame, count="x", population="n", standard="w")
    pd.testing.assert_frame_equal(frame, before)


def test_difference_of_proportions_is_antisymmetric():
    one, two = difference_of_proportions(7, 20, 30, 50), difference_of_proportions(30, 50, 7, 20)
    assert (one.value, one.lower, one.upper) == pytest.approx((-two.value, -two.upper, -two.lower))
    assert one.p_value == two.p_value


def series(values, start=2016):
    frame = pd.DataFrame({"y": range(start, start + len(values)), "v": values})
    return frame.assign(lo=frame["v"] - 1, up=frame["v"] + 1)


def test_trend_uses_only_the_points_since_the_break():
    frame = series([90, 80, 10, 12, 14, 16, 18])
    found = trend(frame, period="y", value="v", lower="lo", upper="up", breaks=(2018,))
    assert found.details["direction"] == "increasing"
    assert "2018" in next(c for c in found.checks if c.name == "complete series").sentence.render("fr")
    with pytest.raises(StatsError, match="EVK-STAT-011"):
        trend(frame, period="y", value="v", lower="lo", upper="up", breaks=(2019,))
    with pytest.raises(StatsError, match="EVK-STAT-007"):
        trend(frame.head(4), period="y", value="v", lower="lo", upper="up")


def test_trend_without_intervals_is_refused_and_a_break_after_the_series_is_ignored():
    frame = series([10, 12, 14, 16, 18])
    with pytest.raises(StatsError, match="EVK-STAT-013"):
        trend(frame, period="y", value="v")
    assert trend(frame, period="y", value="v", lower="lo", upper="up", breaks=(2030,)).value == pytest.approx(2)


def test_one_point_alone_does_not_make_a_trend():
    frame = series([10, 10, 10, 10, 30])
    found = trend(frame, period="y", value="v", lower="lo", upper="up")
    assert found.details["chi_squared"] > found.details["threshold"]
    assert found.details["direction"] == "no_significant_change"
    assert not found.checks[0].passed


def test_trend_of_counts_is_cochran_armitage():
    frame = pd.DataFrame({"y": range(5), "a": [20, 30, 35, 45, 60], "n": [200, 210, 190, 205, 220]})
    frame["v"] = 100 * frame["a"] / frame["n"]
    found = trend(frame, period="y", value="v", numerator="a", denominator="n")
    p, t = frame["a"].sum() / frame["n"].sum(), frame["y"] - (frame["n"] * frame["y"]).sum() / frame["n"].sum()
    expected = (t * (frame["a"] - frame["n"] * p)).sum() ** 2 / (p * (1 - p) * (frame["n"] * t**2).sum())
    assert found.details["chi_squared"] == pytest.approx(expected)
    assert found.value == pytest.approx((t * frame["v"] * frame["n"]).sum() / (frame["n"] * t**2).sum())


def test_shrinkage_draws_small_territories_most():
    found = shrink(pd.Series([30, 3, 200], index=["a", "b", "c"]), [100, 10, 1000], multiplier=100).table
    assert found["term"].tolist() == ["a", "b", "c"]
    assert found["weight"].is_monotonic_increasing is False
    assert found.set_index("term")["weight"].idxmin() == "b"
    flat = shrink([10, 20, 30], [100, 200, 300])
    assert flat.table["value"].tolist() == pytest.approx([0.1] * 3)
    assert flat.checks[0].passed is False


def test_marshall_by_hand():
    d, n = np.array([5.0, 40.0, 12.0, 80.0]), np.array([100.0, 300.0, 150.0, 400.0])
    m = d.sum() / n.sum()
    a = (n * (d / n - m) ** 2).sum() / n.sum() - m / n.mean()
    expected = m + a / (a + m / n) * (d / n - m)
    assert shrink(d, n).table["value"].to_numpy() == pytest.approx(expected, abs=1e-15)


def test_overdispersed_funnel_is_wider_and_places_territories():
    sizes, seen = np.full(20, 100.0), np.linspace(0.1, 0.9, 20)
    plain = funnel_limits(sizes, 0.5, observed=seen)
    wide = funnel_limits(sizes, 0.5, observed=seen, overdispersion=True)
    assert wide.upper > plain.upper
    assert set(plain.table["place"]) == {"above", "below", "inside"}
    assert plain.checks[0].passed is False


def test_the_cost_of_a_unit_has_no_limit_when_the_effect_may_be_nil():
    known = cost_effectiveness(10, 1000, effect_se=1, thresholds=(50, 200))
    assert known.lower < 100 < known.upper
    assert known.lower == pytest.approx(1000 / (10 + 1.959964), abs=1e-4)
    assert known.table["probability"].is_monotonic_increasing
    unknown = cost_effectiveness(1, 1000, effect_se=1)
    assert (unknown.lower, unknown.upper, unknown.checks[0].passed) == (None, None, False)


def test_more_territories_see_smaller_effects():
    few = minimum_detectable_effect(standard_deviation=4, treated=1, control=20)
    many = minimum_detectable_effect(standard_deviation=4, treated=20, control=20)
    assert many.value < few.value
    assert few.value == pytest.approx(2.8015852 * 4 * math.sqrt((1 + 1 / 20) * 2), rel=1e-6)
    assert minimum_detectable_effect(se=1, df=5).value > minimum_detectable_effect(se=1).value


def test_survival_without_event_gives_no_bound_and_leaves_out_late_years():
    frame = pd.DataFrame({"d": [4.0] * 12, "e": [0] * 12})
    found = survival(frame, duration="d", event="e")
    assert (found.value, found.lower, found.upper, found.p_value) == (1, None, None, None)
    assert found.details["at"] == 3
    assert {c.name: c.passed for c in found.checks} == {"enough at risk": True, "followed long enough": False}
    with pytest.raises(StatsError, match="EVK-STAT-016"):
        survival(frame.assign(e=2), duration="d", event="e")


def test_two_groups_are_compared_in_alphabetical_order():
    frame = pd.DataFrame(
        {"d": [1, 2, 3, 6, 6, 6, 2, 4, 6, 6, 6, 6], "e": [1, 1, 1, 0, 0, 0] * 2, "g": ["b"] * 6 + ["a"] * 6}
    )
    frame.loc[6:, "e"] = [1, 1, 0, 0, 0, 0]
    found = survival(frame, duration="d", event="e", group="g", at=(5,))
    assert found.value == pytest.approx(4 / 6 - 3 / 6)
    assert found.lower < 0 < found.upper
    assert 0 < found.p_value < 1


def test_pool_of_equal_effects_has_no_heterogeneity():
    found = pool([1.0, 1.0, 1.0], [0.1, 0.2, 0.3], unit="point")
    assert found.details["tau2"] == 0
    assert found.se == pytest.approx(math.sqrt(1 / (10 + 5 + 10 / 3)))
    assert found.sentence.render("fr")
