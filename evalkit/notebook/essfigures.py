"""Figures of an ESS programme: survival of structures, their families."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evalkit.charts import Captions, Point, ShareRow, SharesData, SurvivalData, SurvivalGroup
from evalkit.charts import families as draw_families
from evalkit.charts import survival as draw_survival
from evalkit.model.figure import Figure
from evalkit.notebook.drawing import source_line
from evalkit.notebook.families import structure_family
from evalkit.notebook.reading import Reader
from evalkit.notebook.structures import NOT_SUPPORTED, SUPPORTED, Structures, structures
from evalkit.text import Quantity, msg

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.notebook.evaluation import Evaluation

_HORIZON = 5


def survival_figure(ev: Evaluation, reader: Reader, *, everywhere: bool) -> Figure:
    """Return the survival curves of supported and not supported structures."""
    lang = ev.language
    group = structures(reader, everywhere=everywhere)
    name = msg("all the territories of the programme").render(lang) if everywhere else reader.territory.name
    supported = _curve(group.supported, SUPPORTED, msg("supported").render(lang))
    others = _curve(group.others, NOT_SUPPORTED, msg("not supported").render(lang)) if len(group.others) else None
    rate = supported.at(3)
    title = (
        msg("{rate} of the supported structures are alive after three years", rate=Quantity(100 * rate, "percent", 0))
        if rate is not None
        else msg("Survival of the supported structures")
    )
    captions = Captions(
        title=title.render(lang),
        subtitle=msg("Share of structures still active by years since creation, {name}", name=name).render(lang),
        lecture=msg(
            "The lines fall at each closure; the bands are 95% intervals; the numbers below are the structures still followed."
        ).render(lang),
        champ=msg(
            "{n} structures, {supported} of them supported",
            n=Quantity(len(group.frame)),
            supported=Quantity(len(group.supported)),
        ).render(lang),
        source=_source(group, lang),
        note=msg(
            "Supported structures were chosen: the distance between the lines is not the effect of the support."
        ).render(lang),
    )
    figure_id = "survival-programme" if everywhere else "survival"
    return draw_survival(figure_id, SurvivalData(name, supported, others, _HORIZON), captions, lang=lang)


def _curve(frame: pd.DataFrame, group: str, label: str) -> SurvivalGroup:
    """Return the Kaplan-Meier curve of one group, with its limits and the numbers at risk each year."""
    from evalkit.stats.durations import kaplan_meier, log_log_limits

    years, closed = frame["years"].to_numpy(float), frame["closed"].to_numpy(float)
    curve = kaplan_meier(years, closed)
    limits = [
        log_log_limits(float(s), float(g), 1.959963984540054)
        for s, g in zip(curve.survival, curve.greenwood, strict=True)
    ]
    lower = tuple(float(s) if low is None else low for (low, _), s in zip(limits, curve.survival, strict=True))
    upper = tuple(float(s) if high is None else high for (_, high), s in zip(limits, curve.survival, strict=True))
    last = float(years.max()) if len(years) else 0.0
    times, shares = tuple(float(t) for t in curve.times), tuple(float(s) for s in curve.survival)
    if last and (not times or last > times[-1]):
        end = shares[-1] if shares else 1.0
        times, shares = (*times, last), (*shares, end)
        lower, upper = (*lower, lower[-1] if lower else 1.0), (*upper, upper[-1] if upper else 1.0)
    at_risk = {float(year): int((years >= year).sum()) for year in range(_HORIZON + 1)}
    return SurvivalGroup(label, times, shares, lower, upper, at_risk, len(years), int(closed.sum()))


def families_figure(ev: Evaluation, reader: Reader) -> Figure:
    """Return the families of the supported structures, in shares with intervals, beside those of the whole programme."""
    from evalkit.stats import proportion_interval

    lang = ev.language
    here, everywhere = structures(reader), structures(reader, everywhere=True)
    counts, total = here.supported["family"].value_counts().sort_index(), len(here.supported)
    elsewhere = everywhere.supported["family"].value_counts(normalize=True)
    rows = []
    for family, count in sorted(counts.items(), key=lambda item: (-item[1], str(item[0]))):
        share = proportion_interval(int(count), total)
        point = Point("", 100 * share.value, "published", 100 * (share.lower or 0.0), 100 * (share.upper or 0.0))
        rows.append(
            ShareRow(
                structure_family(str(family)).render(lang), point, int(count), 100 * float(elsewhere.get(family, 0.0))
            )
        )
    captions = Captions(
        title=msg("{family} first among the {n} supported structures", family=rows[0].label, n=Quantity(total)).render(
            lang
        )
        if rows
        else msg("No supported structure here").render(lang),
        subtitle=msg("Supported structures by family, share in percent").render(lang),
        lecture=msg(
            "{share} of the supported structures here are: {family}; {other} in the whole programme.",
            share=Quantity(rows[0].share.value or 0.0, "percent", 0),
            family=rows[0].label,
            other=Quantity(rows[0].comparator or 0.0, "percent", 0),
        ).render(lang)
        if rows
        else "",
        champ=msg("structures supported in {name}", name=reader.territory.name).render(lang),
        source=_source(here, lang),
    )
    data = SharesData(
        reader.territory.name,
        msg("Supported structures by family").render(lang),
        tuple(rows),
        msg("whole programme").render(lang),
        total,
        "ess_fam",
    )
    return draw_families("families", data, captions, lang=lang)


def _source(group: Structures, lang: str) -> str:
    return source_line(group.frame["source"].astype(str).tolist(), lang)
