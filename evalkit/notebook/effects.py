"""The mean effect of a programme, with its course, its checks and its doubts, as a payload that every notebook of a run reads."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from evalkit.errors import StatsError
from evalkit.model.estimate import Check, Estimate
from evalkit.notebook.panels import FIRST, OUTCOME, STATUS, TIME, UNIT, Panel
from evalkit.notebook.saying import both, said_checks, why
from evalkit.text import Message, Quantity, msg

if TYPE_CHECKING:
    from evalkit.stats.ladder import Ladder

RINGS = (1000.0, 2000.0, 4000.0)
"""Rings around treated territories, in metres, in which untreated ones are looked at for effects that leak: a house rule."""
HORIZON = 4
"""Periods after the start over which the breakdown value is said: it asks least of trends, and the test gets costly beyond."""


def programme_payload(panel: Panel) -> dict[str, Any]:
    """Return the difference in differences of a panel: effect, course, checks, grade, what a null excludes, when an effect falls."""
    from evalkit.stats import did, event_study, evidence_ladder, grade

    head = {**_head(panel), "scope": "programme"}
    columns, unit = panel.columns, panel.unit
    try:
        ladder = evidence_ladder(
            panel.frame, status=STATUS, label=msg("{text}", text=panel.indicator.short_label), **columns
        )
        head["ladder"] = _ladder(ladder)
        if not (rung := ladder.rung("did")).admissible:
            return {**head, "refused": both(rung.sentence)}
        found = did(panel.frame, measure=unit, **columns)
        study = event_study(panel.frame, measure=unit, base="universal", **columns)
    except StatsError as error:
        return {**head, "refused": why(error)}
    checks = [*breaks(panel), *_checks(panel, study), *(c for c in found.checks if c.name != "parallel trends before")]
    value, reason = grade("did", checks)
    return {
        **head,
        "used": _used(panel),
        "estimate": numbers(found),
        "terms": rows_of(study, ("term", "value", "se", "lower", "upper", "n")),
        "checks": said_checks(checks),
        "grade": value,
        "grade_reason": both(reason),
        "imitated": _imitated(checks),
        **_conclusion(found, study),
    }


def _head(panel: Panel) -> dict[str, Any]:
    return {
        "schema": 1,
        "method": panel.asked.method,
        "indicator": panel.asked.indicator,
        "breakdown": panel.asked.breakdown,
        "comparator": panel.asked.comparator,
        "unit": panel.unit,
        "periods": list(panel.periods),
        "treated": len(panel.treated),
        "untreated": int(panel.frame.loc[panel.frame[FIRST].isna(), UNIT].nunique()),
    }


def _used(panel: Panel) -> int:
    """Return how many treated territories count: those known just before their start and at least once from it on."""
    known = panel.frame[panel.frame[OUTCOME].notna() & panel.frame[FIRST].notna()]
    just_before = set(known.loc[known[TIME] == known[FIRST] - 1, UNIT])
    return len(just_before & set(known.loc[known[TIME] >= known[FIRST], UNIT]))


def numbers(found: Estimate) -> dict[str, Any]:
    """Return the numbers of an estimate."""
    return {
        "value": found.value, "se": found.se, "lower": found.lower, "upper": found.upper, "p_value": found.p_value,
        "confidence": found.confidence, "n": found.n,
    }  # fmt: skip


def rows_of(found: Estimate, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return some columns of the table of an estimate, an absent number being None."""
    assert found.table is not None
    rows = found.table[list(columns)].astype(object)
    return [{str(k): plain(v) for k, v in row.items()} for row in rows.to_dict("records")]


def plain(value: Any) -> Any:
    """Return a number or a text as JSON knows it; what is missing is None."""
    if value is None or value != value or type(value).__name__ in ("NAType", "NaTType"):
        return None
    return value.item() if hasattr(value, "item") else value


def _checks(panel: Panel, study: Estimate) -> list[Check]:
    from evalkit.stats import check_influence, check_placebo_date, check_pre_trends

    columns = panel.columns
    earliest = min((panel.since[code] for code in panel.treated), default=0)
    return [
        check_pre_trends(study),
        check_placebo_date(panel.frame, measure=panel.unit, **columns),
        check_influence(panel.frame, measure=panel.unit, **columns),
        _spillover(panel),
        composition(panel, panel.treated, earliest),
    ]


def _spillover(panel: Panel) -> Check:
    """Look at the untreated territories that lie close to a treated one, in the rings that hold some."""
    from evalkit.stats import check_spillover

    name, reach = "no spillover", Quantity(RINGS[-1] / 1000, "count", 0)
    apart = [metres for metres in panel.away.values() if metres > 0]
    rings = [outer for inner, outer in pairwise((0.0, *RINGS)) if any(inner < one <= outer for one in apart)]
    if not apart:
        return Check(
            name, None, msg("where the territories lie is not known: effects on the places around cannot be told")
        )
    if not rings:
        return Check(
            name,
            None,
            msg(
                "no comparison territory lies within {reach} km of the programme: effects around it cannot be told",
                reach=reach,
            ),
        )
    far = Check(name, None, msg("too few comparison territories lie far from the programme to tell effects around it"))
    if not any(one > rings[-1] for one in apart):
        return far
    frame = panel.frame.assign(away=panel.frame[UNIT].map(dict(panel.away)))
    frame = frame[frame["away"].notna()]
    try:
        return check_spillover(
            frame, outcome=OUTCOME, unit=UNIT, time=TIME, distance="away", start=float(frame[FIRST].min()), rings=rings,
            measure=panel.unit,
        )  # fmt: skip
    except StatsError:
        return far


def composition(panel: Panel, codes: tuple[str, ...], start: int) -> Check:
    """Say whether places still hold about as many households (or persons) as before the programme began there."""
    from evalkit.stats import check_composition

    counts = panel.counts[panel.counts[UNIT].isin(list(codes))]
    years = sorted(int(year) for year in counts["year"].unique())
    before = [year for year in years if year < start]
    after = [year for year in years if start <= year <= int(panel.asked.end[:4])]
    if not before or not after:
        text = msg("population or dwellings are not known at both dates: who lives there may have changed")
        return Check("same people", None, text)
    return check_composition(
        counts, unit=UNIT, time="year", count=OUTCOME, before=before[-1], after=after[-1]
    )  # fmt: skip


def breaks(panel: Panel) -> list[Check]:
    """Return the check of declared breaks of the series between the first and the last period; none when none is crossed."""
    asked = panel.asked
    crossed = ", ".join(item.period for item in panel.indicator.breaks_between(asked.start, asked.end))
    if not crossed:
        return []
    values = {"years": crossed, "reason": asked.across_breaks or "–"}
    text = msg("The series has breaks in {years}; the plan crosses them because: {reason}", **values)
    return [Check("no_break_crossed", False, text)]


def _conclusion(found: Estimate, study: Estimate) -> dict[str, Any]:
    """Return what a null excludes, or what would overturn an effect; never both, never neither."""
    from evalkit.stats import null_statement

    if not found.crosses_zero:
        value, text = _breakdown(study)
        return {"breakdown": value, "conclusion": both(text)}
    try:
        return {"null": True, "conclusion": both(null_statement(found))}
    except StatsError as error:
        return {"null": True, "conclusion": why(error)}


def _breakdown(study: Estimate) -> tuple[float | None, Message]:
    from evalkit.stats import breakdown_value

    assert study.table is not None
    late = int((study.table["term"].astype("float64") >= 0).sum())
    kept = min(late, HORIZON)
    try:
        found = breakdown_value(_until(study, kept), weights=[1 / kept] * kept)
    except (StatsError, ZeroDivisionError):
        return None, msg(
            "how far trends would have to differ to overturn this effect cannot be told: no course before the start is known"
        )
    if not found.details["told_from_zero"]:
        return 0.0, msg("over the first {n} periods after the start the effect is not told from zero yet", n=str(kept))
    text = msg("over the first {n} periods after the start, {sentence}", n=str(kept), sentence=found.sentence)
    return found.value, text


def _until(study: Estimate, kept: int) -> Estimate:
    """Return the event study up to some period after the start."""
    from dataclasses import replace

    assert study.table is not None
    assert study.covariance is not None
    rows = (study.table["term"].astype("float64") < kept).to_numpy()
    return replace(study, table=study.table[rows].reset_index(drop=True), covariance=study.covariance.loc[rows, rows])


def _imitated(checks: list[Check]) -> float | None:
    """Return the effect that a steady drift, as large as the test of pre-trends would just have seen, would imitate."""
    for check in checks:
        if check.name == "parallel trends before" and check.table is not None:
            rows = check.table[check.table["term"] == "effect such a drift imitates"]
            return None if rows.empty else float(rows["value"].iloc[0])
    return None


def _ladder(ladder: Ladder) -> dict[str, Any]:
    return {"statement": both(ladder.statement), "rungs": rungs(ladder)}


def rungs(ladder: Ladder) -> list[dict[str, Any]]:
    """Return the rungs of a ladder, with their reasons in every language."""
    tables = {lang: ladder.table(lang) for lang in ("fr", "en")}
    return [
        {
            "design": rung.design,
            "admissible": rung.admissible,
            "ceiling": rung.ceiling,
            "label": both(rung.label),
            "reasons": {lang: str(table["reasons"].iloc[place]) for lang, table in tables.items()},
        }
        for place, rung in enumerate(ladder.rungs)
    ]
