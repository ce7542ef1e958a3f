"""A simple estimator finds the stated truth in the demo data, over several seeds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from evalkit.data.demo import settings as s
from evalkit.data.demo.renewal import apply_works, draw_country, draw_works
from evalkit.data.demo.settings import Parameters
from evalkit.data.demo.truth import survival, truth_numbers

SEEDS = (1, 2, 3, 4, 5)
EFFECTS = {"ho_social": -6.0, "ur_d1_share": -5.0}


def gaps(made, indicator: str, start: str, end: str) -> pd.Series:
    """Difference in differences by quarter: the mean change of the treated districts minus that of the comparable ones."""
    values = made.values(indicator)
    change = (values[end] - values[start]).dropna()
    means = change.groupby(made.truth.set_index("territory")["quartile"].reindex(change.index)).mean()
    return means.drop(0) - means[0]


@pytest.mark.parametrize("indicator", sorted(EFFECTS))
def test_did_finds_the_published_effects_by_quarter(make: Callable, indicator: str) -> None:
    found = pd.DataFrame([gaps(make(seed=seed), indicator, "2003", "2019") for seed in SEEDS])
    # one estimate has a standard error of about 0.2 point, the mean of five about 0.1
    assert found[4].between(EFFECTS[indicator] - 0.8, EFFECTS[indicator] + 0.8).all()
    assert found[4].mean() == pytest.approx(EFFECTS[indicator], abs=0.35)
    assert found[[1, 2, 3]].abs().to_numpy().max() < 0.9
    assert found[[1, 2, 3]].mean().abs().max() < 0.35


@pytest.mark.parametrize("indicator", sorted(EFFECTS))
@pytest.mark.parametrize("seed", SEEDS)
def test_trends_are_parallel_before(make: Callable, indicator: str, seed: int) -> None:
    assert gaps(make(seed=seed), indicator, "1999", "2003").abs().max() < 0.9


@pytest.mark.parametrize("universe", [12, 737, 5000])
def test_mean_effects_are_exact_in_the_top_quarter_and_small_elsewhere(make: Callable, universe: int) -> None:
    truth = make(universe=universe).truth
    top = truth[truth["quartile"] == 4]
    assert top["effect_ho_social"].mean() == pytest.approx(-6, abs=0.05)
    assert top["effect_ur_d1_share"].mean() == pytest.approx(-5, abs=0.05)
    others = (
        truth[truth["quartile"].between(1, 3)].groupby("quartile")[["effect_ho_social", "effect_ur_d1_share"]].mean()
    )
    assert others.abs().to_numpy().max() < (0.2 if universe > 700 else 1.0)
    untreated = truth[truth["quartile"] == 0].filter(like="effect_")
    assert untreated.abs().to_numpy().max() < 1e-9


def test_the_poorest_of_the_top_quarter_go_from_29_to_about_25_percent(make: Callable) -> None:
    for seed in SEEDS:
        made = make(seed=seed)
        top = made.truth.loc[made.truth["quartile"] == 4, "territory"]
        shares = made.values("ur_d1_share").reindex(top).mean()
        assert shares["2003"] == pytest.approx(29, abs=1.5)
        assert shares["2019"] - shares["2003"] == pytest.approx(-4, abs=0.8)


def test_effects_are_the_sum_of_demolition_and_construction(make: Callable) -> None:
    truth = make().truth
    top = truth[truth["quartile"] == 4]
    for name, both in (("effect_ho_social", -6), ("effect_ur_d1_share", -5)):
        parts = top[f"{name}_demolition"] + top[f"{name}_construction"]
        np.testing.assert_allclose(parts, top[name])
        assert both < top[f"{name}_demolition"].mean() < 0
        assert top[f"{name}_construction"].mean() < 0
    assert (top["leaving_poorest_share"] > 35).mean() > 0.9, "poorer households leave"


def test_quarters_are_quarters_of_intensity(make: Callable) -> None:
    treated = make().truth.query("quartile > 0")
    bounds = treated.groupby("quartile")["demolition_rate"].agg(["min", "max"])
    assert (bounds["min"].to_numpy()[1:] >= bounds["max"].to_numpy()[:-1]).all()
    assert treated["quartile"].value_counts().max() - treated["quartile"].value_counts().min() <= 1


def test_nothing_happens_before_the_programme() -> None:
    parameters = Parameters(200, 12, 3)
    country = draw_country(parameters)
    outcome = apply_works(country, draw_works(parameters, country))
    before = [year <= s.LAST_YEAR_BEFORE for year in s.YEARS]
    np.testing.assert_allclose(outcome.social[:, before], country.social[:, before])
    np.testing.assert_allclose(outcome.poorest[:, before], country.poorest[:, before])
    for shares in (outcome.social, outcome.poorest):
        assert (shares > 0).all()
        assert (shares < 1).all()


def test_survival_of_structures_is_the_stated_one(make: Callable) -> None:
    rows = make().delivery.structures
    lived = (pd.to_datetime(rows["ended"].fillna("2200-01-01")) - pd.to_datetime(rows["created"])).dt.days / 365.25
    alive = {}
    for years, last in ((3, "2018-12-31"), (5, "2016-12-31")):
        followed = rows["created"] <= last
        shares = (lived > years)[followed].groupby(rows["supported"]).mean()
        for supported in (False, True):
            alive[years, supported] = shares[supported]
            assert shares[supported] == pytest.approx(survival(years, supported=supported), abs=0.02)
    for years in (3, 5):
        ratio = np.log(alive[years, True]) / np.log(alive[years, False])
        assert ratio == pytest.approx(s.HAZARD_RATIO, abs=0.07)
    assert survival(3, supported=False) == pytest.approx(0.74)
    assert survival(3, supported=True) == pytest.approx(0.82, abs=0.01)
    assert survival(5, supported=False) == pytest.approx(0.60, abs=0.01)
    assert survival(5, supported=True) == pytest.approx(0.70, abs=0.015)


def test_exits_from_insertion_are_the_stated_ones(make: Callable) -> None:
    rows = make().delivery.structures.dropna(subset=["insertion_exits"])
    sums = rows.groupby("supported")[["insertion_exits_positive", "insertion_exits", "insertion_entries"]].sum()
    rates = sums["insertion_exits_positive"] / sums["insertion_exits"]
    assert rates[False] == pytest.approx(s.EXIT_RATE[0], abs=0.02)
    assert rates[True] == pytest.approx(s.EXIT_RATE[1], abs=0.02)
    assert (rows["insertion_exits"] <= rows["insertion_entries"]).all()


def test_truth_numbers_name_what_a_test_needs(make: Callable) -> None:
    from evalkit.data.demo.building import simulate

    demo, _ = simulate(Parameters(737, 12, 1))
    numbers = truth_numbers(demo, make().truth)
    assert numbers["survival"]["hazard_ratio"] == s.HAZARD_RATIO
    assert numbers["mean_effects_by_quartile"]["4"]["effect_ho_social"] == pytest.approx(-6, abs=0.05)
