"""A portfolio as pages: one when it can be read as one, else an index and a page for each department, with a script that finds a name."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from evalkit.model.run import DONE
from evalkit.report.portfolio import render_portfolio
from evalkit.report.portfolio_model import PortfolioModel, PortfolioPart, PortfolioTask
from evalkit.report.templating import fold
from evalkit.text import msg

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 2_500
"""Up to so many territories stand in one table."""

PARTS_FOLDER = "departments"


def portfolio_pages(model: PortfolioModel, most: int = MOST_ROWS) -> dict[str, str]:
    """Return the files of a portfolio in one language, by their name in the run's folder; the index last."""
    index = model.languages[model.lang]
    territories = {task.record.territory for task in model.tasks}
    if len(territories) <= most:
        return {index: render_portfolio(model)}
    groups = _groups(model)
    names = _names(groups)
    folder = f"{PARTS_FOLDER}/{model.lang}"
    share = _sharing(model)
    pages = {
        f"{folder}/{names[label]}.html": _part_page(model, label, tasks, share(tasks), names)
        for label, tasks in groups.items()
    }
    script = f"{folder}/places.js"
    pages[script] = _places(model, groups, {label: f"{folder}/{names[label]}.html" for label in groups})
    parts = tuple(
        _part(_label(model, label), f"{folder}/{names[label]}.html", tasks) for label, tasks in groups.items()
    )
    pages[index] = render_portfolio(replace(model, parts=parts, search=script, shapes={}))
    return pages


def _groups(model: PortfolioModel) -> dict[str, tuple[PortfolioTask, ...]]:
    """Return the tasks of each department, by its name; those of no department together, last, under an empty name."""
    found: dict[str, list[PortfolioTask]] = defaultdict(list)
    for task in model.tasks:
        found[task.department].append(task)
    return {name: tuple(found[name]) for name in sorted(found, key=lambda name: (not name, fold(name), name))}


def _label(model: PortfolioModel, name: str) -> str:
    return name or msg("department not known").render(model.lang)


def _names(labels: Mapping[str, object]) -> dict[str, str]:
    """Return a file name for each label: letters, digits and hyphens; two labels never share one."""
    names: dict[str, str] = {}
    for label in labels:
        stem = re.sub(r"[^a-z0-9]+", "-", fold(label)).strip("-") or "other"
        name, number = stem, 2
        while name in names.values():
            name, number = f"{stem}-{number}", number + 1
        names[label] = name
    return names


def _sharing(model: PortfolioModel) -> Callable[[Iterable[PortfolioTask]], pd.DataFrame]:
    """Return what gives the findings of some tasks' territories, in their order; those of the run are gone through once."""
    import numpy as np

    frame = model.findings
    places = frame.groupby("territory", observed=True, sort=False).indices if len(frame) else {}

    def share(tasks: Iterable[PortfolioTask]) -> pd.DataFrame:
        codes = sorted({task.record.territory for task in tasks} & places.keys())
        return frame.take(np.sort(np.concatenate([places[code] for code in codes]))) if codes else frame.head(0)

    return share


def _part_page(
    model: PortfolioModel,
    label: str,
    tasks: tuple[PortfolioTask, ...],
    findings: pd.DataFrame,
    names: Mapping[str, str],
) -> str:
    links = {lang: f"{PARTS_FOLDER}/{lang}/{names[label]}.html" for lang in model.languages}
    page = replace(
        model,
        tasks=tasks,
        findings=findings,
        root="../../",
        part=_label(model, label),
        whole=model.languages[model.lang],
        languages=links,
        forest=None,
        recommendations=(),
        downloads=(),
        outlines=(),
    )
    return render_portfolio(page)


def _part(label: str, href: str, tasks: tuple[PortfolioTask, ...]) -> PortfolioPart:
    published = sum(task.record.state in DONE for task in tasks)
    territories = len({task.record.territory for task in tasks})
    return PortfolioPart(label, href, territories, published, len(tasks) - published)


def _places(model: PortfolioModel, groups: Mapping[str, tuple[PortfolioTask, ...]], pages: Mapping[str, str]) -> str:
    """Return the script that holds the name of every territory with the page it stands on."""
    places = {
        (task.name, task.commune, task.record.territory, pages[label])
        for label, tasks in groups.items()
        for task in tasks
    }
    rows = [
        [" · ".join(filter(None, (name, commune, code))), page, code]
        for name, commune, code, page in sorted(places, key=lambda place: (fold(place[0]), place))
    ]
    return f"self.evalkitPlaces={json.dumps(rows, separators=(',', ':'))};\n"
