"""The territory beside its places: commune, intermunicipality, rest of the commune, all the others, at the same period."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalkit.charts import Captions, plain_table
from evalkit.errors import DataError, PlanError
from evalkit.model.figure import DataTable, Figure
from evalkit.model.plan import Comparator
from evalkit.notebook.drawing import measure, source_line
from evalkit.notebook.reading import Reader
from evalkit.notebook.series import Group
from evalkit.text import NO_VALUE, Quantity, msg, quantity

if TYPE_CHECKING:
    from evalkit.notebook.evaluation import Evaluation


@dataclass(frozen=True)
class Beside:
    """One indicator of the territory at one period, with the value of each comparator that has one at that period."""

    indicator: str
    breakdown: str
    period: str
    value: float
    others: dict[str, float]


def comparisons(ev: Evaluation, reader: Reader) -> list[Beside]:
    """Return, for each indicator that a parent place has too, the latest period at which both are published."""
    found = []
    for indicator, breakdown in ev.indicators():
        if reader.territory.level in reader.indicator(indicator).levels:
            row = _beside(reader, indicator, breakdown)
            if row is not None:
                found.append(row)
    return found


def _beside(reader: Reader, indicator: str, breakdown: str) -> Beside | None:
    series = reader.series(indicator, breakdown)
    groups = {
        c.id: group for c in reader.plan.comparators if (group := _group(reader, c, indicator, breakdown)) is not None
    }
    places = [group for group in groups.values() if group.is_single]
    for row in reversed(series.rows):
        if row.value is not None and any(group.at(row.period) for group in places):
            values = {name: group.at(row.period) for name, group in groups.items()}
            others = {
                name: known[0] if groups[name].is_single else statistics.median(known)
                for name, known in values.items()
                if known
            }
            return Beside(indicator, breakdown, row.period, row.value, others)
    return None


def _group(reader: Reader, comparator: Comparator, indicator: str, breakdown: str) -> Group | None:
    """Return a comparator's values; None where the territory has no such parent, or the rest of it cannot be had."""
    try:
        return reader.group(comparator.id, indicator, breakdown)
    except (PlanError, DataError):
        return None


def comparison_table(ev: Evaluation, reader: Reader) -> Figure:
    """Return the table of the territory beside its comparators; a value that cannot be had has its reason in the note."""
    lang = ev.language
    rows = comparisons(ev, reader)
    used = [c for c in reader.plan.comparators if any(c.id in row.others for row in rows)]
    name = reader.territory.name
    title = msg("{name} beside its places of comparison", name=name).render(lang)
    heads = [msg("Indicator").render(lang), msg("Period").render(lang), name, *(_head(c, lang) for c in used)]
    data = DataTable(
        caption=title,
        columns=tuple(heads),
        rows=tuple(_cells(reader, row, used, lang) for row in rows),
        numeric=(False, False, *(True for _ in range(len(used) + 1))),
        raw=tuple(
            {"indicator": r.indicator, "breakdown": r.breakdown, "period": r.period, "territory": r.value, **r.others}
            for r in rows
        ),
    )
    captions = Captions(
        title=title,
        subtitle=msg("Latest period at which the territory and a larger place are both published").render(lang),
        lecture=_lecture(reader, rows, used, lang),
        champ=msg("geography: {year}", year=reader.territory.geography).render(lang),
        source=source_line(
            sorted({row.source for r in rows for row in reader.series(r.indicator, r.breakdown).rows}), lang
        ),
        note=_note(reader, lang),
    )
    alt = msg(
        "Table: {n} indicators of {name}, each beside {m} comparators at the same period.",
        n=Quantity(len(rows)),
        name=name,
        m=Quantity(len(used)),
    ).render(lang)
    return plain_table(
        "comparisons", data, captions, alt=alt, indicators=tuple(dict.fromkeys(r.indicator for r in rows))
    )


def _head(comparator: Comparator, lang: str) -> str:
    label = comparator.label.render(lang) or comparator.id
    if comparator.kind in ("parent", "rest_of_parent"):
        return label
    return msg("{label} (median)", label=label).render(lang)


def _cells(reader: Reader, row: Beside, used: list[Comparator], lang: str) -> tuple[str, ...]:
    indicator = reader.indicator(row.indicator)

    def shown(value: float | None) -> str:
        return NO_VALUE if value is None else quantity(value, indicator.unit, lang, indicator.decimals)

    label = measure(reader, indicator, row.breakdown).render(lang)
    return (label, row.period, shown(row.value), *(shown(row.others.get(c.id)) for c in used))


def _lecture(reader: Reader, rows: list[Beside], used: list[Comparator], lang: str) -> str:
    for row in rows:
        first = next((c for c in used if c.id in row.others), None)
        if first is not None:
            indicator = reader.indicator(row.indicator)
            return msg(
                "in {period}, {label}: {own} for {name}, {other} for {place}.",
                period=row.period,
                label=indicator.short_label,
                own=Quantity(row.value, indicator.unit, indicator.decimals),
                name=reader.territory.name,
                other=Quantity(row.others[first.id], indicator.unit, indicator.decimals),
                place=first.label,
            ).render(lang)
    return ""


def _note(reader: Reader, lang: str) -> str:
    parts = []
    if any(c.kind == "parent" for c in reader.plan.comparators):
        parts.append(msg("A larger place contains the territory: the gap to it is understated."))
    if any(c.kind == "rest_of_parent" for c in reader.plan.comparators):
        parts.append(
            msg(
                "The rest of a place is shown only where counts can be subtracted; for a median, an index or a rate without counts it cannot be had."
            )
        )
    return " ".join(part.render(lang) for part in parts)
