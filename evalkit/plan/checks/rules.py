"""Judgement rules: what they name exists, they can hold, they do not contradict, and doubt is never called a result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evalkit.errors import Problem
from evalkit.model.indicator import Indicator
from evalkit.model.plan import Criterion, Rule
from evalkit.plan import codes
from evalkit.plan.checks.criteria import walk_criteria
from evalkit.plan.draft import Draft
from evalkit.plan.intervals import Line, can_hold, crosses_line_safe
from evalkit.plan.judging import lines_of
from evalkit.plan.rules import names_of
from evalkit.text import Message, Quantity, msg
from evalkit.text.yamlines import Path

_DIRECT = ("target", "delivery", "level")


def check_rules(draft: Draft, catalogue: Mapping[str, Indicator]) -> Iterator[Problem]:
    """Yield rules that cannot be judged, contradict each other, or hold for an interval that contains the line."""
    for criterion, at in walk_criteria(draft):
        indicator = catalogue.get(criterion.indicator)
        if not draft.complete(*at, "met_if"):
            continue
        for key, rule in stated_rules(criterion):
            yield from _names(draft, criterion, rule, (*at, key))
            if not can_hold(rule.comparisons):
                yield draft.problem(codes.RULE_NEVER, (*at, key), rule=rule.text)
            elif indicator is not None:
                yield from _doubt(draft, criterion, indicator, rule, (*at, key))
        yield from _together(draft, criterion, at)
        if indicator is not None and indicator.polarity == "neutral" and criterion.design.method != "target":
            yield draft.problem(codes.NEUTRAL, (*at, "met_if"), indicator=indicator.id)


def stated_rules(criterion: Criterion) -> Iterator[tuple[str, Rule]]:
    """Yield the rules that a criterion states, with their keys."""
    for key in ("met_if", "partly_if", "not_met_if"):
        rule = getattr(criterion, key)
        if rule is not None:
            yield key, rule


def has_interval(criterion: Criterion, indicator: Indicator) -> bool:
    """Say whether what the criterion judges comes with an interval: a difference does, a value only by its own method."""
    if criterion.design.method == "delivery":
        return False
    return criterion.design.method not in _DIRECT or indicator.interval_method != "none"


def _names(draft: Draft, criterion: Criterion, rule: Rule, at: Path) -> Iterator[Problem]:
    used = draft.plan.indicator(criterion.indicator)
    whole = used is not None and draft.complete("indicators", draft.plan.indicators.index(used))
    design = criterion.design
    absent: dict[str, Message] = {}
    if used is not None and whole and used.target is None and design.method != "target":
        absent["target"] = msg("{indicator} has no target in the plan", indicator=used.id)
    if used is not None and whole and used.baseline is None and design.start is None:
        absent["baseline"] = msg("{indicator} has no baseline in the plan", indicator=used.id)
    if design.comparator is None and draft.complete(*at[:-1], "design"):
        absent["comparator"] = msg("the design has no comparator")
    if design.method != "delivery":
        absent["delivered"] = absent["planned"] = msg("only the design 'delivery' counts what is planned and delivered")
    for name in names_of(rule):
        if name in absent:
            yield draft.problem(codes.RULE_VALUE, at, name=name, reason=absent[name])


def _doubt(draft: Draft, criterion: Criterion, indicator: Indicator, rule: Rule, at: Path) -> Iterator[Problem]:
    if not has_interval(criterion, indicator):
        if {"lower", "upper"} & set(names_of(rule)):
            yield draft.problem(codes.NO_INTERVAL, at, rule=rule.text, indicator=indicator.id)
        return
    known = _known(draft, criterion)
    for line in lines_of(criterion.design, rule):
        if not crosses_line_safe(rule, line, known):
            values = {"rule": rule.text, "line": _named(line), "bound": _bound(line)}
            yield draft.problem(codes.RULE_CROSSES, at, **values)


def _known(draft: Draft, criterion: Criterion) -> dict[str, float]:
    used = draft.plan.indicator(criterion.indicator)
    if used is None or used.target is None or used.target.value is None:
        return {}
    return {"target": used.target.value}


def _named(line: Line) -> Message | Quantity:
    if isinstance(line, str):
        return msg("the target") if line == "target" else msg("the value of '{name}'", name=line)
    return msg("zero") if line == 0 else Quantity(line, "count", 0 if line == int(line) else 2)


def _bound(line: Line) -> str:
    """Return the line as a rule writes it, whatever the reader's language."""
    return line if isinstance(line, str) else f"{line:g}"


def _together(draft: Draft, criterion: Criterion, at: Path) -> Iterator[Problem]:
    refused = criterion.not_met_if
    if refused is None:
        if draft.complete(*at, "not_met_if"):
            yield draft.problem(codes.NEVER_NOT_MET, at, criterion=criterion.id)
        return
    for key, rule in stated_rules(criterion):
        if key != "not_met_if" and can_hold((*rule.comparisons, *refused.comparisons), _known(draft, criterion)):
            yield draft.problem(codes.RULES_OVERLAP, (*at, "not_met_if"), first=rule.text, second=refused.text)
