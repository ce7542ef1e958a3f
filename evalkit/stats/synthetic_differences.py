"""Synthetic differences in differences: territories and years are both weighted, and only changes are compared."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.errors import StatsError
from evalkit.model.estimate import Check, Estimate
from evalkit.stats import codes
from evalkit.stats._double_weights import Fit, contrasts, noise_level, placebo_effects, time_weights, unit_weights
from evalkit.stats._inputs import Row, Vector, choice, confidence_level, judged, shown, table
from evalkit.stats._laws import two_sided_z
from evalkit.stats._placebo import Design, critical, needed_placebos, rank, read_design
from evalkit.text import Quantity, msg

INFERENCES = ("bootstrap", "jackknife", "placebo")
MOST_PLACEBOS = 1000
DRAWS = 200
CHUNK = 25


def synthetic_did(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    treated: str,
    start: float,
    inference: str = "placebo",
    seed: int = 0,
    confidence: float = 0.95,
    measure: str = "",
) -> Estimate:
    """Compare the change of a territory with the change of a weighted mix, over weighted years.

    Args:
        frame: one row per territory and period, complete.
        outcome: column of the outcome.
        unit: column of the territory.
        time: column of the period.
        treated: a column that is 1 for the treated territories, or the code of one territory.
        start: first treated period, the same for all.
        inference: `placebo`: every untreated territory (every group of them, up to 1,000, else seeded) takes its turn; `jackknife`
            and `bootstrap` (seeded, 200 draws) need several treated territories.
        seed: seed of what is drawn.
        confidence: level of the interval.
        measure: unit of the effect.

    Returns:
        The effect. With `placebo`, `se` is the deviation of all placebo effects, `p_value` the rank of the effect among them, and
        the interval the constant effects this rank does not reject (None with fewer than 19 placebos at 95%); `table` also has the
        normal interval (`normal`), the weights (`kind` `unit_weight`, `time_weight`) and every placebo.

    Raises:
        StatsError: an incomplete panel, fewer than two periods before, one treated territory with jackknife or bootstrap.

    When not to use it: different dates of treatment, or donors touched by the programme.
    Assumption: the weighted mix would have changed as the territory, once the years before are weighted to resemble those after.
    Formula: `(ȳ₁ − Σωⱼyⱼ)·(1/T₁ − λ)`, ω penalised by `ζ = (N₁T₁)^¼ σ`, σ the deviation of yearly changes of the donors before.
    Source: Arkhangelsky, Athey, Hirshberg, Imbens & Wager (2021) AER 111.

    Example:
        >>> import pandas as pd
        >>> rows = [(f"q{u}", t, u + t * (u % 3) + 3 * (u == 0 and t > 4) + (u * t) % 2) for u in range(8) for t in range(8)]
        >>> frame = pd.DataFrame(rows, columns=["place", "year", "rate"])
        >>> found = synthetic_did(frame, outcome="rate", unit="place", time="year", treated="q0", start=5)
        >>> found.n
        8
    """
    choice(inference, "inference", INFERENCES)
    level = confidence_level(confidence)
    design = read_design(frame, outcome=outcome, unit=unit, time=time, treated=treated, start=start)
    size, noise = len(design.treated_rows), noise_level(design.donors, design.before)
    everyone = np.ones((1, len(design.donors)))
    lam = time_weights(design.donors, design.before, everyone, noise)
    omega = unit_weights(design.treated[None, :], design.donors, design.before, everyone > 0, noise, size)
    fit = Fit(
        float(contrasts(design.treated[None, :], design.donors, design.before, omega, lam)[0]), omega[0], lam[0], noise
    )
    value = fit.value
    if inference == "placebo":
        found, whole = _placebos(design, fit, size, seed)
    else:
        if size < 2:
            raise StatsError.of(codes.TOO_FEW, what=msg("treated territories"), n=Quantity(size), needed=Quantity(2))
        whole = inference == "jackknife"
        found = _jackknife(design, fit) if whole else _bootstrap(design, fit, seed)
    se = float(found.std(ddof=0 if inference == "jackknife" else 1))
    if inference == "jackknife":
        se *= math.sqrt(len(found) - 1)
    z = two_sided_z(level) * se
    low, high, p = value - z, value + z, None
    if inference == "placebo":
        p = rank(abs(value), np.abs(found))
        reach = critical(np.abs(found), level) if len(found) >= needed_placebos(level) else None
        limits = (None, None) if reach is None else (value - reach, value + reach)
    else:
        limits = (low, high)
    rows: list[Row] = [{"term": "normal", "value": value, "se": se, "lower": low, "upper": high, "kind": "effect"}]
    rows += _weights(design, fit)
    rows += [{"term": str(i), "value": other, "kind": inference} for i, other in enumerate(found)]
    return Estimate(
        value=value,
        method="synthetic_did",
        unit=measure,
        se=se,
        lower=limits[0],
        upper=limits[1],
        p_value=p,
        confidence=level,
        n=len(design.names) + size,
        table=table(rows, ("kind",)),
        checks=(_spread_out(fit.omega),),
        sentence=msg(
            "{gap} beyond the weighted mix of {n} territories",
            gap=shown(value, measure, signed=True),
            n=Quantity(len(design.names)),
        ),
        details={"inference": inference, "draws": len(found), "exact": int(whole)},
    )


def _placebos(design: Design, fit: Fit, size: int, seed: int) -> tuple[Vector, bool]:
    """Return the effect of every group of donors that takes the place of the treated, and whether all were tried."""
    count = len(design.names)
    whole = math.comb(count, size) <= MOST_PLACEBOS and count > size
    if whole:
        groups = [list(group) for group in combinations(range(count), size)]
    else:
        random = np.random.default_rng(seed)
        size = min(size, count - 1)
        groups = [sorted(random.choice(count, size, replace=False).tolist()) for _ in range(DRAWS)]
    return placebo_effects(design.donors, design.before, groups, fit.noise, fit), whole


def _jackknife(design: Design, fit: Fit) -> Vector:
    """Leave each territory out in turn, with the weights held."""
    size, count = len(design.treated_rows), len(design.donors)
    without = (design.treated_rows.sum(axis=0) - design.treated_rows) / (size - 1)
    weights = np.tile(fit.omega, (count, 1))
    np.fill_diagonal(weights, 0.0)
    weights = weights[weights.sum(axis=1) > 0]
    weights /= weights.sum(axis=1, keepdims=True)
    targets = np.vstack([without, np.tile(design.treated, (len(weights), 1))])
    omega = np.vstack([np.tile(fit.omega, (size, 1)), weights])
    return contrasts(targets, design.donors, design.before, omega, np.tile(fit.lam, (len(targets), 1)))


def _bootstrap(design: Design, fit: Fit, seed: int) -> Vector:
    """Draw territories with replacement, the treated and the donors together; draws without either are drawn again."""
    random, size = np.random.default_rng(seed), len(design.treated_rows)
    draws: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    while len(draws) < DRAWS:
        drawn = random.integers(0, size + len(design.donors), size + len(design.donors))
        mine, others = drawn[drawn < size], drawn[drawn >= size] - size
        if len(mine) and len(np.unique(others)) > 1:
            draws.append((mine, others))
    return np.concatenate([_redrawn(design, fit, draws[i : i + CHUNK]) for i in range(0, DRAWS, CHUNK)])


def _redrawn(design: Design, fit: Fit, draws: list[tuple[NDArray[np.int64], NDArray[np.int64]]]) -> Vector:
    """Return the effect of each draw, beginning from the weights already found."""
    count, width = len(design.donors), max(len(others) for _, others in draws)
    columns, allowed = np.zeros((len(draws), width), dtype=np.intp), np.zeros((len(draws), width), dtype=bool)
    for row, known, (_, others) in zip(columns, allowed, draws, strict=True):
        row[: len(others)], known[: len(others)] = others, True
    targets = np.stack([design.treated_rows[mine].mean(axis=0) for mine, _ in draws])
    counts = np.stack([np.bincount(others, minlength=count) for _, others in draws]).astype(np.float64)
    drawn_omega = unit_weights(
        targets, design.donors, design.before, allowed, fit.noise, np.array([float(len(mine)) for mine, _ in draws]),
        fit.omega[columns], columns,
    )  # fmt: skip
    omega = np.zeros((len(draws), count))
    np.add.at(omega, (np.arange(len(draws))[:, None], columns), np.where(allowed, drawn_omega, 0.0))
    lam = time_weights(design.donors, design.before, counts, fit.noise, fit.lam)
    return contrasts(targets, design.donors, design.before, omega, lam)


def _weights(design: Design, fit: Fit) -> list[Row]:
    omega, lam = fit.omega, fit.lam
    order = [int(j) for j in np.argsort(-omega, kind="stable") if omega[j] > 0]
    rows: list[Row] = [{"term": design.names[j], "value": omega[j], "kind": "unit_weight"} for j in order]
    years = design.times[design.before]
    rows += [{"term": f"{years[t]:g}", "value": lam[t], "kind": "time_weight"} for t in np.flatnonzero(lam > 0)]
    return rows


def _spread_out(omega: Vector) -> Check:
    return judged(
        "several donors",
        float(omega.max()) < 0.5,
        msg("no single donor weighs half of the mix or more"),
        msg("one donor weighs half of the mix or more"),
    )
