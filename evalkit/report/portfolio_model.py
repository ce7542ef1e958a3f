"""The plain data that a portfolio page is made from: no notebook, no warehouse, only what the ledger and the findings say."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evalkit.model.run import TaskRecord

if TYPE_CHECKING:
    import pandas as pd

Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class PortfolioTask:
    """One task as readers see it. `href` is the link to its page (None: no page was published); `department` is shown and filtered as given."""

    record: TaskRecord
    name: str
    template_label: str
    href: str | None
    commune: str = ""
    department: str = ""
    population: float | None = None
    longitude: float | None = None
    latitude: float | None = None


@dataclass(frozen=True)
class PortfolioColumn:
    """One indicator in the table, by territory code; the first column of a portfolio is also its strip, its readings and its map colours.

    `label` is the short head, `title` the full name; `sign` +1 when higher is better, -1 when lower is, 0 when nobody may judge. `statuses` says
    why a value is not there; `series` feeds the small line, `series_label` is its period.
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


@dataclass(frozen=True)
class PortfolioModel:
    """A portfolio page in one language.

    `tasks` are those of this language, one per (template, territory); `findings` the findings of the run (the rows of this language are used);
    `languages` the link to the page of each language; `outlines` rings of (longitude, latitude) drawn under the map; `noise` the usual
    change of the first column from one year to the next (standard deviation, in its unit), said beside the strip.
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
    assets: str = "assets/"
    columns: tuple[PortfolioColumn, ...] = ()
    languages: Mapping[str, str] = field(default_factory=dict)
    synthetic: bool = False
    data_as_of: datetime.date | None = None
    outlines: tuple[Ring, ...] = ()
    noise: float | None = None
