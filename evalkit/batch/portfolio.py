"""The portfolio of a run: what the ledger and the findings say, with the names and places of the warehouse."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evalkit.batch.columns import indicator_columns, populations
from evalkit.batch.effects import CAUSAL, LEVEL, programme_forest
from evalkit.model.plan import EvaluationPlan
from evalkit.model.run import TaskRecord
from evalkit.model.territory import Territory
from evalkit.notebook.programmes import programme_words
from evalkit.notebook.recommending import recommendations
from evalkit.notebook.templates import find_template
from evalkit.report import (
    FIGURES_FOLDER,
    FINDINGS_USED,
    PARTS_FOLDER,
    PortfolioModel,
    PortfolioTask,
    accessibility_name,
    figure_files,
    load_theme,
    portfolio_pages,
    render_accessibility,
)
from evalkit.report.assets import SCRIPT, STYLESHEET, asset_names
from evalkit.runs import RunFolder, read_findings
from evalkit.runs.files import remove_folder, write_atomic

if TYPE_CHECKING:
    from evalkit.data.warehouse import Warehouse

_DOWNLOADS = ("findings.csv", "findings.parquet", "manifest.json")
_MOST_SHAPES = 400
_ABOVE = ("commune", "department", "epci")


def publish_portfolio(
    plan: EvaluationPlan,
    warehouse: Warehouse,
    folder: RunFolder,
    records: Sequence[TaskRecord],
    generated: datetime.datetime,
) -> None:
    """Write the portfolio page of each language of the plan."""
    places = _places(plan, warehouse, {record.territory for record in records})
    findings = read_findings(folder, FINDINGS_USED)
    effects = read_findings(folder, where={"level": {LEVEL}, "method": set(CAUSAL)})
    columns = indicator_columns(plan, warehouse, sorted(places))
    tasks = _tasks(plan, warehouse, folder, records, places)
    outlines, shapes = _outlines(warehouse, places.values()), _shapes(plan, warehouse, places)
    for made in (PARTS_FOLDER, FIGURES_FOLDER):
        remove_folder(folder.root / made)
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
            tasks=tasks[lang],
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
            shapes=shapes,
            forest=programme_forest(effects, lang),
            recommendations=tuple(recommendations(plan, lang)),
            downloads=_DOWNLOADS,
            theme=None if plan.theme is None else load_theme(plan.theme).page(lang),
            accessibility=accessibility_name(lang, first),
        )
        write_atomic(folder.root / model.accessibility, render_accessibility(model, plan.contact).encode())
        for name, content in portfolio_pages(model).items():
            write_atomic(folder.root / name, content.encode())
        for name, data in figure_files([] if model.forest is None else [model.forest], None).items():
            write_atomic(folder.root / FIGURES_FOLDER / lang / name, data)
    made_now = {*links.values(), *(accessibility_name(lang, first) for lang in plan.languages)}
    for page in (*folder.root.glob("index.*.html"), *folder.root.glob("accessibility.*.html")):
        if page.name not in made_now:  # of languages that the plan no longer has
            page.unlink()


def _places(plan: EvaluationPlan, warehouse: Warehouse, codes: Iterable[str]) -> dict[str, Territory]:
    return warehouse.places(plan.territories.level, plan.territories.geography, sorted(codes))


def _points(
    plan: EvaluationPlan, warehouse: Warehouse, places: Mapping[str, Territory]
) -> dict[str, tuple[float, float]]:
    """Return where each territory is: its point, else a point inside its contour."""
    found = {
        code: (place.longitude, place.latitude)
        for code, place in places.items()
        if place.longitude is not None and place.latitude is not None
    }
    missing = [code for code in places if code not in found]
    shapes = warehouse.geometries(plan.territories.level, plan.territories.geography, missing) if missing else {}
    for code, shape in shapes.items():
        point = shape.representative_point()
        found[code] = (float(point.x), float(point.y))
    return found


def _names_above(warehouse: Warehouse, places: Iterable[Territory]) -> dict[tuple[str, str, str], str]:
    """Return the name of each parent by its level, vintage and code, read level by level; its code when no data set names it."""
    above = {(p.level, p.geography, p.code) for place in places for level in _ABOVE for p in place.parents_at(level)}
    found = {key: key[2] for key in above}
    for level, geography in sorted({key[:2] for key in above}):
        codes = sorted(code for one, other, code in above if (one, other) == (level, geography))
        rows = warehouse.territories(level, geography, codes, geometry=False)
        found |= {(level, geography, code): str(name) for code, name in zip(rows["code"], rows["name"], strict=True)}
    return found


def _parent_names(names: Mapping[tuple[str, str, str], str], place: Territory | None, level: str) -> str:
    parents = () if place is None else place.parents_at(level)
    return ", ".join(dict.fromkeys(names[p.level, p.geography, p.code] for p in parents))


def _tasks(
    plan: EvaluationPlan,
    warehouse: Warehouse,
    folder: RunFolder,
    records: Sequence[TaskRecord],
    places: Mapping[str, Territory],
) -> dict[str, tuple[PortfolioTask, ...]]:
    """Return the tasks of each language as readers see them."""
    points, people = _points(plan, warehouse, places), populations(plan, warehouse, sorted(places))
    above = _names_above(warehouse, places.values())
    names = sorted({record.template for record in records})
    labels = {name: find_template(name, plan.file).title for name in names}
    found: dict[str, list[PortfolioTask]] = {lang: [] for lang in plan.languages}
    for record in records:
        code, page = record.territory, folder.report(record)
        place = places.get(code)
        longitude, latitude = points.get(code, (None, None))
        task = PortfolioTask(
            record=record,
            name=code if place is None else place.name,
            template_label=labels[record.template].render(record.lang),
            href=str(page.relative_to(folder.root)) if folder.has_page(record) else None,
            commune=_parent_names(above, place, "commune"),
            department=_parent_names(above, place, "department"),
            epci=_parent_names(above, place, "epci"),
            population=people.get(code),
            longitude=longitude,
            latitude=latitude,
        )
        found.setdefault(record.lang, []).append(task)
    return {lang: tuple(tasks) for lang, tasks in found.items()}


def _outlines(warehouse: Warehouse, places: Iterable[Territory]) -> tuple[Any, ...]:
    """Return the rings of the departments (else EPCI, else communes) that hold the territories, simplified for a small map."""
    known = list(places)
    for level in ("department", "epci", "commune"):
        parents = {(p.geography, p.code) for place in known for p in place.parents_at(level)}
        rings = [
            ring
            for geography in sorted({geography for geography, _ in parents})
            for shape in warehouse.geometries(
                level, geography, sorted(c for g, c in parents if g == geography)
            ).values()
            for ring in _rings(shape)
        ]
        if rings:
            return tuple(rings)
    return ()


def _shapes(plan: EvaluationPlan, warehouse: Warehouse, places: Mapping[str, Territory]) -> dict[str, tuple[Any, ...]]:
    """Return the contours of the territories, simplified; none when they are too many for contours to be seen."""
    if len(places) > _MOST_SHAPES:
        return {}
    level, geography = plan.territories.level, plan.territories.geography
    found = warehouse.geometries(level, geography, sorted(places))
    return {code: tuple(_rings(shape, 60)) for code, shape in found.items()}


def _rings(shape: Any, detail: int = 200) -> list[Any]:
    west, _, east, _ = shape.bounds
    simple = shape.simplify((east - west) / detail)
    parts = getattr(simple, "geoms", [simple])
    return [tuple((round(x, 4), round(y, 4)) for x, y in part.exterior.coords) for part in parts if not part.is_empty]
