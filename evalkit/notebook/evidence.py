"""The evidence ladder of a territory, as a table of its report: which designs its data allow for an indicator, and why not the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from evalkit.charts import Captions, plain_table
from evalkit.model.figure import DataTable, Figure
from evalkit.notebook.describing import label_of
from evalkit.notebook.drawing import figure_id, source_line
from evalkit.notebook.panels import COLUMNS, STATUS, UNIT, read_rows, stepped
from evalkit.notebook.reading import Reader
from evalkit.text import Message, msg

if TYPE_CHECKING:
    from evalkit.stats.ladder import Ladder


def ladder_of(
    reader: Reader, indicator: str, breakdown: str, comparator: str, since: Mapping[str, int]
) -> Ladder | None:
    """Return the ladder of an indicator for the territory; None where nothing is published, or the programme is not known here."""
    from evalkit.stats import evidence_ladder

    code = reader.territory.code
    others = [other for other in reader.members(comparator).codes if other not in since]
    rows = read_rows(reader.plan, reader.warehouse, reader.catalogue, indicator, sorted({code, *others}))
    rows = rows[rows["breakdown"] == breakdown]
    frame, periods = stepped(rows, {code: since[code]} if code in since else {})
    if code not in since or not periods or frame.loc[frame[UNIT] == code].empty:
        return None
    if since[code] > int(periods[-1][:4]):
        return None
    label = label_of(reader.indicator(indicator), breakdown)
    return evidence_ladder(frame, territory=code, status=STATUS, label=label, **COLUMNS)


def ladder_figure(
    reader: Reader, ladder: Ladder, indicator: str, breakdown: str, lang: str, whole: Message | None = None
) -> Figure:
    """Return the ladder as a table: each design, whether the data allow it, how much it could prove, and why.

    `whole` is the statement for the whole programme, where it is known.
    """
    name = reader.territory.name
    label = label_of(reader.indicator(indicator), breakdown)
    best = ladder.strongest
    title = (
        msg("{label}: the data of {name} allow no design", label=label, name=name)
        if best is None
        else msg("{label}: the data allow up to {design}", label=label, design=best.label)
    )
    heads = (msg("Design"), msg("Possible here"), msg("Highest grade"), msg("What it rests on, or lacks"))
    words = {True: msg("yes"), False: msg("no")}
    shown = ladder.table(lang)
    rows = tuple(
        (
            str(row["label"])[:1].upper() + str(row["label"])[1:],
            f"{'✓' if row['admissible'] else '✗'} {words[bool(row['admissible'])].render(lang)}",
            msg("{ceiling} out of 5", ceiling=str(row["ceiling"])).render(lang),
            str(row["reasons"]),
        )
        for row in shown.to_dict("records")
    )
    data = DataTable(
        caption=title.render(lang),
        columns=tuple(head.render(lang) for head in heads),
        rows=rows,
        numeric=(False, False, False, False),
        raw=tuple({str(key): value for key, value in row.items()} for row in shown.to_dict("records")),
    )
    captions = Captions(
        title=title.render(lang),
        subtitle=msg("Designs from the weakest proof to the strongest, {name}", name=name).render(lang),
        lecture=msg(
            "A design is possible when the data have enough territories, years and published values for it; it still has to pass its checks."
        ).render(lang),
        champ=msg("geography: {year}", year=reader.territory.geography).render(lang),
        source=source_line([row.source for row in reader.series(indicator, breakdown).rows], lang),
        note=msg("Grades run from 1 (weakest) to 5 (drawn at random), after the Maryland scale.").render(lang),
    )
    if whole is not None:
        captions = replace(captions, note=f"{captions.note} {whole.render(lang).rstrip('.')}.")
    alt = msg(
        "Table: {n} designs, of which {m} are possible for {label} in {name}.",
        n=str(len(ladder.rungs)), m=str(sum(rung.admissible for rung in ladder.rungs)), label=label, name=name,
    ).render(lang)  # fmt: skip
    return plain_table(figure_id("ladder", indicator, breakdown), data, captions, alt=alt, indicators=(indicator,))
