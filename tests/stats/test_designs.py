"""Edges of discontinuities, interrupted series and matching."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import StatsError
from evalkit.stats import interrupted_time_series, match, regression_discontinuity

RNG = np.random.default_rng(11)
CELLS = pd.DataFrame({"income": RNG.uniform(-1, 1, 800)})
CELLS["got"] = ((CELLS["income"] >= 0) & (RNG.uniform(size=800) < 0.8)).astype(int)
CELLS["y"] = 1 + CELLS["income"] ** 2 + 2 * CELLS["got"] + RNG.normal(0, 0.2, 800)
CELLS["sharp"] = CELLS["income"] + 3 * (CELLS["income"] >= 0) + RNG.normal(0, 0.2, 800)


def test_a_known_jump_is_found():
    found = regression_discontinuity(CELLS, outcome="sharp", running="income", cutoff=0, measure="point")
    assert found.lower < 3 < found.upper
    assert all(check.passed for check in found.checks)
    assert found.table["term"].tolist() == ["conventional", "bias_corrected", "robust"]


def test_a_fuzzy_jump_is_a_ratio():
    fuzzy = regression_discontinuity(CELLS, outcome="y", running="income", cutoff=0, fuzzy="got", bandwidth=0.5)
    assert fuzzy.value == pytest.approx(2, abs=0.3)
    full = CELLS.assign(all=(CELLS["income"] >= 0).astype(float))
    same = regression_discontinuity(full, outcome="sharp", running="income", cutoff=0, fuzzy="all")
    sharp = regression_discontinuity(full, outcome="sharp", running="income", cutoff=0)
    assert (same.value, same.lower, same.upper) == pytest.approx((sharp.value, sharp.lower, sharp.upper))


def test_the_answer_does_not_depend_on_units_or_order():
    one = regression_discontinuity(CELLS, outcome="sharp", running="income", cutoff=0)
    scaled = CELLS.assign(income=1000 * CELLS["income"] + 50).sample(frac=1, random_state=0)
    other = regression_discontinuity(scaled, outcome="sharp", running="income", cutoff=50)
    assert other.value == pytest.approx(one.value, rel=1e-6)
    assert other.details["bandwidth"] == pytest.approx(1000 * one.details["bandwidth"], rel=1e-6)


def test_piling_up_at_the_threshold_is_seen():
    moved = CELLS.assign(income=np.where(CELLS["income"].between(-0.03, 0), 0.001, CELLS["income"]))
    found = regression_discontinuity(moved, outcome="sharp", running="income", cutoff=0, bandwidth=0.4)
    assert found.checks[1].passed is False
    assert found.checks[1].sentence.render("fr")


def test_a_threshold_at_the_edge_is_refused():
    with pytest.raises(StatsError, match="EVK-STAT-007"):
        regression_discontinuity(CELLS, outcome="sharp", running="income", cutoff=0.99)
    with pytest.raises(StatsError, match="EVK-STAT-007"):
        regression_discontinuity(CELLS.assign(income=np.sign(CELLS["income"])), outcome="y", running="income", cutoff=0)


def months(jump=5.0, slope=0.0):
    t = np.arange(60)
    y = 100 + 0.3 * t + 4 * np.sin(2 * np.pi * t / 12) + jump * (t >= 36) + slope * (t - 36) * (t >= 36)
    return pd.DataFrame({"t": t, "y": y + np.random.default_rng(2).normal(0, 0.5, 60)})


def test_jump_and_slope_beyond_trend_and_season():
    found = interrupted_time_series(months(), outcome="y", time="t", start=36, season=12)
    assert found.lower < 5 < found.upper
    both = interrupted_time_series(
        months(slope=0.4), outcome="y", time="t", start=36, season=12, effect="level_and_slope"
    )
    assert both.table.set_index("term").loc["slope", "value"] == pytest.approx(0.4, abs=0.06)


def test_counts_that_vary_too_much_fail_their_check():
    t = np.arange(40)
    y = np.random.default_rng(5).negative_binomial(2, 0.02, 40)
    found = interrupted_time_series(pd.DataFrame({"t": t, "y": y}), outcome="y", time="t", start=20, family="poisson")
    assert {c.name: c.passed for c in found.checks}["dispersion"] is False


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"start": 59}, "EVK-STAT-007"),
        ({"family": "gamma"}, "EVK-STAT-009"),
        ({"season": 2}, "EVK-STAT-019"),
    ],
)
def test_series_refusals(change, code):
    with pytest.raises(StatsError, match=code):
        interrupted_time_series(months(), **{"outcome": "y", "time": "t", "start": 36, **change})
    with pytest.raises(StatsError, match="EVK-STAT-012"):
        interrupted_time_series(pd.concat([months(), months()]), outcome="y", time="t", start=36)


def persons(n=600, seed=4):
    random = np.random.default_rng(seed)
    x, z = random.normal(size=n), random.choice(["a", "b", "c"], n)
    d = (random.uniform(size=n) < 1 / (1 + np.exp(1 - x))).astype(int)
    return pd.DataFrame({"x": x, "z": z, "d": d, "y": 2 * x + (z == "b") + 3 * d + random.normal(0, 0.5, n)})


@pytest.mark.parametrize("method", ["entropy", "propensity", "nearest"])
def test_matching_removes_what_is_seen(method):
    frame = persons()
    naive = frame.loc[frame["d"] == 1, "y"].mean() - frame.loc[frame["d"] == 0, "y"].mean()
    found = match(frame, treated="d", covariates=["x", "z"], outcome="y", method=method, caliper=0.2)
    assert abs(found.value - 3) < abs(naive - 3) / 3
    assert found.table["kind"].tolist()[0] == "effect"
    balance = match(frame, treated="d", covariates=["x", "z"], method=method)
    assert balance.value == balance.details["largest_smd"]
    assert balance.p_value is None


def test_groups_without_overlap_are_refused():
    frame = persons()
    frame["x"] = frame["d"] * 10 + np.linspace(0, 1, len(frame))
    for method in ("entropy", "propensity"):
        with pytest.raises(StatsError, match="EVK-STAT-022"):
            match(frame, treated="d", covariates=["x"], method=method)
    with pytest.raises(StatsError, match="EVK-STAT-017"):
        match(persons().assign(w=1.0), treated="d", covariates=["x", "w"], method="propensity")
