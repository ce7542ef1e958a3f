"""Figures of estimates that a template makes itself: effects side by side with their average, and a jump at a threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalkit import charts as draw
from evalkit.charts import Captions, DiscontinuityData, ForestData
from evalkit.model.estimate import Estimate
from evalkit.model.figure import Figure
from evalkit.notebook.describing import label_of
from evalkit.notebook.drawing import figure_id
from evalkit.notebook.reading import Reader
from evalkit.text import Message, Quantity, change_unit, msg


def forest_figure(
    reader: Reader, lang: str, id: str, effects: Mapping[str, Estimate], pooled: Estimate | None, source: str
) -> Figure:
    """Return effects side by side, in the order given, with their average where it is given."""
    indicator = reader.indicator(id)
    data = ForestData.of(
        effects, pooled, pooled_label=msg("Average").render(lang), measure=indicator.label.render(lang),
        unit=change_unit(indicator.unit), highlighted=reader.territory.name, sign=indicator.sign,
        decimals=indicator.decimals, indicator=id,
    )  # fmt: skip
    clear = sum(not one.crosses_zero for one in effects.values())
    title = msg(
        "{label}: {n} of {total} effects can be told from zero",
        label=label_of(indicator, "none"),
        n=Quantity(clear),
        total=Quantity(len(effects)),
    )
    captions = Captions(
        title=title.render(lang),
        subtitle=msg("Effect of the programme on: {label}", label=label_of(indicator, "none")).render(lang),
        lecture=msg(
            "each square is an effect with its interval; the diamond is their average, the dashed line what one more territory may expect."
        ).render(lang),
        champ=msg("geography: {year}", year=reader.territory.geography).render(lang),
        source=source,
        note=msg("This is not a ranking: effects whose intervals overlap widely cannot be told apart.").render(lang),
    )  # fmt: skip
    return draw.forest(figure_id("forest", id, "none"), data, captions, lang=lang)


def discontinuity_figure(
    reader: Reader,
    lang: str,
    id: str,
    estimate: Estimate,
    running: Sequence[float],
    outcome: Sequence[float],
    cutoff: float,
    running_label: str,
    running_unit: str,
    source: str,
) -> Figure:
    """Return the jump of an indicator at a threshold, with the observations that it was estimated from."""
    indicator = reader.indicator(id)
    data = DiscontinuityData.of(
        estimate, running, outcome, cutoff=cutoff, measure=indicator.label.render(lang), running_label=running_label,
        unit=indicator.unit, running_unit=running_unit, sign=indicator.sign, decimals=indicator.decimals, indicator=id,
    )  # fmt: skip
    captions = Captions(
        title=_title(label_of(indicator, "none"), estimate).render(lang),
        subtitle=msg("{label}, by {running}", label=label_of(indicator, "none"), running=running_label).render(lang),
        lecture=msg(
            "each mark is the mean of equally many territories; the thick bar is the jump, the wash the window in which both lines were fitted."
        ).render(lang),
        champ=msg("geography: {year}", year=reader.territory.geography).render(lang),
        source=source,
        note=msg("The jump speaks of territories near the threshold only.").render(lang),
    )  # fmt: skip
    return draw.discontinuity(figure_id("jump", id, "none"), data, captions, lang=lang)


def _title(label: Message, estimate: Estimate) -> Message:
    if estimate.crosses_zero:
        return msg("{label}: no jump at the threshold is told from zero", label=label)
    return msg("{label}: a jump at the threshold", label=label)
