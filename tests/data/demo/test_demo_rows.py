"""What the demo hands to the warehouse: sizes, statuses, sums that hold, codes and names that are not real."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pandas as pd
import pytest

from evalkit.catalogue import load_catalogue
from evalkit.data import delivery as d
from evalkit.data.demo import settings as s
from evalkit.data.demo.settings import Parameters
from evalkit.model.territory import is_code

REAL = (
    r"Q[PN]\w+", r"\d{5}", r"\d[0-9AB]\d{3}", r"\d{9}", r"\d{2,3}", r"2[AB]", r"CV\d+", r"ZUS.*",
)  # fmt: skip


def districts(made) -> pd.DataFrame:
    rows = made.delivery.observations
    return rows[rows["level"] == "qpv"]


@pytest.mark.parametrize("universe", [12, 737, 5000])
def test_any_size_keeps_the_ratio_of_treated_districts(make: Callable, universe: int) -> None:
    made = make(universe=universe)
    places = made.delivery.territories
    tags = places.loc[places["level"] == "qpv", "tags"].map(json.loads)
    assert len(tags) == universe
    assert tags.map(lambda row: "pnru_treated" in row).sum() == round(universe * 497 / 737)
    assert tags.map(lambda row: ("pnru_treated" in row) != ("pnru_comparable" in row)).all()


@pytest.mark.slow
def test_the_largest_country_is_made(make: Callable) -> None:
    made = make(universe=35_000)
    assert (made.delivery.territories["level"] == "qpv").sum() == 35_000
    assert not made.delivery.territories.duplicated(["level", "code"]).any()


def test_default_country_is_the_published_one(make: Callable) -> None:
    assert Parameters().universe == 737
    assert Parameters().treated == 497
    values = make().values("ho_social")
    assert list(values.columns) == [str(year) for year in range(1999, 2020, 2)]


def test_frames_have_the_columns_of_the_house(make: Callable) -> None:
    delivery = make(universe=12).delivery
    assert tuple(delivery.observations.columns) == d.OBSERVATION_COLUMNS
    assert tuple(delivery.territories.columns) == d.TERRITORY_COLUMNS
    assert tuple(delivery.operations.columns) == d.OPERATION_COLUMNS
    assert tuple(delivery.structures.columns) == d.STRUCTURE_COLUMNS
    assert tuple(delivery.references.columns) == d.REFERENCE_COLUMNS
    assert not delivery.observations.duplicated(list(d.OBSERVATION_KEY)).any()


def test_every_indicator_is_defined_at_its_level(make: Callable) -> None:
    catalogue = load_catalogue()
    for indicator, level in (
        make().delivery.observations[["indicator", "level"]].drop_duplicates().itertuples(index=False)
    ):
        assert level in catalogue[indicator].levels, (indicator, level)
    assert {"ho_social", "ur_d1_share", "in_med", "in_tp60", "em_emploi"} <= set(
        make().delivery.observations["indicator"]
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_secrecy_follows_the_counts_and_not_chance(make: Callable, seed: int) -> None:
    made = make(seed=seed)
    rows = districts(made)
    share = (rows["status"] == "secret").mean()
    assert 0.02 < share < 0.06
    assert 0.005 < (rows["status"] == "missing").mean() < 0.015
    households = made.values("in_menages").min(axis=1)
    small = rows["territory"].isin(households[households < 110].index)
    assert (rows.loc[small, "status"] == "secret").mean() > 0.2
    assert (rows.loc[~small, "status"] == "secret").mean() < 0.04


def test_what_is_shown_rests_on_enough_units(make: Callable) -> None:
    rows = make().delivery.observations
    shown = rows[(rows["status"] == "published") & rows["denominator"].notna() & (rows["indicator"] != "ur_divers")]
    assert (shown["numerator"] >= s.SECRET_BELOW).all()
    assert (shown["denominator"] - shown["numerator"] >= s.SECRET_BELOW).all()
    hidden = rows[rows["status"] != "published"]
    assert hidden[["value", "numerator", "denominator", "n"]].isna().all().all()
    assert rows.loc[rows["status"] == "published", "value"].notna().all()
    assert set(rows.loc[rows["status"] == "missing", "note"]) == {"EVK-DATA-101"}


def test_percentages_are_numerator_over_denominator(make: Callable) -> None:
    rows = make().delivery.observations.dropna(subset=["numerator", "value"])
    difference = (rows["value"] - 100 * rows["numerator"] / rows["denominator"]).abs()
    assert difference[rows["indicator"] != "ess_part"].max() < 1e-9
    assert difference.max() <= 0.051, "the ESS share is published with one decimal"
    assert rows["value"].between(0, 100).all()


def test_women_and_men_foreigners_and_french_add_up(make: Callable) -> None:
    rows = districts(make())
    rows = rows[rows["indicator"] == "em_emploi"]
    counts = rows.pivot_table(index=["territory", "period"], columns="breakdown", values=["numerator", "denominator"])
    for name in ("numerator", "denominator"):
        whole = counts[name].dropna()
        assert (whole["sex=female"] + whole["sex=male"] == whole["none"]).all()
        assert (whole["nationality=foreign"] + whole["nationality=french"] == whole["none"]).all()


def parents(made, level: str, around: str) -> dict[str, str]:
    """Return the parent of each place of a level."""
    places = made.delivery.territories
    rows = places.loc[places["level"] == level, ["code", "parents"]].itertuples(index=False)
    return {code: next(item["code"] for item in json.loads(text) if item["level"] == around) for code, text in rows}


def test_a_commune_contains_its_districts(make: Callable) -> None:
    made = make(universe=300)
    rows = made.delivery.observations.dropna(subset=["numerator"]).query("breakdown == 'none'")
    rows = rows[["territory", "level", "indicator", "period", "numerator", "denominator"]]
    part = rows[rows["level"] == "qpv"]
    part = part.assign(territory=part["territory"].map(parents(made, "qpv", "commune")))
    keys = ["indicator", "period", "territory"]
    sums = part.groupby(keys)[["numerator", "denominator"]].sum()
    both = sums.join(
        rows[rows["level"] == "commune"].set_index(keys)[["numerator", "denominator"]].add_suffix("_whole")
    )
    both = both.dropna()
    assert {"ho_social", "ho_vac", "em_emploi"} <= set(both.index.get_level_values("indicator"))
    rest = both["numerator_whole"] - both["numerator"]
    assert (rest >= 0).all()
    assert (rest <= both["denominator_whole"] - both["denominator"]).all()


@pytest.mark.parametrize(("level", "around"), [("qpv", "commune"), ("commune", "epci")])
def test_households_of_a_place_are_part_of_those_around_it(make: Callable, level: str, around: str) -> None:
    made = make(universe=300)
    rows = made.delivery.observations.query("indicator == 'in_menages'")
    part = rows[rows["level"] == level]
    inside = part.groupby([part["territory"].map(parents(made, level, around)), "period"])["value"].sum()
    whole = rows[rows["level"] == around].set_index(["territory", "period"])["value"]
    assert (whole > inside.reindex(whole.index)).all()


def test_the_break_of_2018_is_there_for_all(make: Callable) -> None:
    values = make().values("in_tp60").mean()
    assert values["2018"] - values["2017"] == pytest.approx(s.BREAK_POVERTY, abs=0.3)
    assert abs(values["2017"] - values["2016"]) < 0.3
    assert any(item.period == "2018" for item in load_catalogue()["in_tp60"].breaks)


def test_codes_and_names_cannot_be_taken_for_real(make: Callable) -> None:
    places = make().delivery.territories
    assert places["synthetic"].all()
    assert places["name"].str.contains("fictif|fictive").all()
    for code in places["code"]:
        assert is_code(code)
        assert not any(re.fullmatch(form, code) for form in REAL), code
    assert places["longitude"].between(-31, -12).all(), "the open Atlantic"
    assert make().delivery.operations["label"].str.contains("fictive").all()
    assert make().delivery.references["label"].str.contains("fictif").all()


def test_contours_are_valid_and_districts_lie_in_their_commune(make: Callable) -> None:
    import shapely

    places = make(universe=120).delivery.territories
    shapes = dict(zip(places["code"], shapely.from_wkb(places["geometry"].to_numpy()), strict=True))
    assert all(shape.is_valid for shape in shapes.values())
    above = parents(make(universe=120), "qpv", "commune")
    outside = [shapes[code].difference(shapes[parent]).area / shapes[code].area for code, parent in above.items()]
    assert max(outside) < 1e-6


def test_reported_districts_are_spread_over_quarters_and_sizes(make: Callable) -> None:
    made = make()
    places = made.delivery.territories
    chosen = places[places["tags"].str.contains('"reported"')]["code"]
    assert len(chosen) == 12
    assert made.truth.set_index("territory").loc[chosen, "quartile"].value_counts().to_dict() == {
        1: 3,
        2: 3,
        3: 3,
        4: 3,
    }
    rows = districts(made)
    secret = rows[rows["territory"].isin(chosen) & (rows["status"] == "secret")]["territory"].nunique()
    assert secret >= 1
    assert made.values("in_menages").loc[chosen].mean(axis=1).min() < 150


def test_operations_tell_what_makes_the_effects(make: Callable) -> None:
    made = make()
    rows = made.delivery.operations
    truth = made.truth.set_index("territory")
    assert not rows.duplicated(["id", "funder"]).any()
    assert (truth.loc[rows["territory"].unique(), "quartile"] > 0).all()
    demolished = rows[rows["family"] == "demolition"].groupby("territory")["delivered"].sum()
    assert (demolished - truth.loc[demolished.index, "demolished"]).abs().max() <= 0.5
    assert (rows["planned"] >= rows["committed"]).all()
    assert (rows["committed"] >= rows["delivered"]).all()
    first = rows[rows["funder"] == "anru"]
    assert (first["start"] < first["end_planned"]).all()
    done = first.dropna(subset=["end_actual"])
    assert (done["end_actual"] >= done["end_planned"]).all()
    assert (done["planned"] == done["delivered"]).all()
    assert first["cost_planned"].sum() / rows["cost_planned"].sum() == pytest.approx(0.23, abs=0.01)
    assert rows["family"].nunique() == 6


def test_structures_follow_the_registers(make: Callable) -> None:
    delivery = make(universe=60).delivery
    rows = delivery.structures
    assert rows["created"].between("2010-01-01", "2018-12-31").all()
    assert (rows["ended"].dropna() > rows.loc[rows["ended"].notna(), "created"]).all()
    assert rows.groupby("territory")["supported"].nunique().mean() > 1.9, "supported and refused nearly everywhere"
    assert rows.loc[~rows["supported"], "grant"].isna().all()
    assert (rows.loc[rows["ended"].notna(), "jobs_end"] == 0).all()
    rows = rows[rows["supported"] & (rows["created"] <= "2015-12-31")]
    counts = delivery.observations.query("period == '2015'").groupby("indicator")["value"].sum()
    assert counts["ess_structures_n"] == len(rows)
    assert counts["ess_jobs_n"] == rows.loc[~(rows["ended"] <= "2015-12-31"), "jobs_start"].sum()
