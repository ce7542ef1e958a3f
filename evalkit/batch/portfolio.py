"""The portfolio of a run: what the ledger and the findings say, with names, places and the chosen indicator of the warehouse."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evalkit.catalogue import load_catalogue
from evalkit.data.deflate import deflate
from evalkit.data.secrecy import apply_disclosure
from evalkit.model.indicator import Indicator
from evalkit.model.observation import NO_BREAKDOWN, WITH_VALUE
from evalkit.model.plan import EvaluationPlan
from evalkit.model.run import TaskRecord
from evalkit.model.territory import Territory
from evalkit.notebook.programmes import programme_words
from evalkit.notebook.templates import find_template
from evalkit.report import PortfolioColumn, PortfolioModel, PortfolioTask, render_portfolio
from evalkit.report.assets import SCRIPT, STYLESHEET, asset_names
from evalkit.runs import RunFolder, read_findings
from evalkit.runs.files import write_atomic
from evalkit.text import UNITS

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.data.warehouse import Warehouse

_COLUMNS = 2
_ENOUGH_CHANGES = 30


def publish_portfolio(
    plan: EvaluationPlan,
    warehouse: Warehouse,
    folder: RunFolder,
    records: Sequence[TaskRecord],
    generated: datetime.datetime,
) -> None:
    """Write the portfolio page of each language of the plan."""
    places = _places(plan, warehouse, {record.territory for record in records})
    findings = read_findings(folder)
    columns, noise = _columns(plan, warehouse, places)
    outlines = _outlines(warehouse, places.values())
    first = plan.languages[0]
    links = {lang: folder.index(lang, first).name for lang in plan.languages}
    programme = plan.programme
    for lang in plan.languages:
        model = PortfolioModel(
            lang=lang,
            title=plan.title.render(lang),
            programme=programme_words(plan, lang),
            period=f"{programme.start}-{programme.end}" if programme.end else str(programme.start),
            publisher=plan.publisher.render(lang),
            level=plan.territories.level,
            tasks=tuple(_task(r, plan, places, folder, lang, warehouse) for r in records if r.lang == lang),
            findings=findings,
            plan_sha256=plan.sha256,
            run=folder.run_id,
            generated=generated,
            stylesheet=asset_names()[STYLESHEET],
            script=asset_names()[SCRIPT],
            columns=tuple(column(lang) for column in columns),
            languages=links,
            synthetic=any(place.synthetic for place in places.values()),
            data_as_of=plan.data_as_of,
            outlines=outlines,
            noise=noise,
        )
        write_atomic(folder.index(lang, first), render_portfolio(model).encode())


def _places(plan: EvaluationPlan, warehouse: Warehouse, codes: Iterable[str]) -> dict[str, Territory]:
    level, geography = plan.territories.level, plan.territories.geography
    found = {code: warehouse.territory(level, code, geography) for code in sorted(codes)}
    return {code: place for code, place in found.items() if place is not None}


def _task(
    record: TaskRecord,
    plan: EvaluationPlan,
    places: Mapping[str, Territory],
    folder: RunFolder,
    lang: str,
    warehouse: Warehouse,
) -> PortfolioTask:
    place = places.get(record.territory)
    page = folder.report(record)
    label = find_template(record.template, plan.file).title.render(lang)
    longitude, latitude = (None, None) if place is None else _point(place, warehouse)
    return PortfolioTask(
        record=record,
        name=record.territory if place is None else place.name,
        template_label=label,
        href=str(page.relative_to(folder.root)) if record.state in ("ok", "reused") and page.is_file() else None,
        commune=_parent_name(place, "commune", warehouse),
        department=_parent_name(place, "department", warehouse),
        population=_population(plan, warehouse, record.territory),
        longitude=longitude,
        latitude=latitude,
    )


def _point(place: Territory, warehouse: Warehouse) -> tuple[float | None, float | None]:
    if place.longitude is not None:
        return place.longitude, place.latitude
    shape = warehouse.geometry(place.level, place.code, place.geography)
    if shape is None:
        return None, None
    point = shape.representative_point()
    return float(point.x), float(point.y)


def _parent_name(place: Territory | None, level: str, warehouse: Warehouse) -> str:
    names = []
    for parent in () if place is None else place.parents_at(level):
        known = warehouse.territory(parent.level, parent.code, parent.geography)
        names.append(parent.code if known is None else known.name)
    return ", ".join(dict.fromkeys(names))


def _population(plan: EvaluationPlan, warehouse: Warehouse, code: str) -> float | None:
    frame = _read(plan, warehouse, "de_pop", NO_BREAKDOWN, [code])
    known = frame[frame["status"].isin(WITH_VALUE)].sort_values("period")
    return None if known.empty else float(known["value"].iloc[-1])


def _read(
    plan: EvaluationPlan, warehouse: Warehouse, indicator: str, breakdown: str, codes: Sequence[str]
) -> pd.DataFrame:
    frame = warehouse.observations(
        indicators=[indicator],
        breakdowns=[breakdown],
        level=plan.territories.level,
        geography=plan.territories.geography,
        territories=list(codes),
        sources=plan.sources,
    )
    return apply_disclosure(frame, load_catalogue(), plan.disclosure)


def _columns(
    plan: EvaluationPlan, warehouse: Warehouse, places: Mapping[str, Territory]
) -> tuple[list[Any], float | None]:
    """Return, for the first primary indicators that have values, what makes a column in a language; and the noise of the first."""
    found: list[Any] = []
    noise = None
    for used in plan.indicators:
        if (
            used.role != "primary"
            or len(found) == _COLUMNS
            or plan.territories.level not in load_catalogue()[used.id].levels
        ):
            continue
        frame = _read(plan, warehouse, used.id, used.breakdowns[0], sorted(places)).sort_values(["territory", "period"])
        if used.prices is not None and used.prices.year is not None:
            frame = deflate(frame, base=used.prices.year, deflator=used.prices.deflator)
        published = frame[frame["status"].isin(WITH_VALUE)]
        if not published.empty:
            noise = noise if found else usual_change(published, load_catalogue()[used.id])
            found.append(_column(used.id, frame, _best_period(published, len(places))))
    return found, noise


def usual_change(published: pd.DataFrame, indicator: Indicator) -> float | None:
    """Return by how much a territory usually moves from one period to the next, all moving alike put aside (standard deviation).

    Changes that cross a declared break are left out; None when fewer than 30 changes are left.
    """
    table = published.pivot_table(index="territory", columns="period", values="value", aggfunc="first").sort_index(
        axis=1
    )
    periods = list(table.columns)
    steps = [
        table[b] - table[a] for a, b in itertools.pairwise(periods) if not indicator.breaks_between(str(a), str(b))
    ]
    changes = [step.dropna() - step.dropna().mean() for step in steps]
    number = sum(len(step) for step in changes)
    degrees = number - sum(1 for step in changes if len(step))
    if number < _ENOUGH_CHANGES:
        return None
    return float((sum(float((step**2).sum()) for step in changes) / degrees) ** 0.5)


def _best_period(published: pd.DataFrame, total: int) -> str:
    """Return the latest period with at least nine territories in ten published, else the best covered."""
    counts = published.groupby("period")["territory"].nunique().sort_index()
    full = counts[counts >= 0.9 * total]
    return str(full.index[-1] if len(full) else counts.idxmax())


def _column(id: str, frame: pd.DataFrame, period: str) -> Any:
    indicator = load_catalogue()[id]
    here = frame[frame["period"] == period]
    known = here[here["status"].isin(WITH_VALUE)]
    periods = sorted(frame["period"].unique())
    series = {
        str(code): tuple(
            None if value != value else float(value) for value in part.set_index("period")["value"].reindex(periods)
        )
        for code, part in frame.groupby("territory", sort=True)
    }

    def in_language(lang: str) -> PortfolioColumn:
        return PortfolioColumn(
            id=id,
            label=indicator.short_label.render(lang),
            title=indicator.label.render(lang),
            period=period,
            unit=indicator.unit,
            sign=indicator.sign,
            values=dict(zip(known["territory"], known["value"].astype(float), strict=True)),
            decimals=indicator.decimals if not UNITS[indicator.unit].is_money else 0,
            statuses=dict(zip(here["territory"], here["status"], strict=True)),
            series=series if len(periods) > 2 else {},
            series_label=f"{periods[0]}-{periods[-1]}",
        )

    return in_language


def _outlines(warehouse: Warehouse, places: Iterable[Territory]) -> tuple[Any, ...]:
    """Return the rings of the departments (else communes) that hold the territories, simplified for a small map."""
    known = list(places)
    for level in ("department", "epci", "commune"):
        parents = sorted({(p.level, p.code, p.geography) for place in known for p in place.parents_at(level)})
        shapes = [shape for key in parents if (shape := warehouse.geometry(*key)) is not None]
        if shapes:
            return tuple(ring for shape in shapes for ring in _rings(shape))
    return ()


def _rings(shape: Any) -> list[Any]:
    west, _, east, _ = shape.bounds
    simple = shape.simplify((east - west) / 200)
    parts = getattr(simple, "geoms", [simple])
    return [tuple((round(x, 4), round(y, 4)) for x, y in part.exterior.coords) for part in parts if not part.is_empty]
