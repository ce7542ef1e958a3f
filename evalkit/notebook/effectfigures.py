"""The figures of estimated effects: the course of the programme's mean effect, and the gap of one territory to its mix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evalkit import charts as draw
from evalkit.charts import Captions, EventData, GapData
from evalkit.errors import TemplateError
from evalkit.model.figure import Figure
from evalkit.notebook import codes
from evalkit.notebook.drawing import figure_id, source_line
from evalkit.notebook.estimating import PATH
from evalkit.notebook.reading import Reader
from evalkit.notebook.results import Result
from evalkit.text import Message, Quantity, msg

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.model.estimate import Estimate


def course_figure(reader: Reader, effect: Result, lang: str) -> Figure:
    """Return the effect of the programme by periods since the start; raises `TemplateError` for an effect that was not estimated."""
    estimate, _ = _table(reader, effect)
    indicator, (start, end) = reader.indicator(effect.indicator), effect.period.split("/")
    data = EventData.of(
        estimate, subject=effect.label.render(lang), measure=effect.label.render(lang), sign=indicator.sign,
        decimals=indicator.decimals, indicator=effect.indicator,
    )  # fmt: skip
    words = {"label": effect.label, "grade": str(effect.grade)}
    title = {
        "better": msg("{label}: a favourable mean estimate, evidence {grade} out of 5", **words),
        "worse": msg("{label}: an unfavourable mean estimate, evidence {grade} out of 5", **words),
        "neutral": msg("{label}: the mean estimate over time, evidence {grade} out of 5", **words),
    }.get(effect.reading, msg("{label}: no effect of the programme is told from zero", label=effect.label))
    captions = Captions(
        title=title.render(lang),
        subtitle=msg("Effect by periods since the start, all territories of the programme, {start}-{end}", start=start, end=end).render(lang),
        lecture=msg(
            "before the start the marks should lie on zero; after it they show how much more the programme's territories moved than the others."
        ).render(lang),
        champ=_champ(reader, lang, msg("{n} territories, treated and comparable", n=Quantity(effect.n or 0))),
        source=source_line([effect.source], lang),
        note=msg("A period is the time between two published values; territories are counted from their own start.").render(lang),
    )  # fmt: skip
    return draw.event_study(figure_id("event", effect.indicator, effect.breakdown), data, captions, lang=lang)


def gap_figure(reader: Reader, effect: Result, lang: str) -> Figure:
    """Return the gap of the territory to its mix among those of untreated ones; raises `TemplateError` where there is none."""
    estimate, table = _table(reader, effect)
    gaps = table[table["kind"] == "gap"] if "kind" in table else table.iloc[:0]
    if gaps.empty:
        raise TemplateError.of(codes.NOTHING_TO_DRAW, indicator=effect.indicator, territory=reader.territory.code)
    indicator, name = reader.indicator(effect.indicator), reader.territory.name
    start, (first, last) = str(estimate.details["start"]), effect.period.split("/")
    paths = table[table["kind"] == PATH]
    data = GapData.of(
        estimate, subject=name, measure=effect.label.render(lang), start=start, sign=indicator.sign, decimals=indicator.decimals,
        placebos={str(code): part.tolist() for code, part in paths.groupby("territory", sort=True)["value"]},
        breaks=tuple(b.period for b in indicator.breaks_between(first, last)), indicator=effect.indicator,
    )  # fmt: skip
    told = msg("{label}: the gap of {name} to its mix stands out among the placebos", label=effect.label, name=name)
    nothing = msg("{label}: the gap of {name} to its mix does not stand out", label=effect.label, name=name)
    captions = Captions(
        title=(nothing if estimate.crosses_zero else told).render(lang),
        subtitle=msg("Gap to the mix of comparable territories that followed it before {start}", start=start).render(lang),
        lecture=msg("{sentence}.", sentence=effect.sentence).render(lang),
        champ=_champ(reader, lang, msg("{n} comparison territories without gaps", n=Quantity((effect.n or 1) - 1))),
        source=source_line([effect.source], lang),
        note=msg("Mix: {parts}.", parts=_mix(reader, table, lang)).render(lang),
    )  # fmt: skip
    return draw.gap(figure_id("gap", effect.indicator, effect.breakdown), data, captions, lang=lang)


def _champ(reader: Reader, lang: str, who: Message) -> str:
    return msg("{who}; geography: {year}", who=who, year=reader.territory.geography).render(lang)


def _table(reader: Reader, effect: Result) -> tuple[Estimate, pd.DataFrame]:
    if effect.estimate is None or effect.estimate.table is None:
        raise TemplateError.of(codes.NOTHING_TO_DRAW, indicator=effect.indicator, territory=reader.territory.code)
    return effect.estimate, effect.estimate.table


def _mix(reader: Reader, table: pd.DataFrame, lang: str) -> str:
    """Return the territories that weigh most in the mix, with their shares."""
    place = reader.territory
    rows = table[table["kind"] == "weight"].head(5)
    parts = []
    for code, weight in zip(rows["term"], rows["value"].astype(float), strict=True):
        name = reader.warehouse.name(place.level, str(code), place.geography)
        parts.append(msg("{name} ({share})", name=name, share=Quantity(100 * weight, "percent", 0)).render(lang))
    rest = 1 - float(rows["value"].astype(float).sum())
    if rest > 0.005:
        parts.append(msg("others ({share})", share=Quantity(100 * rest, "percent", 0)).render(lang))
    return ", ".join(parts)
