"""Differences in differences: edges, refusals, weights, gaps and exact inference."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import StatsError
from evalkit.stats import did, event_study

COLUMNS = {"outcome": "y", "unit": "u", "time": "t", "first_treated": "g"}
STAGGERED = ("callaway_santanna", "imputation", "sun_abraham")


def panel(cohorts, periods=6, effect=2.0, noise=0.3, seed=0):
    """Territories with the given dates of treatment, own levels, common years and a constant effect."""
    random = np.random.default_rng(seed)
    rows = []
    for unit, first in enumerate(cohorts):
        level = random.normal(0, 3)
        for t in range(2000, 2000 + periods):
            treated = first is not None and t >= first
            rows.append(
                (f"q{unit:02d}", t, first, level + 0.5 * (t - 2000) + effect * treated + random.normal(0, noise))
            )
    return pd.DataFrame(rows, columns=["u", "t", "g", "y"]).astype({"g": "float64"})


MIXED = [2002] * 6 + [2004] * 6 + [None] * 12


@pytest.mark.parametrize("method", [*STAGGERED, "switchers"])
def test_a_constant_effect_is_found_without_noise(method):
    frame = panel(MIXED, noise=0)
    before = frame.copy()
    found = did(frame, **COLUMNS, method=method)
    assert found.value == pytest.approx(2, abs=1e-9)
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize("method", STAGGERED)
def test_growing_effects_do_not_fool_the_staggered_estimators(method):
    frame = panel(MIXED, noise=0, effect=0)
    since = (frame["t"] - frame["g"] + 1).clip(lower=0).fillna(0)
    frame["y"] += since
    found = did(frame, **COLUMNS, method=method, aggregation="dynamic")
    after = found.table[found.table["term"].astype(float) >= 0]
    assert after["value"].tolist() == pytest.approx(after["term"].astype(float).add(1).tolist(), abs=1e-9)
    naive = did(frame, **COLUMNS, method="twfe")
    truth = float(since[since > 0].mean())
    assert naive.value < truth - 0.1
    assert next(c for c in naive.checks if c.name == "treated at once").passed is False


@pytest.mark.parametrize("method", ["callaway_santanna", "sun_abraham", "twfe"])
def test_one_date_of_treatment_gives_the_same_answer_everywhere(method):
    frame = panel([2003] * 8 + [None] * 10)
    wide = frame.pivot_table(index="u", columns="t", values="y")
    treated = wide.index.isin(frame.loc[frame["g"].notna(), "u"])
    change = wide.loc[:, 2003:].mean(axis=1) - wide[2002]
    long_change = wide.loc[:, 2003:].mean(axis=1) - wide.loc[:, :2002].mean(axis=1)
    expected = long_change if method == "twfe" else change
    found = did(frame, **COLUMNS, method=method)
    assert found.value == pytest.approx(expected[treated].mean() - expected[~treated].mean(), abs=1e-9)


@pytest.mark.parametrize("method", ["callaway_santanna", "sun_abraham", "imputation", "twfe"])
def test_weights_are_repetitions(method):
    frame = panel(MIXED, seed=3)
    frame["w"] = np.where(frame["u"].isin(["q00", "q07", "q20"]), 3.0, 1.0)
    again = [frame.assign(u=frame["u"] + suffix)[frame["w"] >= k] for k, suffix in ((1, "a"), (2, "b"), (3, "c"))]
    weighted = did(frame, **COLUMNS, method=method, weights="w")
    repeated = did(pd.concat(again), **COLUMNS, method=method)
    assert weighted.value == pytest.approx(repeated.value, abs=1e-9)


def test_without_untreated_territories_the_not_yet_treated_serve():
    frame = panel([2002] * 8 + [2004] * 8, noise=0)
    with pytest.raises(StatsError, match="EVK-STAT-018"):
        did(frame, **COLUMNS)
    assert did(frame, **COLUMNS, control="not_yet").value == pytest.approx(2, abs=1e-9)
    assert did(frame, **COLUMNS, method="sun_abraham").value == pytest.approx(2, abs=1e-9)
    imputed = did(frame, **COLUMNS, method="imputation")
    assert imputed.value == pytest.approx(2, abs=1e-9)
    reached = next(c for c in imputed.checks if c.name == "all treated periods reached")
    assert reached.passed is False
    assert "32" in reached.sentence.render("fr")


def test_the_table_counts_the_territories_behind_each_term():
    table = did(panel(MIXED), **COLUMNS, aggregation="group").table
    assert table["n"].tolist() == [6, 6]
    assert event_study(panel(MIXED), **COLUMNS).table.set_index("term").loc["0", "n"] == 12


@pytest.mark.parametrize(
    ("frame", "arguments", "code"),
    [
        (panel([2003] * 8), {}, "EVK-STAT-018"),
        (panel([2003] * 8), {"method": "sun_abraham"}, "EVK-STAT-018"),
        (panel([2003] * 8), {"method": "twfe"}, "EVK-STAT-019"),
        (panel([None] * 8), {}, "EVK-STAT-007"),
        (panel(MIXED).assign(y=4.0), {}, "EVK-STAT-014"),
        (panel(MIXED, periods=1), {}, "EVK-STAT-007"),
        (pd.concat([panel(MIXED), panel(MIXED).head(1)]), {}, "EVK-STAT-012"),
        (panel(MIXED).assign(g=lambda f: f["g"].where(f["t"] != 2001, 2005)), {}, "EVK-STAT-012"),
        (panel(MIXED).assign(y="high"), {}, "EVK-STAT-002"),
        (panel(MIXED), {"method": "guess"}, "EVK-STAT-009"),
        (panel(MIXED), {"method": "twfe", "aggregation": "group"}, "EVK-STAT-009"),
        (panel(MIXED), {"covariates": ["t"]}, "EVK-STAT-017"),
        (panel(MIXED), {"weights": "people"}, "EVK-STAT-001"),
        (panel(MIXED).assign(w=0.0), {"weights": "w"}, "EVK-STAT-004"),
        (panel(MIXED).assign(c=1), {"cluster": "c"}, "EVK-STAT-007"),
    ],
)
def test_refusals(frame, arguments, code):
    with pytest.raises(StatsError, match=code):
        did(frame, **COLUMNS, **arguments)


def test_gaps_are_counted_and_lost_territories_named():
    frame = panel(MIXED)
    frame.loc[(frame["u"] == "q23") | ((frame["u"] == "q01") & (frame["t"] == 2003)), "y"] = np.nan
    found = did(frame, **COLUMNS)
    check = found.checks[0]
    assert check.passed is False
    assert "q23" in check.sentence.render("fr")
    assert found.n == 23
    early = did(panel([1999, 2002, 2002, *[None] * 9]), **COLUMNS)
    assert "q00" in early.checks[0].sentence.render("en")


def test_always_and_never_codes():
    frame = panel(MIXED)
    coded = frame.assign(g=frame["g"].fillna(0))
    assert did(coded, **COLUMNS, never=0).value == did(frame, **COLUMNS).value
    late = frame.assign(g=frame["g"].fillna(2050))
    assert did(late, **COLUMNS).value == did(frame, **COLUMNS).value


def test_one_treated_territory_has_no_analytic_interval_but_an_exact_test():
    frame = panel([2003] + [None] * 19, effect=5)
    plain = did(frame, **COLUMNS, inference="analytic")
    assert (plain.se, plain.lower, plain.upper, plain.p_value) == (None, None, None, None)
    lacking = next(c for c in plain.checks if c.name == "enough clusters")
    assert lacking.passed is False
    assert "no interval" in lacking.sentence.render("en")
    exact = did(frame, **COLUMNS, inference="randomisation")
    assert exact.details["assignments"] == 20
    assert exact.p_value == pytest.approx(1 / 20)
    assert exact.lower is None or exact.lower < 5
    assert exact.value == plain.value


def test_randomisation_interval_inverts_the_test():
    frame = panel([2003] * 3 + [None] * 7, effect=1.0, seed=5)
    found = did(frame, **COLUMNS, inference="randomisation")
    assert found.details["assignments"] == 120
    assert found.details["exact"] == 1
    inside = frame.assign(y=frame["y"] - (found.lower + 0.01) * (frame["t"] >= frame["g"]))
    outside = frame.assign(y=frame["y"] - (found.lower - 0.01) * (frame["t"] >= frame["g"]))
    assert did(inside, **COLUMNS, inference="randomisation").p_value > 0.05
    assert did(outside, **COLUMNS, inference="randomisation").p_value <= 0.05


@pytest.mark.parametrize("method", ["callaway_santanna", "twfe"])
def test_wild_bootstrap_enumerates_the_signs_of_few_clusters(method):
    frame = panel([2003] * 5 + [None] * 5, effect=3)
    one = did(frame, **COLUMNS, method=method, inference="wild_bootstrap", seed=1)
    two = did(frame, **COLUMNS, method=method, inference="wild_bootstrap", seed=2)
    assert (one.lower, one.upper, one.p_value) == (two.lower, two.upper, two.p_value)
    assert 2 / 2**10 <= one.p_value < 0.05
    assert one.lower < 3 < one.upper


def test_seeded_draws_repeat_beyond_twelve_clusters():
    frame = panel(MIXED)
    arguments = {**COLUMNS, "inference": "wild_bootstrap", "seed": 4}
    assert did(frame, **arguments).lower == did(frame, **arguments).lower
    draws = did(frame, **COLUMNS, inference="randomisation", seed=4)
    assert draws.details["exact"] == 0
    assert draws.p_value == pytest.approx(1 / 1000)


def test_clusters_widen_the_interval():
    frame = panel(MIXED)
    frame["c"] = frame["u"].str[1:].astype(int) // 2
    found, apart = did(frame, **COLUMNS, cluster="c", inference="analytic"), did(frame, **COLUMNS, inference="analytic")
    assert next(c for c in found.checks if c.name == "enough clusters").passed is False
    assert found.lower < 2 < found.upper
    assert found.upper - found.lower > apart.upper - apart.lower


@pytest.mark.parametrize("method", STAGGERED)
def test_a_drift_before_treatment_is_seen(method):
    frame = panel(MIXED)
    frame["y"] += 0.8 * (frame["t"] - 2000) * frame["g"].notna()
    arguments = {**COLUMNS, "method": method}
    check = next(c for c in event_study(frame, **arguments).checks if c.name == "parallel trends before")
    assert check.passed is False
    calm = next(c for c in event_study(panel(MIXED), **arguments).checks if c.name == "parallel trends before")
    assert calm.passed is True
    assert calm.sentence.render("fr")
    single = event_study(panel([2001] * 6 + [None] * 6), **arguments)
    assert next(c for c in single.checks if c.name == "parallel trends before").passed is None


def test_universal_base_counts_from_the_last_period_before():
    found = event_study(panel(MIXED), **COLUMNS, base="universal")
    assert "-1" not in found.table["term"].tolist()
    regression = event_study(panel([2003] * 6 + [None] * 6), **COLUMNS, method="twfe")
    universal = event_study(panel([2003] * 6 + [None] * 6), **COLUMNS, base="universal")
    assert universal.table["value"].tolist() == pytest.approx(regression.table["value"].tolist(), abs=1e-9)


def test_treatment_that_ends_needs_the_switchers():
    frame = panel([None] * 20, noise=0)
    frame["d"] = ((frame["u"] < "q05") & frame["t"].between(2002, 2003)).astype(int)
    frame["y"] += 2 * frame["d"]
    found = did(frame, **COLUMNS, method="switchers", treated="d")
    assert found.value == pytest.approx(2, abs=1e-9)
    with pytest.raises(StatsError, match="EVK-STAT-016"):
        did(frame.assign(d=frame["d"] * 3), **COLUMNS, method="switchers", treated="d")
