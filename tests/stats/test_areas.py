"""Edges of small areas, neighbours, rings, segregation and slope indices."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import StatsError
from evalkit.stats import moran, segregation, slope_index, small_area, spillover

RING = np.roll(np.eye(12), 1, axis=1) + np.roll(np.eye(12), -1, axis=1)
GROUPS = pd.DataFrame({"u": [1, 2, 3, 4] * 2, "g": ["a"] * 4 + ["b"] * 4, "n": [100, 60, 40, 0, 0, 40, 60, 100]})


def test_neighbours_that_resemble_or_differ():
    wave = np.sin(2 * np.pi * np.arange(12) / 12)
    alike, unlike = moran(wave, RING), moran((-1.0) ** np.arange(12), RING)
    assert alike.value > 0.5
    assert unlike.value == pytest.approx(-1)
    drawn = moran(wave, RING, inference="permutation", seed=1)
    assert drawn.p_value == moran(wave, RING, inference="permutation", seed=1).p_value < 0.05


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: moran([1, 2, 3, 4, 5], RING), "EVK-STAT-008"),
        (lambda: moran([1.0] * 12, RING), "EVK-STAT-014"),
        (lambda: moran(range(12), RING * 0), "EVK-STAT-014"),
        (lambda: moran(range(12), -RING), "EVK-STAT-005"),
        (lambda: segregation(GROUPS[GROUPS["g"] == "a"], unit="u", group="g", count="n"), "EVK-STAT-007"),
        (lambda: segregation(GROUPS, "isolation", unit="u", group="g", count="n", focus="z"), "EVK-STAT-009"),
        (lambda: segregation(GROUPS, "gini", unit="u", group="g", count="n"), "EVK-STAT-009"),
    ],
)
def test_refusals(call, code):
    with pytest.raises(StatsError, match=code):
        call()


def test_dissimilarity_of_textbook_groups():
    names = {"unit": "u", "group": "g", "count": "n"}
    assert segregation(GROUPS, **names).value == pytest.approx(0.6)
    apart = GROUPS.assign(n=[1, 1, 0, 0, 0, 0, 1, 1])
    assert segregation(apart, **names).value == pytest.approx(1)
    assert segregation(apart, "theil", **names).value == pytest.approx(1)
    even = GROUPS.assign(n=[10, 20, 30, 40] * 2)
    assert segregation(even, **names).value == pytest.approx(0)
    exposure = segregation(GROUPS, "exposure", **names, focus="a", other="b").value
    assert exposure == pytest.approx(1 - segregation(GROUPS, "isolation", **names, focus="a").value)


def test_slope_of_a_straight_scale():
    frame = pd.DataFrame({"v": [10, 12, 14, 16, 18], "n": [100] * 5, "fifth": [1, 2, 3, 4, 5], "se": [0.5] * 5})
    found = slope_index(frame, value="v", population="n", rank="fifth", se="se")
    assert found.value == pytest.approx(10)
    assert found.lower < 10 < found.upper
    ratio = slope_index(frame, value="v", population="n", rank="fifth", se="se", relative=True)
    assert ratio.value == pytest.approx(19 / 9)
    turned = slope_index(frame.assign(fifth=[5, 4, 3, 2, 1]), value="v", population="n", rank="fifth", se="se")
    assert turned.value == pytest.approx(-10)
    with pytest.raises(StatsError, match="EVK-STAT-012"):
        slope_index(frame.assign(fifth=1), value="v", population="n", rank="fifth")


def test_small_areas_lie_between_survey_and_regression():
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"x": random.normal(size=30), "e": random.uniform(0.1, 2, 30)})
    frame["y"] = 2 + frame["x"] + random.normal(0, 0.5, 30) + random.normal(0, 1, 30) * frame["e"]
    found = small_area(frame, estimate="y", se="e", covariates=["x"]).table.head(30)
    between = (found["value"] - found["direct"]) * (found["value"] - found["synthetic"])
    assert (between <= 1e-12).all()
    assert (found["se"].to_numpy() <= frame["e"].to_numpy() * 1.1).all()
    with pytest.raises(StatsError, match="EVK-STAT-007"):
        small_area(frame.head(4), estimate="y", se="e", covariates=["x"])


def test_rings_see_what_leaks():
    random = np.random.default_rng(1)
    away = np.r_[np.zeros(30), random.uniform(1, 99, 60), random.uniform(100, 190, 60), random.uniform(210, 900, 80)]
    rows = [
        (i, t, d, random.normal(0, 0.3) + 5 * (t == 1) * (d == 0) - 2 * (t == 1) * (0 < d <= 100))
        for i, d in enumerate(away)
        for t in (0, 1)
    ]
    frame = pd.DataFrame(rows, columns=["u", "t", "d", "y"])
    found = spillover(frame, outcome="y", unit="u", time="t", distance="d", start=1, rings=[100, 200])
    assert found.table["term"].tolist() == ["inside", "0-100", "100-200"]
    assert found.table["value"].tolist() == pytest.approx([5, -2, 0], abs=0.3)
    assert found.checks[0].passed is False
    assert "0-100" in found.checks[0].sentence.render("fr")
    with pytest.raises(StatsError, match="EVK-STAT-009"):
        spillover(frame, outcome="y", unit="u", time="t", distance="d", start=1, rings=[200, 100])
