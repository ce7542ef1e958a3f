"""Synthetic controls and their edges."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import StatsError
from evalkit.stats import bacon, synthetic_control, synthetic_did
from evalkit.stats._simplex import convex_weights

COLUMNS = {"outcome": "y", "unit": "u", "time": "t", "treated": "q00", "start": 2008}


def panel(donors=24, effect=4.0, seed=0, periods=12):
    random = np.random.default_rng(seed)
    common = random.normal(0, 1, (2, periods)).cumsum(axis=1)
    loads = random.dirichlet(np.ones(2), donors) * 3
    outcome = loads @ common + random.normal(0, 0.1, (donors, periods))
    own = outcome[:3].mean(axis=0) + random.normal(0, 0.05, periods)
    own[8:] += effect
    rows = [
        (f"q{i:02d}", 2000 + t, value)
        for i, series in enumerate(np.vstack([own, outcome]))
        for t, value in enumerate(series)
    ]
    return pd.DataFrame(rows, columns=["u", "t", "y"])


def test_exact_weights_are_found_and_unique():
    random = np.random.default_rng(3)
    donors = random.normal(size=(20, 6))
    truth = np.array([0.5, 0.3, 0.2, 0, 0, 0])
    assert convex_weights(donors, donors @ truth) == pytest.approx(truth, abs=1e-10)
    shuffled = [5, 3, 1, 0, 2, 4]
    assert convex_weights(donors[:, shuffled], donors @ truth) == pytest.approx(truth[shuffled], abs=1e-10)


@pytest.mark.parametrize("method", [synthetic_control, synthetic_did])
def test_a_known_effect_lies_in_the_interval_and_no_row_moves(method):
    frame = panel()
    before = frame.copy()
    found = method(frame, **COLUMNS)
    assert found.value == pytest.approx(4, abs=0.3)
    assert found.lower < 4 < found.upper
    assert found.p_value == pytest.approx(1 / 25)
    shuffled = method(frame.sample(frac=1, random_state=1), **COLUMNS)
    assert shuffled.value == found.value
    pd.testing.assert_frame_equal(frame, before)


def test_the_interval_inverts_the_ratio_test():
    frame = panel(effect=0.3)
    found = synthetic_control(frame, **COLUMNS)
    for limit, tried in ((found.upper, 1e-4), (found.lower, -1e-4)):
        late = (frame["u"] == "q00") & (frame["t"] >= 2008)
        outside = frame.assign(y=frame["y"] - (limit + tried) * late)
        inside = frame.assign(y=frame["y"] - (limit - tried) * late)
        assert synthetic_control(outside, **COLUMNS).p_value <= 0.05
        assert synthetic_control(inside, **COLUMNS).p_value > 0.05


def test_few_donors_give_no_interval():
    found = synthetic_control(panel(donors=8), **COLUMNS)
    assert (found.lower, found.upper) == (None, None)
    assert found.p_value == pytest.approx(1 / 9)
    assert synthetic_did(panel(donors=8), **COLUMNS).lower is None


def test_a_territory_outside_the_others_does_not_fit():
    frame = panel()
    frame.loc[frame["u"] == "q00", "y"] += 50
    checks = {c.name: c for c in synthetic_control(frame, **COLUMNS).checks}
    assert checks["fit before"].passed is False
    assert checks["placebo date"].sentence.render("fr")


def test_predictors_are_matched_beside_the_outcome():
    frame = panel()
    frame["people"] = frame["u"].str[1:].astype(float)
    plain, more = synthetic_control(frame, **COLUMNS), synthetic_control(frame, **COLUMNS, predictors=["people"])
    assert more.value != plain.value
    assert more.value == pytest.approx(4, abs=1)


def test_several_treated_territories_take_jackknife_and_bootstrap():
    frame = panel(donors=7)
    frame["d"] = frame["u"].isin(["q00", "q01"]).astype(int)
    frame.loc[(frame["u"] == "q01") & (frame["t"] >= 2008), "y"] += 4
    arguments = {**COLUMNS, "treated": "d"}
    for inference in ("jackknife", "bootstrap"):
        found = synthetic_did(frame, **arguments, inference=inference, seed=2)
        assert found.lower < found.value < found.upper
        assert found.se > 0
    assert synthetic_did(frame, **arguments).details["draws"] == 6 * 5 / 2


@pytest.mark.parametrize(
    ("frame", "change", "code"),
    [
        (panel().iloc[1:], {}, "EVK-STAT-021"),
        (panel(), {"start": 1990}, "EVK-STAT-007"),
        (panel(), {"start": 2050}, "EVK-STAT-007"),
        (panel(), {"treated": "q99"}, "EVK-STAT-007"),
        (panel(), {"inference": "guess"}, "EVK-STAT-009"),
        (pd.concat([panel(), panel().head(1)]), {}, "EVK-STAT-012"),
    ],
)
def test_refusals(frame, change, code):
    with pytest.raises(StatsError, match=code):
        synthetic_control(frame, **{**COLUMNS, **change})


def test_one_treated_territory_has_no_jackknife():
    with pytest.raises(StatsError, match="EVK-STAT-007"):
        synthetic_did(panel(), **COLUMNS, inference="jackknife")


def test_bacon_refuses_what_ends_and_what_never_starts():
    frame = panel().assign(d=lambda f: (f["t"] == 2003).astype(int))
    with pytest.raises(StatsError, match="EVK-STAT-020"):
        bacon(frame, outcome="y", unit="u", time="t", treated="d")
    with pytest.raises(StatsError, match="EVK-STAT-007"):
        bacon(frame.assign(d=0), outcome="y", unit="u", time="t", treated="d")
