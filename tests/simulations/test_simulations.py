"""The table of simulations is what the tool computes, one row at a time, and says what it shows."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import simulate
from simulations.measure import Simulation, alarm_verdict, coverage_verdict, measured
from simulations.page import alarms, bias, coverage, page
from simulations.panels import GROWING, lasting
from simulations.registry import simulations

from evalkit.model.estimate import Estimate

TABLE = {str(row["name"]): row for row in simulate.table()}
CHEAP = "proportion_interval/20_at_5"
SEVERAL = (
    "did/callaway_santanna/analytic/6_territories",
    "did/twfe/analytic/staggered_growing",
    "did/twfe/wild_bootstrap/6_territories",
    "did/imputation/randomisation/6_territories",
    "synthetic_control/placebo/20_donors",
    "regression_discontinuity/few_120",
    "interrupted_time_series/quasipoisson/overdispersed_40",
    "match/entropy/40",
    "survival/12_each",
    "pool/knapp_hartung/4",
    "trend/counts_40",
)
CAUSAL = (
    "did", "event_study", "stacked_did", "synthetic_control", "synthetic_did", "regression_discontinuity", "interrupted_time_series", "match",
    "change_against_comparators", "survival", "spillover", "trend",
)  # fmt: skip
INTERVALS = (
    "proportion_interval", "rate_interval", "standardised_rate", "difference_of_proportions", "mean_interval", "median_interval",
    "linear_regression", "pool", "cost_effectiveness", "slope_index", "small_area",
)  # fmt: skip


def test_a_row_computed_alone_is_that_of_the_table():
    assert simulate.row(CHEAP) == TABLE[CHEAP]


@pytest.mark.slow
@pytest.mark.parametrize("name", SEVERAL)
def test_rows_computed_alone_are_those_of_the_table(name):
    assert simulate.row(name) == TABLE[name]


def test_the_table_holds_every_row_with_its_own_seed():
    assert list(TABLE) == list(simulations())
    assert len({row["seed"] for row in TABLE.values()}) == len(TABLE)
    for name, row in TABLE.items():
        known = simulations()[name]
        assert (row["seed"], row["replications"]) == (known.seed, known.replications), name
        assert known.replications >= 200


def test_the_page_is_current():
    assert simulate.PAGE.read_text(encoding="utf-8") == page(TABLE.values()), "run `make docs`"


@pytest.mark.parametrize("function", [*CAUSAL, *INTERVALS])
def test_every_estimator_meets_at_least_three_designs(function):
    rows = [row for row in TABLE.values() if row["function"] == function]
    assert len({row["design"] for row in rows}) >= 3
    assert all(math.isfinite(float(row[key])) for row in rows for key in ("bias", "bias_error", "empirical_se"))


def test_what_is_not_as_stated_says_why():
    silent = [
        name
        for name, row in TABLE.items()
        if "▼" in (coverage_verdict(row).symbol, alarm_verdict(row).symbol) and not row["why"]
    ]
    assert silent == []


def test_growing_effects_bias_two_way_fixed_effects_and_no_other_method():
    rows = {name.split("/")[1]: row for name, row in TABLE.items() if name.endswith("analytic/staggered_growing")}
    away = {method: abs(row["bias"]) / row["bias_error"] for method, row in rows.items()}
    assert away.pop("twfe") > 10
    assert max(away.values()) < 3.5


def simulation(values, *, lower=None, upper=None, truth=0.0, **more):
    """A row whose answers are given."""

    def ask(data):
        low = None if lower is None else data + lower
        return Estimate(
            value=float(data), method="given", se=1.0, lower=low, upper=None if upper is None else data + upper
        )

    array = np.array(values, dtype=float)
    return Simulation(
        "given", "given", "given", "given", truth, lambda _, __: (array, None), ask, len(values), **more
    )  # fmt: skip


def test_the_measures_of_a_row_by_hand():
    row = measured(simulation([0, 1, 2, 5], lower=-2, upper=2))
    assert (row["bias"], row["answered"], row["intervals"], row["covered"]) == (2.0, 4, 4, 3)
    assert row["empirical_se"] == pytest.approx(np.std([0, 1, 2, 5], ddof=1), rel=1e-5)
    assert row["bias_error"] == pytest.approx(row["empirical_se"] / 2, rel=1e-5)
    assert row["coverage_error"] == pytest.approx(math.sqrt(0.75 * 0.25 / 4), rel=1e-5)
    assert row["false_positive_rate"] is None


def test_a_bound_not_given_is_open_and_no_bound_at_all_is_no_interval():
    assert measured(simulation([-3, 3], lower=-1))["covered"] == 1
    nothing = measured(simulation([1, 2]))
    assert (nothing["intervals"], nothing["coverage"]) == (0, None)
    assert coverage(nothing) == "no interval"


def test_a_ratio_is_judged_on_the_logarithmic_scale():
    row = measured(simulation([1.0, math.e**2], truth=1.0, log=True, lower=-0.5, upper=0.5))
    assert row["bias"] == pytest.approx(0)
    assert row["covered"] == 0


@pytest.mark.parametrize(("covered", "words"), [(380, "= covers as stated"), (360, "▼ too short"), (396, "▲ too wide")])
def test_the_words_follow_the_monte_carlo_error(covered, words):
    row = dict(TABLE[CHEAP], covered=covered, intervals=400, bias=0.0)
    assert str(coverage_verdict(row)) == words
    biased = dict(row, bias=1.0, empirical_se=1.0)
    assert ("biased" in coverage_verdict(biased).words) == (covered == 360)


def test_false_alarms_have_words_too():
    row = dict(TABLE[CHEAP], alarms=60, tests=400, false_positive_rate=0.15, false_positive_error=0.018)
    assert alarms(row) == "15.0% ± 1.8 ▼ too many false alarms"
    assert alarm_verdict(dict(row, alarms=2)).symbol == "▲"
    assert bias(dict(row, bias=0.5, bias_error=0.01, empirical_se=1.0)) == "**0.5 ± 0.01**"


def test_the_lasting_noise_has_the_stated_correlation():
    noise = lasting(np.random.default_rng(0).normal(size=(20_000, 5)))
    assert noise.var(axis=0) == pytest.approx(np.ones(5), abs=0.05)
    assert np.corrcoef(noise[:, 3], noise[:, 4])[0, 1] == pytest.approx(0.5, abs=0.02)


def test_the_truth_of_growing_effects_is_their_mean_over_treated_cells():
    since = [t - g for g, n in ((2, 10), (4, 10), (6, 10)) for t in range(9) if t >= g for _ in range(n)]
    assert GROWING.truth("twfe") == pytest.approx(np.mean([0.5 + 0.5 * e for e in since]))
    assert GROWING.truth("switchers") == 0.5


def test_the_command_lists_prints_and_writes_rows(tmp_path, monkeypatch, capsys):
    assert simulate.main(["--list"]) == 0
    assert capsys.readouterr().out.split("\n")[:-1] == list(TABLE)
    monkeypatch.setattr(simulate, "rows", lambda names, _: (simulate.row(name) for name in names))
    assert simulate.main(["--row", CHEAP]) == 0
    assert json.loads(capsys.readouterr().out) == TABLE[CHEAP]
    monkeypatch.setattr(simulate, "DATA", tmp_path / "simulations.json")
    monkeypatch.setattr(simulate, "PAGE", tmp_path / "simulations.md")
    assert simulate.main(["--row", CHEAP, "--write"]) == 0
    assert simulate.table() == [TABLE[CHEAP]]
    assert "Wilson" in Path(simulate.PAGE).read_text(encoding="utf-8")
    with pytest.raises(SystemExit):
        simulate.main(["--row", "nothing_of_the_kind"])
