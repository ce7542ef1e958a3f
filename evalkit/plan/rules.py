"""Judgement rules: a tiny grammar, `name op value (and name op value)*`, read by hand and never run as code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, cast

from evalkit.errors import PlanError
from evalkit.model.plan import Comparison, Rule
from evalkit.plan.codes import RULE_NAME, RULE_UNREADABLE
from evalkit.plan.nearest import hint, shorten
from evalkit.text import msg

NAMES: tuple[str, ...] = ("value", "lower", "upper", "target", "baseline", "comparator", "delivered", "planned")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>-?[0-9]{1,15}(?:\.[0-9]{1,15})?)(?![\w.,])|(?P<name>[A-Za-z_]\w*)|(?P<operator><=|>=|<|>))"
)
_SHAPE = (("name",), ("operator",), ("name", "number"))
_Token = tuple[str, str, int]
_Operator = Literal["<", "<=", ">", ">="]


def parse_rule(text: str) -> Rule:
    """Read a judgement rule such as `upper < 0 and value <= target`.

    Args:
        text: comparisons joined by `and`; names are `value, lower, upper, target, baseline, comparator, delivered,
            planned`; a comparison sets a name against a number or another name.

    Raises:
        PlanError: the text is not a rule, or it uses a name that no result has.
    """
    tokens = [*_tokens(text), ("end", "", len(text))]
    comparisons: list[Comparison] = []
    while True:
        comparisons.append(_comparison(text, tokens[:3]))
        kind, word, start = tokens[3]
        if kind == "end":
            return Rule(text, tuple(comparisons))
        if word != "and":
            raise _unreadable(text, start)
        tokens = tokens[4:]


def names_of(rule: Rule) -> tuple[str, ...]:
    """Return the names whose values a rule needs, sorted."""
    found = {comparison.name for comparison in rule.comparisons}
    return tuple(sorted(found | {c.value for c in rule.comparisons if isinstance(c.value, str)}))


def _tokens(text: str) -> Iterator[_Token]:
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unreadable(text, position)
        kind = match.lastgroup or ""
        yield kind, match.group(kind), match.start(kind)
        position = match.end()


def _comparison(text: str, tokens: list[_Token]) -> Comparison:
    for (kind, word, start), allowed in zip(tokens, _SHAPE, strict=False):
        if kind not in allowed or word == "and":
            raise _unreadable(text, start)
        if kind == "name" and word not in NAMES:
            raise PlanError.of(RULE_NAME, name=shorten(word), hint=hint(word, NAMES))
    (_, name, _), (_, operator, _), (kind, value, _) = tokens
    return Comparison(name, cast(_Operator, operator), float(value) if kind == "number" else value)


def _unreadable(text: str, start: int) -> PlanError:
    rest = shorten(text[start:]) or msg("the end")
    return PlanError.of(RULE_UNREADABLE, rule=shorten(text), rest=rest)
