"""The quality of the data behind a finding, and behind a whole report: a letter with its reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from evalkit.model.observation import STATUSES, WITH_VALUE
from evalkit.notebook.describing import is_shown, shown_level
from evalkit.notebook.designs import SCOPES
from evalkit.notebook.reading import Reader
from evalkit.notebook.results import Result
from evalkit.plan import counted_from_records
from evalkit.text import Message, Quantity, msg, nmsg

_LETTERS = "ABCD"
_COMPLETE, _NOTED, _OLD = 80, 0.1, 5  # percent of expected values; share of values; years


@dataclass(frozen=True)
class Quality:
    """The data quality of a territory's report: a letter with its reasons, and the values counted by status.

    `letter` is None where no series was used, as in a report on operations or structures alone.
    """

    letter: str | None
    counts: dict[str, int]
    reasons: tuple[Message, ...]
    weak: int
    total: int


@dataclass
class _Tally:
    """What was counted over some series."""

    counts: Counter[str] = field(default_factory=Counter)
    noted: int = 0
    latest: list[str] = field(default_factory=list)
    breaks: set[str] = field(default_factory=set)
    indicators: dict[str, None] = field(default_factory=dict)


def used_pairs(reader: Reader) -> list[tuple[str, str]]:
    """Return (indicator, breakdown) that the report used so far: those of the plan in its order, then the others by name."""
    planned = [(used.id, breakdown) for used in reader.plan.indicators for breakdown in used.breakdowns]
    return [pair for pair in planned if pair in reader.asked] + sorted(reader.asked.difference(planned))


def letter_of(reader: Reader, result: Result) -> str | None:
    """Return the letter of the data behind a result: the series of its indicator and breakdown here.

    None where no series is behind it: a statement, a count of operations or structures, an indicator without a row here.
    """
    name, breakdown = result.indicator, result.breakdown
    if result.kind == "statement" or name not in reader.catalogue:
        return None
    if counted_from_records(reader.indicator(name), reader.plan) or not is_shown(reader, name, breakdown):
        return None
    if not reader.own(name, breakdown, shown_level(reader, name)).rows:
        return None
    return _judged(reader, [(name, breakdown)])[0]


def quality(reader: Reader, lang: str) -> Quality:
    """Judge the data of the indicators that the report used.

    By completeness, consistency, correctness and timeliness: A, then one letter less for each that fails. Completeness fails
    under 80 % of the expected values, correctness over 10 % of values with a warning of the data checks, consistency when a
    criterion of the plan crosses a break, timeliness when a latest value is over five years old.
    """
    letter, tally, reasons = _judged(reader, used_pairs(reader))
    total = sum(tally.counts.values())
    if not total:
        nothing = msg("The quality of the data is not judged: this report uses no series of an indicator")
        return Quality(None, {}, (nothing,), 0, 0)
    names = [reader.indicator(name).short_label.render(lang) for name in tally.indicators]
    scope = nmsg(
        "Judged over {n} indicator, the one that this report uses: {names}",
        "Judged over the {n} indicators that this report uses: {names}",
        len(names),
        names=", ".join(names),
    )
    weak = total - tally.counts["published"] + tally.noted
    return Quality(letter, {s: tally.counts[s] for s in STATUSES if tally.counts[s]}, (scope, *reasons), weak, total)


def _judged(reader: Reader, pairs: Sequence[tuple[str, str]]) -> tuple[str, _Tally, tuple[Message, ...]]:
    tally = _tally(reader, pairs)
    total = sum(tally.counts.values())
    parts = [
        _completeness(tally.counts["published"], total),
        _consistency(sorted(tally.breaks), _crossed(reader, tally.indicators)),
        _correctness(tally.noted, total),
        *_timeliness(tally.latest, reader),
    ]
    letter = _LETTERS[min(3, sum(1 for failed, _ in parts if failed))]
    return letter, tally, tuple(message for _, message in parts)


def _tally(reader: Reader, pairs: Sequence[tuple[str, str]]) -> _Tally:
    """Count the rows of the territory; an indicator that the data do not hold at all counts as one missing value."""
    tally = _Tally()
    for name, breakdown in pairs:
        if not is_shown(reader, name, breakdown):
            if not _is_counted(reader, name):
                tally.counts["missing"] += 1
                tally.indicators[name] = None
            continue
        series = reader.own(name, breakdown, shown_level(reader, name))
        tally.indicators[name] = None
        tally.counts.update([row.status for row in series.rows] or ["missing"])
        tally.noted += sum(1 for row in series.rows if row.note and row.status in WITH_VALUE)
        published = [row.period for row in series.rows if row.status in WITH_VALUE]
        tally.latest += published[-1:]
        tally.breaks.update(
            b.period for b in series.indicator.breaks if published and published[0] < b.period <= published[-1]
        )
    return tally


def _is_counted(reader: Reader, id: str) -> bool:
    """Say whether an indicator is counted from operations or structures, and whether any are known."""
    indicator, place = reader.indicator(id), reader.territory
    if not counted_from_records(indicator, reader.plan):
        return False
    if indicator.polarity == "delivery":
        return reader.warehouse.has_records("operations", place.level, place.geography, place.code)
    return reader.warehouse.has_records("structures", place.level, place.geography)


def _completeness(published: int, total: int) -> tuple[bool, Message]:
    share = 100 * published / total if total else 0.0
    values = {"published": Quantity(published), "total": Quantity(total), "share": Quantity(share, "percent", 0)}
    return share < _COMPLETE, msg(
        "Completeness: {published} of the {total} expected values are published ({share})", **values
    )


def _crossed(reader: Reader, indicators: Collection[str]) -> list[str]:
    """Return the breaks that a before/after criterion of the plan on one of the indicators crosses."""
    found: set[str] = set()
    for criterion in (c for q in reader.plan.questions for c in q.criteria):
        start, end = criterion.design.start, criterion.design.end
        if criterion.indicator not in indicators or start is None or end is None:
            continue
        if criterion.design.method in ("before_after", *SCOPES):
            found |= {b.period for b in reader.indicator(criterion.indicator).breaks_between(start, end)}
    return sorted(found)


def _consistency(breaks: list[str], crossed: list[str]) -> tuple[bool, Message]:
    if crossed:
        return True, msg(
            "Consistency: a comparison of the plan crosses breaks of the series ({years})", years=", ".join(crossed)
        )
    if breaks:
        years = ", ".join(breaks)
        return False, msg(
            "Consistency: the series have breaks ({years}), marked on the charts; no comparison crosses them",
            years=years,
        )
    return False, msg("Consistency: no declared break in the series shown")


def _correctness(noted: int, total: int) -> tuple[bool, Message]:
    if not noted:
        return False, msg("Correctness: no value carries a warning of the data checks")
    sentence = nmsg(
        "Correctness: {n} value carries a warning of the data checks",
        "Correctness: {n} values carry a warning of the data checks",
        noted,
    )
    return noted > _NOTED * total, sentence


def _timeliness(latest: list[str], reader: Reader) -> list[tuple[bool, Message]]:
    reference = reader.plan.data_as_of.year if reader.plan.data_as_of else reader.plan.programme.end
    if not latest or reference is None:
        return []
    oldest = min(latest)
    return [
        (
            reference - int(oldest[:4]) > _OLD,
            msg("Timeliness: the oldest of the latest values is of {year}", year=oldest),
        )
    ]
