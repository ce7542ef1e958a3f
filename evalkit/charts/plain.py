"""A plain table as a figure: the data table itself is what is shown."""

from __future__ import annotations

from html import escape

from evalkit.charts.inputs import Captions
from evalkit.charts.svg import clean, safe_id
from evalkit.model.figure import DataTable, Figure


def plain_table(
    figure_id: str, data: DataTable, captions: Captions, *, alt: str, indicators: tuple[str, ...] = ()
) -> Figure:
    """Return a table as a figure: caption, column heads, row heads; numbers to the right; every text escaped."""
    return Figure(
        id=figure_id,
        kind="table",
        title=captions.title,
        subtitle=captions.subtitle,
        alt=alt,
        data=data,
        html=_html(figure_id, data),
        lecture=captions.lecture,
        champ=captions.champ,
        source=captions.source,
        note=captions.note,
        indicators=indicators,
    )


def _html(figure_id: str, data: DataTable) -> str:
    caption_id = f"{safe_id(figure_id)}-caption"
    numeric = data.numeric or tuple(False for _ in data.columns)
    heads = "".join(
        f'<th scope="col"{_aligned(number)}>{_safe(name)}</th>'
        for name, number in zip(data.columns, numeric, strict=True)
    )
    rows = "".join(
        f'<tr><th scope="row">{_safe(row[0])}</th>'
        + "".join(
            f"<td{_aligned(number)}>{_safe(cell)}</td>" for cell, number in zip(row[1:], numeric[1:], strict=True)
        )
        + "</tr>"
        for row in data.rows
    )
    table = (
        f'<table class="plain"><caption id="{caption_id}">{_safe(data.caption)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )
    return f'<div class="table-box" role="region" tabindex="0" aria-labelledby="{caption_id}">{table}</div>'


def _aligned(number: bool) -> str:  # noqa: FBT001 - one private switch
    return ' class="num"' if number else ""


def _safe(text: str) -> str:
    return escape(clean(text))
