"""The edge of the catalogue: the shape of a file of indicators, checked by pydantic."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from evalkit.model.indicator import Break, DisclosureRule, Indicator, IntervalMethod, Kind, Polarity
from evalkit.model.territory import LEVELS, Level
from evalkit.model.texts import LocalText
from evalkit.text.units import UNITS

DacCriterion = Literal["relevance", "coherence", "effectiveness", "efficiency", "impact", "sustainability"]
Frequency = Literal["monthly", "quarterly", "half_yearly", "yearly", "irregular", "once"]
Breakdown = Literal[
    "sex=female", "sex=male", "nationality=foreign", "nationality=french", "dwelling=flat", "dwelling=house",
    "family=association", "family=cooperative", "family=mutual", "family=foundation", "family=other",
    "age=under_26", "age=26_to_49", "age=50_and_over",
]  # fmt: skip
KNOWN: dict[str, tuple[str, ...]] = {
    "dac_criterion": get_args(DacCriterion),
    "unit": tuple(UNITS),
    "polarity": get_args(Polarity),
    "kind": get_args(Kind),
    "levels": LEVELS,
    "interval_method": get_args(IntervalMethod),
    "disclosure": get_args(DisclosureRule),
    "frequency": get_args(Frequency),
    "breakdowns": get_args(Breakdown),
}
SHORT_LABEL = 45


def _known_unit(unit: str) -> str:
    if unit not in UNITS:
        raise PydanticCustomError("literal_error", "not a known unit")
    return unit


class Strict(BaseModel):
    """Any part of the file: no other key, no silent conversion."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Texts(Strict):
    """A text in both languages."""

    fr: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]

    def text(self) -> LocalText:
        """Return the text as the model holds it."""
        return LocalText(self.fr, self.en)


class ShortTexts(Texts):
    """A text that must fit a table row or an axis."""

    fr: Annotated[str, Field(min_length=1, max_length=SHORT_LABEL)]
    en: Annotated[str, Field(min_length=1, max_length=SHORT_LABEL)]


class BreakDefinition(Strict):
    """A declared break: the first period of the new series, and why."""

    period: Annotated[str, Field(pattern=r"^\d{4}$")]
    reason: Texts
    source: str | None = None

    def frozen_break(self) -> Break:
        """Return the break as the model holds it."""
        return Break(self.period, self.reason.text(), self.source)


class Definition(Strict):
    """One indicator, as written; `theme` is only given where the file holds several themes."""

    theme: str | None = None
    label: Texts
    short_label: ShortTexts
    definition: Texts
    numerator: Texts | None = None
    denominator: Texts | None = None
    population: Texts
    rationale: Texts
    question: Texts
    dac_criterion: DacCriterion
    unit: Annotated[str, AfterValidator(_known_unit)]
    multiplier: Annotated[float, Field(gt=0, strict=False)] = 1.0
    decimals: Annotated[int, Field(ge=0, le=4)]
    polarity: Polarity
    kind: Kind
    levels: Annotated[list[Level], Field(min_length=1)]
    interval_method: IntervalMethod
    disclosure: DisclosureRule
    sources: list[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]] = Field(default_factory=list)
    source_label: Texts
    frequency: Frequency
    lag_months: Annotated[int, Field(ge=0)] | None = None
    additive: bool
    cumulable: bool = False
    breakdowns: list[Breakdown] = Field(default_factory=list)
    breaks: list[BreakDefinition] = Field(default_factory=list)
    caveats: list[Texts] = Field(default_factory=list)
    version: str

    def indicator(self, id: str, theme: str, *, supporting: bool) -> Indicator:
        """Return the indicator as the rest of the house knows it."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in _PLAIN}
        plain |= {name: getattr(self, name).text() for name in _TEXTS if getattr(self, name) is not None}
        plain |= {name: tuple(getattr(self, name)) for name in ("sources", "breakdowns")}
        return Indicator(
            id=id,
            theme=theme,
            levels=tuple(sorted(self.levels, key=LEVELS.index)),
            breaks=tuple(item.frozen_break() for item in self.breaks),
            caveats=tuple(item.text() for item in self.caveats),
            supporting=supporting,
            **plain,
        )


class Theme(Strict):
    """A theme: its id and its name."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    label: Texts


class IndicatorFile(Strict):
    """A file of indicators; `shared` holds what the definitions repeat through YAML anchors and is not read itself."""

    theme: Theme | None = None
    supporting: bool = False
    shared: Any = None
    indicators: dict[Annotated[str, Field(pattern=r"^[a-z]{2,3}_[a-z0-9_]+$")], Definition]


_PLAIN = (
    "unit", "multiplier", "decimals", "polarity", "kind", "interval_method", "disclosure", "dac_criterion", "frequency",
    "lag_months", "additive", "cumulable", "version",
)  # fmt: skip
_TEXTS = (
    "label", "short_label", "definition", "numerator", "denominator", "population", "rationale", "question", "source_label",
)  # fmt: skip
