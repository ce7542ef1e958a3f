"""Lists of numbers that are constant, nil, missing, too short or huge: a clean answer or a reason."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from clean_answers import answer_or_reason, clean

from evalkit import stats

Y = np.arange(12)
VALUES = {
    "plain": Y % 5 + 1.0,
    "constant": 0 * Y + 3.0,
    "zero": 0.0 * Y,
    "missing": np.where(Y == 3, np.nan, Y),
    "one": np.array([3.0]),
    "two": np.array([3.0, 4.0]),
    "none": np.array([]),
    "below zero": Y - 5.0,
    "huge": (Y % 5 + 1) * 1e12,
}
CHAIN = np.eye(12, k=1) + np.eye(12, k=-1)


def column_of(y, **more):
    return pd.DataFrame({"v": y, "i": np.arange(len(y)), "one": np.ones(len(y)), **more})


LISTS = {
    "median": lambda y: stats.median_interval(y),
    "moran": lambda y: stats.moran(y, CHAIN[: len(y), : len(y)]),
    "change": lambda y: stats.change_against_comparators(1.0, np.repeat(y, 3), baseline=1.0, baselines=np.repeat(y, 3)),
    "pool": lambda y: stats.pool(y, np.ones(len(y))),
    "pool KH": lambda y: stats.pool(y, np.ones(len(y)), "PM", interval="knapp_hartung"),
    "pool variances": lambda y: stats.pool(np.arange(len(y)), y),
    "meta-regression": lambda y: stats.pool(np.arange(len(y)) % 3, np.ones(len(y)), moderators=column_of(y)[["v"]]),
    "shrink": lambda y: stats.shrink(y, np.full(len(y), 50.0)),
    "shrink sizes": lambda y: stats.shrink(np.ones(len(y)), y),
    "small areas": lambda y: stats.small_area(column_of(y), estimate="v", se="one", covariates=["i"]),
    "slope index": lambda y: stats.slope_index(column_of(y), value="v", population="one", rank="i"),
    "relative index": lambda y: stats.slope_index(column_of(y), value="v", population="one", rank="i", relative=True),
    "segregation": lambda y: stats.segregation(
        column_of(y, u=np.arange(len(y)) // 2, g=np.arange(len(y)) % 2), "theil", unit="u", group="g", count="v"
    ),
    "survival": lambda y: stats.survival(
        column_of(y, e=np.arange(len(y)) % 2), duration="v", event="e", group="e", at=(1, 2)
    ),
    "no closure": lambda y: stats.survival(column_of(y, e=0 * y), duration="v", event="e", at=(1, 2)),
    "funnel": lambda y: stats.funnel_limits(y, 0.3),
    "adjust": lambda y: stats.adjust(y / 10),
    "trend": lambda y: stats.trend(column_of(y, lo=y - 1, up=y + 1), period="i", value="v", lower="lo", upper="up"),
    "counts": lambda y: stats.interrupted_time_series(
        column_of(y), outcome="v", time="i", start=6, family="quasipoisson"
    ),
    "standardised": lambda y: stats.standardised_rate(
        column_of(y, p=100 * np.ones(len(y))), count="v", population="p", standard="one"
    ),
    "density": lambda y: stats.density_test(np.repeat(y, 9) + np.tile(np.linspace(-0.4, 0.4, 9), len(y)), 2.5),
    "proportion": lambda y: stats.proportion_interval(y[3] / 10 if len(y) > 3 else np.nan, 3),
    "rate": lambda y: stats.rate_interval(y[3] if len(y) > 3 else np.nan, 10),
}


SAYS_WHAT_IT_LEFT_OUT = ("trend",)


@pytest.mark.parametrize("values", VALUES)
@pytest.mark.parametrize("call", LISTS)
def test_lists_of_numbers(call, values):
    answer, code = answer_or_reason(lambda: LISTS[call](VALUES[values]))
    if code is None:
        assert values != "none"
        assert values != "missing" or call in SAYS_WHAT_IT_LEFT_OUT
        clean(answer)
    else:
        assert values != "plain"
