"""The plain data that a portfolio page is made from: no notebook, no warehouse, only what the ledger and the findings say."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from evalkit.model.figure import Figure
from evalkit.model.run import TaskRecord
from evalkit.report.theme import PageTheme

if TYPE_CHECKING:
    import pandas as pd

Ring = tuple[tuple[float, float], ...]
FINDINGS_USED = ("lang", "territory", "criterion", "verdict", "grade", "status")
"""The columns of the findings that a portfolio page is made from."""


@dataclass(frozen=True)
class PortfolioTask:
    """One task as readers see it. `href` is the link to its page (None: no page was published); `department` is shown and filtered as given."""

    record: TaskRecord
    name: str
    template_label: str
    href: str | None
    commune: str = ""
    department: str = ""
    epci: str = ""
    population: float | None = None
    longitude: float | None = None
    latitude: float | None = None


@dataclass(frozen=True)
class PortfolioColumn:
    """One indicator in the table and in the strips, by territory code; the first one also gives the readings and the colours of the map.

    `label` is the short head, `title` the full name; `sign` +1 when higher is better, -1 when lower is, 0 when nobody may judge. `statuses` says
    why a value is not there; `intervals` are the bounds of the values that have them; `series` feeds the small line, `series_label` is its
    period; `noise` is the usual change from one year to the next (standard deviation, in its unit), said beside the strip.
    """

    id: str
    label: str
    title: str
    period: str
    unit: str
    sign: int
    values: Mapping[str, float]
    decimals: int | None = None
    statuses: Mapping[str, str] = field(default_factory=dict)
    series: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict)
    series_label: str = ""
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    noise: float | None = None


@dataclass(frozen=True)
class PortfolioPart:
    """The territories that have a page of their own because all together are too many for one (those of a department)."""

    label: str
    href: str
    territories: int
    published: int
    absent: int


@dataclass(frozen=True)
class PortfolioModel:
    """A portfolio page in one language.

    `tasks` are those of this language, one per (template, territory); `findings` the findings of the run, of which
    the columns `FINDINGS_USED` and the rows of this language are used;
    `languages` the link to the page of each language; `outlines` rings of (longitude, latitude) drawn under the map; `shapes` the contours of
    the territories themselves; `forest` the programme's estimates as a figure; `recommendations` those of the plan as
    `evalkit.notebook.recommending` gives them; `downloads` the files of the whole run.
    Every link counts from the run's folder; `root` leads there from this page. With `parts` the page lists them instead of territories;
    `whole` is the link from the page of a part (its label, its page) back to the page of all; `search` the script with every name.
    """

    lang: str
    title: str
    programme: str
    period: str
    publisher: str
    level: str
    tasks: tuple[PortfolioTask, ...]
    findings: pd.DataFrame
    plan_sha256: str
    run: str
    generated: datetime.datetime
    stylesheet: str
    script: str
    root: str = ""
    columns: tuple[PortfolioColumn, ...] = ()
    languages: Mapping[str, str] = field(default_factory=dict)
    synthetic: bool = False
    data_as_of: datetime.date | None = None
    outlines: tuple[Ring, ...] = ()
    shapes: Mapping[str, tuple[Ring, ...]] = field(default_factory=dict)
    forest: Figure | None = None
    recommendations: tuple[Mapping[str, Any], ...] = ()
    downloads: tuple[str, ...] = ()
    parts: tuple[PortfolioPart, ...] = ()
    part: str = ""
    whole: str = ""
    search: str = ""
    theme: PageTheme | None = None
    accessibility: str = "accessibility.html"
