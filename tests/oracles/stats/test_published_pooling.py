"""Pooling, multiplicity, trend, power and survival against published figures."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from evalkit.stats import adjust, minimum_detectable_effect, pool, survival, trend


@pytest.fixture(scope="module")
def trials(shared_reference):
    return pd.read_csv(shared_reference / "bcg" / "dat_bcg_escalc.csv")


@pytest.fixture(scope="module")
def small(shared_reference):
    return json.loads((shared_reference / "small_published" / "small_published.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("method", "value", "se", "tau2"),
    [
        ("REML", -0.714532, 0.1798, 0.31324327),
        ("DL", -0.714117, 0.178742, 0.30876026),
        ("PM", -0.714968, None, 0.31806845),
    ],
)
def test_bcg_average_and_heterogeneity(trials, method, value, se, tau2):
    found = pool(trials["yi"], trials["vi"], method)
    assert found.value == pytest.approx(value, abs=1e-6)
    assert found.details["tau2"] == pytest.approx(tau2, abs=1e-7)
    if se is not None:
        assert found.se == pytest.approx(se, abs=5e-5)


def test_bcg_reml_in_full(trials):
    found = pool(trials["yi"], trials["vi"])
    assert (found.lower, found.upper) == (pytest.approx(-1.0669, abs=5e-5), pytest.approx(-0.3622, abs=5e-5))
    published = {
        "i2": 92.22, "h2": 12.86, "q": 152.2330, "prediction_lower": -1.8667, "prediction_upper": 0.4376,
        "tau2_lower": 0.1197, "tau2_upper": 1.1115,
    }  # fmt: skip
    for name, value in published.items():
        assert found.details[name] == pytest.approx(value, abs=5e-3 if name in ("i2", "h2") else 5e-5)
    fixed = found.table.set_index("term").loc["common effect"]
    assert (fixed["value"], fixed["se"]) == (pytest.approx(-0.4303, abs=5e-5), pytest.approx(0.0405, abs=5e-5))


def test_bcg_knapp_hartung(trials):
    found = pool(trials["yi"], trials["vi"], interval="knapp_hartung")
    assert found.se == pytest.approx(0.180792, abs=1e-6)
    assert (found.lower, found.upper) == (pytest.approx(-1.1084, abs=5e-5), pytest.approx(-0.3206, abs=5e-5))


def test_bcg_meta_regression(trials):
    found = pool(trials["yi"], trials["vi"], moderators=trials[["ablat", "year"]])
    rows = found.table[found.table["interval"] == "wald"].set_index("term")
    assert rows.loc[["ablat", "year"], "value"].tolist() == pytest.approx([-0.0280, 0.0019], abs=5e-5)
    # metafor stops its search for tau2 at 1e-5, which the intercept (at year 0) magnifies
    assert rows.loc["intercept", "value"] == pytest.approx(-3.5455, rel=1e-4)
    assert rows.loc[["ablat", "year"], "se"].tolist() == pytest.approx([0.0102, 0.0147], abs=5e-5)
    assert found.value == rows.loc["ablat", "value"]
    assert found.details["tau2"] == pytest.approx(0.1108, abs=5e-5)
    assert found.details["r2"] == pytest.approx(64.63, abs=5e-3)
    assert found.details["q"] == pytest.approx(28.3251, abs=5e-5)


@pytest.mark.parametrize(("method", "key"), [("fdr_bh", "bh_adjusted"), ("holm", "holm")])
def test_benjamini_hochberg_1995(small, method, key):
    case = small["benjamini_hochberg_1995"]
    found = adjust(case["p"], method)
    assert found.table["p_value"].tolist() == pytest.approx(case[key], abs=1e-9)
    if method == "fdr_bh":
        assert found.value == case["bh_rejections"]
        assert adjust(case["p"], "bonferroni").value == case["bonferroni_rejections"]


def test_power_multipliers_of_bloom_1995(small):
    case = small["r_power_docs"]
    two = minimum_detectable_effect(se=1)
    one = minimum_detectable_effect(se=1, alternative="one_sided")
    assert (two.value, one.value) == (
        pytest.approx(case["mde_multiplier_two_sided_80"], abs=5e-5),
        pytest.approx(case["mde_multiplier_one_sided_80"], abs=5e-5),
    )


def test_trend_of_england_diabetes_prevalence():
    frame = pd.DataFrame(
        {
            "year": range(2020, 2025),
            "value": [7.0826, 7.1085, 7.2571, 7.4528, 7.6554],
            "lower": [7.0754, 7.1013, 7.2499, 7.4456, 7.6481],
            "upper": [7.094, 7.1199, 7.2684, 7.4643, 7.6669],
        }
    )
    found = trend(frame, period="year", value="value", lower="lower", upper="upper", unit="percent")
    assert found.value == pytest.approx(0.148799, abs=5e-7)
    assert found.details["chi_squared"] == pytest.approx(9740.10, abs=5e-3)
    assert found.details["direction"] == "increasing"


def test_survival_of_freireich_1963():
    """Remission of acute leukaemia, 6-MP against placebo: Kaplan-Meier (R survival) and log-rank 16.79 (Kalbfleisch & Prentice)."""
    drug = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    ended = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    frame = pd.DataFrame({"weeks": drug + placebo, "end": ended + [1] * 21, "arm": ["drug"] * 21 + ["placebo"] * 21})
    found = survival(frame, duration="weeks", event="end", group="arm", at=(6, 10, 22))
    rows = found.table[(found.table["kind"] == "stated") & (found.table["group"] == "drug")].set_index("time")
    assert rows["value"].tolist() == pytest.approx([0.857, 0.753, 0.538], abs=5e-4)
    assert rows["se"].tolist() == pytest.approx([0.0764, 0.0963, 0.1282], abs=5e-5)
    assert rows.loc[6, ["lower", "upper"]].tolist() == pytest.approx([0.620, 0.952], abs=5e-4)
    assert rows["at_risk"].tolist() == [21, 15, 7]
    assert found.details["log_rank"] == pytest.approx(16.79, abs=5e-3)
