"""The error of matched and weighted effects against second implementations, the edges, and the coverage."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import StatsError
from evalkit.stats import match
from evalkit.stats._links import local_variances, nearest, whitened
from evalkit.stats._matched_effects import balanced_effect, linked_effect, odds_effect


def units(count=160, pull=0.7, seed=0, effect=1.0, *, round_to=None):
    random = np.random.default_rng(seed)
    a, b = random.normal(size=(2, count))
    if round_to is not None:
        a, b = np.round(a, round_to), np.round(b, round_to)
    d = (random.uniform(size=count) < 1 / (1 + np.exp(1 - pull * (a + 0.5 * b)))).astype(float)
    return pd.DataFrame({"d": d, "a": a, "b": b, "y": a + 0.5 * b + effect * d + random.normal(size=count)})


def ask(frame, **more):
    return match(frame, **{"treated": "d", "covariates": ["a", "b"], "outcome": "y", **more})


def slow_match(frame, distance, near=None):
    """Abadie and Imbens by loops: each treated unit, its matches, and a regression of the matched on the covariates."""
    x, y, d = frame[["a", "b"]].to_numpy(), frame["y"].to_numpy(), frame["d"].to_numpy()
    treated, others = np.flatnonzero(d == 1), np.flatnonzero(d == 0)
    near = near or {
        i: [j for j in others if distance(i, j) <= min(distance(i, k) for k in others) + 1e-9] for i in treated
    }
    load = {j: sum(1 / len(near[i]) for i in treated if j in near[i]) for j in others}
    design = np.column_stack([np.ones(len(x)), x])
    root = np.sqrt([load[j] for j in others])
    linear = np.linalg.pinv(root[:, None] * design[others]) * root
    rows = np.zeros((len(treated), len(others)))
    for r, i in enumerate(treated):
        for j in near[i]:
            rows[r, list(others).index(j)] += 1 / len(near[i])
        rows[r] += (design[i] - np.mean([design[j] for j in near[i]], axis=0)) @ linear
    gaps = y[treated] - rows @ y[others]
    inverse = np.linalg.inv(np.cov(x.T))
    around = []
    for j in others:
        far = {k: float((x[j] - x[k]) @ inverse @ (x[j] - x[k])) for k in others if k != j}
        third = sorted(far.values())[2]
        like = [k for k in far if far[k] <= third + 1e-9]
        around.append(len(like) / (len(like) + 1) * (y[j] - np.mean(y[like])) ** 2)
    size = len(treated)
    total = ((gaps - gaps.mean()) ** 2).sum() * size / (size - 1)
    total += ((rows.sum(axis=0) ** 2 - (rows**2).sum(axis=0)) * around).sum()
    return gaps.mean(), np.sqrt(total) / size


@pytest.mark.parametrize("round_to", [None, 0])
def test_nearest_neighbours_are_those_of_loops_with_and_without_ties(round_to):
    frame = units(70, seed=4, round_to=round_to)
    x = frame[["a", "b"]].to_numpy()
    inverse = np.linalg.inv(np.cov(x.T))
    wanted = slow_match(frame, lambda i, j: float((x[i] - x[j]) @ inverse @ (x[i] - x[j])))
    found = ask(frame, distance="mahalanobis")
    assert (found.value, found.se) == pytest.approx(wanted, rel=1e-6)
    scores = ask(frame).table.query("kind == 'unit'")["score"].to_numpy(dtype=float)
    assert (ask(frame).value, ask(frame).se) == pytest.approx(
        slow_match(frame, lambda i, j: abs(round(scores[i], 10) - round(scores[j], 10))), rel=1e-6
    )


def test_neither_order_nor_ties_nor_units_matter():
    frame = units(90, seed=1, round_to=0)
    one = ask(frame)
    other = ask(frame.sample(frac=1, random_state=3).assign(a=lambda f: 100 * f["a"] - 7))
    assert (other.value, other.se, other.lower) == pytest.approx((one.value, one.se, one.lower), rel=1e-6)


def test_pairs_without_replacement_are_still_there():
    frame = units(100, seed=2)
    found = ask(frame, replacement=False, correct=False)
    weights = found.table.query("kind == 'unit'").set_index("term")["weight"].to_numpy()
    assert set(weights) <= {0.0, 1.0}
    d, y = frame["d"].to_numpy(), frame["y"].to_numpy()
    assert found.value == pytest.approx(y[(d == 1) & (weights > 0)].mean() - y[(d == 0) & (weights > 0)].mean())
    assert (found.details["pairs"], found.details["corrected"]) == (int(d.sum()), 0)


def moved_by_each_unit(effect, frame):
    """The infinitesimal jackknife: how the effect moves when a unit counts a little more, by resampling fractions."""
    base = effect(np.ones(len(frame)))
    step = 1e-4
    return np.array([(effect(1 + step * (np.arange(len(frame)) == i)) - base) / step for i in range(len(frame))])


@pytest.mark.parametrize("method", ["entropy", "propensity"])
def test_the_error_counts_every_unit_by_its_influence(method):
    """Solve the moment equations with weighted units: the squares of the moves are the variance, but for the leverages."""
    from scipy.optimize import root

    frame = units(400, seed=6)
    d, y, x = frame["d"].to_numpy(), frame["y"].to_numpy(), frame[["a", "b"]].to_numpy()

    def effect(count):
        mean = np.average(x[d == 1], axis=0, weights=count[d == 1])
        if method == "entropy":
            centred = x[d == 0] - mean
            dual = root(lambda v: (count[d == 0] * np.exp(centred @ v)) @ centred, np.zeros(2), tol=1e-12).x
            weight = count[d == 0] * np.exp(centred @ dual)
        else:
            design = np.column_stack([np.ones(len(x)), x])
            beta = root(lambda v: (count * (d - 1 / (1 + np.exp(-design @ v)))) @ design, np.zeros(3), tol=1e-12).x
            weight = count[d == 0] * np.exp(design[d == 0] @ beta)
        return np.average(y[d == 1], weights=count[d == 1]) - np.average(y[d == 0], weights=weight)

    found = ask(frame, method=method)
    assert found.value == pytest.approx(effect(np.ones(len(frame))), abs=1e-8)
    rough = np.sqrt((moved_by_each_unit(effect, frame) ** 2).sum())
    assert found.se == pytest.approx(rough, rel=0.06)
    assert found.se > rough


@pytest.mark.slow
@pytest.mark.parametrize("method", ["entropy", "propensity", "nearest"])
def test_the_interval_covers(method):
    held = sum(found.lower <= 1 <= found.upper for found in (ask(units(seed=s), method=method) for s in range(150)))
    assert 135 <= held <= 149


def test_groups_unlike_each_other_fail_their_checks_and_say_so():
    frame = units(200, pull=3.0, seed=3)
    checks = {check.name: check for check in ask(frame).checks}
    assert checks["balance"].passed is False
    assert "regression" in checks["balance"].sentence.render("en")
    assert "régression" in checks["balance"].sentence.render("fr")
    assert {c.name: c.passed for c in ask(frame, method="propensity").checks}["weights spread"] is False
    assert {c.name: c.passed for c in ask(units(400, 0.2), method="entropy").checks}["weights spread"] is True


def test_few_matched_units_are_not_regressed_and_it_is_said():
    frame = pd.DataFrame({"d": [1, 1, 1, 0, 0, 0], "a": [1.0, 1.2, 2.1, 1.1, 1.9, 9], "y": [3.0, 4, 5, 2, 2.5, 9]})
    found = match(frame, treated="d", covariates=["a"], outcome="y", distance="mahalanobis")
    assert found.details["corrected"] == 0
    assert found.se > 0


def test_the_caliper_leaves_out_what_has_no_equivalent():
    frame = units(120, pull=2.0, seed=5)
    found = ask(frame, distance="mahalanobis", caliper=0.3)
    checks = {check.name: check for check in found.checks}
    assert found.details["pairs"] < frame["d"].sum()
    assert checks["all treated kept"].passed is False
    with pytest.raises(StatsError, match="EVK-STAT-007"):
        ask(frame, distance="mahalanobis", caliper=1e-9)


@pytest.mark.parametrize(
    ("change", "more", "code"),
    [
        ({}, {"distance": "far"}, "EVK-STAT-009"),
        ({}, {"caliper": 0.0}, "EVK-STAT-004"),
        ({}, {"covariates": []}, "EVK-STAT-007"),
        ({"y": 1.0}, {}, "EVK-STAT-014"),
        ({"y": np.nan}, {}, "EVK-STAT-002"),
        ({"a": np.inf}, {}, "EVK-STAT-002"),
        ({"a": 1.0}, {}, "EVK-STAT-017"),
        ({"a": 1.0}, {"distance": "mahalanobis"}, "EVK-STAT-017"),
        ({"a": "same"}, {"covariates": ["a"]}, "EVK-STAT-007"),
        ({"d": 0.0}, {}, "EVK-STAT-007"),
        ({"d": 2.0}, {}, "EVK-STAT-016"),
    ],
)
def test_what_cannot_be_matched_is_refused(change, more, code):
    with pytest.raises(StatsError, match=code):
        ask(units().assign(**change), **more)
    with pytest.raises(StatsError, match="EVK-STAT-017"):
        ask(units().assign(b=lambda f: 2 * f["a"]), distance="mahalanobis")
    with pytest.raises(StatsError, match="EVK-STAT"):
        ask(units().iloc[:0])


def test_an_effect_without_scatter_has_no_p_value():
    frame = units(60, seed=8).assign(y=lambda f: f["a"] + f["d"])
    for method in ("entropy", "nearest"):
        found = ask(frame, method=method)
        assert found.value == pytest.approx(1)
        assert found.se == pytest.approx(0, abs=0.6)
    points = whitened(frame[["a", "b"]].to_numpy())
    assert np.isfinite(local_variances(points, frame["y"].to_numpy())).all()


def test_all_alike_units_are_all_matches():
    links = nearest(np.zeros((3, 1)), np.zeros((5, 1)), None)
    chosen = np.arange(8) < 3
    y = np.arange(8.0)
    assert links.loads(np.ones((3, 1)))[:, 0] == pytest.approx([0.6] * 5)
    x = np.random.default_rng(0).normal(size=(8, 1))
    found = linked_effect(y, x, chosen, links, correct=False)
    assert found.value == pytest.approx(1 - 5)
    weights = np.where(chosen, 1.0, 0.6)
    for other in (balanced_effect(y, x, chosen, weights), odds_effect(y, x, chosen, np.full(8, 3 / 8))):
        assert other.value == pytest.approx(1 - 5)
        assert other.variance > 0
