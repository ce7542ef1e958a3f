"""Clustered and neighbouring errors: against the definition written out, and their edges."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from test_differences import COLUMNS, panel

from evalkit.errors import StatsError
from evalkit.stats import did, linear_regression


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(1)
    group = np.repeat(np.arange(8), [3, 5, 4, 9, 2, 6, 7, 4])
    x = random.normal(size=40) + 0.5 * group
    y = 1 + 2 * x + random.normal(size=8)[group] + random.normal(size=40)
    places = {"east": random.uniform(0, 10, 40), "north": random.uniform(0, 10, 40)}
    return pd.DataFrame(
        {"y": y, "x": x, "z": random.normal(size=40), "c": group, "w": random.uniform(1, 3, 40), **places}
    )


def written_out(frame, power):
    """The sandwich of the definition, with full hat matrices."""
    design = np.column_stack([np.ones(len(frame)), frame["x"], frame["z"]])
    bread = np.linalg.inv(design.T @ design)
    rest = frame["y"] - design @ bread @ design.T @ frame["y"]
    meat, hat = np.zeros((3, 3)), design @ bread @ design.T
    for name in frame["c"].unique():
        mine = (frame["c"] == name).to_numpy()
        values, vectors = np.linalg.eigh(np.eye(mine.sum()) - hat[np.ix_(mine, mine)])
        mark = design[mine].T @ (vectors * values**power) @ vectors.T @ rest[mine]
        meat += np.outer(mark, mark)
    return bread @ meat @ bread


@pytest.mark.parametrize(("covariance", "power"), [("CR0", 0), ("CR2", -0.5), ("CR3", -1)])
def test_the_definition_written_out(rows, covariance, power):
    found = linear_regression(rows, outcome="y", regressors=["x", "z"], covariance=covariance, cluster="c")
    assert found.covariance.to_numpy() == pytest.approx(written_out(rows, power), abs=1e-12)


def test_cr3_is_the_jackknife_of_clusters(rows):
    found = linear_regression(rows, outcome="y", regressors=["x"], covariance="CR3", cluster="c")
    left = [linear_regression(rows[rows["c"] != c], outcome="y", regressors=["x"]).value for c in range(8)]
    assert found.se == pytest.approx(np.sqrt(((np.array(left) - found.value) ** 2).sum()), abs=1e-12)


def test_cr2_is_unbiased_and_its_freedom_is_small(rows):
    """With independent, equal errors the expected CR2 variance is the true one."""
    random = np.random.default_rng(2)
    frame, variances = rows.copy(), []
    for _ in range(400):
        frame["y"] = random.normal(size=40)
        variances.append(linear_regression(frame, outcome="y", regressors=["x"], covariance="CR2", cluster="c").se ** 2)
    truth = 1 / ((rows["x"] - rows["x"].mean()) ** 2).sum()
    assert np.mean(variances) == pytest.approx(truth, rel=4 * np.std(variances) / np.mean(variances) / 20)
    assert 1 < linear_regression(rows, outcome="y", regressors=["x"], covariance="CR2", cluster="c").details["df"] < 7


def test_neighbours_written_out(rows):
    found = linear_regression(
        rows, outcome="y", regressors=["x"], covariance="conley", position=("east", "north"), reach=3, kernel="bartlett"
    )
    design = np.column_stack([np.ones(40), rows["x"]])
    bread = np.linalg.inv(design.T @ design)
    rest = rows["y"].to_numpy() - design @ bread @ design.T @ rows["y"].to_numpy()
    meat = np.zeros((2, 2))
    for i in range(40):
        for j in range(40):
            away = np.hypot(rows["east"][i] - rows["east"][j], rows["north"][i] - rows["north"][j])
            if away <= 3:
                meat += (1 - away / 3) * rest[i] * rest[j] * np.outer(design[i], design[j])
    assert found.covariance.to_numpy() == pytest.approx(bread @ meat @ bread, abs=1e-12)
    assert found.details["df"] is None


def test_neighbours_at_no_distance_are_independent_rows(rows):
    near = linear_regression(
        rows, outcome="y", regressors=["x"], covariance="conley", position=("east", "north"), reach=1e-9
    )
    plain = linear_regression(rows, outcome="y", regressors=["x"], covariance="HC1")
    assert near.se == pytest.approx(plain.se * np.sqrt(38 / 40), abs=1e-12)


def test_weights_are_repetitions_for_the_coefficients(rows):
    doubled = pd.concat([rows, rows[rows["c"] < 3]])
    weighted = rows.assign(w=np.where(rows["c"] < 3, 2.0, 1.0))
    one = linear_regression(weighted, outcome="y", regressors=["x", "z"], weights="w", covariance="CR0", cluster="c")
    two = linear_regression(doubled, outcome="y", regressors=["x", "z"], covariance="CR0", cluster="c")
    assert one.table["value"].tolist() == pytest.approx(two.table["value"].tolist(), abs=1e-12)
    assert one.se == pytest.approx(two.se, abs=1e-12)


@pytest.mark.parametrize(
    ("change", "arguments", "code"),
    [
        ({}, {"covariance": "CR2"}, "EVK-STAT-013"),
        ({}, {"covariance": "two_way", "cluster": "c"}, "EVK-STAT-013"),
        ({}, {"covariance": "conley", "position": ("east", "north")}, "EVK-STAT-013"),
        ({}, {"covariance": "conley", "position": ("east", "north"), "reach": 0}, "EVK-STAT-004"),
        ({"c": 1}, {"covariance": "CR1", "cluster": "c"}, "EVK-STAT-007"),
        ({"z": 2.0}, {}, "EVK-STAT-017"),
        ({"y": 2.0}, {}, "EVK-STAT-014"),
        ({"z": np.nan}, {}, "EVK-STAT-002"),
        ({"w": 0.0}, {"weights": "w"}, "EVK-STAT-004"),
        ({}, {"covariance": "guess"}, "EVK-STAT-009"),
    ],
)
def test_refusals(rows, change, arguments, code):
    with pytest.raises(StatsError, match=code):
        linear_regression(rows.assign(**change), outcome="y", regressors=["x", "z"], **arguments)


@pytest.mark.parametrize("covariance", ["CR2", "CR3"])
def test_two_way_fixed_effects_take_small_sample_errors(covariance):
    frame = panel([2003] * 5 + [None] * 7)
    dummies = pd.get_dummies(frame[["u"]].assign(t=frame["t"].astype(str)), drop_first=True, dtype=float)
    names = list(dummies.columns)
    whole = dummies.assign(y=frame["y"], d=(frame["t"] >= frame["g"]).astype(float), c=frame["u"])
    expected = linear_regression(whole, outcome="y", regressors=["d", *names], covariance=covariance, cluster="c")
    found = did(frame, **COLUMNS, method="twfe", covariance=covariance)
    assert (found.value, found.se, found.p_value) == pytest.approx(
        (expected.value, expected.se, expected.p_value), rel=1e-8
    )
    assert found.details["df"] == pytest.approx(expected.details["df"], rel=1e-8)
    with pytest.raises(StatsError, match="EVK-STAT-009"):
        did(frame, **COLUMNS, covariance=covariance)
    lone = did(panel([2003] + [None] * 9), **COLUMNS, method="twfe", covariance=covariance)
    assert lone.se is None
