"""Whole programmes: the shared work gives what territories taken one by one give."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.errors import StatsError
from evalkit.stats import synthetic_control, synthetic_did
from evalkit.stats._double_weights import noise_level, placebo_effects, time_weights, unit_weights
from evalkit.stats._mixes import Pool
from evalkit.stats._simplex import FIRST_ROUND, SECOND_ROUND, Problems, convex_weights, frank_wolfe
from evalkit.stats.panel.inference import cluster_sums
from evalkit.stats.programme import synthetic_control_programme, synthetic_did_programme

COLUMNS = {"outcome": "y", "unit": "u", "time": "t"}
SEEDS = st.integers(0, 2**32 - 1)


def programme(seed=0, dates=(2006, 2006, 2008), donors=22, periods=12, effect=3.0):
    """Territories treated at the given dates, donors around them, two common factors."""
    random = np.random.default_rng(seed)
    count = len(dates) + donors
    common = random.normal(0, 1, (2, periods)).cumsum(axis=1)
    outcome = random.dirichlet(np.ones(2), count) * 3 @ common + random.normal(0, 0.3, (count, periods))
    first = np.array([*dates, *[np.nan] * donors], dtype=float)
    times = 2000 + np.arange(periods)
    outcome += effect * (times[None, :] >= first[:, None])
    names = [f"q{i:02d}" for i in random.permutation(count)]
    return pd.DataFrame(
        {
            "u": np.repeat(names, periods), "t": np.tile(times, count), "g": np.repeat(first, periods),
            "y": outcome.ravel(),
        }
    )  # fmt: skip


def one_by_one(columns, target, penalty, tolerance, start=None):
    """Frank-Wolfe for one problem, straight from the authors' text."""
    columns, target = columns - columns.mean(axis=0), target - target.mean()

    def run(weights, most):
        last = np.inf
        for step in range(most):
            slope = columns.T @ (columns @ weights - target) + len(target) * penalty**2 * weights
            towards = -weights
            towards[slope.argmin()] += 1
            bend = ((columns @ towards) ** 2).sum() + len(target) * penalty**2 * (towards**2).sum()
            weights = weights + (min(1, max(0, -(slope @ towards) / bend)) if bend > 0 else 0) * towards
            value = penalty**2 * (weights**2).sum() + ((columns @ weights - target) ** 2).mean()
            if step > 0 and last - value <= tolerance**2:
                break
            last = value
        return weights

    weights = np.ones(columns.shape[1]) if start is None else start
    weights = run(weights / weights.sum(), FIRST_ROUND)
    weights = np.where(weights <= weights.max() / 4, 0, weights)
    return run(weights / weights.sum(), SECOND_ROUND)


@settings(max_examples=8, deadline=None)
@given(SEEDS, st.integers(3, 9), st.integers(3, 15), st.booleans())
def test_problems_solved_together_are_those_solved_one_by_one(seed, periods, donors, started):
    random = np.random.default_rng(seed)
    rows = random.normal(0, 1, (donors, periods + 3)).cumsum(axis=1)
    before = np.arange(periods + 3) < periods
    noise = noise_level(rows, before)
    counts = np.ones((donors, donors)) - np.eye(donors)
    begin = random.dirichlet(np.ones(donors)) if started else None
    omega = unit_weights(
        rows, rows, before, counts > 0, noise, 1, None if begin is None else np.tile(begin, (donors, 1))
    )
    lam = time_weights(rows, before, counts, noise)
    for j in range(donors):
        kept = counts[j] > 0
        wanted = one_by_one(
            rows[kept][:, before].T,
            rows[j, before],
            3**0.25 * noise,
            1e-5 * noise,
            None if begin is None else begin[kept],
        )
        assert omega[j, kept] == pytest.approx(wanted, abs=1e-7)
        assert omega[j, j] == 0
        late = rows[kept][:, ~before].mean(axis=1)
        assert lam[j] == pytest.approx(one_by_one(rows[kept][:, before], late, 1e-6 * noise, 1e-5 * noise), abs=1e-7)
    for weights in (omega, lam):
        assert weights.min() >= 0
        assert weights.sum(axis=1) == pytest.approx(1, abs=1e-12)


def test_a_corner_is_reached_in_one_step():
    gram = np.diag([1.0, 4.0, 9.0])
    problem = Problems(gram, np.array([[2.0, 0, 0]]), np.ones((1, 3), dtype=bool), np.array([3.0]), np.zeros(1))
    assert frank_wolfe(problem, 1e-9)[0] == pytest.approx([1, 0, 0])


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.integers(2, 8), st.integers(3, 30), st.booleans())
def test_convex_weights_are_optimal_and_know_no_order(seed, periods, donors, inside):
    random = np.random.default_rng(seed)
    rows = random.normal(0, 1, (periods, donors))
    target = rows @ random.dirichlet(np.ones(donors)) if inside else random.normal(0, 2, periods)
    weights, order = convex_weights(rows, target), random.permutation(donors)
    slope = (rows @ weights - target) @ rows
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    assert slope.min() >= slope @ weights - 1e-7
    assert convex_weights(rows[:, order], target) == pytest.approx(weights[order], abs=1e-7)


def test_among_mixes_that_fit_the_most_even_one_is_taken():
    corners = np.array([[0.0, 0, 1, 1], [0, 1, 0, 1]])
    assert convex_weights(corners, np.array([0.5, 0.5])) == pytest.approx([0.25] * 4, abs=1e-9)
    twins = np.array([[1.0, 1, 3], [1, 1, 3]])
    assert convex_weights(twins, np.zeros(2)) == pytest.approx([0.5, 0.5, 0], abs=1e-9)


@settings(max_examples=5, deadline=None)
@given(SEEDS)
def test_every_territory_gets_the_synthetic_control_it_has_alone(seed):
    frame = programme(seed)
    found = synthetic_control_programme(frame, **COLUMNS, first_treated="g")
    assert found.value == pytest.approx(found.table["value"].mean())
    for row in found.table.itertuples():
        alone = synthetic_control(
            frame[frame["g"].isna() | (frame["u"] == row.term)], **COLUMNS, treated=row.term, start=row.start
        )
        assert (row.value, row.p_value, row.ratio) == pytest.approx(
            (alone.value, alone.p_value, alone.details["ratio"])
        )
        assert row.rmspe_before == pytest.approx(alone.details["rmspe_before"])
        assert np.isnan(row.lower) if alone.lower is None else row.upper == pytest.approx(alone.upper)
        checks = {check.name: check for check in alone.checks}
        assert row.fits == checks["fit before"].passed
        assert row.keeps_direction == checks["leave one donor out"].passed
        assert row.placebo_date_p == checks["placebo date"].table["p_value"][0]


def test_every_territory_gets_the_synthetic_differences_it_has_alone():
    frame = programme(3)
    found = synthetic_did_programme(frame, **COLUMNS, first_treated="g")
    placebos = next(check for check in found.checks if check.name == "placebos").table
    for row in found.table.itertuples():
        part = frame[frame["g"].isna() | (frame["u"] == row.term)]
        alone = synthetic_did(part, **COLUMNS, treated=row.term, start=row.start)
        assert row.value == pytest.approx(alone.value, abs=1e-9)
        assert row.se == pytest.approx(alone.se, rel=0.01)
        mine = placebos[placebos["start"] == row.start]["value"]
        assert row.se == pytest.approx(mine.std())
        assert row.p_value == pytest.approx((1 + (mine.abs() >= abs(row.value)).sum()) / 23)
        assert row.donors == ((alone.table["kind"] == "unit_weight") & (alone.table["value"] > 1e-8)).sum()


def test_a_placebo_is_the_estimate_of_that_territory_with_the_same_noise():
    frame = programme(4)
    wide = frame[frame["g"].isna()]["y"].to_numpy().reshape(-1, 12)
    before = np.arange(12) < 6
    noise = noise_level(wide, before)
    together = placebo_effects(wide, before, [[j] for j in range(len(wide))], noise)
    assert together == pytest.approx(
        [placebo_effects(wide, before, [[j]], noise)[0] for j in range(len(wide))], abs=1e-9
    )


@pytest.mark.parametrize("method", [synthetic_control_programme, synthetic_did_programme])
def test_neither_the_order_of_rows_nor_names_nor_units_of_measure_matter(method):
    frame = programme(5)
    before = frame.copy()
    found = method(frame, **COLUMNS, first_treated="g", measure="euro")
    other = frame.sample(frac=1, random_state=2).assign(
        u=lambda f: "z" + (99 - f["u"].str[1:].astype(int)).astype(str), y=lambda f: 1000 * f["y"] + 7
    )
    moved = method(other, **COLUMNS, first_treated="g").table
    moved["term"] = [f"q{99 - int(name[1:]):02d}" for name in moved["term"]]
    moved = moved.sort_values("term", ignore_index=True)
    assert moved["value"].to_numpy() / 1000 == pytest.approx(found.table["value"].to_numpy(), abs=1e-6)
    assert moved["p_value"].tolist() == found.table["p_value"].tolist()
    assert found.table["term"].is_monotonic_increasing
    assert found.details["dates"] == 2
    for text in (found.sentence, *(check.sentence for check in found.checks)):
        assert text.render("fr")
    pd.testing.assert_frame_equal(frame, before)


def test_codes_for_never_and_dates_after_the_end_are_untreated():
    frame = programme(6)
    expected = synthetic_control_programme(frame, **COLUMNS, first_treated="g").table
    coded = frame.assign(g=frame["g"].fillna(0))
    pd.testing.assert_frame_equal(
        synthetic_control_programme(coded, **COLUMNS, first_treated="g", never=0).table, expected
    )
    late = frame.assign(g=frame["g"].fillna(2050))
    pd.testing.assert_frame_equal(synthetic_control_programme(late, **COLUMNS, first_treated="g").table, expected)


def test_many_perfect_fits_leave_no_interval():
    frame = programme(7, dates=(2002, 2002), donors=60)
    found = synthetic_control_programme(frame, **COLUMNS, first_treated="g").table
    assert found[["lower", "upper"]].isna().all(axis=None)
    assert found["p_value"].between(1 / 61, 1).all()


def test_a_poor_fit_is_named_and_a_lone_donor_too():
    frame = programme(8)
    far = frame["g"] == 2008
    name = frame.loc[far, "u"].iloc[0]
    frame.loc[far, "y"] += 50
    checks = {c.name: c for c in synthetic_control_programme(frame, **COLUMNS, first_treated="g").checks}
    assert checks["fit before"].passed is False
    assert name in checks["fit before"].sentence.render("fr")
    few = synthetic_did_programme(programme(9, donors=2), **COLUMNS, first_treated="g")
    assert few.table["lower"].isna().all()
    assert next(c for c in few.checks if c.name == "several donors").passed is False


@pytest.mark.parametrize("method", [synthetic_control_programme, synthetic_did_programme])
@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (lambda f: f.assign(y=f["y"].where((f["u"] != "q03") | (f["t"] != 2001))), "EVK-STAT-021", "q03"),
        (lambda f: f[(f["u"] != "q03") | (f["t"] != 2001)], "EVK-STAT-021", "q03"),
        (lambda f: f.assign(y=f["y"].where(f["u"] != "q05", np.inf)), "EVK-STAT-021", "q05"),
        (lambda f: f.assign(g=f["g"].where(f["u"] != "q04", f["t"])), "EVK-STAT-012", "q04"),
        (lambda f: f.assign(g=f["g"].where(f["u"] != "q04", 2001)), "EVK-STAT-007", "q04"),
        (lambda f: f.assign(g=f["g"].where(f["u"] != "q04", 1990)), "EVK-STAT-007", "q04"),
        (lambda f: f.assign(g=np.nan), "EVK-STAT-007", ""),
        (lambda f: f.assign(g=2006.0), "EVK-STAT-007", ""),
        (lambda f: f.assign(g="soon"), "EVK-STAT-002", ""),
        (lambda f: pd.concat([f, f.head(1)]), "EVK-STAT-012", ""),
        (lambda f: f.drop(columns="g"), "EVK-STAT-001", ""),
        (lambda f: f.assign(u=f["u"].where(f["u"] != "q01")), "EVK-STAT-002", "u"),
    ],
)
def test_refusals_name_what_is_missing(method, change, code, said):
    with pytest.raises(StatsError, match=code) as refused:
        method(change(programme(1)), **COLUMNS, first_treated="g")
    assert said in str(refused.value)


def test_a_constant_panel_is_answered_without_a_number_that_is_none():
    frame = programme(2).assign(y=1.0)
    found = synthetic_control_programme(frame, **COLUMNS, first_treated="g").table
    assert (found["value"].abs() < 1e-12).all()
    assert (found["p_value"] == 1).all()
    pool = Pool(np.arange(4.0), np.arange(4) < 2, np.ones((3, 4)), np.empty((3, 0)))
    assert np.isfinite(pool.ratios).all()


def test_sums_over_clusters_do_not_depend_on_how_clusters_are_numbered():
    random = np.random.default_rng(0)
    influence, clusters = random.normal(size=(30, 4)), random.integers(0, 7, 30) * 3
    wanted = [influence[clusters == name].sum(axis=0) / 30 for name in np.unique(clusters)]
    assert cluster_sums(influence, clusters) == pytest.approx(np.array(wanted), abs=1e-15)
    alone = random.permutation(30)
    assert cluster_sums(influence, alone)[alone] == pytest.approx(influence / 30)
