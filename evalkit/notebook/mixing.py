"""The effect of a programme in each territory against its own mix of untreated ones, as a payload that every notebook of a run reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evalkit.errors import StatsError
from evalkit.model.estimate import Check, Estimate
from evalkit.notebook.effects import breaks, composition, plain
from evalkit.notebook.panels import FIRST, OUTCOME, STATUS, TIME, UNIT, Panel
from evalkit.notebook.saying import both, said_checks, why
from evalkit.text import Message, Quantity, msg

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.stats.ladder import Rung

ALARM = 0.1
"""An invented earlier start alarms below this p-value, as in `synthetic_control`."""
LARGE_WEIGHT = 0.5
CHANCE = 0.05
MOST_DONORS = 10


def territories_payload(panel: Panel, codes: Sequence[str]) -> dict[str, Any]:
    """Return, for each named territory, its estimate with placebos and checks, or why the data do not allow it.

    Territories with the same known periods and the same start share their donors, and the work on them.
    """
    groups: dict[tuple[tuple[int, ...], float], list[str]] = defaultdict(list)
    found: dict[str, dict[str, Any]] = {}
    known = known_steps(panel)
    for code in codes:
        if code not in panel.since or code not in known:
            found[code] = {"refused": both(_not_in_panel(code, panel))}
            continue
        rung = rung_of(panel, code)
        if not rung.admissible:
            found[code] = {"refused": both(rung.sentence)}
        else:
            groups[known[code], float(panel.step_of(panel.since[code]))].append(code)
    shared: list[dict[str, Any]] = []
    for (steps, first), names in sorted(groups.items()):
        shared.append(_group(panel, steps, first, names, len(shared), found))
    return {
        "schema": 1,
        "scope": "territory",
        "method": panel.asked.method,
        "indicator": panel.asked.indicator,
        "breakdown": panel.asked.breakdown,
        "comparator": panel.asked.comparator,
        "unit": panel.unit,
        "periods": list(panel.periods),
        "treated": len(panel.treated),
        "untreated": len(panel.others),
        "territories": {code: found[code] for code in sorted(found)},
        "shared": [group for group in shared if group],
    }


def known_steps(panel: Panel) -> dict[str, tuple[int, ...]]:
    """Return the periods in which each territory is known."""
    rows = panel.frame[panel.frame[OUTCOME].notna()].sort_values(TIME)
    return {str(code): tuple(int(step) for step in part) for code, part in rows.groupby(UNIT)[TIME]}


def _not_in_panel(code: str, panel: Panel) -> Message:
    if code in panel.since:
        return msg(
            "no value of this territory is published between {start} and {end}",
            start=panel.asked.start,
            end=panel.asked.end,
        )
    return msg("the programme has no known operation here: there is no start to compare before and after")


def rung_of(panel: Panel, code: str) -> Rung:
    """Return whether the data of one territory allow a synthetic control, and why not."""
    from evalkit.stats import evidence_ladder

    rows = panel.frame[(panel.frame[UNIT] == code) | panel.frame[FIRST].isna()]
    ladder = evidence_ladder(rows, territory=code, status=STATUS, **panel.columns)
    return ladder.rung("synthetic_control")


def _group(
    panel: Panel, steps: tuple[int, ...], first: float, names: list[str], place: int, found: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """Estimate the territories that share periods and start; returns what they share: periods, start, paths of the placebos."""
    frame = panel.frame[panel.frame[TIME].isin(steps) & panel.frame[OUTCOME].notna()]
    whole = frame.groupby(UNIT)[TIME].nunique() == len(steps)
    kept = frame[frame[UNIT].map(whole) & (frame[UNIT].isin(names) | frame[FIRST].isna())]
    try:
        result, paths = _estimated(panel, kept)
    except StatsError as error:
        found.update({name: {"refused": why(error)} for name in names})
        return {}
    placebos = next(check for check in result.checks if check.name == "placebos").table
    assert placebos is not None
    assert result.table is not None
    for row in result.table.to_dict("records"):
        found[str(row["term"])] = _territory(panel, {str(k): plain(v) for k, v in row.items()}, placebos, paths) | {
            "shared": place
        }
    periods = [panel.periods[step] for step in steps]
    return {"periods": periods, "start": panel.periods[int(first)], "placebos": _paths(paths)}


def _estimated(panel: Panel, frame: pd.DataFrame) -> tuple[Estimate, pd.DataFrame | None]:
    from evalkit.stats.programme import synthetic_control_programme, synthetic_did_programme

    if panel.asked.method == "synthetic_did":
        return synthetic_did_programme(frame, measure=panel.unit, **panel.columns), None
    result = synthetic_control_programme(frame, measure=panel.unit, paths=True, **panel.columns)
    return result, next(check.table for check in result.checks if check.name == "paths")


def _paths(paths: pd.DataFrame | None) -> dict[str, list[float]]:
    if paths is None:
        return {}
    rows = paths[paths["kind"] == "placebo"]
    return {
        str(name): [round(float(value), 6) for value in part["value"]] for name, part in rows.groupby("term", sort=True)
    }


def _territory(
    panel: Panel, row: Mapping[str, Any], placebos: pd.DataFrame, paths: pd.DataFrame | None
) -> dict[str, Any]:
    from evalkit.stats import grade

    code, row = str(row["term"]), _with_interval(row, placebos)
    checks = [*breaks(panel), *_checks(row), composition(panel, (code,), panel.since[code])]
    value, reason = grade(panel.asked.method, checks)
    own = None if paths is None else paths[(paths["term"] == code) & (paths["kind"] != "placebo")]
    return {
        "estimate": {
            "value": row["value"], "se": row.get("se"), "lower": row["lower"], "upper": row["upper"],
            "p_value": row["p_value"], "confidence": 0.95, "n": int(row["n"]) + 1,
        },
        "rank": round(float(row["p_value"]) * (int(row["n"]) + 1)),
        "placebos": int(row["n"]),
        "rmspe_before": row["rmspe_before"],
        "donors": int(row["donors"]),
        "gaps": [] if own is None else [round(float(one), 6) for one in own.loc[own["kind"] == "gap", "value"]],
        "weights": [] if own is None else _weights(own),
        "checks": said_checks(checks),
        "grade": value,
        "grade_reason": both(reason),
        "by_mean_gap": row["by_mean_gap"],
        **_conclusion(row, panel.unit),
    }  # fmt: skip


def _weights(own: pd.DataFrame) -> list[dict[str, Any]]:
    rows = own[own["kind"] == "weight"].head(MOST_DONORS)
    return [
        {"territory": str(d), "weight": round(float(w), 4)} for d, w in zip(rows["donor"], rows["value"], strict=True)
    ]


def _checks(row: Mapping[str, Any]) -> list[Check]:
    """Return the checks of one territory from its row: fit, donors, an invented date; spillover is not told for one territory."""
    checks = []
    if "fits" in row:
        good = msg("the mix follows the territory before the programme as well as it follows the others")
        bad = msg("the mix does not follow the territory before the programme")
        checks.append(Check("fit before", bool(row["fits"]), good if row["fits"] else bad))
    keeps = bool(row.get("keeps_direction", row["largest_weight"] < LARGE_WEIGHT))
    good, bad = (
        (
            msg("the gap keeps its direction whichever donor is left out"),
            msg("the direction of the gap hangs on one donor"),
        )
        if "keeps_direction" in row
        else (msg("no single donor weighs half of a mix or more"), msg("one donor weighs half or more of the mix"))
    )
    checks.append(Check("leave one donor out", keeps, good if keeps else bad))
    p = row.get("placebo_date_p")
    checks.append(
        Check("placebo date", None, msg("too few periods before the programme to try an earlier date"))
        if p is None
        else Check("placebo date", p > ALARM, msg("with an invented earlier start no gap stands out"))
        if p > ALARM
        else Check("placebo date", False, msg("with an invented earlier start a gap stands out too"))
    )
    text = msg("with one territory, effects on the places around cannot be told")
    return [*checks, Check("no spillover", None, text)]


def _with_interval(row: Mapping[str, Any], placebos: pd.DataFrame) -> dict[str, Any]:
    """Return the row with rank and interval from the mean gaps of the placebos, where the ratios of gaps give no interval.

    The ratios fail where mixes follow the years before without any error. The interval holds the constant effects whose distance from the
    gap is not among the largest that chance gives to an untreated territory; the rank is that of the mean gap.
    """
    effects = placebos.loc[placebos["start"] == row["start"], "value"].astype("float64")
    sizes = effects.abs().sort_values(ignore_index=True)
    place = int(CHANCE * (len(sizes) + 1) + 1e-9)
    found = {**row, "spread": row.get("se") or float(effects.std()), "by_mean_gap": False}
    if row["lower"] is None and place > 0:
        reach, own = float(sizes.iloc[len(sizes) - place]), float(row["value"])
        p_value = (1 + int((sizes >= abs(own)).sum())) / (1 + len(sizes))
        found |= {"lower": own - reach, "upper": own + reach, "p_value": p_value, "by_mean_gap": True}
    return found


def _conclusion(row: Mapping[str, Any], unit: str) -> dict[str, Any]:
    """Return what a null excludes, or by how much the mix would have to be wrong for the gap no longer to stand out."""
    from evalkit.stats import null_statement

    found = Estimate(
        value=float(row["value"]), method="synthetic_control", unit=unit, se=None if row["lower"] is not None else row["spread"],
        lower=row["lower"], upper=row["upper"],
    )  # fmt: skip
    if found.lower is not None and found.upper is not None and not found.crosses_zero:
        size = Quantity(min(abs(found.lower), abs(found.upper)), unit)
        text = msg(
            "the gap would no longer stand out if the mix were wrong by {size} on average since the start", size=size
        )
        return {"breakdown": size.value, "conclusion": both(text)}
    try:
        return {"null": True, "conclusion": both(null_statement(found))}
    except StatsError as error:
        return {"null": True, "conclusion": why(error)}
