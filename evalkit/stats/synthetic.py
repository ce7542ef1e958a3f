"""One treated territory (or a few, treated together) against a weighted mix of untreated ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.model.estimate import Check, Estimate
from evalkit.stats._conformal import shifted
from evalkit.stats._inputs import (
    Row,
    choice,
    confidence_level,
    enough,
    judged,
    positive,
    shown,
    table,
)
from evalkit.stats._mixes import SMALL_WEIGHT, Limits, Mix, Pool, mixed
from evalkit.stats._placebo import Design, needed_placebos, read_design
from evalkit.text import Message, Quantity, msg

INFERENCES = ("conformal", "placebo")
FEWEST_TO_MEND = 3


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
    augmented: bool = False,
    penalty: float | None = None,
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
        inference: `placebo`: every untreated territory takes its turn as if treated; `conformal`: every shift of the periods takes its
            turn, which needs few donors but many periods (20 at 95%). Nothing is drawn.
        augmented: mend what the mix misses before `start` by a ridge regression (weights may then be negative): for a territory that no
            mix of the others reaches.
        penalty: penalty of the ridge regression, by default found by leaving out each period in turn.
        confidence: level of the interval.
        measure: unit of the effect.

    Returns:
        The mean gap from `start` on. `p_value` is the rank of the ratio of the gaps after and before among all placebos; the interval
        holds the constant effects that this test does not reject or, where it rejects them all (an effect that grows), the mean effects
        that the same test on the mean gap does not reject. The check `constant effect` says which, or why there is none (fewer than 19
        placebos at 95%, donors that are followed perfectly).
        `table`: `kind` is `gap` (by period), `weight` (by donor), `placebo` (mean gap of each, with its `ratio`).

    Raises:
        StatsError: an incomplete panel, no territory or no donor, fewer than two periods before.

    When not to use it: a poor fit before (see the checks), few periods before, donors touched by the programme.
    Assumption: the mix that followed the territory before would have followed it after.
    Formula: `min ‖y₁ − Y₀w‖² before start, w ≥ 0, Σw = 1` (no optimised predictor weights, which are not unique); where several mixes
    follow equally well, the one of least `Σw²`. `augmented`: `w + X'(XX' + λI)⁻¹(y₁ − Xw)`, X the outcomes before less their means.
    `conformal`: the weights are fitted on all periods under each effect tried, and the mean absolute gap after is ranked among those
    of all shifts of the gaps in time.
    Source: Abadie, Diamond & Hainmueller (2010) JASA 105; Firpo & Possebom (2018) for the interval; Ben-Michael, Feller & Rothstein
    (2021) JASA 116; Chernozhukov, Wüthrich & Zhu (2021) JASA 116.

    Example:
        >>> import pandas as pd
        >>> rows = [(f"q{u}", t, u + t * (u % 3) + 3 * (u == 0 and t > 4) + (u * t) % 2) for u in range(8) for t in range(8)]
        >>> frame = pd.DataFrame(rows, columns=["place", "year", "rate"])
        >>> found = synthetic_control(frame, outcome="rate", unit="place", time="year", treated="q0", start=5)
        >>> found.details["placebos"]
        7
    """
    choice(inference, "inference", INFERENCES)
    level = confidence_level(confidence)
    if penalty is not None:
        positive(penalty, "penalty")
    design = read_design(frame, outcome=outcome, unit=unit, time=time, treated=treated, start=start, extra=predictors)
    if augmented and penalty is None:
        enough(int(design.before.sum()), FEWEST_TO_MEND, msg("periods before"))
    pool = Pool(design.times, design.before, design.donors, design.donors_extra, augmented, penalty)
    mix = mixed(pool, design.treated, design.treated_extra)
    if inference == "placebo":
        p_value, limits = mix.p_value, mix.limits(level)
    else:
        p_value, limits = shifted(pool, design.treated, design.treated_extra, mix.effect, level)
    return Estimate(
        value=mix.effect,
        method="synthetic_control",
        unit=measure,
        lower=limits.lower,
        upper=limits.upper,
        p_value=p_value,
        confidence=level,
        n=len(design.names) + 1,
        table=_rows(design, mix),
        checks=(_fit(mix), _leave_one_out(design, mix), _earlier(mix), _constant(limits, inference, level)),
        sentence=_sentence(mix, measure),
        details={
            "rmspe_before": mix.rmspe,
            "ratio": mix.ratio,
            "rank": round(mix.p_value * (len(design.names) + 1)),
            "placebos": len(design.names),
            "interval": limits.kind,
            "inference": inference,
        },
    )


def _rows(design: Design, mix: Mix) -> pd.DataFrame:
    gaps = zip(design.times, mix.gap, strict=True)
    rows: list[Row] = [{"term": f"{t:g}", "value": g, "kind": "gap"} for t, g in gaps]
    order = np.argsort(-mix.weights, kind="stable")
    rows += [
        {"term": design.names[j], "value": mix.weights[j], "kind": "weight"}
        for j in order
        if abs(mix.weights[j]) > SMALL_WEIGHT
    ]
    effects = mix.pool.placebos[:, ~design.before].mean(axis=1)
    rows += [
        {"term": name, "value": effect, "kind": "placebo", "ratio": ratio}
        for name, effect, ratio in zip(design.names, effects, mix.pool.ratios, strict=True)
    ]
    return table(rows, ("kind", "ratio"))


def _fit(mix: Mix) -> Check:
    return judged(
        "fit before",
        mix.fits,
        msg("the mix follows the territory before the programme as well as it follows the others"),
        msg("the mix does not follow the territory before the programme"),
    )


def _leave_one_out(design: Design, mix: Mix) -> Check:
    return judged(
        "leave one donor out",
        mix.keeps_direction,
        msg("the gap keeps its direction whichever donor is left out"),
        msg("the direction of the gap hangs on one donor"),
        table([{"term": design.names[j], "value": value} for j, value in mix.without]),
    )


def _earlier(mix: Mix) -> Check:
    """Pretend that the programme started halfway through the periods before."""
    if mix.earlier is None or mix.pool.earlier is None:
        return Check("placebo date", None, msg("too few periods before the programme to try an earlier date"))
    (value, p), cut = mix.earlier, f"{mix.pool.earlier.start:g}"
    return judged(
        "placebo date",
        p > 0.1,
        msg("with an invented start in {cut} no effect shows", cut=cut),
        msg("with an invented start in {cut} an effect shows too", cut=cut),
        table([{"term": cut, "value": value, "p_value": p}]),
    )


def _constant(limits: Limits, inference: str, level: float) -> Check:
    """Say what the interval holds, or why there is none."""
    name = "constant effect"
    if limits.kind == "few":
        least = needed_placebos(level)
        if inference == "conformal":
            return Check(name, None, msg("no interval: it takes at least {n} periods", n=Quantity(least + 1)))
        return Check(name, None, msg("no interval: it takes at least {n} comparison territories", n=Quantity(least)))
    if limits.kind == "perfect":
        return Check(
            name, None,
            msg("no interval: the mixes follow so many territories perfectly before the programme that no gap can stand out"),
        )  # fmt: skip
    return judged(
        name,
        limits.kind == "constant",
        msg("a constant effect agrees with the gaps after the start: the interval holds all such effects"),
        msg("no constant effect agrees with the gaps after the start, the effect changes: the interval is that of its mean"),
    )  # fmt: skip


def _sentence(mix: Mix, measure: str) -> Message:
    count = len(mix.pool.donors)
    return msg(
        "{gap} on average against the mix of comparable territories; of {n} territories put to the same test, {more} show as much",
        gap=shown(mix.effect, measure, signed=True),
        n=Quantity(count),
        more=Quantity(round(mix.p_value * (count + 1)) - 1),
    )
