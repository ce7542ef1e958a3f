"""Gaps, secrecy and degenerate data: every function gives a clean answer or a reason, never NaN, never a bare exception."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from clean_answers import answer_or_reason, clean
from test_differences import panel

from evalkit import stats

PANEL = {"outcome": "y", "unit": "u", "time": "t"}
STAGED = {**PANEL, "first_treated": "g"}


def decorated(frame):
    place = frame["u"].str[1:].astype(int)
    return frame.assign(
        w=1.0 + place % 3,
        c=place // 2,
        d=(frame["t"] >= frame["g"]).astype(int),
        ever=frame["g"].notna().astype(int),
        x=np.sin(np.arange(len(frame)) * 1.7),
        m=100.0 * (place % 6),
    )


BASE = decorated(panel([2003] * 4 + [2004] * 4 + [None] * 14, periods=7, seed=2))
SWITCHING = decorated(panel([2003] * 5 + [None] * 14, periods=7))
SCENARIOS = {
    "plain": BASE,
    "unbalanced": BASE.drop(BASE.index[[3, 40, 41, 100]]),
    "secret cells": BASE.assign(y=BASE["y"].mask(BASE.index.isin([3, 40, 101, 120]))),
    "secret territories": BASE.assign(y=BASE["y"].mask(BASE["u"].isin(["q01", "q20"]))),
    "one treated": decorated(panel([2004] + [None] * 20, periods=7, seed=3)),
    "no never": decorated(panel([2003] * 8 + [2005] * 8, periods=7)),
    "all at once": decorated(panel([2003] * 10, periods=7)),
    "switching off": SWITCHING.assign(d=((SWITCHING["u"] < "q05") & SWITCHING["t"].between(2003, 2004)).astype(int)),
    "single pre-period": decorated(panel([2001] * 6 + [None] * 14, periods=6)),
    "no pre-period": decorated(panel([2000] * 6 + [None] * 14, periods=6)),
    "constant": BASE.assign(y=3.0),
    "all zero": BASE.assign(y=0.0),
    "collinear": BASE.assign(x=BASE["t"].astype(float)),
    "zero weights": BASE.assign(w=0.0),
    "one zero weight": BASE.assign(w=BASE["w"].mask(BASE["u"] == "q09", 0.0)),
    "missing weight": BASE.assign(w=BASE["w"].mask(BASE["u"] == "q09")),
    "duplicated row": pd.concat([BASE, BASE.head(1)], ignore_index=True),
    "text years": BASE.assign(t=BASE["t"].astype(str), g=[None if pd.isna(v) else str(int(v)) for v in BASE["g"]]),
    "broken years": BASE.assign(t=BASE["t"].astype(str) + "/x"),
    "infinite": BASE.assign(y=BASE["y"].mask(BASE.index == 7, np.inf)),
    "two by two": BASE[BASE["u"].isin(["q00", "q01", "q20", "q21"]) & BASE["t"].isin([2002, 2003])],
    "without noise": decorated(panel([2003] * 4 + [None] * 16, periods=7, noise=0)),
    "huge": BASE.assign(y=BASE["y"] * 1e12),
    "tiny": BASE.assign(y=BASE["y"] * 1e-12),
    "empty": BASE.head(0),
}


def last(frame):
    return frame[frame["t"] == frame["t"].max()] if len(frame) else frame


def single(frame):
    return frame[frame["u"] == frame["u"].iloc[0]] if len(frame) else frame


CALLS = {
    "callaway_santanna": lambda f: stats.did(f, **STAGED, weights="w", cluster="c"),
    "not_yet": lambda f: stats.did(f, **STAGED, control="not_yet", covariates=["x"]),
    "sun_abraham": lambda f: stats.event_study(f, **STAGED, method="sun_abraham", weights="w"),
    "imputation": lambda f: stats.did(f, **STAGED, method="imputation", inference="wild_bootstrap", covariates=["x"]),
    "switchers": lambda f: stats.did(f, **STAGED, method="switchers", treated="d", weights="w"),
    "twfe": lambda f: stats.did(f, **STAGED, method="twfe", weights="w", treated="d"),
    "twfe wild": lambda f: stats.did(f, **STAGED, method="twfe", inference="wild_bootstrap", cluster="c"),
    "event study": lambda f: stats.event_study(f, **STAGED, base="universal"),
    "imputed study": lambda f: stats.event_study(f, **STAGED, method="imputation", cluster="c"),
    "jackknife": lambda f: stats.did(f, **STAGED, method="twfe", inference="jackknife", weights="w", covariates=["x"]),
    "wild callaway": lambda f: stats.did(f, **STAGED, inference="wild_bootstrap", cluster="c", aggregation="group"),
    "analytic": lambda f: stats.did(f, **STAGED, inference="analytic", control="not_yet", aggregation="calendar"),
    "stacked": lambda f: stats.stacked_did(f, **STAGED, before=1, after=1),
    "bacon": lambda f: stats.bacon(f, **PANEL, treated="d"),
    "synthetic_control": lambda f: stats.synthetic_control(f, **PANEL, treated="q00", start=2003),
    "synthetic_did": lambda f: stats.synthetic_did(f, **PANEL, treated="q00", start=2003),
    "spillover": lambda f: stats.spillover(f, **PANEL, distance="m", start=2003, rings=[150, 350]),
    "discontinuity": lambda f: stats.regression_discontinuity(f, outcome="y", running="x", cutoff=0),
    "fuzzy": lambda f: stats.regression_discontinuity(f, outcome="y", running="x", cutoff=0, fuzzy="d"),
    "series": lambda f: stats.interrupted_time_series(single(f), outcome="y", time="t", start=2003),
    "match": lambda f: stats.match(last(f), treated="ever", covariates=["x"], outcome="y", method="propensity"),
    "entropy": lambda f: stats.match(last(f), treated="ever", covariates=["x"], outcome="y", method="entropy"),
    "ladder": lambda f: stats.evidence_ladder(f, **STAGED),
    "ladder of one": lambda f: stats.evidence_ladder(f, **STAGED, territory="q00"),
    "placebo date": lambda f: stats.check_placebo_date(f, **STAGED),
    "balance": lambda f: stats.check_balance(last(f), treated="ever", covariates=["x", "y"], weights="w"),
    "overlap": lambda f: stats.check_overlap(last(f), treated="ever", covariates=["x", "y"]),
    "composition": lambda f: stats.check_composition(f, unit="u", time="t", count="y", before=2000, after=2005),
    "density": lambda f: stats.density_test(f["x"], 0),
}

REFUSED = {
    ("callaway_santanna", "no never"): "018",
    ("callaway_santanna", "zero weights"): "004",
    ("callaway_santanna", "missing weight"): "002",
    ("callaway_santanna", "duplicated row"): "012",
    ("callaway_santanna", "constant"): "014",
    ("callaway_santanna", "all zero"): "014",
    ("callaway_santanna", "broken years"): "002",
    ("callaway_santanna", "infinite"): "002",
    ("callaway_santanna", "no pre-period"): "007",
    ("imputation", "collinear"): "019",
    ("not_yet", "collinear"): "017",
    ("twfe", "duplicated row"): "012",
    ("twfe", "switching off"): "020",
    ("twfe", "all at once"): "019",
    ("bacon", "switching off"): "020",
    ("bacon", "secret cells"): "021",
    ("synthetic_control", "secret territories"): "021",
    ("synthetic_did", "unbalanced"): "021",
    ("discontinuity", "constant"): "014",
    ("discontinuity", "all zero"): "014",
    ("fuzzy", "one treated"): "014",
    ("match", "one treated"): "007",
    ("match", "all at once"): "007",
    ("match", "constant"): "014",
    ("balance", "zero weights"): "004",
    ("ladder", "duplicated row"): "012",
    ("ladder", "empty"): "007",
}
ANSWERED = {
    ("callaway_santanna", "secret cells"),
    ("callaway_santanna", "one treated"),
    ("callaway_santanna", "text years"),
    ("callaway_santanna", "single pre-period"),
    ("imputation", "no never"),
    ("imputation", "unbalanced"),
    ("not_yet", "no never"),
    ("switchers", "switching off"),
    ("twfe", "unbalanced"),
    ("twfe wild", "two by two"),
    ("ladder", "all at once"),
    ("ladder", "secret territories"),
}


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("call", CALLS)
def test_a_clean_answer_or_a_reason(call, scenario):
    frame = SCENARIOS[scenario]
    before = frame.copy()
    answer, code = answer_or_reason(lambda: CALLS[call](frame))
    if code is None:
        assert (call, scenario) not in REFUSED
        clean(answer)
    else:
        assert (call, scenario) not in ANSWERED
        assert code == REFUSED.get((call, scenario), code)
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize("method", ["callaway_santanna", "imputation", "sun_abraham", "twfe"])
def test_dropped_territories_are_counted_and_named(method):
    check = stats.did(SCENARIOS["secret territories"], **STAGED, method=method).checks[0]
    assert check.passed is False
    assert "q01, q20" in check.sentence.render("en")
    assert "2" in check.sentence.render("fr")


def test_a_missing_base_period_is_not_a_silent_drop():
    frame = BASE.assign(y=BASE["y"].mask((BASE["u"] == "q01") & (BASE["t"] == 2002)))
    found = stats.did(frame, **STAGED)
    check = next(check for check in found.checks if check.name == "base periods known")
    assert check.passed is False
    assert "q01" in check.sentence.render("fr")
    assert found.details["dropped"] == 1
    without = stats.did(BASE[BASE["u"] != "q01"], **STAGED)
    after = [f"2003:{year}" for year in range(2003, 2007)]
    one, two = (answer.table.set_index("term").loc[after, "value"].tolist() for answer in (found, without))
    assert one == pytest.approx(two, abs=1e-12)


def test_text_years_give_the_same_answer():
    assert stats.did(SCENARIOS["text years"], **STAGED).value == stats.did(BASE, **STAGED).value
