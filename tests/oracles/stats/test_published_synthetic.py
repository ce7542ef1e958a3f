"""Bacon decomposition, synthetic control and synthetic differences against published results."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evalkit.stats import bacon, synthetic_control, synthetic_did

SMOKING = {"outcome": "PacksPerCapita", "unit": "State", "time": "Year", "treated": "treated", "start": 1989}


@pytest.fixture(scope="module")
def smoking(shared_reference):
    return pd.read_csv(shared_reference / "prop99" / "california_prop99.csv", sep=";")


def test_bacon_of_the_mathematics_reform(shared_reference):
    rows = pd.read_csv(shared_reference / "bacon" / "math_reform.csv")
    found = bacon(rows, outcome="incearn_ln", unit="state", time="class", treated="reform_math")
    published = {
        "earlier_later": (0.06353, 0.02868), "later_earlier": (0.05265, 0.03375), "treated_untreated": (0.88382, -0.00129),
    }  # fmt: skip
    for kind, (weight, value) in published.items():
        assert found.details[f"{kind}_weight"] == pytest.approx(weight, abs=5e-6)
        assert found.details[f"{kind}_value"] == pytest.approx(value, abs=5e-6)
    pairs = found.table.set_index("term").loc[["1987 - 1985", "1986 - 1985", "1985 - 1987"]]
    assert pairs["value"].tolist() == pytest.approx([0.04575585, 0.11390411, 0.01021379], abs=5e-9)
    assert pairs["weight"].tolist() == pytest.approx([0.031655309, 0.001978457, 0.039569136], abs=5e-10)


def test_bacon_of_the_castle_doctrine(shared_reference):
    rows = pd.read_csv(shared_reference / "bacon" / "castle.csv")
    found = bacon(rows, outcome="l_homicide", unit="state", time="year", treated="post")
    assert found.value == pytest.approx(0.0818116169306, abs=1e-10)
    assert found.table["weight"].max() == pytest.approx(0.6, abs=0.01)
    assert found.details["treated_untreated_weight"] == pytest.approx(0.90834, abs=5e-6)


def test_bacon_weights_of_the_stylised_example():
    """Goodman-Bacon (2021): T = 100, treatment at 34 and 85, weights .365 .222 .278 .135."""
    rows = [
        (unit, t, int(t >= first), float(t * (unit == "k")))
        for unit, first in (("k", 34), ("l", 85), ("u", 999))
        for t in range(1, 101)
    ]
    found = bacon(pd.DataFrame(rows, columns=["u", "t", "d", "y"]), outcome="y", unit="u", time="t", treated="d").table
    weights = found.set_index("term")["weight"]
    assert weights[["34 - never", "85 - never", "34 - 85", "85 - 34"]].tolist() == pytest.approx(
        [0.365, 0.222, 0.278, 0.135], abs=6e-4
    )


def test_synthetic_control_of_proposition_99(smoking):
    found = synthetic_control(smoking, **SMOKING)
    assert found.value == pytest.approx(-19.5136297684, abs=1e-8)
    weights = found.table[found.table["kind"] == "weight"].set_index("term")["value"]
    published = {
        "Utah": 0.3939, "Montana": 0.2318, "Nevada": 0.2049, "Connecticut": 0.1091, "New Hampshire": 0.0454, "Colorado": 0.0148,
    }  # fmt: skip
    assert weights.to_dict() == pytest.approx(published, abs=5e-5)
    gaps = found.table[found.table["kind"] == "gap"].set_index("term")["value"]
    assert gaps["2000"] == pytest.approx(-26.5966, abs=5e-5)
    assert found.details["rank"] == 3
    assert found.p_value == pytest.approx(3 / 39)


def test_synthetic_differences_of_proposition_99(smoking, shared_reference):
    found = synthetic_did(smoking, **SMOKING)
    assert found.value == pytest.approx(-15.6038278727, abs=1e-9)
    rows = found.table.set_index("term")["value"]
    published = {
        "Nevada": 0.124489,
        "New Hampshire": 0.105048,
        "Connecticut": 0.078287,
        "1986": 0.366471,
        "1988": 0.427076,
    }
    assert rows[list(published)].tolist() == pytest.approx(list(published.values()), abs=5e-7)
    placebos = found.table[found.table["kind"] == "placebo"]["value"].to_numpy()
    expected = pd.read_csv(shared_reference / "prop99" / "R_synthdid_placebo_estimates.csv")["placebo"].to_numpy()
    assert np.abs(placebos - expected).max() < 1e-9
    assert found.se == pytest.approx(9.4968, abs=5e-5)
