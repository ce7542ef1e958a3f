"""What the columns of the findings are called for readers, and what they mean: one place for every table that leaves the house."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evalkit.model.finding import FINDING_COLUMNS
from evalkit.text import Message, msg


@dataclass(frozen=True)
class FindingColumn:
    """A column of the findings: its name in `findings.csv`, its head for readers, its meaning."""

    name: str
    head: Message
    meaning: Message


NUMBERS = frozenset({"value", "se", "lower", "upper", "confidence", "comparator_value"})

NAME = FindingColumn("territory_name", msg("Territory"), msg("name of the territory"))
LABEL = FindingColumn("indicator_label", msg("Indicator"), msg("name of the indicator"))

COLUMNS: Mapping[str, FindingColumn] = {
    column.name: column
    for column in (
        FindingColumn("run", msg("Run"), msg("the run in which the row stands")),
        FindingColumn("origin_run", msg("Run of origin"), msg("the run that computed it")),
        FindingColumn("template", msg("Template"), msg("template that recorded it")),
        FindingColumn("lang", msg("Language"), msg("language of its sentences, `fr` or `en`")),
        FindingColumn("territory", msg("Territory (code)"), msg("code of the territory, a text")),
        FindingColumn(
            "level",
            msg("Level"),
            msg("level of the place that the value is of: that of a parent when the indicator exists only there"),
        ),
        FindingColumn("geography", msg("Boundaries"), msg("vintage of the boundaries")),
        FindingColumn("indicator", msg("Indicator (code)"), msg("code of the indicator, see the definitions")),
        FindingColumn("breakdown", msg("Breakdown"), msg("`none`, or a part such as `sex=female`")),
        FindingColumn("question", msg("Question"), msg("question of the plan, when it answers one")),
        FindingColumn("criterion", msg("Criterion"), msg("criterion of the plan, when it was judged")),
        FindingColumn("role", msg("Role"), msg("role of the indicator in the plan")),
        FindingColumn("kind", msg("Kind"), msg("observation, estimate or statement")),
        FindingColumn(
            "period",
            msg("Period"),
            msg("`2020`, or `2012/2015` for a change; `+3` for a survival at three years"),
        ),
        FindingColumn("value", msg("Value"), msg("the value, in its unit; percentages go from 0 to 100")),
        FindingColumn("se", msg("Standard error"), msg("standard error, where the method has one")),
        FindingColumn("lower", msg("Lower limit"), msg("lower limit of the interval")),
        FindingColumn("upper", msg("Upper limit"), msg("upper limit of the interval")),
        FindingColumn("confidence", msg("Confidence"), msg("level of the interval: 0.95")),
        FindingColumn(
            "unit", msg("Unit"), msg("unit of the value; a difference of percentages is in percentage points")
        ),
        FindingColumn("n", msg("Number"), msg("number of units that the value or the comparison rests on")),
        FindingColumn("method", msg("Method"), msg("how it was computed")),
        FindingColumn("comparator", msg("Comparator"), msg("comparator of the plan it is set against")),
        FindingColumn(
            "comparator_value",
            msg("Value of the comparator"),
            msg("value (median of the members) or mean change of the comparator"),
        ),
        FindingColumn(
            "verdict",
            msg("Judgement"),
            msg("judgement by the rule of the plan; an interval that crosses the line cannot be concluded"),
        ),
        FindingColumn(
            "grade",
            msg("Evidence"),
            msg("strength of the evidence for a causal reading, from 1 (weak) to 5; empty where nothing is judged"),
        ),
        FindingColumn(
            "data_quality",
            msg("Data quality"),
            msg(
                "quality of the indicator's data in the territory, from A to D; empty where the finding rests on no series"
            ),
        ),
        FindingColumn("status", msg("Status"), msg("why there is a value, or why there is none")),
        FindingColumn("limits", msg("Limits"), msg("what the finding does not show")),
        FindingColumn("source", msg("Source"), msg("data set that the value comes from, see the sources")),
        FindingColumn("vintage", msg("Vintage"), msg("delivery of the data set")),
        FindingColumn("note", msg("Note"), msg("problem code that explains the value")),
    )
}
assert tuple(COLUMNS) == FINDING_COLUMNS

SHORTHAND: Mapping[str, str] = {"secret": "[c]", "missing": "[x]", "not_applicable": "[z]", "estimated": "[e]"}
"""The symbols of the British government's spreadsheets: confidential, not available, not applicable, estimated."""

STATUSES: Mapping[str, tuple[Message, Message]] = {
    "published": (msg("published"), msg("the producer publishes the value")),
    "estimated": (msg("estimated"), msg("the producer publishes the value as an estimate")),
    "secret": (msg("secret"), msg("the producer may not publish the value: it is not zero")),
    "missing": (msg("absent"), msg("nobody knows the value here: it is not zero")),
    "not_applicable": (msg("does not apply"), msg("the question has no sense here")),
}
ROLES: Mapping[str, tuple[Message, Message]] = {
    "primary": (msg("primary"), msg("the plan judges by it")),
    "secondary": (msg("secondary"), msg("the plan reads it beside the primary ones")),
    "context": (msg("context"), msg("it describes the place, nothing is judged by it")),
    "exploratory": (msg("exploratory"), msg("the plan did not state it before the results were read")),
}
KINDS: Mapping[str, tuple[Message, Message]] = {
    "observation": (msg("observation"), msg("a published value")),
    "estimate": (msg("estimate"), msg("computed, with its doubt")),
    "statement": (msg("statement"), msg("a qualitative finding")),
}
