"""The rest of a parent territory: a commune without its priority districts, where that can honestly be computed."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalkit.data._rules import rule_of
from evalkit.data.codes_warehouse import NO_REST, TOO_FEW_UNITS
from evalkit.errors import DataError
from evalkit.model.observation import WITH_VALUE
from evalkit.text import msg

if TYPE_CHECKING:
    from evalkit.model.indicator import Indicator
    from evalkit.model.observation import Observation, Status


@dataclass(frozen=True)
class Rest:
    """The value of a parent without some of its children, or the status that says why there is none."""

    status: Status
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    note: str | None = None


def rest_of_parent(
    parent: Sequence[Observation],
    children: Sequence[Observation],
    indicator: Indicator,
    *,
    codes: Collection[str] | None = None,
) -> Rest:
    """Return the value of the parent minus its children for one indicator, period and breakdown.

    `parent` has one row, `children` one row for each district inside it. `codes` names the districts
    that must all be there: without one of them the rest is missing, for it would still hold that district. A rate is computed from the
    numerators and denominators that are left, a count from the values. The result is secret as soon as one child is
    secret (the difference would give it away), or when fewer units are left than the producer allows; missing when a part is
    missing or the children exceed the parent (contours that do not nest). Raises `DataError` for a median, an index or
    any indicator that cannot be subtracted. Assumes that the children lie wholly inside the parent.
    """
    _refuse(parent, children, indicator)
    whole = parent[0]
    statuses = [row.status for row in (whole, *children)]
    if "secret" in statuses:
        return Rest("secret", note=TOO_FEW_UNITS.id)
    absent = set(codes or ()) - {row.territory for row in children}
    if absent or not all(status in WITH_VALUE for status in statuses):
        return Rest("missing")
    is_count = whole.numerator is None and whole.denominator is None
    return _of_counts(whole, children, indicator) if is_count else _of_rates(whole, children, indicator)


def _refuse(parent: Sequence[Observation], children: Sequence[Observation], indicator: Indicator) -> None:
    if not indicator.additive:
        reason = msg("it is a median, an index or another value that cannot be subtracted")
        raise DataError.of(NO_REST, indicator=indicator.id, reason=reason)
    if len(parent) != 1 or len({row.territory for row in children}) < len(children):
        raise DataError.of(
            NO_REST, indicator=indicator.id, reason=msg("one row of the parent and of each child is needed")
        )


def _of_counts(whole: Observation, children: Sequence[Observation], indicator: Indicator) -> Rest:
    left = _left(whole.value, [row.value for row in children])
    if left is None or left < 0:
        return Rest("missing")
    units = _left(whole.n, [row.n for row in children])
    units = left if units is None else units
    if units > 0 and not rule_of(indicator).allows(units):
        return Rest("secret", note=TOO_FEW_UNITS.id)
    return Rest(_status(whole, children), left)


def _of_rates(whole: Observation, children: Sequence[Observation], indicator: Indicator) -> Rest:
    numerator = _left(whole.numerator, [row.numerator for row in children])
    denominator = _left(whole.denominator, [row.denominator for row in children])
    if numerator is None or denominator is None or numerator < 0 or denominator <= 0:
        return Rest("missing")
    units = _left(whole.n, [row.n for row in children])
    if not rule_of(indicator).allows(denominator if units is None else units):
        return Rest("secret", note=TOO_FEW_UNITS.id)
    return Rest(_status(whole, children), indicator.multiplier * numerator / denominator, numerator, denominator)


def _left(whole: float | None, parts: Sequence[float | None]) -> float | None:
    """Return what remains of a number; None where the whole or one of the parts is not known."""
    known = [part for part in parts if part is not None]
    return None if whole is None or len(known) < len(parts) else whole - math.fsum(known)


def _status(whole: Observation, children: Sequence[Observation]) -> Status:
    return "estimated" if "estimated" in {row.status for row in (whole, *children)} else "published"
