"""Clustered errors, density test, Egger, local association and baseball against published results."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from evalkit.stats import (
    density_test,
    egger,
    geary,
    linear_regression,
    local_moran,
    moran,
    regression_discontinuity,
    shrink,
)


@pytest.fixture(scope="module")
def firms(shared_reference):
    return pd.read_csv(shared_reference / "petersen" / "PetersenCL.csv")


@pytest.mark.parametrize(
    ("covariance", "more", "expected"),
    [
        ("classical", {}, 0.028583288),
        ("HC1", {}, 0.028395161),
        ("CR1", {"cluster": "firm"}, 0.050595726),
        ("CR1", {"cluster": "year"}, 0.033388913),
        ("CR2", {"cluster": "year"}, 0.033396082),
        ("CR3", {"cluster": "year"}, 0.035214204),
        ("two_way", {"cluster": "firm", "second_cluster": "year"}, 0.053558023),
    ],
)
def test_petersen(firms, covariance, more, expected):
    found = linear_regression(firms, outcome="y", regressors=["x"], covariance=covariance, **more)
    assert found.value == pytest.approx(1.0348, abs=5e-5)
    assert found.se == pytest.approx(expected, abs=1e-8)


def test_density_of_the_senate_margin(shared_reference):
    rows = pd.read_csv(shared_reference / "rd_senate" / "rdrobust_senate.csv")
    found = density_test(rows["margin"], 0)
    assert found.details["statistic"] == pytest.approx(-0.875273014, abs=1e-9)
    assert found.p_value == pytest.approx(0.381425, abs=1e-6)
    assert (found.details["bandwidth_left"], found.details["bandwidth_right"]) == pytest.approx(
        (19.841, 27.119), abs=5e-4
    )
    assert (found.details["n_left_near"], found.details["n_right_near"]) == (408, 460)
    design = regression_discontinuity(rows.dropna(subset=["vote"]), outcome="vote", running="margin", cutoff=0)
    check = next(check for check in design.checks if check.name == "density at the threshold")
    assert check.passed is True
    assert "difference" in check.table["term"].tolist()


def test_egger_of_bcg(shared_reference):
    rows = pd.read_csv(shared_reference / "bcg" / "dat_bcg_escalc.csv")
    found = egger(rows["yi"], rows["vi"])
    assert found.details["z"] == pytest.approx(-0.8033, abs=5e-5)
    assert found.p_value == pytest.approx(0.4218, abs=5e-5)
    assert found.checks[0].passed is True


def test_local_association_of_columbus(shared_reference):
    rows = pd.read_csv(shared_reference / "columbus" / "columbus.csv")
    lines = (shared_reference / "columbus" / "columbus.gal").read_text(encoding="ascii").split("\n")[1:]
    weights = np.zeros((49, 49))
    for head, near in zip(lines[::2], lines[1::2], strict=False):
        if head.strip():
            weights[int(head.split()[0]) - 1, [int(j) - 1 for j in near.split()]] = 1
    found = geary(rows["CRIME"], weights)
    assert found.value == pytest.approx(0.547803377, abs=1e-9)
    assert found.details["z"] == pytest.approx(4.5669, abs=5e-5)
    local = local_moran(rows["CRIME"], weights)
    assert local.details["moran"] == pytest.approx(0.485770914, abs=1e-9)
    assert local.table["value"].sum() / 49 == pytest.approx(moran(rows["CRIME"], weights).value, abs=1e-12)


def test_baseball(shared_reference):
    """The shares of 18 players after 45 times at bat foretell the rest of the season better once shrunk."""
    facts = json.loads((shared_reference / "small_published" / "small_published.json").read_text(encoding="utf-8"))
    players = facts["efron_morris_1975"]
    early, rest = np.array(players["avg45"]), np.array(players["remainder"])
    found = shrink(early * 45, [45] * 18, method="james_stein")
    assert found.value == pytest.approx(players["obtained"]["mean"], abs=1e-6)
    assert found.table["weight"].iloc[0] == pytest.approx(players["shrink_1977"], abs=5e-4)
    assert found.table["value"].iloc[0] == pytest.approx(players["clemente_1977"], abs=5e-4)
    assert ((found.table["value"] - rest) ** 2).sum() == pytest.approx(players["obtained"]["sse_js"], abs=5e-5)
    assert ((early - rest) ** 2).sum() == pytest.approx(players["obtained"]["sse_mle"], abs=5e-5)
