"""Interrupted series under autocorrelation: the errors against dense matrices, the edges, the coverage."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar

from evalkit.errors import StatsError
from evalkit.stats import interrupted_time_series
from evalkit.stats._autoregression import serial_regression


def series(count=40, rho=0.5, seed=0, jump=1.0):
    random = np.random.default_rng(seed)
    noise = random.normal(size=count)
    for t in range(1, count):
        noise[t] = rho * noise[t - 1] + np.sqrt(1 - rho**2) * noise[t]
    return pd.DataFrame({"t": np.arange(count), "y": 0.01 * np.arange(count) + jump * (np.arange(count) >= 20) + noise})


def ask(frame, **more):
    return interrupted_time_series(frame, **{"outcome": "y", "time": "t", "start": 20, **more})


@pytest.mark.parametrize("kept", [np.arange(30), np.delete(np.arange(30), [3, 4, 11, 20])])
@pytest.mark.parametrize("weighted", [True, False])
def test_the_errors_are_those_of_dense_matrices(kept, weighted):
    frame = series(30, 0.6, 4).iloc[kept]
    t = frame["t"].to_numpy(dtype=float)
    design = np.column_stack([np.ones(len(t)), t >= 15, t])
    y = frame["y"].to_numpy()
    lags = np.abs(np.subtract.outer(t, t))

    def pieces(rho):
        inverse = np.linalg.inv(rho**lags)
        information = design.T @ inverse @ design
        beta = np.linalg.solve(information, design.T @ inverse @ y)
        rest = y - design @ beta
        return beta, information, float(rest @ inverse @ rest), np.linalg.slogdet(rho**lags)[1]

    def minus(rho):
        _, information, squares, spread = pieces(rho)
        return (spread + np.linalg.slogdet(information)[1] + (len(t) - 3) * np.log(squares)) / 2

    rho = minimize_scalar(minus, bounds=(0.01, 0.98), method="bounded", options={"xatol": 1e-10}).x
    beta, information, squares, _ = pieces(rho)
    plain = np.linalg.inv(design.T @ design)
    covariance = np.linalg.inv(information) if weighted else plain @ design.T @ rho**lags @ design @ plain
    found = serial_regression(y, design, t, weighted=weighted)
    assert found.rho == pytest.approx(rho, abs=1e-5)
    assert found.beta == pytest.approx(beta if weighted else plain @ design.T @ y, rel=1e-4)
    assert found.covariance == pytest.approx(squares / (len(t) - 3) * covariance, rel=1e-3)
    assert found.df.min() >= 1
    assert found.df.max() <= len(t) - 3


def test_independent_periods_give_nearly_the_usual_interval():
    found = ask(series(300, 0.0, 3), start=150)
    assert abs(found.details["autocorrelation"]) < 0.15
    assert found.table["df"][1] > 30
    assert {c.name: c.passed for c in found.checks}["autocorrelation"] is True


def test_autocorrelation_is_found_said_and_widens_the_interval():
    frame = series(80, 0.8, 5)
    found, long = ask(frame, start=40), ask(frame, start=40, errors="newey_west")
    assert found.value == pytest.approx(long.value)
    assert found.upper - found.lower > 1.2 * (long.upper - long.lower)
    assert found.details["autocorrelation"] > 0.4
    said = next(check for check in found.checks if check.name == "autocorrelation").sentence
    assert "autocorrelation of 0." in said.render("en")
    assert "autocorrélation de 0," in said.render("fr")
    assert long.details["autocorrelation"] is None


def test_weighting_by_the_autocorrelation_is_more_precise_where_it_is_strong():
    frame = series(80, 0.8, 5)
    assert ask(frame, start=40, errors="gls").se < ask(frame, start=40).se


def test_giving_lags_asks_for_the_published_errors():
    frame = series()
    assert ask(frame, lags=3).se == ask(frame, lags=3, errors="newey_west").se
    assert ask(frame, lags=3).se != ask(frame).se
    assert np.isnan(ask(frame, lags=3).table["df"].astype(float)).all()


def test_a_series_that_follows_its_line_exactly_has_no_error():
    t = np.arange(20)
    found = ask(pd.DataFrame({"t": t, "y": 3.0 * t + 10 * (t >= 10)}), start=10)
    assert (found.value, found.p_value) == (pytest.approx(10), None)
    assert found.se == pytest.approx(0, abs=1e-9)
    assert {c.name: c.passed for c in found.checks}["autocorrelation"] is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"errors": "hc3"}, "EVK-STAT-009"),
        ({"lags": -1}, "EVK-STAT-005"),
        ({"family": "poisson", "outcome": "late"}, "EVK-STAT-007"),
        ({"family": "poisson", "outcome": "early"}, "EVK-STAT-007"),
        ({"family": "poisson"}, "EVK-STAT-005"),
        ({"outcome": "hole"}, "EVK-STAT-002"),
    ],
)
def test_what_cannot_be_told_is_refused(change, code):
    frame = series(seed=7)
    frame = frame.assign(
        late=(frame["t"] >= 20) * 3, early=(frame["t"] < 20) * 3, hole=frame["y"].where(frame["t"] != 5)
    )
    frame["y"] -= 10
    with pytest.raises(StatsError, match=code):
        ask(frame, **change)


@pytest.mark.slow
def test_the_interval_covers_in_short_and_lasting_series():
    for count, rho in ((24, 0.0), (24, 0.6), (40, 0.5)):
        held = 0
        for seed in range(60):
            frame = series(count, rho, seed, jump=0.0)
            frame["y"] += frame["t"] >= count // 2
            found = ask(frame, start=count // 2)
            held += found.lower <= 1 <= found.upper
        assert held >= 52
