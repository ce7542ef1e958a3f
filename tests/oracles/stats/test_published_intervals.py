"""Intervals, standardised rates, medians and funnels against the figures their authors published."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from evalkit.stats import (
    difference_of_proportions,
    funnel_limits,
    median_interval,
    proportion_interval,
    rate_interval,
    standardised_rate,
)
from evalkit.stats._laws import two_sided_z
from evalkit.stats.intervals import byar, count_limits

SIX = 5e-7
# European standard population 2013, 0-4 to 90+
ESP_2013 = [
    5000,
    5500,
    5500,
    5500,
    6000,
    6000,
    6500,
    7000,
    7000,
    7000,
    7000,
    6500,
    6000,
    5500,
    5000,
    4000,
    2500,
    1500,
    1000,
]


def sheet(folder: Path, file: str, name: str) -> pd.DataFrame:
    rows = CalamineWorkbook.from_path(folder / "phe" / file).get_sheet_by_name(name).to_python()
    return pd.DataFrame(rows[1:], columns=[str(name).strip() for name in rows[0]])


def computed(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that have a result (the others test the handling of missing input)."""
    return rows[pd.to_numeric(rows["lower95_0cl"], errors="coerce").notna()]


@pytest.mark.parametrize(
    ("count", "total", "level", "lower", "upper"),
    [
        (1, 100, 0.95, 0.001767, 0.054486),
        (1, 100, 0.998, 0.000873, 0.104554),
        (20, 100, 0.95, 0.133367, 0.288829),
        (65, 100, 0.95, 0.552544, 0.736358),
        (9856, 12345, 0.95, 0.791210, 0.805364),
        (222, 3215, 0.95, 0.060792, 0.078340),
    ],
)
def test_wilson_intervals_of_the_reference_tables(count, total, level, lower, upper):
    found = proportion_interval(count, total, level)
    assert found.lower == pytest.approx(lower, abs=SIX)
    assert found.upper == pytest.approx(upper, abs=SIX)


@pytest.mark.parametrize(
    ("count", "total", "lower", "upper", "method"),
    [
        (1, 100, 0.025318, 5.571643, "exact_poisson"),
        (5, 100, 1.623486, 11.668332, "exact_poisson"),
        (20, 100, 12.211429, 30.889880, "byar"),
        (65, 100, 50.163188, 82.849139, "byar"),
        (222, 3215, 6.026575, 7.875729, "byar"),
    ],
)
def test_rates_per_100_of_the_reference_tables(count, total, lower, upper, method):
    found = rate_interval(count, total, 100)
    assert (found.lower, found.upper) == (pytest.approx(lower, abs=SIX), pytest.approx(upper, abs=SIX))
    assert found.method == method


def test_every_proportion_of_the_workbook(shared_reference):
    expected = sheet(shared_reference, "testdata_Proportion.xlsx", "testdata_Prop")
    rows = computed(expected[expected["multiplier"] == 1])
    assert len(rows) > 4
    for row in rows.to_dict("records"):
        for level, low, high in ((0.95, "lower95_0cl", "upper95_0cl"), (0.998, "lower99_8cl", "upper99_8cl")):
            found = proportion_interval(row["Numerator"], row["Denominator"], level)
            assert (found.lower, found.upper) == (
                pytest.approx(row[low], abs=1e-12),
                pytest.approx(row[high], abs=1e-12),
            )


def test_every_rate_of_the_workbook(shared_reference):
    rows = sheet(shared_reference, "testdata_Rate.xlsx", "testdata_Rate")
    rows = computed(rows)
    assert len(rows) > 4
    for row in rows.to_dict("records"):
        for level, low, high in ((0.95, "lower95_0cl", "upper95_0cl"), (0.998, "lower99_8cl", "upper99_8cl")):
            found = rate_interval(row["Numerator"], row["Denominator"], row["multiplier"], level)
            assert (found.lower, found.upper) == (pytest.approx(row[low], rel=1e-9), pytest.approx(row[high], rel=1e-9))


def test_every_byar_and_wilson_limit_of_the_workbook(shared_reference):
    rows = sheet(shared_reference, "testdata_Byars_Wilson.xlsx", "testdata_B_W")
    for row in rows.to_dict("records"):
        level = float(str(row["confidence"]).rstrip("%")) / 100
        if row["method"] == "Byars":
            low, high = byar(row["x"], two_sided_z(level))
        else:
            found = proportion_interval(row["x"], row["n"], level)
            low, high = found.lower, found.upper
        if row["lowercl"] != "":
            assert low == pytest.approx(row["lowercl"], rel=1e-9)
        assert high == pytest.approx(row["uppercl"], rel=1e-9)


def test_standardised_rates_of_the_workbook(shared_reference):
    counts = sheet(shared_reference, "testdata_DSR_ISR_SMR.xlsx", "testdata_multiarea")
    expected = sheet(shared_reference, "testdata_DSR_ISR_SMR.xlsx", "testresults_DSR")
    expected = expected[
        (expected["statistic"] == "dsr per 10000") & expected["area"].isin(["testdata_big", "testdata_small"])
    ]
    for row in expected.drop_duplicates("area").to_dict("records"):
        bands = counts[counts["area"] == row["area"]].assign(standard=ESP_2013)
        for level, low, high in ((0.95, "lower95_0cl", "upper95_0cl"), (0.998, "lower99_8cl", "upper99_8cl")):
            found = standardised_rate(
                bands, count="count", population="pop", standard="standard", multiplier=10000, confidence=level
            )
            assert found.value == pytest.approx(row["value"], abs=1e-6)
            assert (found.lower, found.upper) == (pytest.approx(row[low], abs=1e-6), pytest.approx(row[high], abs=1e-6))


def test_indirectly_standardised_ratio_uses_the_limits_of_the_count():
    low, high, _ = count_limits(91, 0.95)
    rate = 9349.88309221102 / 835.8835612311743
    assert (low * rate, high * rate) == (pytest.approx(819.521, abs=5e-4), pytest.approx(1249.759, abs=5e-4))
    low, high, method = count_limits(9, 0.95)
    assert (low * rate, high * rate) == (pytest.approx(46.033, abs=5e-4), pytest.approx(191.104, abs=5e-4))
    assert method == "exact_poisson"


def test_newcombe_worked_example():
    # Newcombe (1998), example (a): 56/70 against 48/80, method 10
    found = difference_of_proportions(56, 70, 48, 80)
    assert (found.value, found.lower, found.upper) == (
        pytest.approx(0.2), pytest.approx(0.0524, abs=5e-5), pytest.approx(0.3339, abs=5e-5),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "year", "n", "median", "lower", "upper"),
    [
        ("QP030003", 2016, 100, 401, 351, 494),
        ("QP030003", 2020, 90, 427, 395, 481),
        ("QP034001", 2016, 282, 816, 761, 874),
        ("QP034001", 2020, 174, 1059, 971, 1165),
    ],
)
def test_medians_of_real_sales(shared_data, code, year, n, median, lower, upper):
    sales = pd.read_csv(shared_data / "hackaviz2021_qpv_occitanie" / "foncier_qp.csv.gz", dtype={"id_mutation": str})
    homes = sales[(sales["nature_mutation"] == "Vente") & sales["type_local"].isin(["Appartement", "Maison"])]
    single = homes[~homes["id_mutation"].duplicated(keep=False)]
    flats = single[(single["type_local"] == "Appartement") & (single["surface_reelle_bati"] > 0)]
    chosen = flats[(flats["code_qp"] == code) & (flats["annee_mutation"] == year)]
    found = median_interval(chosen["valeur_fonciere"] / chosen["surface_reelle_bati"], unit="euro_per_m2")
    assert (found.n, round(found.value), round(found.lower), round(found.upper)) == (n, median, lower, upper)


def test_funnel_of_proportions(shared_reference):
    expected = pd.read_csv(shared_reference / "phe" / "testdata_funnel_prop_outputs.csv", encoding="utf-8-sig")
    found = funnel_limits(expected["Population"], expected["Baseline"].iloc[0] / 100).table
    for level, name in ((0.95, "2s0025"), (0.998, "3s0001")):
        rows = found[found["confidence"] == level]
        assert rows["lower"].to_numpy() * 100 == pytest.approx(expected[f"Lower{name}limit"].to_numpy(), abs=1e-6)
        assert rows["upper"].to_numpy() * 100 == pytest.approx(expected[f"Upper{name}limit"].to_numpy(), abs=3e-5)


@pytest.mark.parametrize(("level", "name"), [(0.95, "2s"), (0.998, "3s")])
def test_funnel_of_ratios(shared_reference, level, name):
    expected = pd.read_csv(shared_reference / "phe" / "testdata_funnel_ratio_outputs.csv", encoding="utf-8-sig")
    for side in ("lower", "upper"):
        sizes = expected[f"{side}_{name}_exp_events"]
        found = funnel_limits(sizes, 100, "ratio", multiplier=100, confidence=(level,)).table
        assert found[side].to_numpy() == pytest.approx(expected[f"{side}_{name}_isr"].to_numpy(), rel=1e-5)
