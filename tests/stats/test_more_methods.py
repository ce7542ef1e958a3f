"""Means, Romano-Wolf, local association, Egger, stacked differences, ranks, density: meaning and edges."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats as laws
from test_differences import COLUMNS, MIXED, panel

from evalkit.errors import StatsError
from evalkit.stats import (
    adjust,
    density_test,
    did,
    egger,
    geary,
    local_moran,
    mean_interval,
    romano_wolf,
    shrink,
    stacked_did,
)


def test_the_mean_interval_is_that_of_student():
    values = np.random.default_rng(1).normal(10, 3, 40)
    found = mean_interval(values, unit="euro")
    expected = laws.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (found.lower, found.upper) == pytest.approx(tuple(expected), abs=1e-12)
    assert found.sentence.render("fr") != found.sentence.render("en")
    assert mean_interval([1, 1, 1, 1, 30]).checks[0].passed is False
    for values, code in (([1.0], "007"), ([2.0, 2.0], "014"), ([1.0, np.nan], "002")):
        with pytest.raises(StatsError, match=code):
            mean_interval(values)


def test_one_outcome_of_romano_wolf_is_a_plain_test():
    draws = np.random.default_rng(1).standard_normal((999, 1))
    found = romano_wolf([2.0], draws)
    assert found.table["p_value"].iloc[0] == pytest.approx((1 + (np.abs(draws) >= 2).sum()) / 1000)


def test_romano_wolf_gains_on_outcomes_that_go_together():
    random = np.random.default_rng(2)
    common = random.standard_normal((4999, 1))
    draws = 0.98 * common + np.sqrt(1 - 0.98**2) * random.standard_normal((4999, 10))
    statistics = pd.Series([2.3] * 10, index=[f"i{k}" for k in range(10)])
    found = romano_wolf(statistics, draws)
    holm = adjust(2 * laws.norm.sf(statistics), "holm")
    assert found.table["p_value"].max() < 0.06 < holm.table["p_value"].min()
    assert found.table["term"].tolist() == list(statistics.index)
    order = found.table.sort_values("value", key=np.abs, ascending=False)["p_value"]
    assert order.is_monotonic_increasing
    assert found.sentence.render("fr")


@pytest.mark.parametrize(
    ("statistics", "draws", "code"),
    [
        ([1.0, 2.0], np.zeros((5, 2)), "EVK-STAT-007"),
        ([1.0, 2.0], np.ones((99, 2)), "EVK-STAT-043"),
        ([1.0, 2.0], np.ones((99, 3)), "EVK-STAT-008"),
        ([1.0, 2.0], np.full((99, 2), np.nan), "EVK-STAT-002"),
        ([1.0, 2.0], np.ones(99), "EVK-STAT-009"),
    ],
)
def test_romano_wolf_refusals(statistics, draws, code):
    with pytest.raises(StatsError, match=code):
        romano_wolf(statistics, draws)


def lattice(size=8):
    weights = np.zeros((size * size, size * size))
    for i in range(size):
        for j in range(size):
            for a, b in ((i + 1, j), (i, j + 1)):
                if a < size and b < size:
                    weights[i * size + j, a * size + b] = weights[a * size + b, i * size + j] = 1
    return weights


def test_a_cluster_of_high_places_is_found():
    random = np.random.default_rng(3)
    values = random.normal(0, 1, 64)
    values[[0, 1, 2, 8, 9, 10, 16, 17, 18]] += 8
    found = local_moran(values, lattice(), seed=1)
    assert found.value >= 1
    assert set(found.table.loc[found.table["adjusted_p_value"] <= 0.05, "kind"]) == {"high-high"}
    assert found.table.equals(local_moran(values, lattice(), seed=1).table)
    assert local_moran(random.normal(0, 1, 64), lattice()).value == 0
    assert geary(values, lattice()).value < 1
    assert found.sentence.render("fr") != found.sentence.render("en")


def test_lonely_places_are_counted():
    weights = lattice()
    weights[5, :] = weights[:, 5] = 0
    found = local_moran(np.arange(64.0), weights)
    assert found.checks[0].passed is False
    assert found.table["p_value"].iloc[5] == 1


def test_the_moments_of_geary_are_those_of_permutations():
    random = np.random.default_rng(4)
    values = random.gamma(1, 1, 64)
    drawn = [geary(random.permutation(values), lattice()).value for _ in range(2000)]
    assert np.mean(drawn) == pytest.approx(1, abs=4 * np.std(drawn) / np.sqrt(2000))
    assert np.std(drawn) == pytest.approx(geary(values, lattice()).se, rel=0.08)


def test_egger_sees_a_lopsided_funnel():
    random = np.random.default_rng(5)
    se = random.uniform(0.1, 1, 40)
    even, odd = random.normal(0.2, se), random.normal(0.2, se) + 2 * se
    assert egger(even, se**2).checks[0].passed is True
    assert egger(odd, se**2).checks[0].passed is False
    assert egger(odd[:6], se[:6] ** 2).checks[0].passed is None
    with pytest.raises(StatsError, match="EVK-STAT-014"):
        egger(odd, np.ones(40))


def test_stacked_differences_are_the_mean_of_clean_experiments():
    frame = panel(MIXED, seed=4)
    found = stacked_did(frame, **COLUMNS, before=2, after=1)
    parts = []
    for cohort, free in ((2002, [2004, None]), (2004, [None])):
        window = frame[frame["t"].between(cohort - 2, cohort + 1)]
        wide = window.pivot_table(index="u", columns="t", values="y")
        change = wide.loc[:, cohort : cohort + 1].mean(axis=1) - wide.loc[:, cohort - 2 : cohort - 1].mean(axis=1)
        first = frame.groupby("u")["g"].first().reindex(change.index)
        clean = first.isna() if None in free else first.eq(0)
        clean |= first.gt(cohort + 1)
        parts.append(change[first == cohort].mean() - change[clean].mean())
    assert found.value == pytest.approx(np.mean(parts), abs=1e-9)
    assert found.method == "stacked"
    dynamic = stacked_did(frame, **COLUMNS, before=2, after=1, dynamic=True)
    assert dynamic.table["term"].tolist() == ["-2", "0", "1"]
    assert any(check.name == "parallel trends before" for check in dynamic.checks)


def test_stacked_differences_are_not_fooled_by_growing_effects():
    frame = panel(MIXED, noise=0, effect=0)
    since = (frame["t"] - frame["g"] + 1).clip(lower=0).fillna(0)
    found = stacked_did(frame.assign(y=frame["y"] + since), **COLUMNS, before=2, after=1, control="never")
    assert found.value == pytest.approx(1.5, abs=1e-9)


def test_stacked_differences_say_what_they_leave_out():
    frame = panel([2001] * 4 + [2003] * 4 + [None] * 8)
    frame.loc[(frame["u"] == "q09") & (frame["t"] == 2002), "y"] = np.nan
    found = stacked_did(frame, **COLUMNS, before=2, after=1)
    assert found.checks[0].passed is False
    assert "2001" in found.checks[0].sentence.render("fr")
    assert found.details["dropped"] >= 1
    assert found.details["cohorts"] == 1


@pytest.mark.parametrize(
    ("frame", "arguments", "code"),
    [
        (panel([2003] * 8), {}, "EVK-STAT-007"),
        (panel(MIXED), {"before": 0}, "EVK-STAT-007"),
        (panel(MIXED), {"after": 9}, "EVK-STAT-007"),
        (pd.concat([panel(MIXED), panel(MIXED).head(1)]), {}, "EVK-STAT-012"),
        (panel(MIXED).assign(y=1.0), {}, "EVK-STAT-014"),
    ],
)
def test_stacked_refusals(frame, arguments, code):
    with pytest.raises(StatsError, match=code):
        stacked_did(frame, **COLUMNS, **{"before": 2, "after": 1, **arguments})


def test_one_clean_cohort_stacked_is_plain():
    frame = panel([2003] * 6 + [None] * 8)
    window = frame[frame["t"].between(2001, 2004)]
    one, two = stacked_did(frame, **COLUMNS, before=2, after=1), did(window, **COLUMNS, method="twfe")
    assert (one.value, one.se) == pytest.approx((two.value, two.se), rel=1e-9)


def test_ranks_of_small_territories_say_little():
    counts = pd.Series([30, 33, 31, 150, 300, 600], index=list("abcdef"))
    found = shrink(counts, [1000] * 6).table.set_index("term")
    assert found.loc["f", ["rank_lower", "rank_upper"]].tolist() == [6, 6]
    assert found.loc["a", "rank_upper"] > found.loc["a", "rank_lower"]
    assert found["lowest_quarter"].sum() == pytest.approx(1, abs=1e-9)
    assert found.equals(shrink(counts, [1000] * 6).table.set_index("term"))
    alike = shrink([10] * 8, [100] * 8).table
    assert alike["rank_lower"].eq(1).all()
    assert alike["rank_upper"].eq(8).all()


def test_the_density_test_keeps_its_level_and_has_power():
    """Under smooth densities about 5% of 300 samples alarm (Monte-Carlo error 1.3 points); a jump of half the mass is seen."""
    random = np.random.default_rng(6)
    alarms = np.mean([density_test(random.normal(0.3, 1, 600), 0).p_value < 0.05 for _ in range(300)])
    assert 0.02 <= alarms <= 0.10
    moved = [random.normal(0, 1, 600) for _ in range(40)]
    jumped = [np.where((x < 0) & (random.random(600) < 0.5), -x, x) for x in moved]
    assert np.mean([density_test(x, 0).p_value < 0.05 for x in jumped]) > 0.7


@pytest.mark.parametrize(
    ("values", "code"),
    [([1.0] * 40, "007"), (list(range(-4, 30)), "007"), ([-1.0, 1.0] * 30, "007"), ([*range(-40, 40), np.nan], "002")],
)
def test_density_refusals(values, code):
    with pytest.raises(StatsError, match=code):
        density_test(values, 0)


def test_a_given_window_is_used():
    values = np.random.default_rng(7).normal(0, 1, 500)
    found = density_test(values, 0, bandwidth=(0.5, 0.8))
    assert (found.details["bandwidth_left"], found.details["bandwidth_right"]) == (0.5, 0.8)
    assert found.details["n_left_near"] == int(((values < 0) & (values >= -0.5)).sum())
