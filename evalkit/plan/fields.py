"""The kinds of value that a plan holds, as pydantic types: strict, a number is never a text.

A refusal that pydantic cannot name carries the code of its problem as error type; `refusals` turns it into a `Problem`.
"""

from __future__ import annotations

import datetime
import keyword
import re
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from evalkit.errors import Code, PlanError
from evalkit.model.territory import LEVELS, Level, is_code
from evalkit.plan.codes import CONSTANT_YEAR, EMPTY, NOT_A_CHOICE, NOT_A_CODE, NOT_A_PERIOD, NOT_AN_ID, PARAMETER
from evalkit.plan.nearest import hint, shorten
from evalkit.plan.rules import parse_rule
from evalkit.text import UNITS, msg

_PERIOD = re.compile(r"(?:19|20|21)\d\d(?:-(?:Q[1-4]|0[1-9]|1[0-2]))?")
RESERVED_PARAMETERS = frozenset({"plan", "territory", "language"})
_LEVEL_VINTAGE = re.compile(r"([a-z_]+?)(?:_(\d{4}))?")


class Edge(BaseModel):
    """Base of every part of a plan: unknown keys are refused, nothing is converted, nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def refuse(code: Code, **values: Any) -> PydanticCustomError:
    """Build a pydantic error that carries one of the plan's problem codes and its values."""
    return PydanticCustomError(cast(Any, code.id), "refused", values)


def split_level(text: str) -> tuple[str, str | None] | None:
    """Return the level and the geography of `region_2015` or `commune`, None when the text names no level."""
    match = _LEVEL_VINTAGE.fullmatch(text)
    return (match[1], match[2]) if match and match[1] in LEVELS else None


class TextDoc(Edge):
    """A text in French, in English or in both."""

    fr: str | None = None
    en: str | None = None


class PlainText(TextDoc):
    """A text given without its language: it is in the plan's first language."""

    plain: str


def _text(value: Any) -> Any:
    if isinstance(value, str):
        return PlainText(plain=value)
    return value


def _said(value: TextDoc) -> TextDoc:
    if not (value.fr or value.en or (isinstance(value, PlainText) and value.plain.strip())):
        raise refuse(EMPTY)
    return value


def _number_as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _date(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:
            return value
    return value


def _period(value: str) -> str:
    if not _PERIOD.fullmatch(value):
        raise refuse(NOT_A_PERIOD, value=shorten(value))
    return value


def _code(value: str) -> str:
    if not is_code(value):
        raise refuse(NOT_A_CODE, value=shorten(value))
    return value


def _identifier(value: str) -> str:
    if not is_code(value):
        raise refuse(NOT_AN_ID, value=shorten(value))
    return value


def _rule(value: str) -> str:
    try:
        parse_rule(value)
    except PlanError as error:
        problem = error.problems[0]
        raise refuse(problem.code, **problem.values) from None
    return value


def _unit(value: str) -> str:
    if value not in UNITS:
        raise refuse(NOT_A_CHOICE, value=shorten(value), key="unit", hint=hint(value, UNITS))
    return value


def _place(value: str) -> str:
    if split_level(value) is None:
        raise refuse(NOT_A_CHOICE, value=shorten(value), key="level", hint=hint(value, LEVELS))
    return value


def _select_key(value: str) -> str:
    return value if value == "tag" else _place(value)


def _filled(value: Any) -> Any:
    if not value:
        raise refuse(EMPTY)
    return value


def _disclosure(value: Any) -> Any:
    if value == "by_producer":
        return DisclosureDoc(minimum_count=None)
    if isinstance(value, str):
        known = ("by_producer", "minimum_count")
        raise refuse(NOT_A_CHOICE, value=shorten(value), key="disclosure", hint=hint(value, known))
    return value


def _prices(value: Any) -> Any:
    if value == "current":
        return PricesDoc(constant=None)
    if value == "constant" or (isinstance(value, dict) and value.get("constant") is None):
        raise refuse(CONSTANT_YEAR)
    if isinstance(value, str):
        known = ("constant", "current")
        raise refuse(NOT_A_CHOICE, value=shorten(value), key="prices", hint=hint(value, known))
    return value


def _parameters(values: dict[str, Any]) -> dict[str, Any]:
    for name, value in values.items():
        if name in RESERVED_PARAMETERS:
            raise refuse(PARAMETER, name=name, reason=msg("evalkit gives it to every notebook"))
        if not name.isidentifier() or keyword.iskeyword(name):
            raise refuse(PARAMETER, name=name, reason=msg("it cannot be the name of a variable"))
        if not _plain(value):
            raise refuse(PARAMETER, name=name, reason=msg("dates and special numbers must be put between quotes"))
    return values


def _plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_plain(item) for item in value.values())
    if isinstance(value, list):
        return all(_plain(item) for item in value)
    return value is None or isinstance(value, str | int) or (isinstance(value, float) and value - value == 0)


Text = Annotated[TextDoc, BeforeValidator(_text), AfterValidator(_said)]
Words = Annotated[str, AfterValidator(_filled)]
TerritoryCode = Annotated[str, AfterValidator(_code)]
Identifier = Annotated[str, AfterValidator(_identifier)]
Period = Annotated[str, BeforeValidator(_number_as_text), AfterValidator(_period)]
Vintage = Annotated[str, BeforeValidator(_number_as_text), AfterValidator(_identifier)]
RuleText = Annotated[str, AfterValidator(_rule)]
UnitName = Annotated[str, AfterValidator(_unit)]
LevelName = Level
Place = Annotated[str, AfterValidator(_place)]
SelectKey = Annotated[str, AfterValidator(_select_key)]
Year = Annotated[int, Field(ge=1900, le=2199)]
Parameters = Annotated[dict[str, Any], AfterValidator(_parameters)]
Day = Annotated[datetime.date, BeforeValidator(_date)]
Language = Literal["fr", "en"]


class DisclosureDoc(Edge):
    """`by_producer` (no count), or the smallest count that may be shown."""

    minimum_count: Annotated[int, Field(ge=1)] | None


class PricesDoc(Edge):
    """Current prices (no year) or constant prices of a year."""

    constant: Year | None
    deflator: Words = "insee_cpi"


Disclosed = Annotated[DisclosureDoc, BeforeValidator(_disclosure)]
Priced = Annotated[PricesDoc, BeforeValidator(_prices)]
