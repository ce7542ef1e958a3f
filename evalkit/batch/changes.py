"""What a report says of an earlier run: its findings beside those of the same template, territory and language then.

A number of then is shown beside a number of today only. What is withheld today, or no longer reported, cannot be read from the past.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evalkit.batch.differences import CLASSES, Difference, Making, compare_findings, counts, moved_numbers, number_in
from evalkit.catalogue import load_catalogue
from evalkit.catalogue.words import BREAKDOWNS
from evalkit.report import Change, Changes, method_label
from evalkit.report.labels import VERDICT_LABELS, VerdictLabel
from evalkit.text import UNITS, Message, Quantity, msg, nmsg, period

if TYPE_CHECKING:
    from evalkit.model.run import Task
    from evalkit.runs import RunFolder

SHOWN = 5
_SIGNED = frozenset({"before_after", "gap", "did", "synthetic_control", "synthetic_did"})
_FINEST = 4
_ORDER = {"status": 2, "new": 3, "dropped": 4}


def changes_since(folder: RunFolder, name: str, task: Task, findings: Sequence[Mapping[str, Any]]) -> Changes:
    """Compare the findings of a task with those in the earlier run that was handed over under a name."""
    told = json.loads(folder.earlier_run(name).read_text(encoding="utf-8"))
    run, day = str(told["run"]), datetime.date.fromisoformat(told["day"])
    file = folder.earlier_findings(name, task)
    if not file.is_file():
        return Changes(run, day, msg("That run has no report of this territory: everything here is new."))
    earlier = json.loads(file.read_text(encoding="utf-8"))
    found = compare_findings(earlier, findings, Making(**told["before"]), Making(**told["now"]))
    changed = _distinct(sorted((item for item in found if item.kind != "unchanged"), key=_weight))
    places = {id(row): place for place, row in enumerate(findings)}
    shown = tuple(_change(item, places.get(id(item.later)), task.lang) for item in changed[:SHOWN])
    return Changes(run, day, _sentence(found), shown, max(0, len(changed) - SHOWN))


def _sentence(found: Sequence[Difference]) -> Message:
    """Return how many findings are in each class, in words."""
    if not found:
        return msg("Neither report holds a finding.")
    if all(item.kind == "unchanged" for item in found):
        return nmsg(
            "Nothing has changed: {n} finding, as it was.",
            "Nothing has changed: {n} findings, as they were.",
            len(found),
        )
    parts = [_counted(kind, n) for kind, n in counts(found).items()]
    return nmsg("{n} finding compared: {parts}.", "{n} findings compared: {parts}.", len(found), parts=parts)


def _counted(kind: str, n: int) -> Message:
    return {
        "unchanged": nmsg("{n} unchanged", "{n} unchanged", n),
        "revised": nmsg("{n} revised with the data", "{n} revised with the data", n),
        "method": nmsg("{n} changed with the method", "{n} changed with the method", n),
        "revised_and_method": nmsg(
            "{n} changed with the data and the method", "{n} changed with the data and the method", n
        ),
        "status": nmsg("{n} with another status", "{n} with another status", n),
        "new": nmsg("{n} new", "{n} new", n),
        "dropped": nmsg("{n} dropped", "{n} dropped", n),
        "unexplained": nmsg("{n} unexplained", "{n} unexplained", n),
    }[kind]


def _distinct(changed: Sequence[Difference]) -> list[Difference]:
    """Return the changes without those that only repeat a number: a value is often recorded for itself and under a criterion."""
    found: dict[tuple[Any, ...], Difference] = {}
    for item in changed:
        key = item.key
        own = key["criterion"] if _is_judged_anew(item) else None
        number = (item.before, item.after) if item.before != item.after else (key["criterion"], key["comparator"])
        place = (key["indicator"], key["breakdown"], key["period"], key["kind"], item.kind, number, own)
        found.setdefault(place, item)
    return list(found.values())


def _is_judged_anew(item: Difference) -> bool:
    return item.earlier is not None and item.later is not None and item.earlier["verdict"] != item.later["verdict"]


def _weight(item: Difference) -> tuple[Any, ...]:
    """Return how a change ranks: verdicts first, then numbers by how far they moved within their interval, then what is new or gone."""
    first = 0 if _is_judged_anew(item) else _ORDER.get(item.kind, 1)
    bare = item.later is None or not item.later["verdict"]  # under a criterion before the same for itself
    return first, *_distance(item), bare, tuple(str(part) for part in item.key.values())


def _distance(item: Difference) -> tuple[int, float]:
    """Return how far a value moved, the furthest first: one that came or went, by the width of its interval, by itself without one."""
    if item.before is None or item.after is None:
        return 0, 0.0
    moved = abs(item.after - item.before)
    for row in (item.later, item.earlier):
        lower, upper = (None, None) if row is None else (number_in(row["lower"]), number_in(row["upper"]))
        if lower is not None and upper is not None and upper > lower:
            return 1, -moved / (upper - lower)
    return 2, -moved / (max(abs(item.before), abs(item.after)) or 1.0)


def _change(item: Difference, place: int | None, lang: str) -> Change:
    row = item.later or item.earlier
    assert row is not None
    shown = _where(row, lang)
    if item.later is None:
        return Change(_label(row), shown, CLASSES[item.kind])
    hidden = item.later["status"] == "secret" or item.after is None
    before, after = (None, None) if hidden else _numbers(item, item.later)
    return Change(
        label=_label(row),
        where=shown,
        reason=CLASSES[item.kind],
        finding=place,
        before=before,
        after=after,
        note=_note(item, item.later),
        verdict_before=None if item.later["status"] == "secret" else _verdict(item.earlier),
        verdict_after=_verdict(item.later),
    )


def _label(row: Mapping[str, Any]) -> Message | str:
    known = load_catalogue().get(str(row["indicator"]))
    name = msg("{text}", text=known.label) if known is not None else str(row["indicator"] or row["question"] or "")
    part = BREAKDOWNS.get(str(row["breakdown"]), str(row["breakdown"]))
    return name if row["breakdown"] in ("", "none", None) else msg("{label}, {part}", label=name, part=part)


def _where(row: Mapping[str, Any], lang: str) -> tuple[Message | str, ...]:
    parts = (period(str(row["period"] or ""), lang), method_label(str(row["method"] or ""), row["comparator"]))
    return tuple(part for part in parts if part)


def _verdict(row: Mapping[str, Any] | None) -> VerdictLabel | None:
    return None if row is None or not row["verdict"] else VERDICT_LABELS[row["verdict"]]


def _numbers(item: Difference, row: Mapping[str, Any]) -> tuple[Quantity | None, Quantity | None]:
    """Return both values with as many decimals as tell them apart; one that stayed the same is said once."""
    unit = str(row["unit"]) if row["unit"] in UNITS else "count"
    known = load_catalogue().get(str(row["indicator"]))
    places = UNITS[unit].decimals if known is None else known.decimals
    before, after = item.before if "value" in _moved(item) else None, item.after
    if before is not None and after is not None:
        finer = range(places, max(places, _FINEST) + 1)
        places = next((n for n in finer if round(before, n) != round(after, n)), places)
    signed = row["method"] in _SIGNED

    def shown(value: float | None) -> Quantity | None:
        return None if value is None else Quantity(value, unit, places, signed)

    return shown(before), shown(after)


def _moved(item: Difference) -> list[str]:
    return [] if item.earlier is None or item.later is None else moved_numbers(item.earlier, item.later)


def _note(item: Difference, row: Mapping[str, Any]) -> Message | None:
    """Return what is said in the place of two numbers, or of two that are the same."""
    if row["status"] == "secret":
        return msg("the value is withheld today (statistical confidentiality)")
    if item.earlier is None:
        return None
    if item.after is None:
        return None if item.before is None else msg("there is no value today")
    if item.before is None:
        return msg("there was no value")
    moved = _moved(item)
    if "value" in moved:
        return None
    words = (
        (("lower", "upper"), msg("its interval")),
        (("comparator_value",), msg("what it is compared with")),
        (("n",), msg("how much it rests on")),
    )
    parts = [said for names, said in words if set(names) & set(moved)]
    return msg("the value is the same; what moved: {parts}", parts=parts) if parts else None
