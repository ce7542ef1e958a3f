"""From a rule and a result to a verdict: met, partly, not met, or cannot tell."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping

from evalkit.model.finding import Verdict
from evalkit.model.plan import Criterion, Design, Rule
from evalkit.plan.intervals import Line
from evalkit.plan.rules import names_of

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


DIFFERENCES = ("gap", "before_after", "did", "synthetic_control", "synthetic_did")
"""The designs that judge a difference, so that zero is the line."""


def lines_of(design: Design, rule: Rule) -> tuple[Line, ...]:
    """Return the lines that a judged interval must not contain.

    Zero for a difference (gap, change, estimated effect, survival against a comparator), the target for a
    target, what the rule itself compares with for a level; a delivery counts things and has no interval.
    """
    if design.method in DIFFERENCES or (design.method == "survival" and design.comparator):
        return (0.0,)
    if design.method == "target":
        return ("target",)
    if design.method == "delivery":
        return ()
    return tuple(dict.fromkeys(c.value for c in rule.comparisons if c.value not in ("lower", "upper", "value")))


def judge(criterion: Criterion, values: Mapping[str, float | None]) -> Verdict:
    """Return the verdict that the criterion's rules give to a result.

    Args:
        criterion: the criterion, with its rules and its design.
        values: `value, lower, upper, target, baseline, comparator, delivered, planned`, as far as they exist.

    Returns:
        `cannot_tell` when a rule needs a value that is missing, when the interval contains the line, when no rule
        holds, or when two rules disagree.
    """
    known = {name: float(value) for name, value in values.items() if value is not None and not math.isnan(value)}
    rules: tuple[tuple[Verdict, Rule | None], ...] = (
        ("met", criterion.met_if),
        ("partly", criterion.partly_if),
        ("not_met", criterion.not_met_if),
    )
    stated = [(verdict, rule) for verdict, rule in rules if rule is not None]
    if any(name not in known for _, rule in stated for name in names_of(rule)):
        return "cannot_tell"
    found = [verdict for verdict, rule in stated if _holds(rule, known) and not _crosses(criterion.design, rule, known)]
    if not found or ("not_met" in found and len(found) > 1):
        return "cannot_tell"
    return found[0]


def _holds(rule: Rule, known: Mapping[str, float]) -> bool:
    return all(_OPERATORS[c.operator](known[c.name], _number(c.value, known)) for c in rule.comparisons)


def _crosses(design: Design, rule: Rule, known: Mapping[str, float]) -> bool:
    if "lower" not in known or "upper" not in known:
        return False
    lines = [_number(line, known) for line in lines_of(design, rule) if not isinstance(line, str) or line in known]
    return any(known["lower"] < line < known["upper"] for line in lines)


def _number(value: float | str, known: Mapping[str, float]) -> float:
    return known[value] if isinstance(value, str) else value
