"""Synthetic controls mended by a ridge regression, their intervals where an effect grows, and conformal inference."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import StatsError
from evalkit.stats import synthetic_control
from evalkit.stats._ridge import cross_validated, mended_weights
from evalkit.stats._simplex import convex_weights

START = 8


def panel(donors=24, seed=0, periods=12, level=0.0, effect=None):
    """One territory that is the mean of three donors, lifted by `level`, with the given effect from period 8 on."""
    random = np.random.default_rng(seed)
    common = random.normal(0, 1, (2, periods)).cumsum(axis=1)
    outcome = random.normal(0, 2, (donors, 1)) + random.dirichlet(np.ones(2), donors) * 3 @ common
    outcome += random.normal(0, 0.2, outcome.shape)
    own = outcome[:3].mean(axis=0) + random.normal(0, 0.2, periods) + level
    own[START:] += 4.0 if effect is None else np.asarray(effect)
    rows = np.vstack([own, outcome])
    names = [f"q{i:02d}" for i in range(len(rows))]
    return pd.DataFrame(
        {"u": np.repeat(names, periods), "t": np.tile(np.arange(periods), len(rows)), "y": rows.ravel()}
    )


def ask(frame, **more):
    return synthetic_control(
        frame, **{"outcome": "y", "unit": "u", "time": "t", "treated": "q00", "start": START, **more}
    )


def constant(found):
    return next(check for check in found.checks if check.name == "constant effect")


def slow_ridge(rows, goal, penalty):
    """Ridge regression of each outcome after on the centred outcomes before, as printed: the mix plus the regression of its misfit."""
    weights = convex_weights(rows, goal)
    centred = (rows - rows.mean(axis=1, keepdims=True)).T

    def foreseen(after):
        slope = np.linalg.solve(centred.T @ centred + penalty * np.eye(len(goal)), centred.T @ (after - after.mean()))
        return weights @ after + (goal - rows @ weights) @ slope

    return weights, foreseen


@pytest.mark.parametrize("penalty", [0.01, 1.0, 100.0])
def test_the_weights_are_the_mix_plus_the_ridge_regression_of_its_misfit(penalty):
    random = np.random.default_rng(2)
    rows, goal, after = random.normal(size=(5, 9)), random.normal(size=5) + 2, random.normal(size=9)
    weights, foreseen = slow_ridge(rows, goal, penalty)
    found = mended_weights(rows, goal, weights, penalty)
    assert found.sum() == pytest.approx(1)
    assert found @ after == pytest.approx(foreseen(after))
    assert np.abs(goal - rows @ found).sum() < np.abs(goal - rows @ weights).sum()


def test_the_ends_of_the_penalty_are_the_plain_mix_and_an_exact_fit():
    random = np.random.default_rng(3)
    rows, goal = random.normal(size=(4, 9)), random.normal(size=4) + 2
    weights = convex_weights(rows, goal)
    assert mended_weights(rows, goal, weights, 1e12) == pytest.approx(weights, abs=1e-9)
    assert rows @ mended_weights(rows, goal, weights, 1e-12) == pytest.approx(goal, abs=1e-9)


def test_the_penalty_is_the_largest_within_one_error_of_the_best():
    random = np.random.default_rng(4)
    rows, goal = random.normal(size=(6, 10)).cumsum(axis=0), random.normal(size=6) + 1
    centred = rows - rows.mean(axis=1, keepdims=True)
    tried = np.geomspace(1, 1e-8, 21) * np.linalg.eigvalsh(centred @ centred.T)[-1]
    errors = []
    for penalty in tried:
        one = []
        for t in range(6):
            kept = np.arange(6) != t
            mine = mended_weights(rows[kept], goal[kept], convex_weights(rows[kept], goal[kept]), penalty)
            one.append((goal[t] - rows[t] @ mine) ** 2)
        errors.append(one)
    mean = np.mean(errors, axis=1)
    best = int(mean.argmin())
    within = mean <= mean[best] + np.std(errors[best], ddof=1) / np.sqrt(6)
    assert cross_validated(rows, goal) == pytest.approx(max(tried[within]))


def test_a_territory_above_all_others_is_followed_once_the_mix_is_mended():
    frame = panel(level=6.0)
    plain, mended = ask(frame), ask(frame, augmented=True, penalty=0.1)
    assert plain.value > 5
    assert mended.value == pytest.approx(4, abs=0.7)
    assert mended.details["rmspe_before"] < plain.details["rmspe_before"] / 10
    weights = mended.table.query("kind == 'weight'")["value"]
    assert weights.sum() == pytest.approx(1)
    assert weights.min() < 0


def test_mending_a_good_mix_changes_little_and_knows_no_order():
    frame = panel()
    plain, mended = ask(frame), ask(frame, augmented=True)
    assert mended.value == pytest.approx(plain.value, abs=0.3)
    assert ask(frame.sample(frac=1, random_state=1), augmented=True).value == pytest.approx(mended.value)


def test_an_effect_that_grows_gets_the_interval_of_its_mean_and_it_is_said():
    found = ask(panel(effect=[0, 4, 8, 12]))
    assert found.details["interval"] == "mean"
    assert found.lower < 6 < found.upper
    assert constant(found).passed is False
    for language, word in (("en", "mean"), ("fr", "moyenne")):
        assert word in constant(found).sentence.render(language)
    steady = ask(panel())
    assert (steady.details["interval"], constant(steady).passed) == ("constant", True)


def test_no_interval_says_why():
    few = ask(panel(donors=8))
    assert (few.lower, few.details["interval"], constant(few).passed) == (None, "few", None)
    assert "19" in constant(few).sentence.render("fr")
    twins = panel(donors=22)
    copied = twins[twins["u"] != "q00"].assign(u=lambda f: "z" + f["u"])
    perfect = ask(pd.concat([twins, copied]))
    assert (perfect.lower, perfect.details["interval"]) == (None, "perfect")
    assert constant(perfect).sentence.render("en") != constant(few).sentence.render("en")


def lasting_panel(seed, periods=24, donors=6, effect=2.0):
    random = np.random.default_rng(seed)
    outcome = (
        random.normal(0, 1, (donors, 1))
        + random.normal(0, 1, periods).cumsum()
        + random.normal(0, 1, (donors, periods))
    )
    own = outcome.mean(axis=0) + random.normal(0, 1, periods)
    own[-3:] += effect
    rows = np.vstack([own, outcome])
    names = [f"q{i:02d}" for i in range(len(rows))]
    return pd.DataFrame(
        {"u": np.repeat(names, periods), "t": np.tile(np.arange(periods), len(rows)), "y": rows.ravel()}
    )


@pytest.mark.slow
def test_conformal_intervals_need_periods_instead_of_donors_and_cover():
    assert ask(panel(), inference="conformal").details["interval"] == "few"
    held = 0
    for seed in range(40):
        found = ask(lasting_panel(seed), start=21, inference="conformal")
        assert found.details["interval"] in ("constant", "mean")
        held += found.lower <= 2 <= found.upper
    assert held >= 34


def test_the_conformal_interval_inverts_its_test():
    frame = lasting_panel(1)
    late = (frame["u"] == "q00") & (frame["t"] >= 21)
    found = ask(frame, start=21, inference="conformal")
    for limit, out in ((found.lower, -1), (found.upper, 1)):
        beyond = frame.assign(y=frame["y"] - (limit + 1e-3 * out) * late)
        within = frame.assign(y=frame["y"] - (limit - 1e-3 * out) * late)
        assert ask(beyond, start=21, inference="conformal").p_value <= 0.05
        assert ask(within, start=21, inference="conformal").p_value > 0.05


def test_a_mix_that_follows_everything_gives_no_conformal_interval():
    frame = lasting_panel(0, periods=20, donors=30)
    found = ask(frame, start=17, inference="conformal", augmented=True, penalty=1e-12)
    assert (found.lower, found.details["interval"], found.p_value) == (None, "perfect", 1)


def test_a_growing_effect_gets_the_conformal_interval_of_its_mean():
    frame = lasting_panel(3, effect=np.array([0.0, 12.0, 24.0]))
    found = ask(frame, start=21, inference="conformal")
    assert found.details["interval"] == "mean"
    assert found.lower < found.value < found.upper


@pytest.mark.parametrize(
    ("frame", "more", "code"),
    [
        (panel(), {"augmented": True, "penalty": 0.0}, "EVK-STAT-004"),
        (panel(), {"augmented": True, "start": 2}, "EVK-STAT-007"),
        (panel(donors=1), {}, "EVK-STAT-007"),
        (panel().iloc[:0], {}, "EVK-STAT"),
        (panel().assign(y=lambda f: f["y"].where(f["t"] != 3)), {}, "EVK-STAT-021"),
        (panel().assign(y=lambda f: f["y"].where(f["t"] != 3, np.inf)), {}, "EVK-STAT-021"),
    ],
)
def test_what_cannot_be_told_is_refused(frame, more, code):
    with pytest.raises(StatsError, match=code):
        ask(frame, **more)


@pytest.mark.parametrize("more", [{}, {"augmented": True}, {"inference": "conformal", "confidence": 0.8}])
def test_where_nothing_moves_there_is_no_effect(more):
    for frame in (
        panel().assign(y=1.0),
        panel().assign(y=lambda f: f["t"] * 1.0),
        panel().assign(y=lambda f: f["y"] > 1),
    ):
        found = ask(frame, **more)
        assert np.isfinite([found.value, found.p_value]).all()
        assert None in (found.lower, found.upper) or found.lower <= found.upper
    assert ask(panel().assign(y=1.0), **more).value == pytest.approx(0, abs=1e-12)
    assert ask(panel().assign(y=1.0), **more).p_value == 1
