"""One treated territory (or a few, treated together) against a weighted mix of untreated ones."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.model.estimate import Check, Estimate
from evalkit.stats._inputs import Matrix, Row, Vector, choice, confidence_level, judged, shown, table
from evalkit.stats._placebo import Design, critical, needed_placebos, rank, read_design
from evalkit.stats._simplex import convex_weights
from evalkit.text import Message, Quantity, msg

WORST_FIT = 5.0
SMALL_WEIGHT = 1e-8


def synthetic_control(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    treated: str,
    start: float,
    predictors: Sequence[str] | None = None,
    inference: str = "placebo",
    confidence: float = 0.95,
    measure: str = "",
) -> Estimate:
    """Compare a territory with the mix of untreated territories that lived through the same years before.

    Args:
        frame: one row per territory and period, complete.
        outcome: column of the outcome.
        unit: column of the territory.
        time: column of the period.
        treated: a column that is 1 for the treated territory (in any period), or the code of the territory itself.
        start: first treated period.
        predictors: columns whose means before `start` are matched beside the outcome of each year, each scaled by its spread.
        inference: `placebo`: every untreated territory takes its turn as if treated; nothing is drawn.
        confidence: level of the interval.
        measure: unit of the effect.

    Returns:
        The mean gap from `start` on. `p_value` is the rank of the ratio of the gaps after and before among all placebos; the interval
        holds the constant effects that this test does not reject (None with fewer than 19 placebos at 95%).
        `table`: `kind` is `gap` (by period), `weight` (by donor), `placebo` (mean gap of each, with its `ratio`).

    Raises:
        StatsError: an incomplete panel, no territory or no donor, fewer than two periods before.

    When not to use it: a poor fit before (see the checks), few periods before, donors touched by the programme.
    Assumption: the mix that followed the territory before would have followed it after.
    Formula: `min ‖y₁ − Y₀w‖² before start, w ≥ 0, Σw = 1` (no optimised predictor weights, which are not unique).
    Source: Abadie, Diamond & Hainmueller (2010) JASA 105; Firpo & Possebom (2018) for the interval.
    """
    choice(inference, "inference", ("placebo",))
    level = confidence_level(confidence)
    design = read_design(frame, outcome=outcome, unit=unit, time=time, treated=treated, start=start, extra=predictors)
    weights, gap = _gap(design.treated, design.donors, design.treated_extra, design.donors_extra, design.before)
    placebos = [_placebo(design, j) for j in range(len(design.names))]
    ratios = np.array([_ratio(other, design.before) for other in placebos])
    own, effect = _ratio(gap, design.before), float(gap[~design.before].mean())
    p = rank(own, ratios)
    limits = _interval(gap, design.before, ratios, level)
    rows: list[Row] = [{"term": f"{t:g}", "value": g, "kind": "gap"} for t, g in zip(design.times, gap, strict=True)]
    order = np.argsort(-weights, kind="stable")
    rows += [
        {"term": design.names[j], "value": weights[j], "kind": "weight"} for j in order if weights[j] > SMALL_WEIGHT
    ]
    rows += [
        {"term": name, "value": other[~design.before].mean(), "kind": "placebo", "ratio": ratio}
        for name, other, ratio in zip(design.names, placebos, ratios, strict=True)
    ]
    return Estimate(
        value=effect,
        method="synthetic_control",
        unit=measure,
        lower=limits[0],
        upper=limits[1],
        p_value=p,
        confidence=level,
        n=len(design.names) + 1,
        table=table(rows, ("kind", "ratio")),
        checks=(_fit(gap, placebos, design.before), _leave_one_out(design, weights, effect), _earlier(design)),
        sentence=_sentence(effect, p, len(design.names), measure),
        details={
            "rmspe_before": float(np.sqrt((gap[design.before] ** 2).mean())),
            "ratio": own,
            "rank": round(p * (len(ratios) + 1)),
            "placebos": len(ratios),
        },
    )


def _gap(
    target: Vector, donors: Matrix, target_extra: Vector, donors_extra: Matrix, before: np.ndarray
) -> tuple[Vector, Vector]:
    """Return the weights and the gap of every period; `donors` has one row per territory."""
    rows, goal = donors[:, before].T, target[before]
    if len(target_extra):
        spread = rows.std() or 1.0
        scale = donors_extra.std(axis=0)
        scale = np.where(scale > 0, scale, 1.0) / spread
        rows = np.vstack([rows, (donors_extra / scale).T])
        goal = np.r_[goal, target_extra / scale]
    weights = convex_weights(rows, goal)
    return weights, target - weights @ donors


def _placebo(design: Design, j: int) -> Vector:
    keep = np.arange(len(design.names)) != j
    return _gap(
        design.donors[j], design.donors[keep], design.donors_extra[j], design.donors_extra[keep], design.before
    )[1]


def _ratio(gap: Vector, before: np.ndarray) -> float:
    """Return the mean squared gap after over that before."""
    early = float((gap[before] ** 2).mean())
    return float((gap[~before] ** 2).mean()) / max(early, 1e-24)


def _interval(gap: Vector, before: np.ndarray, ratios: Vector, level: float) -> tuple[float | None, float | None]:
    """Return the constant effects whose ratio is not among the largest: a quadratic in the effect."""
    if len(ratios) < needed_placebos(level):
        return None, None
    after = gap[~before]
    room = critical(ratios, level) * float((gap[before] ** 2).mean()) - float(after.var())
    if room < 0:
        return None, None
    return float(after.mean() - math.sqrt(room)), float(after.mean() + math.sqrt(room))


def _fit(gap: Vector, placebos: list[Vector], before: np.ndarray) -> Check:
    own = float((gap[before] ** 2).mean())
    usual = float(np.median([(other[before] ** 2).mean() for other in placebos]))
    return judged(
        "fit before",
        own <= WORST_FIT * usual,
        msg("the mix follows the territory before the programme as well as it follows the others"),
        msg("the mix does not follow the territory before the programme"),
    )


def _leave_one_out(design: Design, weights: Vector, effect: float) -> Check:
    rows: list[Row] = []
    for j in np.flatnonzero(weights > SMALL_WEIGHT):
        keep = np.arange(len(weights)) != j
        gap = _gap(design.treated, design.donors[keep], design.treated_extra, design.donors_extra[keep], design.before)[
            1
        ]
        rows.append({"term": design.names[j], "value": gap[~design.before].mean()})
    same = all(float(row["value"]) * effect > 0 for row in rows)
    return judged(
        "leave one donor out",
        same,
        msg("the gap keeps its direction whichever donor is left out"),
        msg("the direction of the gap hangs on one donor"),
        table(rows),
    )


def _earlier(design: Design) -> Check:
    """Pretend that the programme started halfway through the periods before."""
    years = design.times[design.before]
    if len(years) < 4:
        return Check("placebo date", None, msg("too few periods before the programme to try an earlier date"))
    cut = years[len(years) // 2]
    early, part = years < cut, design.before
    gap = _gap(
        design.treated[part], design.donors[:, part], design.treated_extra[:0], design.donors_extra[:, :0], early
    )[1]
    others = [
        _gap(
            design.donors[j][part], np.delete(design.donors[:, part], j, axis=0), design.treated_extra[:0],
            np.delete(design.donors_extra[:, :0], j, axis=0), early,
        )[1]
        for j in range(len(design.names))
    ]  # fmt: skip
    p = rank(_ratio(gap, early), np.array([_ratio(other, early) for other in others]))
    return judged(
        "placebo date",
        p > 0.1,
        msg("with an invented start in {cut} no effect shows", cut=f"{cut:g}"),
        msg("with an invented start in {cut} an effect shows too", cut=f"{cut:g}"),
        table([{"term": f"{cut:g}", "value": gap[~early].mean(), "p_value": p}]),
    )


def _sentence(effect: float, p: float, count: int, measure: str) -> Message:
    return msg(
        "{gap} on average against the mix of comparable territories; of {n} territories put to the same test, {more} show as much",
        gap=shown(effect, measure, signed=True),
        n=Quantity(count),
        more=Quantity(round(p * (count + 1)) - 1),
    )
