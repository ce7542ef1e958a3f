"""A judgement rule in plain words: « atteint si l'intervalle est entièrement négatif ; sinon, on ne peut conclure »."""

from __future__ import annotations

from decimal import Decimal

from evalkit.model.plan import Comparison, Criterion, Rule
from evalkit.text import Message, Quantity, msg

_OF_ZERO: dict[tuple[str, str], Message] = {
    ("upper", "<"): msg("the interval is entirely negative"),
    ("upper", "<="): msg("the interval is entirely negative or zero"),
    ("lower", ">"): msg("the interval is entirely positive"),
    ("lower", ">="): msg("the interval is entirely positive or zero"),
}
_OF_INTERVAL: dict[tuple[str, str], Message] = {
    ("upper", "<"): msg("the whole interval is below {bound}"),
    ("upper", "<="): msg("the whole interval is below or equal to {bound}"),
    ("lower", ">"): msg("the whole interval is above {bound}"),
    ("lower", ">="): msg("the whole interval is above or equal to {bound}"),
}
_OF_VALUE: dict[str, Message] = {
    "<": msg("{subject} is below {bound}"),
    "<=": msg("{subject} does not exceed {bound}"),
    ">": msg("{subject} exceeds {bound}"),
    ">=": msg("{subject} is at least {bound}"),
}
_MEASURED: dict[str, Message] = {
    "gap": msg("the gap"),
    "before_after": msg("the change"),
    "did": msg("the estimated effect"),
    "synthetic_control": msg("the estimated effect"),
    "synthetic_did": msg("the estimated effect"),
}
_NAMES: dict[str, Message] = {
    "value": msg("the value"),
    "lower": msg("the lower bound"),
    "upper": msg("the upper bound"),
    "target": msg("the target"),
    "baseline": msg("the baseline"),
    "comparator": msg("the value of the comparator"),
    "delivered": msg("the quantity delivered"),
    "planned": msg("the quantity planned"),
}


def rule_sentence(criterion: Criterion, unit: str | None = None) -> Message:
    """Return the criterion's rules as one sentence, in the reader's language when it is rendered.

    Args:
        criterion: the criterion, with its rules.
        unit: the unit in which numbers of the rule are written (`point` for a change of percentages); none: no unit.
    """
    met = _rule(criterion.met_if, criterion, unit)
    partly = criterion.partly_if and _rule(criterion.partly_if, criterion, unit)
    not_met = criterion.not_met_if and _rule(criterion.not_met_if, criterion, unit)
    if partly and not_met:
        return msg(
            "met if {met}; partly met if {partly}; not met if {not_met}; otherwise one cannot tell",
            met=met,
            partly=partly,
            not_met=not_met,
        )
    if not_met:
        return msg("met if {met}; not met if {not_met}; otherwise one cannot tell", met=met, not_met=not_met)
    if partly:
        return msg("met if {met}; partly met if {partly}; otherwise one cannot tell", met=met, partly=partly)
    return msg("met if {met}; otherwise one cannot tell", met=met)


def _rule(rule: Rule, criterion: Criterion, unit: str | None) -> Message:
    said = [_comparison(comparison, criterion, unit) for comparison in rule.comparisons]
    joined = said[0]
    for clause in said[1:]:
        joined = msg("{first} and {second}", first=joined, second=clause)
    return joined


def _comparison(comparison: Comparison, criterion: Criterion, unit: str | None) -> Message:
    key = (comparison.name, comparison.operator)
    if comparison.value == 0 and key in _OF_ZERO:
        return _OF_ZERO[key]
    bound = _bound(comparison.value, criterion, unit)
    if key in _OF_INTERVAL:
        return Message(_OF_INTERVAL[key].template, {"bound": bound})
    subject = _subject(comparison.name, criterion)
    return Message(_OF_VALUE[comparison.operator].template, {"subject": subject, "bound": bound})


def _bound(value: float | str, criterion: Criterion, unit: str | None) -> Message | Quantity:
    if isinstance(value, str):
        return _subject(value, criterion)
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return Quantity(value, unit or "count", max(0, -exponent) if isinstance(exponent, int) else 0)


def _subject(name: str, criterion: Criterion) -> Message:
    if name == "value":
        return _MEASURED.get(criterion.design.method, _NAMES["value"])
    return _NAMES[name]
