"""From the validated sections of a plan to the frozen plan of the model, the defaults written out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from evalkit.model.indicator import Indicator
from evalkit.model.plan import (
    Comparator,
    Criterion,
    DataSource,
    Design,
    Disclosure,
    EvaluationPlan,
    Judgement,
    Level,
    Link,
    Node,
    PlanIndicator,
    PlanTemplate,
    Prices,
    Programme,
    Question,
    Selection,
    Territories,
)
from evalkit.model.recommendation import Recommendation
from evalkit.model.texts import LocalText
from evalkit.plan import schema
from evalkit.plan.fields import PlainText, TextDoc, split_level
from evalkit.plan.periods import price_year
from evalkit.plan.rules import parse_rule
from evalkit.text import UNITS


class _LevelLike(Protocol):
    period: str
    value: Any
    unit: str | None
    source: str | None


def build_plan(
    sections: schema.PlanSections,
    file: Path,
    sha256: str,
    listed: tuple[str, ...],
    catalogue: Mapping[str, Indicator],
) -> EvaluationPlan:
    """Return the frozen plan; a section that could not be read is empty.

    Args:
        sections: what was validated.
        file: where the plan lies; relative paths start from its folder.
        sha256: the hash of the plan's text.
        listed: the codes of the territory file, if the plan names one.
        catalogue: indicator definitions, to know which amounts are money.
    """
    build = _Builder(sections, listed, file.parent)
    return EvaluationPlan(
        evaluation=sections.evaluation or "",
        title=build.text(sections.title),
        programme=build.programme(),
        territories=build.territories(),
        languages=tuple(dict.fromkeys(sections.languages)),
        questions=tuple(build.question(question) for question in sections.questions),
        indicators=tuple(build.indicator(item, catalogue) for item in sections.indicators or ()),
        templates=tuple(PlanTemplate(t.name, dict(t.parameters)) for t in sections.templates or ()),
        comparators=tuple(build.comparator(item) for item in sections.comparators),
        nodes=build.nodes(),
        links=build.links(),
        recommendations=tuple(build.recommendation(item) for item in sections.recommendations),
        sources=tuple(DataSource(source.dataset, source.vintage) for source in sections.data.sources),
        disclosure=_disclosure(sections.disclosure.minimum_count),
        judgement=Judgement(sections.judgement.fixed_on, sections.judgement.before_results),
        users=build.text(sections.users),
        publisher=build.text(sections.publisher),
        contact=sections.contact,
        theme=None if sections.theme in (None, NEUTRAL) else file.parent / str(sections.theme),
        seed=sections.seed,
        data_as_of=sections.data_as_of,
        file=file,
        sha256=sha256,
        warehouse=_warehouse(file, sections.data.warehouse),
    )


NEUTRAL = "neutral"
"""The theme that is built in."""


def _warehouse(file: Path, place: str | None) -> Path | str | None:
    """Return an address as it is, a path from the folder of the plan."""
    return place if place is None or "://" in place else file.parent / place


def _disclosure(count: int | None) -> Disclosure:
    return Disclosure() if count is None else Disclosure("minimum_count", count)


def _level(level: _LevelLike | None) -> Level | None:
    if level is None:
        return None
    return Level(level.period, None if level.value is None else float(level.value), level.unit, level.source)


class _Builder:
    """Builds the parts that depend on the whole: the first language, the territory file, the last period."""

    def __init__(self, sections: schema.PlanSections, listed: tuple[str, ...], folder: Path) -> None:
        self._sections = sections
        self._listed = listed
        self._folder = folder
        self._language = sections.languages[0] if sections.languages else "fr"
        self._year = price_year(sections)

    def text(self, text: TextDoc | None) -> LocalText:
        if text is None:
            return LocalText()
        if isinstance(text, PlainText):
            return LocalText(fr=text.plain) if self._language == "fr" else LocalText(en=text.plain)
        return LocalText(text.fr, text.en)

    def programme(self) -> Programme:
        doc = self._sections.programme
        if doc is None:
            return Programme("other", 0)
        return Programme(doc.kind, doc.start, doc.end, self.text(doc.name), doc.id)

    def territories(self) -> Territories:
        doc = self._sections.territories
        if doc is None:
            return Territories("", "", Selection())
        selection = self.selection(doc.select, doc.codes or list(self._listed), doc.limit)
        return Territories(doc.level, doc.geography, selection)

    def selection(
        self, select: dict[str, list[str]] | None, codes: list[str] | None, limit: int | None = None
    ) -> Selection:
        chosen = select or {}
        parents = {key: tuple(values) for key, values in chosen.items() if key != "tag"}
        return Selection(tuple(codes or ()), parents, tuple(chosen.get("tag", ())), limit)

    def comparator(self, doc: schema.ComparatorDoc) -> Comparator:
        chosen = self.selection(doc.select, doc.codes) if doc.select or doc.codes else None
        same = None if doc.same is None else split_level(doc.same)
        return Comparator(doc.id, doc.kind, self.text(doc.label), doc.level, same, chosen)

    def nodes(self) -> tuple[Node, ...]:
        theory = self._sections.theory_of_change
        return tuple(Node(n.id, n.kind, self.text(n.text), tuple(n.indicators)) for n in theory.nodes) if theory else ()

    def links(self) -> tuple[Link, ...]:
        theory = self._sections.theory_of_change
        return tuple(Link(x.source, x.target, self.text(x.assumption)) for x in theory.links) if theory else ()

    def question(self, doc: schema.QuestionDoc) -> Question:
        criteria = tuple(self.criterion(criterion) for criterion in doc.criteria)
        return Question(doc.id, doc.criterion, self.text(doc.text), criteria)

    def criterion(self, doc: schema.CriterionDoc) -> Criterion:
        made = doc.design
        return Criterion(
            id=doc.id,
            text=self.text(doc.text),
            indicator=doc.indicator,
            design=Design(made.method, made.comparator, made.start, made.end, made.across_breaks, made.family),
            met_if=parse_rule(doc.met_if),
            breakdown=doc.breakdown,
            not_met_if=None if doc.not_met_if is None else parse_rule(doc.not_met_if),
            partly_if=None if doc.partly_if is None else parse_rule(doc.partly_if),
        )

    def recommendation(self, doc: schema.RecommendationDoc) -> Recommendation:
        return Recommendation(
            id=doc.id,
            text=self.text(doc.text),
            criteria=tuple(doc.criteria),
            to=self.text(doc.to),
            response=doc.response,
            reason=self.text(doc.reason),
            action=self.text(doc.action),
            owner=self.text(doc.owner),
            due=doc.due,
            status=doc.status,
            territories=tuple(doc.territories or ()),
        )

    def _deflator(self, name: str) -> str:
        """Return the name of a shipped index, or the path of the plan's own."""
        return str(self._folder / name) if Path(name).suffix else name

    def indicator(self, doc: schema.IndicatorDoc, catalogue: Mapping[str, Indicator]) -> PlanIndicator:
        known = catalogue.get(doc.id)
        is_money = known is not None and known.unit in UNITS and UNITS[known.unit].is_money
        prices = Prices(self._year) if is_money else None
        if doc.prices is not None:
            prices = Prices(doc.prices.constant, self._deflator(doc.prices.deflator))
        breakdowns = tuple(dict.fromkeys(doc.breakdowns))
        milestones = tuple(level for level in map(_level, doc.milestones) if level is not None)
        return PlanIndicator(doc.id, doc.role, breakdowns, _level(doc.baseline), milestones, _level(doc.target), prices)
