"""The money of a programme as a waterfall: what each family of operations costs, what is committed, what is paid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from evalkit import charts as draw
from evalkit.charts import Captions, WaterfallData, WaterfallStep
from evalkit.errors import TemplateError
from evalkit.model.figure import Figure
from evalkit.notebook import codes
from evalkit.notebook.delivering import Family, families
from evalkit.notebook.drawing import source_line
from evalkit.notebook.reading import Reader
from evalkit.text import Quantity, msg

if TYPE_CHECKING:
    from evalkit.notebook.evaluation import Evaluation

MOST = 8


def waterfall_figure(ev: Evaluation, reader: Reader) -> Figure:
    """Return the waterfall of costs, the largest families first; raises `TemplateError` without any operation here."""
    lang, found = ev.language, families(reader)
    if not found:
        raise TemplateError.of(codes.NOTHING_TO_DRAW, indicator="waterfall", territory=reader.territory.code)
    planned, committed, paid = (_sum(found, pick) for pick in (_planned, _committed, _paid))
    steps = [_step(family.label.render(lang), family.cost_planned) for family in found[:MOST]]
    if len(found) > MOST:
        steps.append(_step(msg("Other families").render(lang), _sum(found[MOST:], _planned)))
    steps.append(_step(msg("Planned").render(lang), planned, is_total=True))
    for change, reached, before, after in (
        (msg("Not yet committed"), msg("Committed"), planned, committed),
        (msg("Committed, not yet paid"), msg("Paid"), committed, paid),
    ):
        left = None if before is None or after is None else after - before
        steps += [_step(change.render(lang), left), _step(reached.render(lang), after, is_total=True)]
    name = reader.territory.name
    data = WaterfallData(name, msg("Cost of the operations").render(lang), "euro", tuple(steps), 0)
    return draw.waterfall("waterfall", data, _captions(reader, found, planned, paid, lang), lang=lang)


def _captions(reader: Reader, found: list[Family], planned: float | None, paid: float | None, lang: str) -> Captions:
    title = msg("What the operations cost, and what is paid")
    if planned and paid is not None:
        title = msg("{share} of the planned cost is paid", share=Quantity(100 * paid / planned, "percent", 0))
    return Captions(
        title=title.render(lang),
        subtitle=msg("Cost of the operations by family, then what is committed and paid, in euros").render(lang),
        lecture=msg("a full bar is a total; a grey bar adds to it, a hollow one takes away what is not yet committed or paid.").render(lang),
        champ=msg("operations of the convention in {name}", name=reader.territory.name).render(lang),
        source=source_line([family.source for family in found], lang),
        note=msg("A cost says what was spent, not what it changed.").render(lang),
    )  # fmt: skip


def _step(label: str, value: float | None, *, is_total: bool = False) -> WaterfallStep:
    return WaterfallStep(label, value, "total" if is_total else "change", "missing" if value is None else "published")


def _sum(found: Sequence[Family], pick: Callable[[Family], float | None]) -> float | None:
    costs = [pick(family) for family in found]
    known = [cost for cost in costs if cost is not None]
    return sum(known) if len(known) == len(costs) else None


def _planned(family: Family) -> float | None:
    return family.cost_planned


def _committed(family: Family) -> float | None:
    return family.cost_committed


def _paid(family: Family) -> float | None:
    return family.cost_paid
