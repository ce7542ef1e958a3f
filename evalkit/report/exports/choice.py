"""What of a run is exported: the published reports of the territories, templates and languages that were asked for."""

from __future__ import annotations

import datetime
import difflib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from evalkit.errors import RunError
from evalkit.model.plan import EvaluationPlan
from evalkit.model.run import DONE, TaskRecord
from evalkit.plan import load_plan
from evalkit.report.exports import codes
from evalkit.report.exports.recorded import territory_name
from evalkit.runs import Ledger, Manifest, RunFolder, read_manifest

_NEAREST = 3


@dataclass(frozen=True)
class Asked:
    """What the user asked for; nothing means all of it."""

    territories: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choice:
    """The published reports that are exported, in the order of the plan's languages and templates, then by territory.

    `known` are all tasks of the run, `absent` the territories that were asked for and have no report.
    """

    folder: RunFolder
    manifest: Manifest
    plan: EvaluationPlan
    asked: Asked
    records: tuple[TaskRecord, ...]
    known: tuple[TaskRecord, ...]
    absent: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Say whether the whole run was asked for."""
        return self.asked == Asked()

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages that have a report, in the plan's order."""
        return tuple(lang for lang in self.plan.languages if any(record.lang == lang for record in self.records))

    @property
    def territories(self) -> tuple[str, ...]:
        """Return the codes of the territories that have a report, sorted."""
        return tuple(sorted({record.territory for record in self.records}))

    @cached_property
    def finished(self) -> datetime.datetime:
        """Return when the run ended: the date that every exported file carries."""
        return datetime.datetime.fromisoformat(self.manifest.finished).astimezone(datetime.UTC)

    def first_language(self) -> Choice:
        """Return the choice in one language: those asked for, else the first one of the plan that has reports."""
        if self.asked.languages:
            return self
        first = self.languages[0]
        kept = tuple(record for record in self.records if record.lang == first)
        return Choice(self.folder, self.manifest, self.plan, self.asked, kept, self.known, self.absent)

    def by_territory(self) -> Mapping[tuple[str, str], tuple[TaskRecord, ...]]:
        """Return the reports of each (language, territory)."""
        found: dict[tuple[str, str], list[TaskRecord]] = defaultdict(list)
        for record in self.records:
            found[record.lang, record.territory].append(record)
        pairs = ((lang, code) for lang in self.languages for code in self.territories)
        return {pair: tuple(found[pair]) for pair in pairs if pair in found}


def choose(folder: RunFolder, asked: Asked) -> Choice:
    """Return what is exported; raises `RunError` for an unknown run, territory, template or language, and when nothing is left."""
    with Ledger(folder.require().ledger, read_only=True) as ledger:
        known = tuple(ledger.brief())
    manifest = read_manifest(folder)
    if manifest is None:
        raise RunError.of(codes.NOT_FINISHED, folder=str(folder.root))
    _require_known(folder, asked, known)
    plan = load_plan(folder.plan_copy("evaluation.yaml"))
    published = [r for r in known if r.state in DONE and folder.is_published(r) and _is_asked(r, asked)]
    if not published:
        raise RunError.of(codes.NOTHING)
    order = {item.name: number for number, item in enumerate(plan.templates)}
    languages = {lang: number for number, lang in enumerate(plan.languages)}
    last = len(order) + len(languages)
    published.sort(key=lambda r: (languages.get(r.lang, last), order.get(r.template, last), r.template, r.territory))
    absent = sorted({r.territory for r in known if _is_asked(r, asked)} - {r.territory for r in published})
    return Choice(folder, manifest, plan, asked, tuple(published), known, tuple(absent))


def _is_asked(record: TaskRecord, asked: Asked) -> bool:
    return (
        (not asked.territories or record.territory in asked.territories)
        and (not asked.templates or record.template in asked.templates)
        and (not asked.languages or record.lang in asked.languages)
    )


def _require_known(folder: RunFolder, asked: Asked, known: Collection[TaskRecord]) -> None:
    territories = sorted({record.territory for record in known})
    for code in asked.territories:
        if code not in territories:
            names = {record.territory: territory_name(folder, record) for record in known}
            raise RunError.of(codes.UNKNOWN_TERRITORY, code=code, near=_nearest(code, territories, names))
    for wanted, found in (
        (asked.templates, {record.template for record in known}),
        (asked.languages, {record.lang for record in known}),
    ):
        for name in wanted:
            if name not in found:
                raise RunError.of(codes.UNKNOWN_PART, name=name, known=sorted(found))


def _nearest(code: str, territories: Iterable[str], names: Mapping[str, str]) -> str:
    """Return the territories whose code or name is nearest to a text, `QP034005 (Mosson)`."""

    def likeness(other: str) -> float:
        texts = [other, *re.split(r"\W+", names[other]), names[other]]
        return max(difflib.SequenceMatcher(None, code.casefold(), text.casefold()).ratio() for text in texts)

    best = sorted(territories, key=lambda other: (-likeness(other), other))[:_NEAREST]
    return ", ".join(f"{other} ({names[other]})" if names[other] else other for other in best)
