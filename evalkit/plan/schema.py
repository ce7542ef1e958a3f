"""The shape of `evaluation.yaml`: every key that a plan may have, with its type and its default."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from evalkit.model.plan import ComparatorKind, DesignMethod, Role
from evalkit.model.recommendation import ActionStatus, Response
from evalkit.plan.codes import ENDS_BEFORE_START, ONE_CHOICE
from evalkit.plan.fields import (
    Day,
    Disclosed,
    DisclosureDoc,
    Edge,
    Identifier,
    Language,
    LevelName,
    Parameters,
    Period,
    Place,
    Priced,
    RuleText,
    SelectKey,
    TerritoryCode,
    Text,
    TextDoc,
    UnitName,
    Vintage,
    Words,
    Year,
    refuse,
)

DacCriterion = Literal["relevance", "coherence", "effectiveness", "efficiency", "impact", "sustainability"]
ProgrammeKind = Literal["anru", "ess", "contrat_de_ville", "erdf", "esf", "other"]
NodeKind = Literal["input", "activity", "output", "outcome", "impact"]
_AT_LEAST_ONE = Field(min_length=1)


class ProgrammeDoc(Edge):
    """The public action under evaluation."""

    kind: ProgrammeKind
    start: Year
    end: Year | None = None
    name: Text = TextDoc()
    id: Identifier | None = None

    @model_validator(mode="after")
    def _forward(self) -> ProgrammeDoc:
        if self.end is not None and self.end < self.start:
            raise refuse(ENDS_BEFORE_START, start=self.start, end=self.end)
        return self


Select = dict[SelectKey, Annotated[list[TerritoryCode], _AT_LEAST_ONE]]
Codes = Annotated[list[TerritoryCode], _AT_LEAST_ONE]


class TerritoriesDoc(Edge):
    """The territories to report on: one level, one geography, one way of choosing."""

    level: LevelName
    geography: Vintage
    select: Annotated[Select, _AT_LEAST_ONE] | None = None
    codes: Codes | None = None
    file: Words | None = None
    limit: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> TerritoriesDoc:
        if sum(way is not None for way in (self.select, self.codes, self.file)) != 1:
            raise refuse(ONE_CHOICE)
        return self


class ComparatorDoc(Edge):
    """What a territory is set against."""

    id: Identifier
    kind: ComparatorKind
    level: LevelName | None = None
    same: Place | None = None
    codes: Codes | None = None
    select: Annotated[Select, _AT_LEAST_ONE] | None = None
    label: Text = TextDoc()


class NodeDoc(Edge):
    """A step of the theory of change."""

    id: Identifier
    kind: NodeKind
    text: Text
    indicators: list[Identifier] = Field(default_factory=list)


class LinkDoc(Edge):
    """A causal link of the theory of change."""

    source: Identifier = Field(alias="from")
    target: Identifier = Field(alias="to")
    assumption: Text = TextDoc()


class TheoryDoc(Edge):
    """The theory of change: steps and the links between them."""

    nodes: Annotated[list[NodeDoc], _AT_LEAST_ONE]
    links: list[LinkDoc] = Field(default_factory=list)


class DesignDoc(Edge):
    """How a criterion is measured."""

    method: DesignMethod
    comparator: Identifier | None = None
    start: Period | None = Field(default=None, alias="from")
    end: Period | None = Field(default=None, alias="to")
    across_breaks: Words | None = None
    family: Words | None = None


class CriterionDoc(Edge):
    """A judgement criterion and its rule."""

    id: Identifier
    text: Text
    indicator: Identifier
    breakdown: Words = "none"
    design: DesignDoc
    met_if: RuleText
    not_met_if: RuleText | None = None
    partly_if: RuleText | None = None


class QuestionDoc(Edge):
    """An evaluation question and its criteria."""

    id: Identifier
    criterion: DacCriterion
    text: Text
    criteria: Annotated[list[CriterionDoc], _AT_LEAST_ONE]


class BaselineDoc(Edge):
    """Where the indicator stood before; without a value it is read from the data."""

    period: Period
    value: float | None = None
    unit: UnitName | None = None
    source: Words | None = None


class LevelDoc(Edge):
    """A milestone or a target: a value that was decided, for a period, by someone."""

    period: Period
    value: float
    unit: UnitName | None = None
    source: Words | None = None


class IndicatorDoc(Edge):
    """An indicator as the plan uses it."""

    id: Identifier
    role: Role = "secondary"
    breakdowns: Annotated[list[Words], _AT_LEAST_ONE] = Field(default_factory=lambda: ["none"])
    baseline: BaselineDoc | None = None
    milestones: list[LevelDoc] = Field(default_factory=list)
    target: LevelDoc | None = None
    prices: Priced | None = None


class TemplateDoc(Edge):
    """A notebook template to run."""

    name: Identifier
    parameters: Parameters = Field(default_factory=dict)


class RecommendationDoc(Edge):
    """What is asked because of what was found, and the answer."""

    id: Identifier
    text: Text
    criteria: Annotated[list[Identifier], _AT_LEAST_ONE]
    to: Text
    response: Response | None = None
    reason: Text = TextDoc()
    action: Text = TextDoc()
    owner: Text = TextDoc()
    due: Day | None = None
    status: ActionStatus | None = None
    territories: Codes | None = None


class SourceDoc(Edge):
    """A data set the plan reads."""

    dataset: Identifier
    vintage: Vintage | None = None


class DataDoc(Edge):
    """Where the data lie, and which sets are preferred."""

    warehouse: Words | None = None
    sources: list[SourceDoc] = Field(default_factory=list)


class JudgementDoc(Edge):
    """When the rules were fixed."""

    fixed_on: Day | None = None
    before_results: bool | None = None


def _french() -> list[Language]:
    return ["fr"]


class PlanSections(Edge):
    """Every section of a plan, each of which may be absent: what could be read of a plan that is refused."""

    evaluation: Identifier | None = None
    title: Text | None = None
    programme: ProgrammeDoc | None = None
    territories: TerritoriesDoc | None = None
    languages: Annotated[list[Language], _AT_LEAST_ONE] = Field(default_factory=_french)
    disclosure: Disclosed = DisclosureDoc(minimum_count=None)
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0
    comparators: list[ComparatorDoc] = Field(default_factory=list)
    theory_of_change: TheoryDoc | None = None
    questions: list[QuestionDoc] = Field(default_factory=list)
    recommendations: list[RecommendationDoc] = Field(default_factory=list)
    indicators: Annotated[list[IndicatorDoc], _AT_LEAST_ONE] | None = None
    templates: Annotated[list[TemplateDoc], _AT_LEAST_ONE] | None = None
    data: DataDoc = DataDoc()
    judgement: JudgementDoc = JudgementDoc()
    users: Text = TextDoc()
    publisher: Text = TextDoc()
    contact: Words | None = None
    theme: Words | None = None
    data_as_of: Day | None = None


class PlanDocument(PlanSections):
    """A whole plan: the sections without which there is no evaluation are required."""

    evaluation: Identifier
    title: Text
    programme: ProgrammeDoc
    territories: TerritoriesDoc
    indicators: Annotated[list[IndicatorDoc], _AT_LEAST_ONE]
    templates: Annotated[list[TemplateDoc], _AT_LEAST_ONE]
