"""What a well-shaped definition may still get wrong: its unit, its interval, its breaks contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

from evalkit.catalogue.schema import Definition
from evalkit.text.messages import Message, msg

MULTIPLIERS = {"percent": 100.0, "per_100": 100.0, "per_1000": 1000.0, "per_10000": 10000.0}
_RATES = ("per_100", "per_1000", "per_10000")
_COUNTS = ("count", "persons", "households", "dwellings", "jobs", "structures", "fte", "hours")
_UNITS_OF_METHOD = {
    "wilson": ("percent",),
    "wilson_census": ("percent",),
    "kaplan_meier": ("percent",),
    "newcombe": ("point",),
    "byar": (*_RATES, *_COUNTS, "percent"),
    "trend_test": ("percent_per_year", "point_per_year"),
}


def contradictions(definition: Definition) -> Iterator[tuple[str, Message]]:
    """Yield the key at fault and the reason, for each contradiction inside one definition."""
    unit, method = definition.unit, definition.interval_method
    expected = MULTIPLIERS.get(unit, 1.0)
    if definition.multiplier != expected:
        yield (
            "multiplier",
            msg(
                "unit {unit} wants multiplier {expected}, not {given}",
                unit=unit,
                expected=f"{expected:g}",
                given=f"{definition.multiplier:g}",
            ),
        )
    if unit not in _UNITS_OF_METHOD.get(method, (unit,)):
        yield "interval_method", msg("interval method {method} does not suit unit {unit}", method=method, unit=unit)
    if unit in MULTIPLIERS and (definition.numerator is None or definition.denominator is None):
        yield "unit", msg("a value in {unit} has a numerator and a denominator: write both", unit=unit)
    if definition.additive and definition.numerator is None:
        yield "additive", msg("an additive indicator says what its numerator counts")
    if len(set(definition.levels)) < len(definition.levels):
        yield "levels", msg("a level is given twice")
    periods = [item.period for item in definition.breaks]
    if periods != sorted(set(periods)):
        yield "breaks", msg("breaks go from the oldest to the newest, each once")
