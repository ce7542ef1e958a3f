"""The portfolio of a run: every territory, its reports and what is missing, on one page that works from a folder or an archive."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from evalkit.model.run import DONE
from evalkit.report.figurefiles import FIGURES_FOLDER, figure_doors
from evalkit.report.labels import READING_LABELS, VERDICT_LABELS, VerdictLabel, territory_words
from evalkit.report.pictures import check_figure
from evalkit.report.portfolio_map import draw_insets, draw_map
from evalkit.report.portfolio_model import PortfolioColumn, PortfolioModel
from evalkit.report.portfolio_rows import ROW_STATES, Row, build_causes, build_rows, verdict_counts
from evalkit.report.portfolio_strip import build_strips, draw_line
from evalkit.report.recommendations import build_register, response_counts
from evalkit.report.templating import TEMPLATE_NAME, TEMPLATES, prepare
from evalkit.text import NO_VALUE, Quantity, Renderable, msg, nmsg

if TYPE_CHECKING:
    from jinja2 import Environment

    from evalkit.model.figure import Figure

_CELL_WORDS = {
    "secret": msg("secret"),
    "missing": msg("absent"),
    "not_applicable": msg("does not apply"),
}


@dataclass(frozen=True)
class Tile:
    """One figure at the top of the page."""

    value: Renderable
    label: Renderable


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader

    return prepare(Environment(loader=FileSystemLoader(TEMPLATES / TEMPLATE_NAME), autoescape=True))


def render_portfolio(model: PortfolioModel) -> str:
    """Return the portfolio page; the bytes depend on the model alone, run and time stand in one marked line."""
    rows = build_rows(model)
    strips = build_strips(model, rows)
    register = build_register(model)
    head, title = territory_words(model.level)
    page = (
        _environment()
        .get_template("portfolio.html.j2")
        .render(
            lang=model.lang,
            model=model,
            rows=() if model.parts else rows,
            tiles=_tiles(model, rows),
            map=draw_map(model, rows),
            insets=draw_insets(model, rows),
            strips=strips,
            verdict_counts=verdict_counts(rows),
            causes=build_causes(model),
            register=register,
            responses=response_counts(register),
            departments=_distinct(row.task.department for row in rows),
            epcis=_distinct(row.task.epci for row in rows),
            grades=sorted({grade for row in rows for grade in row.grades}),
            states={key: word for key, word in ROW_STATES.items() if any(row.state == key for row in rows)},
            readings=_used_readings(rows) if model.columns else {},
            reading_labels=READING_LABELS,
            verdict_choices=_verdict_choices(rows),
            territory_head=head,
            list_title=title,
            many_templates=any(len(row.reports) > 1 for row in rows),
            cell=_cell,
            line=_small_line,
            forest_picture=_picture(model.forest),
            forest_files=() if model.forest is None else figure_doors(model.forest, f"{FIGURES_FOLDER}/{model.lang}"),
        )
    )
    return page.strip() + "\n"


def accessibility_name(lang: str, first: str) -> str:
    """Return the file name of the accessibility statement in a language; `first` is the first language of the plan."""
    return "accessibility.html" if lang == first else f"accessibility.{lang}.html"


def render_accessibility(model: PortfolioModel, contact: str | None) -> str:
    """Return the accessibility statement of a run; the state of a publication that was not audited is `not compliant`."""
    template = _environment().get_template("accessibility.html.j2")
    return template.render(lang=model.lang, model=model, contact=contact).strip() + "\n"


def _picture(figure: Figure | None) -> Markup:
    """Return the drawing of a figure, once it is known to hold nothing that acts."""
    if figure is None:
        return Markup("")
    check_figure(figure)
    return Markup(figure.svg)  # noqa: S704 # checked above


def _distinct(words: Iterable[str]) -> list[str]:
    return sorted({word for word in words if word})


def _used_readings(rows: Sequence[Row]) -> dict[str, VerdictLabel]:
    used = {row.reading for row in rows}
    return {key: label for key, label in READING_LABELS.items() if key in used}


def _tiles(model: PortfolioModel, rows: Sequence[Row]) -> list[Tile]:
    published = sum(task.record.state in DONE for task in model.tasks)
    tiles = [
        Tile(
            Quantity(published),
            nmsg("report published out of {n}", "reports published out of {n}", len(model.tasks)),
        )
    ]
    values = [column.values[row.code] for column in model.columns[:1] for row in rows if row.code in column.values]
    if values:
        column = model.columns[0]
        median = Quantity(statistics.median(values), column.unit, column.decimals)
        tiles.append(Tile(median, msg("{title}, median, {period}", title=column.title, period=column.period)))
        share = msg("{n} of {total}", n=Quantity(len(values)), total=Quantity(len(rows)))
        tiles.append(Tile(share, msg("territories with a published value in {period}", period=column.period)))
    absent = len(model.tasks) - published
    if absent:
        tiles.append(
            Tile(
                Quantity(absent),
                nmsg("report absent, cause below", "reports absent, causes below", absent),
            )
        )
    partial = sum(row.state == "partial" for row in rows)
    if partial:
        tiles.append(
            Tile(
                Quantity(partial),
                nmsg("territory with partial data", "territories with partial data", partial),
            )
        )
    return tiles


def _verdict_choices(rows: Sequence[Row]) -> dict[str, VerdictLabel]:
    used = {key for row in rows for key in row.verdict_keys}
    return {key: label for key, label in VERDICT_LABELS.items() if key in used}


def _cell(column: PortfolioColumn, code: str) -> Renderable | str:
    if code in column.values:
        return Quantity(column.values[code], column.unit, column.decimals)
    return _CELL_WORDS.get(column.statuses.get(code, ""), NO_VALUE)


def _small_line(column: PortfolioColumn, code: str, label: str) -> Markup | None:
    return draw_line(column.series.get(code, ()), label)
