"""Few clusters: the jackknife by cohort, sign changes of every estimator, re-assignment, and which of them answers unasked."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats as laws
from test_differences import COLUMNS, panel

from evalkit.errors import StatsError
from evalkit.stats import did, event_study
from evalkit.stats.panel.data import read_panel
from evalkit.stats.panel.estimators import estimated
from evalkit.stats.panel.request import Request
from evalkit.stats.panel.trends import placebo_trend_check, pre_trend_check
from evalkit.stats.panel.wild import WildBootstrap, signs

METHODS = ("callaway_santanna", "imputation", "sun_abraham", "switchers", "twfe")


def check_of(found, name="enough clusters"):
    return next(check for check in found.checks if check.name == name)


def request_of(method, **more):
    return Request(
        "y", "u", "t", "g", method, "simple", (), None, None, "never", None, None, "analytic", 0, None, 0.95, "", **more
    )


@pytest.mark.parametrize("method", METHODS)
def test_the_jackknife_is_the_welch_interval_of_two_groups(method):
    frame = panel([2001] * 3 + [None] * 7, periods=2, seed=4)
    wide = frame.pivot_table(index="u", columns="t", values="y")
    change = (wide[2001] - wide[2000]).to_numpy()
    spread = change[:3].var(ddof=1) / 3 + change[3:].var(ddof=1) / 7
    df = (1 / 3 + 1 / 7) ** 2 / (1 / 9 / 2 + 1 / 49 / 6)
    found = did(frame, **COLUMNS, method=method)
    assert found.details["inference"] == "jackknife"
    assert found.details["df"] == pytest.approx(df, rel=1e-9)
    assert found.details["jackknife_se"] == pytest.approx(np.sqrt(spread), rel=1e-9)
    half = laws.t.ppf(0.975, df) * np.sqrt(spread)
    assert (found.lower, found.upper) == pytest.approx((found.value - half, found.value + half), rel=1e-9)
    assert found.p_value == pytest.approx(2 * laws.t.sf(abs(found.value) / np.sqrt(spread), df), rel=1e-9)


@pytest.mark.parametrize(
    ("starts", "expected", "passed"),
    [
        ([2003] * 25 + [None] * 30, "analytic", True),
        ([2003] * 19 + [None] * 40, "jackknife", True),
        ([2003] * 3 + [None] * 3, "jackknife", True),
        ([2003] * 2 + [None] * 8, "randomisation", True),
        ([2003] * 2 + [None] * 3, "jackknife", False),
        ([2003] + [None] * 24, "randomisation", True),
        ([2003] + [None] * 9, "randomisation", False),
    ],
)
def test_the_number_of_clusters_decides(starts, expected, passed):
    frame = panel(starts)
    found, published = did(frame, **COLUMNS), did(frame, **COLUMNS, inference="analytic")
    assert found.details["inference"] == expected
    check = check_of(found)
    assert check.passed is passed
    assert check.sentence.render("fr") != check.sentence.render("en")
    assert (found.value, found.se) == (published.value, published.se)
    assert (found.lower is None) is (starts == [2003] + [None] * 9)


@pytest.mark.parametrize("method", METHODS)
def test_the_jackknife_nears_the_published_law_with_many_clusters(method):
    frame = panel([2003] * 50 + [None] * 50)
    plain, small = (did(frame, **COLUMNS, method=method, inference=name) for name in ("analytic", "jackknife"))
    assert small.upper - small.lower == pytest.approx(plain.upper - plain.lower, rel=0.04)


def test_strata_of_many_clusters_are_left_out_in_fifty_parts():
    frame = panel([2003] * 5 + [None] * 120)
    found = did(frame, **COLUMNS)
    assert found.details["df"] == pytest.approx((1 / 5 + 1 / 120) ** 2 / (1 / 25 / 4 + 1 / 120**2 / 46), rel=0.01)
    assert found.lower < 2 < found.upper


def test_an_effect_that_rests_on_one_cluster_has_no_interval():
    frame = panel([2003] * 3 + [2005])
    found = did(frame, **COLUMNS, control="not_yet")
    assert (found.lower, found.upper, found.p_value) == (None, None, None)
    check = check_of(found)
    assert check.passed is False
    assert "q03" in check.sentence.render("fr")
    assert found.se is not None


def test_terms_of_a_lone_cohort_have_no_interval_but_the_whole_has():
    found = did(panel([2002] * 3 + [2004] + [None] * 5), **COLUMNS, aggregation="group")
    rows = found.table.set_index("term")
    assert rows.loc["2002", ["lower", "upper"]].notna().all()
    assert rows.loc["2004", ["se", "lower", "upper", "p_value"]].isna().all()
    assert found.lower < found.value < found.upper


def written_out(frame, null):
    """The restricted bootstrap of two-way fixed effects by refitting every sign: the share of statistics at least as large."""
    dose = (frame["t"] >= frame["g"]).astype(float).to_numpy()
    dummies = pd.get_dummies(frame[["u"]].assign(t=frame["t"].astype(str)), dtype=float).to_numpy()
    names, who = np.unique(frame["u"], return_inverse=True)

    def statistic(y):
        design = np.column_stack([dose, dummies])
        beta = np.linalg.lstsq(design, y, rcond=None)[0]
        free = dose - dummies @ np.linalg.lstsq(dummies, dose, rcond=None)[0]
        scores = np.bincount(who, free * (y - design @ beta))
        return (beta[0] - null) / np.sqrt((scores**2).sum()) * (free @ free)

    y = frame["y"].to_numpy() - null * dose
    fitted = dummies @ np.linalg.lstsq(dummies, y, rcond=None)[0]
    draws = [fitted + (y - fitted) * np.array(turn)[who] + null * dose for turn in product([1, -1], repeat=len(names))]
    found = np.abs([statistic(draw) for draw in draws])
    return float((found >= found[0] * (1 - 1e-8)).mean())


@pytest.mark.parametrize("null", [0.0, 1.6])
def test_signs_refitted_one_by_one_give_the_same_p(null):
    frame = panel([2003] * 3 + [None] * 3, seed=3)
    moved = frame.assign(y=frame["y"] - null * (frame["t"] >= frame["g"]))
    found = did(moved, **COLUMNS, method="twfe", inference="wild_bootstrap")
    assert found.p_value == pytest.approx(written_out(frame, null), abs=1e-12)
    assert found.details["draws"] == 64
    assert found.details["strictly_larger"] <= found.p_value


@pytest.mark.parametrize("starts", [[2003] * 3 + [None] * 3, [2002] * 3 + [2004] * 2 + [None] * 4])
def test_sign_changes_of_any_estimator_are_those_of_the_regression(starts):
    read = read_panel(panel(starts, seed=6), outcome="y", unit="u", time="t", first_treated="g")
    request = request_of("twfe")
    regression = estimated(read, request).regression
    column, value = regression.columns[:, 0], float(regression.coefficients[0])
    one = WildBootstrap.of(column, regression.residuals + value * column, regression.basis, regression.unit)
    two = WildBootstrap.of_panel(read, lambda moved: estimated(moved, request).effects)
    for null in (0.0, 1.0, 2.5):
        assert two.statistics(null) / two.statistics(null)[0] == pytest.approx(
            one.statistics(null) / one.statistics(null)[0], rel=1e-8
        )


@pytest.mark.parametrize("method", METHODS)
def test_the_limits_of_the_bootstrap_are_where_it_begins_to_refuse(method):
    frame = panel([2003] * 4 + [None] * 5, seed=8)
    found = did(frame, **COLUMNS, method=method, inference="wild_bootstrap")
    width = found.upper - found.lower
    for shift, refused in ((found.lower - 0.01 * width, True), (found.lower + 0.01 * width, False)):
        moved = frame.assign(y=frame["y"] - shift * (frame["t"] >= frame["g"]))
        p = did(moved, **COLUMNS, method=method, inference="wild_bootstrap").p_value
        assert (p <= 0.05) is refused
    assert (p * 2**8) == pytest.approx(round(p * 2**8))


def test_too_few_signs_are_said():
    found = did(panel([2003] * 2 + [None] * 3), **COLUMNS, inference="wild_bootstrap")
    assert (found.lower, found.upper) == (None, None)
    assert found.p_value >= 2 / 32
    assert check_of(found).passed is False
    assert check_of(did(panel([2003] * 2 + [None] * 8), **COLUMNS, inference="wild_bootstrap")).passed is False
    assert check_of(did(panel([2003] * 3 + [None] * 3), **COLUMNS, inference="wild_bootstrap")).passed is True


def test_signs_are_all_tried_or_drawn_with_a_seed():
    assert len(np.unique(signs(6, 0), axis=0)) == 64
    assert signs(13, 1).shape == (10000, 13)
    assert (signs(13, 1) == signs(13, 1)).all()
    assert not (signs(13, 1) == signs(13, 2)).all()


def test_clusters_treated_in_part_are_no_ground_for_reassignment():
    frame = panel([2003, None] * 6, seed=1)
    frame["c"] = frame["u"].str[1:].astype(int) // 2
    found = did(frame, **COLUMNS, cluster="c", inference="randomisation")
    assert check_of(found).passed is False
    plain = did(frame, **COLUMNS, cluster="c")
    assert plain.details["inference"] == "jackknife"
    assert plain.lower < 2 < plain.upper


def test_reassignment_needs_dates():
    frame = panel([None] * 20)
    frame["d"] = ((frame["u"] < "q05") & frame["t"].between(2002, 2003)).astype(int)
    with pytest.raises(StatsError, match="EVK-STAT-009"):
        did(frame, **COLUMNS, method="switchers", treated="d", inference="randomisation")
    found = did(frame, **COLUMNS, method="switchers", treated="d")
    assert found.details["inference"] == "jackknife"
    assert found.lower < found.value < found.upper


@pytest.mark.parametrize("method", ["callaway_santanna", "sun_abraham", "imputation"])
def test_one_period_before_is_tested_by_student(method):
    found = event_study(panel([2002] * 4 + [None] * 5), **COLUMNS, method=method)
    test = check_of(found, "parallel trends before").table.iloc[0]
    if method == "imputation":
        assert 0 < test["p_value"] < 1
    else:
        row = found.table[pd.to_numeric(found.table["term"]) < 0].iloc[0]
        assert test["p_value"] == pytest.approx(row["p_value"], rel=1e-9)


def test_the_drift_named_with_few_clusters_is_seen_four_times_out_of_five():
    """Hotelling's law, and one term after the other where the clusters allow no joint test."""
    random, df = np.random.default_rng(3), 6
    times, steps, truth = np.array([-3.0, -2.0, -1.0]), np.array([-2.0, -1.0, 1.0]), np.eye(3) * 0.5 + 0.5

    def draw(drift):
        values = random.multivariate_normal(drift * steps, truth)
        noise = random.multivariate_normal(np.zeros(3), truth, size=df)
        return pre_trend_check(times, steps, values, noise.T @ noise / df, 0.95, df=df)

    slopes = [draw(0.0).table["value"].iloc[1] for _ in range(200)]
    assert np.mean([draw(0.0).passed is False for _ in range(1500)]) == pytest.approx(0.05, abs=0.02)
    usual = float(np.median(slopes))
    assert np.mean([draw(usual).passed is False for _ in range(1500)]) == pytest.approx(0.8, abs=0.08)


def test_more_terms_than_degrees_of_freedom_are_tested_one_by_one():
    times, spread = np.array([-4.0, -3.0, -2.0, -1.0]), np.eye(4)
    found = pre_trend_check(times, np.ones(4), np.array([0.0, 0.1, 9.0, 0.2]), spread, 0.95, df=3.0)
    assert found.table["p_value"].iloc[0] == pytest.approx(4 * 2 * laws.t.sf(9.0, 3), rel=1e-9)
    assert found.passed is False
    assert pre_trend_check(times, np.ones(4), np.full(4, 0.1), spread, 0.95, df=3.0).passed is True


def test_reassigned_terms_test_what_was_before():
    random = np.random.default_rng(1)
    drawn, times = random.normal(size=(200, 3)), np.array([-2.0, -1.0, 0.0])
    calm = placebo_trend_check(times, np.ones(3), drawn, 0.95)
    assert calm.passed is True
    slope = calm.table["value"].iloc[1]
    assert 1 < slope < 5
    assert placebo_trend_check(times, np.ones(3), np.vstack([[9.0, 9.0, 0.0], drawn]), 0.95).passed is False
    assert placebo_trend_check(times, np.ones(3), drawn[:9], 0.95).passed is None
    assert placebo_trend_check(times[2:], np.ones(1), drawn[:, 2:], 0.95).passed is None


def test_other_persons_each_time_with_few_clusters():
    frame = pd.concat([panel([2003] * 3 + [None] * 4, seed=seed) for seed in range(4)])
    few = did(frame, **COLUMNS, method="twfe", cluster="u")
    plain = did(frame, **COLUMNS, method="twfe", cluster="u", inference="analytic")
    assert (few.value, few.se) == (plain.value, plain.se)
    assert few.details["inference"] == "CR2"
    assert few.upper - few.lower > plain.upper - plain.lower
    two = did(frame[frame["u"].isin(["q00", "q05"])], **COLUMNS, method="twfe", cluster="u")
    assert (two.se, two.lower, two.upper) == (None, None, None)
    assert check_of(two).passed is False
    with pytest.raises(StatsError, match="EVK-STAT-009"):
        did(frame, **COLUMNS, method="twfe", inference="wild_bootstrap")


@pytest.mark.slow
@pytest.mark.parametrize("method", ["callaway_santanna", "imputation", "twfe"])
def test_the_interval_covers_with_six_territories(method):
    """300 draws (Monte-Carlo error 1.3 points): the published law covers about 82%."""
    inside = [
        (found := did(panel([2003] * 3 + [None] * 3, noise=1, seed=seed), **COLUMNS, method=method)).lower
        < 2
        < found.upper
        for seed in range(300)
    ]
    assert 0.91 <= np.mean(inside) <= 0.99
