"""Sensitivity to differing trends: edges and meaning."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import StatsError
from evalkit.model.estimate import Estimate
from evalkit.stats import sensitivity
from evalkit.stats._smooth import folded_quantile


def course(effects, se=0.5, base="universal", times=(-4, -3, -2, 0, 1)):
    terms = [f"{t:g}" for t in times]
    table = pd.DataFrame({"term": terms, "value": [float(e) for e in effects]})
    covariance = pd.DataFrame(se**2 * (0.5 * np.eye(len(terms)) + 0.5), index=terms, columns=terms)
    return Estimate(
        value=float(effects[-1]),
        method="twfe",
        table=table,
        covariance=covariance,
        details={"base": base},
        unit="point",
    )


@pytest.mark.parametrize("kind", ["smoothness", "relative_magnitude"])
def test_intervals_widen_with_the_bound_and_break_down(kind):
    found = sensitivity(course([0.1, -0.2, 0.1, 4, 5]), kind)
    widths = (found.table["upper"] - found.table["lower"]).tolist()
    assert widths == sorted(widths)
    assert found.details["breakdown"] > 0
    again = sensitivity(course([0.1, -0.2, 0.1, 4, 5]), kind, bounds=[found.details["breakdown"] * 1.05])
    assert again.table["lower"].iloc[0] < 0
    assert found.sentence.render("fr")


@pytest.mark.parametrize("kind", ["smoothness", "relative_magnitude"])
def test_sign_and_scale_turn_the_answer_with_them(kind):
    one = sensitivity(course([0.1, -0.2, 0.1, 4, 5]), kind, bounds=[0.5]).table
    other = sensitivity(course([-1, 2, -1, -40, -50], se=5), kind, bounds=[0.5 if kind != "smoothness" else 5]).table
    assert other["lower"].iloc[0] == pytest.approx(-10 * one["upper"].iloc[0], rel=2e-2)
    assert other["upper"].iloc[0] == pytest.approx(-10 * one["lower"].iloc[0], rel=2e-2)


def test_a_doubtful_effect_has_no_breakdown():
    found = sensitivity(course([0, 0, 0, 0.3, 0.5]), "relative_magnitude")
    assert found.details["breakdown"] is None
    assert found.checks[0].passed is False


def test_one_period_before_and_one_after():
    found = sensitivity(course([0.1, 4], times=(-2, 0)), "relative_magnitude")
    assert found.table["lower"].is_monotonic_decreasing
    assert sensitivity(course([0.1, 4], times=(-2, 0)), "smoothness").table["lower"].is_monotonic_decreasing


@pytest.mark.parametrize(
    ("estimate", "code"),
    [
        (course([0, 0, 0, 1, 1], base="varying"), "EVK-STAT-023"),
        (course([0, 0, 0, 1, 1], times=(-5, -3, -2, 0, 1)), "EVK-STAT-024"),
        (course([1, 1], times=(0, 1)), "EVK-STAT-007"),
        (Estimate(value=1.0, method="did"), "EVK-STAT-023"),
    ],
)
def test_refusals(estimate, code):
    with pytest.raises(StatsError, match=code):
        sensitivity(estimate)


def test_folded_quantiles():
    assert folded_quantile(0, 0.95) == pytest.approx(1.959964, abs=1e-6)
    assert folded_quantile(10, 0.95) == pytest.approx(10 + 1.644854, abs=1e-6)
