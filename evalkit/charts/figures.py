"""From a picture, its texts and its data to the figure that a notebook hands to a report."""

from __future__ import annotations

from dataclasses import replace
from html import escape

from evalkit.charts.inputs import Captions
from evalkit.charts.svg import clean
from evalkit.model.figure import DataTable, Figure


def chart_figure(
    figure_id: str, captions: Captions, *, alt: str, data: DataTable, svg: str, indicators: tuple[str, ...] = ()
) -> Figure:
    """Return a figure of the kind `chart`."""
    return Figure(
        id=figure_id,
        kind="chart",
        title=captions.title,
        subtitle=captions.subtitle,
        alt=alt,
        data=data,
        svg=svg,
        lecture=captions.lecture,
        champ=captions.champ,
        source=captions.source,
        note=captions.note,
        indicators=tuple(one for one in indicators if one),
    )


def with_alt(figure: Figure, alt: str) -> Figure:
    """Return the figure under another text alternative, in its record and inside its picture."""
    if not alt.strip():
        raise ValueError(f"figure {figure.id}: the text alternative is empty")
    before, after = (f">{escape(clean(text), quote=False)}</title>" for text in (figure.alt, alt))
    return replace(figure, alt=alt, svg=figure.svg.replace(before, after, 1))
