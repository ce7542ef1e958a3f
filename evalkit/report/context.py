"""What a run tells the renderer about a report, and what the renderer gives back."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

from evalkit.report.changes import Changes
from evalkit.report.theme import PageTheme


@dataclass(frozen=True)
class Verification:
    """How the statistics were checked on this machine: a sentence, and (case, figures reproduced, source) for each published case."""

    sentence: str
    cases: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class ReportContext:
    """Where a report stands in its run.

    `assets` is the relative path to the folder of assets (with its `/`), `stylesheet` the hashed name there; `portfolio` the
    link to the portfolio page; `languages` the link to this report in each language that exists, this one included, in the
    plan's order; `accessibility` the link to the accessibility statement. `run` and `generated` (UTC) are shown in the one marked line of the
    footer and nowhere else. `changes` is what changed since an earlier run, None when the report is compared with none.
    """

    run: str
    evaluation: str
    plan_sha256: str
    template: str
    lang: str
    territory: str
    stylesheet: str
    generated: datetime.datetime
    assets: str = "../../../assets/"
    portfolio: str = "../../../index.html"
    languages: Mapping[str, str] = field(default_factory=dict)
    verification: Verification | None = None
    theme: PageTheme | None = None
    accessibility: str = "../../../accessibility.html"
    changes: Changes | None = None


@dataclass(frozen=True)
class RenderedReport:
    """A report: the page, and the files of its figures by name, which belong in the folder `<territory>/` beside the page."""

    html: str
    figure_files: Mapping[str, bytes]
