"""What published cases conclude, beside their figures."""

from __future__ import annotations

import pandas as pd
import pytest

from evalkit.errors import StatsError
from evalkit.stats import (
    event_study,
    match,
    median_interval,
    segregation,
    sensitivity,
    standardised_rate,
    synthetic_control,
    trend,
)
from evalkit.verify import Reference
from evalkit.verify.families.designs import COVARIATES, TRAINEES
from evalkit.verify.families.differences import medicaid
from evalkit.verify.families.places import SCHOOLS
from evalkit.verify.families.synthetics import CALIFORNIA, SMOKING


@pytest.fixture(scope="module")
def reference(shared_reference):
    return Reference(shared_reference)


@pytest.fixture(scope="module")
def expansion(reference):
    return event_study(
        medicaid(reference), outcome="dins", unit="stfips", time="year", first_treated="first", method="twfe"
    )


def test_where_the_effect_of_medicaid_breaks_down(expansion):
    smooth = sensitivity(expansion, "smoothness", bounds=[0, 0.01, 0.02, 0.03])
    assert 0.02 < smooth.details["breakdown"] < 0.03
    assert 1.5 < sensitivity(expansion, "relative_magnitude", bounds=[1, 1.5, 2]).details["breakdown"] < 2


def test_the_rank_of_california_is_its_p_value(reference):
    found = synthetic_control(reference.table(SMOKING, sep=";"), **CALIFORNIA)
    assert found.p_value == pytest.approx(3 / 39)


def test_entropy_balancing_leaves_no_difference(reference):
    trainees = reference.table(TRAINEES, index_col=0)
    found = match(trainees, treated="treat", covariates=COVARIATES, outcome="re78", method="entropy")
    assert found.details["largest_smd"] < 1e-10


def test_local_segregation_adds_up_to_the_whole(reference):
    rows = reference.table(SCHOOLS)
    found = segregation(rows, "mutual_information", unit="school", group="race", count="n", within="state")
    share = rows.groupby("race")["n"].sum() / rows["n"].sum()
    assert (found.table.set_index("term")["value"][share.index] * share).sum() == pytest.approx(found.value)


def test_a_standardised_rate_of_nine_events_is_refused():
    bands = pd.DataFrame({"count": [4, 5], "pop": [600, 500], "standard": [5000, 5500]})
    with pytest.raises(StatsError, match="fewer than 10 events"):
        standardised_rate(bands, count="count", population="pop", standard="standard")


def test_diabetes_increases_in_england():
    frame = pd.DataFrame({"year": range(2020, 2025), "value": [7.08, 7.11, 7.26, 7.45, 7.66]})
    frame = frame.assign(lower=frame["value"] - 0.007, upper=frame["value"] + 0.011)
    found = trend(frame, period="year", value="value", lower="lower", upper="upper", unit="percent")
    assert found.details["direction"] == "increasing"


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
