"""Assessing a criterion of the plan by its design, and judging it by its rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from evalkit.errors import StatsError
from evalkit.model.estimate import Check, Estimate
from evalkit.model.plan import Criterion, Design
from evalkit.notebook.describing import describe, label_of, status_words
from evalkit.notebook.designs import SCOPES
from evalkit.notebook.reading import Reader
from evalkit.notebook.results import NOTHING, Result
from evalkit.notebook.series import Group, Series
from evalkit.text import Interval, Message, Quantity, change_unit, msg

if TYPE_CHECKING:
    from evalkit.model.finding import Verdict


def change(
    reader: Reader, lang: str, id: str, start: str, end: str, comparator: str, across_breaks: str | None, breakdown: str
) -> Result:
    """Set the territory's change against the changes of a comparator's members over the same years."""
    series = reader.series(id, breakdown)
    first, last = series.at(start), series.at(end)
    indicator, unit = series.indicator, change_unit(series.indicator.unit)
    label = label_of(indicator, breakdown)
    period = f"{start}/{end}"
    crossed = breaks_check(series, start, end, across_breaks)
    if first is None or last is None or first.value is None or last.value is None:
        status = next((row.status for row in (first, last) if row is not None and row.value is None), "missing")
        return _cannot(reader, lang, series, label, period, unit, status, comparator, crossed)
    group = reader.group(comparator, id, breakdown)
    own = last.value - first.value
    both = _both(group, start, end)
    try:
        estimate = _against(own, both, unit, first.value)
    except StatsError as error:
        return _cannot(reader, lang, series, label, period, unit, "missing", comparator, (*crossed, _why(error)))
    checks = (*crossed, *estimate.checks)
    middle = own - estimate.value
    name = group.comparator.label
    places = indicator.decimals
    gap = Quantity(estimate.value, unit, places, signed=True)
    return Result(
        kind="estimate",
        lang=lang,
        indicator=id,
        breakdown=breakdown,
        label=label,
        period=period,
        unit=unit,
        status="published",
        headline=_change_headline(label, own, unit, places, start, end),
        sentence=msg(
            "{label}: {own} between {start} and {end}; comparators ({name}, {n} published): {middle} on average; gap: {gap}",
            label=label,
            own=Quantity(own, unit, places, signed=True),
            start=start,
            end=end,
            middle=Quantity(middle, unit, places, signed=True),
            name=name,
            n=Quantity(len(both)),
            gap=gap,
        ),
        uncertainty=_doubt(estimate, unit, places),
        limits=(msg("A gap in change is not the effect of the programme: nothing here separates the two"),),
        value=estimate.value,
        se=estimate.se,
        lower=estimate.lower,
        upper=estimate.upper,
        confidence=estimate.confidence,
        n=estimate.n,
        method="before_after",
        level=series.level,
        comparator=comparator,
        comparator_label=name.render(lang),
        comparator_value=middle,
        others=tuple(both[code][1] - both[code][0] for code in sorted(both)),
        checks=checks,
        reading=_side(estimate, indicator.sign),
        source=last.source,
        vintage=f"{first.vintage}-{last.vintage}" if first.vintage != last.vintage else last.vintage,
        estimate=replace(estimate, details={**estimate.details, "own_change": own}),
        grade=max(1, 2 - sum(1 for check in checks if check.passed is False)),
        grade_reason=_grade_reason(checks),
    )


def _both(group: Group, start: str, end: str) -> dict[str, tuple[float, float]]:
    """Return (start, end) of the members that have both; the members that lack one are not imputed."""
    before, after = group.values.get(start, {}), group.values.get(end, {})
    return {code: (before[code], after[code]) for code in sorted(before.keys() & after.keys())}


def _against(own: float, both: Mapping[str, tuple[float, float]], unit: str, baseline: float) -> Estimate:
    from evalkit.stats import change_against_comparators

    return change_against_comparators(
        own,
        [after - before for before, after in both.values()],
        unit=unit,
        baseline=baseline,
        baselines=[before for before, _ in both.values()],
    )


def _why(error: StatsError) -> Check:
    problem = error.problems[0]
    return Check("enough_comparators", passed=False, sentence=Message(problem.code.message, problem.values))


def breaks_check(series: Series, start: str, end: str, reason: str | None) -> tuple[Check, ...]:
    """Return the check of declared breaks between two periods; empty when none is crossed."""
    crossed = series.indicator.breaks_between(start, end)
    if not crossed:
        return ()
    years = ", ".join(item.period for item in crossed)
    sentence = (
        msg("The series has breaks in {years}; the plan crosses them because: {reason}", years=years, reason=reason)
        if reason
        else msg("The series has breaks in {years}, which this comparison crosses", years=years)
    )
    return (Check("no_break_crossed", passed=False, sentence=sentence),)


def _grade_reason(checks: tuple[Check, ...]) -> Message:
    """Return why the evidence has its grade: the method's ceiling is 2, each failed check takes one, never under 1."""
    if any(check.passed is False for check in checks):
        return msg("comparison with other territories, lowered by a failed check")
    return msg("comparison with other territories, without proof that they are alike")


def _side(estimate: Estimate, sign: int) -> str:
    """Return how the gap in change reads; a neutral indicator is never judged, an interval across zero says nothing."""
    if sign == 0:
        return "neutral"
    if estimate.crosses_zero:
        return "not_established" if estimate.has_interval else "untested"
    return "better" if estimate.value * sign > 0 else "worse"


def _change_headline(label: Message, own: float, unit: str, places: int, start: str, end: str) -> Message:
    value = Quantity(own, unit, places, signed=True)
    return msg("{label}: {value} between {start} and {end}", label=label, value=value, start=start, end=end)


def _doubt(estimate: Estimate, unit: str, places: int) -> Message:
    smallest = estimate.details.get("smallest_detectable_change")
    if estimate.lower is None or estimate.upper is None or not isinstance(smallest, (int, float)):
        return msg("Too few comparators for an interval: no conclusion can be drawn")
    bounds = Interval(estimate.lower, estimate.upper, unit, places, signed=True)
    return msg(
        "95% interval of the gap {bounds}, from the spread of the changes elsewhere; a change smaller than {smallest} could not have been seen",
        bounds=bounds,
        smallest=Quantity(float(smallest), unit, places),
    )


def _cannot(
    reader: Reader,
    lang: str,
    series: Series,
    label: Message,
    period: str,
    unit: str,
    status: str,
    comparator: str,
    checks: tuple[Check, ...],
) -> Result:
    start, end = period.split("/")
    sentence = msg(
        "{label}: the change between {start} and {end} cannot be told, a value is {status}",
        label=label,
        start=start,
        end=end,
        status=status_words(status),
    )
    return Result(
        kind="estimate",
        lang=lang,
        indicator=series.indicator.id,
        breakdown=series.breakdown,
        label=label,
        period=period,
        unit=unit,
        status=status,
        sentence=sentence,
        headline=sentence,
        uncertainty=NOTHING,
        method="before_after",
        level=series.level,
        comparator=comparator,
        checks=checks,
        reading="untested",
        grade=1,
        grade_reason=msg("no value to compare"),
    )


def judged(reader: Reader, criterion: Criterion, result: Result) -> Result:
    """Return the result with the verdict of the plan's rule; what the rule needs and is not there gives `cannot_tell`."""
    from evalkit.plan import judge

    used = reader.plan.indicator(criterion.indicator)
    values: dict[str, float | None] = {
        "value": result.value,
        "lower": result.lower,
        "upper": result.upper,
        "comparator": result.comparator_value,
        "target": None if used is None or used.target is None else used.target.value,
        "baseline": None if used is None else reader.baseline(used),
    }
    if result.estimate is not None:
        for name in ("planned", "delivered"):
            found = result.estimate.details.get(name)
            values[name] = float(found) if isinstance(found, (int, float)) else None
    verdict: Verdict = judge(criterion, values)
    return replace(result, verdict=verdict, criterion=criterion.id)


def fits(criterion: Criterion, result: Result) -> bool:
    """Say whether a result is what a criterion asks for: its indicator, its breakdown, its design and its periods."""
    design = criterion.design
    methods = {"before_after": {"before_after"}, "gap": {"gap"}, "delivery": {"delivery"}, "survival": {"kaplan_meier"}}
    methods |= {name: {name} for name in SCOPES}
    others = set().union(*methods.values())
    method = result.method in methods[design.method] if design.method in methods else result.method not in others
    period = f"{design.start}/{design.end}" if design.method in ("before_after", *SCOPES) else result.period
    return (
        (result.indicator, result.breakdown) == (criterion.indicator, criterion.breakdown)
        and method
        and result.period == period
    )


def at_level(reader: Reader, lang: str, criterion: Criterion) -> Result:
    """Return the value itself, or its gap to a comparator or to the target, for the designs `level`, `gap` and `target`."""
    design: Design = criterion.design
    result = describe(reader, lang, criterion.indicator, criterion.breakdown, design.comparator, design.end, exact=True)
    used = reader.plan.indicator(criterion.indicator)
    if design.method == "target" and result.value is not None and used is not None and used.target is not None:
        places = reader.indicator(criterion.indicator).decimals
        target = Quantity(used.target.value or 0.0, result.unit, places)
        sentence = msg(
            "{headline}; target for {period}: {target}",
            headline=result.headline,
            period=used.target.period,
            target=target,
        )
        return replace(
            result, sentence=sentence, grade=1, grade_reason=msg("a situation, without a comparison over time")
        )
    if design.method == "gap" and result.comparator_value is None:
        sentence = msg("{sentence}; no comparator is published: the gap cannot be told", sentence=result.headline)
        return replace(
            result, value=None, lower=None, upper=None, status="missing" if result.value is not None else result.status,
            method="gap", sentence=sentence, grade=1, grade_reason=msg("no value to compare"),
        )  # fmt: skip
    if design.method != "gap" or result.value is None or result.comparator_value is None:
        return replace(result, grade=1, grade_reason=msg("a situation, without a comparison over time"))
    base, unit = result.comparator_value, change_unit(result.unit)
    places = reader.indicator(criterion.indicator).decimals
    return replace(
        result,
        kind="estimate",
        unit=unit,
        value=result.value - base,
        lower=None if result.lower is None else result.lower - base,
        upper=None if result.upper is None else result.upper - base,
        method="gap",
        sentence=msg(
            "{sentence}; gap: {gap}",
            sentence=result.sentence,
            gap=Quantity(result.value - base, unit, places, signed=True),
        ),
        grade=1,
        grade_reason=msg("a comparison at one date"),
    )


def rule_words(reader: Reader, criterion: Criterion) -> Message:
    """Return the rules of a criterion in words, with their numbers in the unit of what is judged: a value, or a difference."""
    from evalkit.plan import rule_sentence

    unit = reader.indicator(criterion.indicator).unit
    differs = criterion.design.method in ("before_after", "gap", "survival", *SCOPES)
    return rule_sentence(criterion, change_unit(unit) if differs else unit)
