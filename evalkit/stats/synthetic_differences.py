"""Synthetic differences in differences: territories and years are both weighted, and only changes are compared."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Check, Estimate
from evalkit.stats import codes
from evalkit.stats._inputs import Matrix, Row, Vector, choice, confidence_level, judged, shown, table
from evalkit.stats._laws import two_sided_z
from evalkit.stats._placebo import Design, critical, needed_placebos, rank, read_design
from evalkit.stats._simplex import frank_wolfe
from evalkit.text import Quantity, msg

INFERENCES = ("bootstrap", "jackknife", "placebo")
MOST_PLACEBOS = 1000
DRAWS = 200


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
    """
    choice(inference, "inference", INFERENCES)
    level = confidence_level(confidence)
    design = read_design(frame, outcome=outcome, unit=unit, time=time, treated=treated, start=start)
    size = len(design.treated_rows)
    fit = synthetic_difference(design.treated_rows, design.donors, design.before)
    value, omega, lam = fit.value, fit.omega, fit.lam
    if inference == "placebo":
        found, whole = _placebos(design, fit, size, seed)
    else:
        if size < 2:
            raise StatsError.of(codes.TOO_FEW, what=msg("treated territories"), n=Quantity(size), needed=Quantity(2))
        whole = inference == "jackknife"
        found = _jackknife(design, omega, lam) if whole else _bootstrap(design, fit, seed)
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
    rows += _weights(design, omega, lam)
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
        checks=(_spread_out(omega),),
        sentence=msg(
            "{gap} beyond the weighted mix of {n} territories",
            gap=shown(value, measure, signed=True),
            n=Quantity(len(design.names)),
        ),
        details={"inference": inference, "draws": len(found), "exact": int(whole)},
    )


@dataclass(frozen=True)
class Fit:
    """Effect, weights of the donors, weights of the periods before, and the noise level that set the penalty."""

    value: float
    omega: Vector
    lam: Vector
    noise: float


def synthetic_difference(treated: Matrix, donors: Matrix, before: np.ndarray, near: Fit | None = None) -> Fit:
    """Return the effect and its weights; `near` is a fit of which `omega` and `lam` to begin with and the noise level are taken."""
    noise = float(np.diff(donors[:, before], axis=1).std(ddof=1)) if near is None else near.noise
    penalty = (len(treated) * int((~before).sum())) ** 0.25 * noise
    tolerance = 1e-5 * noise
    after = donors[:, ~before].mean(axis=1)
    lam = frank_wolfe(donors[:, before], after, 1e-6 * noise, tolerance, None if near is None else near.lam)
    mean = treated[:, before].mean(axis=0)
    omega = frank_wolfe(donors[:, before].T, mean, penalty, tolerance, None if near is None else near.omega)
    return Fit(_contrast(treated, donors, before, omega, lam), omega, lam, noise)


def _again(design: Design, fit: Fit, mine: Matrix, chosen: list[int]) -> float:
    """Return the effect when other rows are the treated and some donors remain, beginning from the weights already found."""
    near = replace(fit, omega=fit.omega[chosen])
    return synthetic_difference(mine, design.donors[chosen], design.before, near).value


def _contrast(treated: Matrix, donors: Matrix, before: np.ndarray, omega: Vector, lam: Vector) -> float:
    gap = treated.mean(axis=0) - omega @ donors
    return float(gap[~before].mean() - gap[before] @ lam)


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
    found = [_again(design, fit, design.donors[group], [j for j in range(count) if j not in group]) for group in groups]
    return np.array(found), whole


def _jackknife(design: Design, omega: Vector, lam: Vector) -> Vector:
    """Leave each territory out in turn, with the weights held."""
    found = [
        _contrast(np.delete(design.treated_rows, i, axis=0), design.donors, design.before, omega, lam)
        for i in range(len(design.treated_rows))
    ]
    for j in range(len(design.donors)):
        rest = np.delete(omega, j)
        if rest.sum() > 0:
            found.append(
                _contrast(
                    design.treated_rows, np.delete(design.donors, j, axis=0), design.before, rest / rest.sum(), lam
                )
            )
    return np.array(found)


def _bootstrap(design: Design, fit: Fit, seed: int) -> Vector:
    """Draw territories with replacement, the treated and the donors together; draws without either are drawn again."""
    random, size = np.random.default_rng(seed), len(design.treated_rows)
    found: list[float] = []
    while len(found) < DRAWS:
        drawn = random.integers(0, size + len(design.donors), size + len(design.donors))
        mine, others = drawn[drawn < size], drawn[drawn >= size] - size
        if len(mine) and len(np.unique(others)) > 1:
            found.append(_again(design, fit, design.treated_rows[mine], others.tolist()))
    return np.array(found)


def _weights(design: Design, omega: Vector, lam: Vector) -> list[Row]:
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
