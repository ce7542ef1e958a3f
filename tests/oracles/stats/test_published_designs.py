"""Discontinuity, interrupted series and matching against published results."""

from __future__ import annotations

import pandas as pd
import pytest

from evalkit.stats import interrupted_time_series, match, regression_discontinuity

COVARIATES = ["age", "educ", "race", "married", "nodegree", "re74", "re75"]


def test_senate_discontinuity(shared_reference):
    rows = pd.read_csv(shared_reference / "rd_senate" / "rdrobust_senate.csv").dropna(subset=["vote"])
    found = regression_discontinuity(rows, outcome="vote", running="margin", cutoff=0)
    table = found.table.set_index("term")
    assert found.value == pytest.approx(7.414130802, abs=1e-8)
    assert found.se == pytest.approx(1.4587, abs=5e-5)
    assert table.loc["robust", "value"] == pytest.approx(7.506502471, abs=1e-8)
    assert table.loc["robust", "se"] == pytest.approx(1.741258415, abs=1e-8)
    assert (found.lower, found.upper) == (pytest.approx(4.094, abs=5e-4), pytest.approx(10.919, abs=5e-4))
    assert table.loc["conventional", ["lower", "upper"]].tolist() == pytest.approx([4.555, 10.273], abs=5e-4)
    assert found.details["bandwidth"] == pytest.approx(17.75439722, abs=1e-7)
    assert found.details["bias_bandwidth"] == pytest.approx(28.02808715, abs=1e-7)
    assert [found.details[k] for k in ("n_left", "n_right", "n_left_near", "n_right_near")] == [595, 702, 360, 323]


def test_nile_level_shift(shared_reference):
    rows = pd.read_csv(shared_reference / "nile" / "nile.csv")
    found = interrupted_time_series(rows, outcome="y", time="year", start=1899, trend=False, lags=3)
    assert found.value == pytest.approx(849.97222222 - 1097.75, abs=1e-6)
    assert found.se == pytest.approx(30.785290, abs=5e-7)


def test_sicilian_smoking_ban(shared_reference):
    rows = pd.read_csv(shared_reference / "sicily" / "sicily.csv")
    start = int(rows.loc[rows["smokban"] == 1, "time"].min())
    arguments = {"outcome": "aces", "time": "time", "start": start, "exposure": "stdpop"}
    plain = interrupted_time_series(rows, **arguments, family="poisson")
    assert (plain.value, plain.lower, plain.upper) == pytest.approx((0.894377, 0.864686, 0.925086), abs=5e-7)
    assert plain.se == pytest.approx(0.0172248, abs=5e-8)
    season = interrupted_time_series(rows, **arguments, family="quasipoisson", season=12)
    assert (season.value, season.lower, season.upper) == pytest.approx((0.885072, 0.839401, 0.933227), abs=5e-7)


@pytest.fixture(scope="module")
def trainees(shared_reference):
    return pd.read_csv(shared_reference / "lalonde" / "lalonde_matchit.csv", index_col=0)


def test_propensity_scores_and_balance_of_matchit(trainees, shared_reference):
    found = match(trainees, treated="treat", covariates=COVARIATES, outcome="re78")
    units = found.table[found.table["kind"] == "unit"]
    expected = pd.read_csv(shared_reference / "lalonde" / "ps_matchit.csv")
    assert units["term"].tolist() == expected["id"].tolist()
    assert units["score"].astype(float).to_numpy() == pytest.approx(expected["ps"].to_numpy(), abs=1e-6)
    before = found.table.set_index("term")["smd_before"]
    published = {"age": -0.3094, "race=black": 1.7615, "married": -0.8263, "re74": -0.7211}
    assert before[list(published)].tolist() == pytest.approx(list(published.values()), abs=5e-4)
    assert found.details["pairs"] == 185
    matched = units[(units["weight"] > 0) & units["term"].str.startswith("NSW")]
    assert matched["score"].astype(float).mean() == pytest.approx(0.577436, abs=5e-7)


def test_entropy_balancing_of_lalonde(trainees, shared_reference):
    found = match(trainees, treated="treat", covariates=COVARIATES, outcome="re78", method="entropy")
    assert found.value == pytest.approx(1273.2618, abs=1e-3)
    assert found.details["effective_size"] == pytest.approx(98.46, abs=5e-3)
    assert found.details["largest_smd"] < 1e-10
    men = pd.read_csv(shared_reference / "lalonde" / "nsw_mixtape.csv")
    others = pd.read_csv(shared_reference / "lalonde" / "cps_mixtape.csv")
    frame = pd.concat([men[men["treat"] == 1], others], ignore_index=True)
    names = ["age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75"]
    eight = match(frame, treated="treat", covariates=names, outcome="re78", method="entropy")
    assert eight.value == pytest.approx(1270.7354, abs=1e-3)
    assert eight.details["effective_size"] == pytest.approx(417.68, abs=5e-3)
    frame = frame.assign(u74=(frame["re74"] == 0).astype(int), u75=(frame["re75"] == 0).astype(int))
    ten = match(frame, treated="treat", covariates=[*names, "u74", "u75"], outcome="re78", method="entropy")
    assert ten.value == pytest.approx(1406.3048, abs=1e-3)
