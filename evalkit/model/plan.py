"""The evaluation plan, once read and accepted: frozen, without a trace of YAML."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from evalkit.model.recommendation import Recommendation
from evalkit.model.texts import LocalText

Role = Literal["primary", "secondary", "context", "exploratory"]
ComparatorKind = Literal["parent", "rest_of_parent", "territories", "level", "plan"]
DesignMethod = Literal[
    "level", "target", "gap", "before_after", "delivery", "survival", "did", "synthetic_control", "synthetic_did"
]


@dataclass(frozen=True)
class Programme:
    """The public action under evaluation; `kind` is `anru`, `ess`, `contrat_de_ville`, `erdf`, `esf`, `other`."""

    kind: str
    start: int
    end: int | None = None
    name: LocalText = LocalText()
    id: str | None = None


@dataclass(frozen=True)
class Node:
    """A step of the theory of change: input, activity, output, outcome or impact."""

    id: str
    kind: str
    text: LocalText
    indicators: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """A causal link of the theory of change, with the assumption it rests on."""

    source: str
    target: str
    assumption: LocalText = LocalText()


@dataclass(frozen=True)
class Selection:
    """Which territories: a list of codes, or all that lie in the named parents (`{"department": ("11", "30")}`) and carry the tags."""

    codes: tuple[str, ...] = ()
    parents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    limit: int | None = None


@dataclass(frozen=True)
class Territories:
    """The territories of the plan: one level, one geography vintage, one selection."""

    level: str
    geography: str
    selection: Selection


@dataclass(frozen=True)
class Comparator:
    """What a territory is set against.

    `parent` and `rest_of_parent` use `level`; `territories` uses `selection`, or `same` = (level, geography) of a shared parent;
    `level` is every territory of the plan's level; `plan` every territory of the plan.
    """

    id: str
    kind: ComparatorKind
    label: LocalText = LocalText()
    level: str | None = None
    same: tuple[str, str | None] | None = None
    selection: Selection | None = None


@dataclass(frozen=True)
class Comparison:
    """One comparison of a judgement rule: `name operator value`, value a number or another name."""

    name: str
    operator: Literal["<", "<=", ">", ">="]
    value: float | str


@dataclass(frozen=True)
class Rule:
    """A judgement rule: all comparisons hold. Parsed from a tiny grammar, never evaluated as code."""

    text: str
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True)
class Design:
    """How a criterion is measured: method, comparator, periods, and the stated reason when breaks are crossed."""

    method: DesignMethod
    comparator: str | None = None
    start: str | None = None
    end: str | None = None
    across_breaks: str | None = None
    family: str | None = None


@dataclass(frozen=True)
class Criterion:
    """A judgement criterion with its rule, stated before the results are read."""

    id: str
    text: LocalText
    indicator: str
    design: Design
    met_if: Rule
    breakdown: str = "none"
    not_met_if: Rule | None = None
    partly_if: Rule | None = None


@dataclass(frozen=True)
class Question:
    """An evaluation question under an OECD-DAC criterion, with one to four judgement criteria."""

    id: str
    dac_criterion: str
    text: LocalText
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class Level:
    """A baseline, milestone or target: a value (None for a baseline read from the data), its period and its source."""

    period: str
    value: float | None = None
    unit: str | None = None
    source: str | None = None


@dataclass(frozen=True)
class Prices:
    """Constant prices of `year` with the named deflator, or current prices (`year` None)."""

    year: int | None
    deflator: str = "insee_cpi"


@dataclass(frozen=True)
class PlanIndicator:
    """An indicator as the plan uses it."""

    id: str
    role: Role = "secondary"
    breakdowns: tuple[str, ...] = ("none",)
    baseline: Level | None = None
    milestones: tuple[Level, ...] = ()
    target: Level | None = None
    prices: Prices | None = None


@dataclass(frozen=True)
class PlanTemplate:
    """A template to run, with its parameters."""

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DataSource:
    """A data set the plan reads; a vintage pins it. The order is the order of preference where sources overlap."""

    dataset: str
    vintage: str | None = None


@dataclass(frozen=True)
class Judgement:
    """When the judgement rules were fixed, and whether that was before results were read."""

    fixed_on: datetime.date | None = None
    before_results: bool | None = None


@dataclass(frozen=True)
class Disclosure:
    """`by_producer` applies each producer's rule; `minimum_count` hides, on top, every cell that rests on fewer than `count` units."""

    rule: Literal["by_producer", "minimum_count"] = "by_producer"
    count: int | None = None


@dataclass(frozen=True)
class EvaluationPlan:
    """The whole plan. `file` and `sha256` say which text it was read from; `warehouse` is where its data lives (None: the default place); `theme` is
    the folder of the organisation's look (None: the neutral one).
    """

    evaluation: str
    title: LocalText
    programme: Programme
    territories: Territories
    languages: tuple[str, ...]
    questions: tuple[Question, ...]
    indicators: tuple[PlanIndicator, ...]
    templates: tuple[PlanTemplate, ...]
    comparators: tuple[Comparator, ...] = ()
    nodes: tuple[Node, ...] = ()
    links: tuple[Link, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    sources: tuple[DataSource, ...] = ()
    disclosure: Disclosure = Disclosure()
    judgement: Judgement = Judgement()
    users: LocalText = LocalText()
    publisher: LocalText = LocalText()
    contact: str | None = None
    theme: Path | None = None
    seed: int = 0
    data_as_of: datetime.date | None = None
    file: Path = Path("evaluation.yaml")
    sha256: str = ""
    warehouse: Path | str | None = None

    def indicator(self, id: str) -> PlanIndicator | None:
        """Return the plan's use of an indicator, or None when the plan does not name it."""
        return next((item for item in self.indicators if item.id == id), None)

    def comparator(self, id: str) -> Comparator | None:
        """Return a comparator by its id."""
        return next((item for item in self.comparators if item.id == id), None)

    def criterion(self, id: str) -> tuple[Question, Criterion] | None:
        """Return a criterion with its question."""
        return next(((q, c) for q in self.questions for c in q.criteria if c.id == id), None)
