"""Checks as objects: each passes, fails and abstains where it should, in both languages."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from test_differences import COLUMNS, MIXED, panel

from evalkit.errors import StatsError
from evalkit.model.estimate import Check, Estimate
from evalkit.stats import did, event_study
from evalkit.stats.checks import (
    check_balance,
    check_composition,
    check_density,
    check_donors,
    check_influence,
    check_overlap,
    check_placebo_date,
    check_placebo_threshold,
    check_pre_trends,
    check_spillover,
    checks_for,
    grade,
)
from evalkit.stats.checks.grading import CEILINGS, LABELS
from evalkit.stats.checks.names import LABELS as CHECK_LABELS
from evalkit.text import msg


def said(check):
    """The sentence in both languages; French is not the English text."""
    french, english = check.sentence.render("fr"), check.sentence.render("en")
    assert french
    assert english
    assert french != english
    return english


def drifting(slope=0.8):
    frame = panel(MIXED)
    return frame.assign(y=frame["y"] + slope * (frame["t"] - 2000) * frame["g"].notna())


def test_pre_trends_say_which_drift_would_have_been_seen():
    calm = check_pre_trends(event_study(panel(MIXED), **COLUMNS, base="universal"))
    assert calm.passed is True
    drift = calm.table.set_index("term")["value"]["drift detected 4 times out of 5"]
    imitated = calm.table.set_index("term")["value"]["effect such a drift imitates"]
    assert imitated == pytest.approx(drift * 2.5)
    said(calm)
    assert check_pre_trends(event_study(drifting(), **COLUMNS)).passed is False
    single = event_study(panel([2001] * 6 + [None] * 6), **COLUMNS)
    assert check_pre_trends(single).passed is None


def test_the_drift_named_is_seen_four_times_out_of_five():
    """Draw event studies that drift by the stated slope: the joint test sees about 80% of them (Monte-Carlo error 0.9 points)."""
    terms = ["-4", "-3", "-2", "0"]
    covariance = 0.04 * (0.6 * np.eye(4) + 0.4)
    random, steps = np.random.default_rng(5), np.array([-3.0, -2.0, -1.0, 1.0])

    def study(values):
        frame = pd.DataFrame(covariance, index=terms, columns=terms)
        table = pd.DataFrame({"term": terms, "value": values})
        return Estimate(value=0.0, method="twfe", table=table, covariance=frame, details={"base": "universal"})

    slope = check_pre_trends(study(np.zeros(4))).table["value"].iloc[1]
    drawn = random.multivariate_normal(slope * steps, covariance, size=2000)
    seen = np.mean([check_pre_trends(study(values)).passed is False for values in drawn])
    assert seen == pytest.approx(0.8, abs=0.03)


def test_pre_trends_need_event_times():
    with pytest.raises(StatsError, match="EVK-STAT-023"):
        check_pre_trends(Estimate(value=1.0, method="did"))


@pytest.mark.parametrize("method", ["callaway_santanna", "imputation", "twfe"])
def test_an_invented_date_alarms_only_on_a_drift(method):
    frame = panel([2004] * 8 + [None] * 12, periods=7)
    check = check_placebo_date(frame, **COLUMNS, method=method)
    assert check.passed is True
    said(check)
    moved = frame.assign(y=frame["y"] + 2.0 * ((frame["t"] >= 2002) & frame["g"].notna()))
    assert check_placebo_date(moved, **COLUMNS, method=method).passed is False


def test_an_invented_date_needs_periods():
    assert check_placebo_date(panel([2002] * 6 + [None] * 6), **COLUMNS).passed is None
    assert check_placebo_date(panel([2004] + [None] * 9), **COLUMNS, inference="analytic").passed is None
    assert check_placebo_date(panel([2004] + [None] * 9), **COLUMNS).table["p_value"].iloc[0] >= 0.1
    coded = panel(MIXED).fillna({"g": 0})
    assert check_placebo_date(coded, **COLUMNS, never=0).passed is not None


def places(n=40, gap=0.0, seed=1):
    random = np.random.default_rng(seed)
    flags = np.repeat([1, 0], n // 2)
    return pd.DataFrame(
        {"d": flags, "poverty": random.normal(30, 5, n) + gap * flags, "kind": np.tile(["a", "b"], n // 2), "w": 1.0}
    )


def test_balance():
    even = check_balance(places(), treated="d", covariates=["poverty", "kind"], limit=0.5)
    assert even.passed is True
    assert "poverty" in said(even)
    uneven = check_balance(places(gap=10), treated="d", covariates=["poverty", "kind"])
    assert uneven.passed is False
    assert uneven.table["smd"].iloc[0] > 1
    apart = check_balance(places().assign(c=lambda f: f["d"]), treated="d", covariates=["c"])
    assert apart.passed is False
    said(apart)
    same = check_balance(places().assign(c=1.0), treated="d", covariates=["c"])
    assert same.passed is True
    with pytest.raises(StatsError, match="EVK-STAT-016"):
        check_balance(places().assign(d=2), treated="d", covariates=["poverty"])
    with pytest.raises(StatsError, match="EVK-STAT-004"):
        check_balance(places().assign(w=0.0), treated="d", covariates=["poverty"], weights="w")


def test_weights_balance():
    frame = pd.DataFrame({"d": [1, 1, 0, 0, 0], "x": [1.0, 3.0, 1.0, 3.0, 9.0], "w": [1, 1, 1, 1, 0]})
    assert check_balance(frame, treated="d", covariates=["x"]).passed is False
    assert check_balance(frame, treated="d", covariates=["x"], weights="w").passed is True


def test_overlap():
    mixed = pd.DataFrame({"d": [1, 0, 1, 0, 1, 0], "x": [30.0, 28, 33, 35, 31, 25]})
    assert check_overlap(mixed, treated="d", covariates=["x"]).passed is True
    outside = pd.DataFrame({"d": [1, 0, 1, 0, 1, 0], "x": [30.0, 28, 33, 31, 60, 25]}, index=list("abcdef"))
    found = check_overlap(outside, treated="d", covariates=["x"])
    assert found.passed is False
    assert "e" in said(found)
    assert check_overlap(mixed.assign(x=mixed["d"]), treated="d", covariates=["x"]).passed is False
    twice = check_overlap(mixed.assign(z=mixed["x"] * 2), treated="d", covariates=["x", "z"])
    assert twice.passed is None
    said(twice)


def people(changes):
    rows = [(f"q{i}", year, 1000 * (1 + c * (year == 2020))) for i, c in enumerate(changes) for year in (2010, 2020)]
    return pd.DataFrame(rows, columns=["u", "t", "n"]).assign(d=1)


def test_composition():
    arguments = {"unit": "u", "time": "t", "count": "n", "before": 2010, "after": 2020}
    steady = check_composition(people([0.02, -0.05]), **arguments)
    assert steady.passed is True
    said(steady)
    emptied = check_composition(people([0.02, -0.4]), **arguments)
    assert emptied.passed is False
    assert "q1" in said(emptied)
    assert emptied.table.set_index("term")["value"]["q1"] == pytest.approx(-0.4)
    secret = people([0.02, 0.01])
    secret.loc[0, "n"] = np.nan
    assert check_composition(secret, **arguments).passed is None
    assert check_composition(secret.assign(n=np.nan), **arguments).passed is None
    other = people([0.0, 0.5]).assign(d=lambda f: (f["u"] == "q0").astype(int))
    assert check_composition(other, **arguments, treated="d").passed is True
    with pytest.raises(StatsError, match="EVK-STAT-012"):
        check_composition(pd.concat([secret, secret]), **arguments)


def test_influence():
    frame = panel(MIXED)
    steady = check_influence(frame, **COLUMNS)
    assert steady.passed is True
    assert len(steady.table) == 12
    said(steady)
    pulled = panel([2003] * 4 + [None] * 10, effect=0, noise=0.05)
    pulled["y"] += 30.0 * ((pulled["u"] == "q00") & (pulled["t"] >= 2003))
    assert check_influence(pulled, **COLUMNS, cluster="u").passed is not True
    one = check_influence(panel([2003] + [None] * 9), **COLUMNS)
    assert one.passed is None
    said(one)


def test_influence_is_the_effect_without_each_territory():
    frame = panel(MIXED)
    treated = sorted(frame.loc[frame[COLUMNS["first_treated"]].notna(), "u"].unique())
    without = [did(frame[frame["u"] != name], **COLUMNS, inference="analytic") for name in treated]
    for arguments in ({}, {"measure": "percent"}, {"control": "not_yet"}):
        found = check_influence(frame, **COLUMNS, **arguments).table
        if "control" in arguments:
            without = [did(frame[frame["u"] != name], **COLUMNS, **arguments, inference="analytic") for name in treated]
        assert found["value"].tolist() == [one.value for one in without]
        assert found["n"].tolist() == [one.n for one in without]


def test_donors():
    frame = panel([2004] + [None] * 12, periods=8, effect=6)
    arguments = {"outcome": "y", "unit": "u", "time": "t", "treated": "q00", "start": 2004}
    found = check_donors(frame, **arguments)
    assert found.name == "leave one donor out"
    assert found.passed is True
    assert len(found.table) >= 1


def test_spillover():
    random = np.random.default_rng(2)
    rows = [
        (u, t, 200 * (u % 5), random.normal() + 0.2 * t + leak * (u % 5 == 1) * (t >= 4))
        for leak in (0,)
        for u in range(60)
        for t in range(8)
    ]
    frame = pd.DataFrame(rows, columns=["u", "t", "m", "y"])
    arguments = {"outcome": "y", "unit": "u", "time": "t", "distance": "m", "start": 4, "rings": [300, 500]}
    assert check_spillover(frame, **arguments).passed is True
    leaking = frame.assign(y=frame["y"] + 5.0 * ((frame["m"] == 200) & (frame["t"] >= 4)))
    found = check_spillover(leaking, **arguments)
    assert found.passed is False
    assert "0-300" in said(found)


def test_density_at_a_threshold():
    random = np.random.default_rng(3)
    even = random.normal(0, 1, 800)
    assert check_density(even, 0).passed is True
    aimed = np.where((even < 0) & (even > -0.4), -even, even)
    found = check_density(aimed, 0)
    assert found.passed is False
    assert set(found.table["term"]) == {"below", "above", "difference", "nearest above"}
    said(found)
    assert check_density(even[:30], 0).passed is None
    lumps = np.repeat([-2.0, -1.0, 1.0, 2.0], 15)
    assert check_density(lumps, 0).table["term"].tolist() == ["nearest above"]


def test_an_invented_threshold():
    random = np.random.default_rng(4)
    x = random.uniform(-1, 1, 900)
    frame = pd.DataFrame({"x": x, "y": x + 2 * (x >= 0) + random.normal(0, 0.3, 900)})
    arguments = {"outcome": "y", "running": "x", "cutoff": 0.0}
    assert check_placebo_threshold(frame, **arguments).passed is True
    kinked = frame.assign(y=frame["y"] + 3 * (frame["x"] >= float(np.median(x[x >= 0]))))
    found = check_placebo_threshold(kinked, **arguments)
    assert found.passed is False
    said(found)
    assert check_placebo_threshold(frame.head(30), **arguments).passed is None


@pytest.mark.parametrize("design", sorted(CEILINGS))
def test_every_design_has_its_checks_and_its_ceiling(design):
    wanted = checks_for(design)
    assert wanted
    assert set(wanted) <= set(CHECK_LABELS)
    passed = [Check(name, True, msg("yes")) for name in wanted]
    assert grade(design, passed)[0] == CEILINGS[design]
    assert LABELS[design].render("fr")
    worse = [Check(name, False, msg("no")) for name in wanted]
    assert grade(design, worse)[0] == max(1, CEILINGS[design] - len(wanted))
    assert grade(design, [])[0] == max(1, CEILINGS[design] - len(wanted))


def test_the_grade_says_why():
    checks = [Check(name, True, msg("yes")) for name in checks_for("did")]
    checks[0] = Check(checks[0].name, False, msg("no"))
    checks[1] = Check(checks[1].name, None, msg("?"))
    value, reason = grade("did", [*checks, Check("another one", False, msg("no"))])
    assert value == 1
    assert reason.render("en") == (
        "difference in differences proves at most 3 out of 5; grade 1 because of its checks "
        "(failed: parallel trends before; cannot be told: an invented date)"
    )
    assert reason.render("fr") == (
        "différence de différences\xa0: 3 sur 5 au plus\xa0; niveau 1 du fait de ses contrôles "
        "(échec\xa0: tendances parallèles avant\xa0; ne peut être dit\xa0: date inventée)"
    )
    twice = [*checks[1:], Check(checks[0].name, True, msg("yes")), checks[0]]
    assert grade("did", twice)[0] == 1
    with pytest.raises(StatsError, match="EVK-STAT-009"):
        grade("guess", [])
