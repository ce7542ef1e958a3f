"""What stands at the end of every report: sources, definitions, versions, and the three sentences that keep it honest."""

from __future__ import annotations

import functools
import importlib.metadata
from collections.abc import Mapping
from typing import Any

from evalkit.catalogue.words import POLARITIES
from evalkit.notebook.assessing import change
from evalkit.notebook.quality import Quality, quality, used_pairs
from evalkit.notebook.reading import Reader
from evalkit.notebook.recommending import recommendations
from evalkit.notebook.results import Result
from evalkit.plan import counted_from_records
from evalkit.text import UNITS, Day, Message, Quantity, msg

_VERSIONS = ("evalkit", "duckdb", "matplotlib", "numpy", "pandas", "papermill", "scipy", "statsmodels")


def summary(
    reader: Reader, lang: str, assessed: list[Result], comparator: str | None, stages: Mapping[str, str]
) -> dict[str, Any]:
    """Return what stands at the end of a report; quality and definitions are those of the indicators that it used.

    `assessed` are the changes that it set against a comparator, `stages` the shared results that it read, with their hashes.
    """
    smallest = assessed or _longest_change(reader, lang, comparator)
    checked = quality(reader, lang)
    return {
        "sources": sources(reader, lang),
        "quality": {
            "letter": checked.letter,
            "counts": checked.counts,
            "sentences": [reason.render(lang) for reason in checked.reasons],
        },
        "honesty": honesty(reader, checked, smallest, lang),
        "recommendations": recommendations(reader.plan, lang, reader.territory.code),
        "definitions": definitions(reader, lang),
        "versions": versions(),
        "seed": reader.plan.seed,
        "stages": dict(sorted(stages.items())),
    }


def _longest_change(reader: Reader, lang: str, comparator: str | None) -> list[Result]:
    """Return the change over its longest span of the first primary indicator that was used, where there is one."""
    from evalkit.plan import usable_spans

    for indicator, breakdown in [] if comparator is None else used_pairs(reader):
        planned = reader.plan.indicator(indicator)
        if planned is None or planned.role != "primary" or not _is_own(reader, indicator, breakdown):
            continue
        series = reader.series(indicator, breakdown)
        published = [row.period for row in series.rows if row.value is not None]
        spans = usable_spans(series.indicator, published)
        if spans and comparator is not None:
            start, end = spans[0]
            return [change(reader, lang, indicator, start, end, comparator, None, breakdown)]
    return []


def _is_own(reader: Reader, indicator: str, breakdown: str) -> bool:
    """Say whether the data hold an indicator at the territory's own level."""
    level = reader.territory.level
    return level in reader.indicator(indicator).levels and reader.holds(indicator, breakdown, level)


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
    """Return the definition of each indicator that the report used, in the order of the plan."""
    found = []
    for name in dict.fromkeys(name for name, _ in used_pairs(reader)):
        item = reader.indicator(name)
        prices = None if counted_from_records(item, reader.plan) else reader.prices(name)
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


@functools.cache
def versions() -> dict[str, str]:
    """Return the versions of the packages that computed the report."""
    return {name: importlib.metadata.version(name) for name in _VERSIONS}
