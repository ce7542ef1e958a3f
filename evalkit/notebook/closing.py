"""What stands at the end of every report: data quality, sources, definitions, versions, and the three sentences that keep it honest."""

from __future__ import annotations

import importlib.metadata
from collections import Counter
from dataclasses import dataclass
from typing import Any

from evalkit.catalogue.words import POLARITIES
from evalkit.model.observation import STATUSES, WITH_VALUE
from evalkit.notebook.describing import is_shown, shown_level
from evalkit.notebook.designs import SCOPES
from evalkit.notebook.reading import Reader
from evalkit.notebook.results import Result
from evalkit.plan import counted_from_records
from evalkit.text import UNITS, Day, Message, Quantity, msg, nmsg

_VERSIONS = ("evalkit", "duckdb", "matplotlib", "numpy", "pandas", "papermill", "scipy", "statsmodels")
_LETTERS = "ABCD"
_COMPLETE, _NOTED, _OLD = 80, 0.1, 5  # percent of expected values; share of values; years


@dataclass(frozen=True)
class Quality:
    """The data quality of a territory's report: a letter with its reasons, and the values counted by status."""

    letter: str
    counts: dict[str, int]
    reasons: tuple[Message, ...]
    weak: int
    total: int


def quality(reader: Reader) -> Quality:
    """Judge the data by completeness, consistency, correctness and timeliness: A, then one letter less for each that fails.

    Completeness fails under 80 % of the expected values, correctness over 10 % of values with a warning of the data checks,
    consistency when a criterion of the plan crosses a break, timeliness when a latest value is over five years old.
    """
    counts: Counter[str] = Counter()
    noted = 0
    latest: list[str] = []
    breaks: set[str] = set()
    for used in reader.plan.indicators:
        for breakdown in used.breakdowns:
            if not is_shown(reader, used.id, breakdown):
                counts["missing"] += not _is_counted(reader, used.id)
                continue
            series = reader.series(used.id, breakdown, shown_level(reader, used.id))
            counts.update([row.status for row in series.rows] or ["missing"])
            noted += sum(1 for row in series.rows if row.note and row.status in WITH_VALUE)
            published = [row.period for row in series.rows if row.status in WITH_VALUE]
            latest += published[-1:]
            crossed = (
                b.period for b in series.indicator.breaks if published and published[0] < b.period <= published[-1]
            )
            breaks.update(crossed)
    total = sum(counts.values())
    parts = [
        _completeness(counts["published"], total),
        _consistency(sorted(breaks), _crossed(reader)),
        _correctness(noted, total),
        *_timeliness(latest, reader),
    ]
    letter = _LETTERS[min(3, sum(1 for failed, _ in parts if failed))]
    weak = total - counts["published"] + noted
    return Quality(letter, {s: counts[s] for s in STATUSES if counts[s]}, tuple(m for _, m in parts), weak, total)


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


def _crossed(reader: Reader) -> list[str]:
    """Return the breaks that a before/after criterion of the plan crosses."""
    found: set[str] = set()
    for criterion in (c for q in reader.plan.questions for c in q.criteria):
        start, end = criterion.design.start, criterion.design.end
        if criterion.design.method in ("before_after", *SCOPES) and start is not None and end is not None:
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


def honesty(reader: Reader, checked: Quality, smallest: list[Result], lang: str) -> list[str]:
    """Return the three sentences, with their data filled in."""
    judgement = reader.plan.judgement
    place = msg("This report describes a place, not a group of people: households have left, others have come.")
    found = [
        r
        for r in smallest
        if r.estimate is not None and r.estimate.details.get("smallest_detectable_change") is not None
    ]
    if found:
        parts = [_smallest(reader, result) for result in found[:2]]
        either = parts[0] if len(parts) == 1 else msg("{first} or {second}", first=parts[0], second=parts[1])
        effect = msg(
            "Unless stated otherwise, the gap measured is not the effect of the programme; a change smaller than {parts} could not have been seen.",
            parts=either,
        )
    else:
        effect = msg(
            "Unless stated otherwise, the gap measured is not the effect of the programme; how small a change could have been seen is not known."
        )
    when = Day(judgement.fixed_on) if judgement.fixed_on else msg("a date that the plan does not state")
    order = {
        True: msg("before the results were read"),
        False: msg("after the results were read"),
        None: msg("without the plan stating whether this was before the results were read"),
    }[judgement.before_results]
    data = msg(
        "Data: {sources}; {weak} of {total} values are secret, missing or fragile, never replaced by zero; judgement rules fixed on {when}, {order}.",
        sources=_sources_in_words(reader, lang),
        weak=Quantity(checked.weak),
        total=Quantity(checked.total),
        when=when,
        order=order,
    )
    return [message.render(lang) for message in (place, effect, data)]


def _smallest(reader: Reader, result: Result) -> Message:
    """Return the smallest change that could have been seen, in the precision of its indicator."""
    assert result.estimate is not None
    smallest = float(result.estimate.details["smallest_detectable_change"] or 0)
    return msg(
        "{value} ({label}, {period})",
        value=Quantity(smallest, result.unit, reader.indicator(result.indicator).decimals),
        label=result.label,
        period=result.period.replace("/", "-"),
    )


def _sources_in_words(reader: Reader, lang: str) -> str:
    from evalkit.data.registry import registry

    known = registry()
    parts = []
    for dataset in sorted(reader.used):
        title = known[dataset].title.render(lang) if dataset in known else dataset
        vintages = sorted(reader.used[dataset])
        span = vintages[0] if len(vintages) == 1 else f"{vintages[0]}-{vintages[-1]}"
        parts.append(f"{title} ({span})")
    return ", ".join(parts)


def sources(reader: Reader, lang: str) -> list[dict[str, Any]]:
    """Return the sources that were read, with what is needed to cite and to check them."""
    from evalkit.data.registry import registry

    known = registry()
    found = []
    for dataset in sorted(reader.used):
        spec = known.get(dataset)
        files = reader.warehouse.files(dataset)
        found.append(
            {
                "dataset": dataset,
                "title": dataset if spec is None else spec.title.render(lang),
                "producer": "" if spec is None else spec.producer,
                "licence": "" if spec is None else spec.licence,
                "attribution": "" if spec is None else spec.publisher_label.render(lang),
                "vintages": sorted(reader.used[dataset]),
                "files": [{"name": str(name), "sha256": str(sha256)} for name, sha256 in files],
            }
        )
    return found


def definitions(reader: Reader, lang: str) -> list[dict[str, Any]]:
    """Return the definition of each indicator of the plan."""
    found = []
    for used in reader.plan.indicators:
        item = reader.indicator(used.id)
        prices = None if counted_from_records(item, reader.plan) else reader.prices(used.id)
        caveats = [caveat.render(lang) for caveat in item.caveats]
        if prices is not None:
            caveats.insert(0, prices_in_words(prices.year, prices.deflator).render(lang))
        found.append(
            {
                "indicator": item.id,
                "label": item.label.render(lang),
                "definition": item.definition.render(lang),
                "unit": UNITS[item.unit].name[lang],
                "polarity": POLARITIES[item.polarity].render(lang),
                "source": item.source_label.render(lang),
                "breaks": [f"{b.period} – {b.reason.render(lang)}" for b in item.breaks],
                "caveats": caveats,
            }
        )
    return found


def prices_in_words(year: int | None, deflator: str) -> Message:
    """Return in which prices euros are shown."""
    if year is None:
        return msg("Euros are in current prices: part of a rise is inflation")
    names = {"insee_cpi": msg("the consumer price index of Insee, France, all households")}
    return msg(
        "Euros are in constant prices of {year}, deflated by {name}", year=str(year), name=names.get(deflator, deflator)
    )


def versions() -> dict[str, str]:
    """Return the versions of the packages that computed the report."""
    return {name: importlib.metadata.version(name) for name in _VERSIONS}
