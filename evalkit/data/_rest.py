"""The rest of a parent territory: a commune without its priority districts, where that can honestly be computed."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from evalkit.data._rules import rule_of
from evalkit.data.codes_warehouse import NO_REST, TOO_FEW_UNITS
from evalkit.errors import DataError
from evalkit.model.observation import WITH_VALUE
from evalkit.text import msg

if TYPE_CHECKING:
    from evalkit.model.indicator import Indicator
    from evalkit.model.observation import Status


@dataclass(frozen=True)
class Rest:
    """The value of a parent without some of its children, or the status that says why there is none."""

    status: Status
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    note: str | None = None


def rest_of_parent(
    parent: pd.DataFrame, children: pd.DataFrame, indicator: Indicator, *, codes: Collection[str] | None = None
) -> Rest:
    """Return the value of the parent minus its children for one indicator, period and breakdown.

    `parent` has one row, `children` one row for each district inside it (observation columns). `codes` names the districts
    that must all be there: without one of them the rest is missing, for it would still hold that district. A rate is computed from the
    numerators and denominators that are left, a count from the values. The result is secret as soon as one child is
    secret (the difference would give it away), or when fewer units are left than the producer allows; missing when a part is
    missing or the children exceed the parent (contours that do not nest). Raises `DataError` for a median, an index or
    any indicator that cannot be subtracted. Assumes that the children lie wholly inside the parent.
    """
    _refuse(parent, children, indicator)
    whole = parent.iloc[0]
    statuses = [str(status) for status in (whole["status"], *children["status"])]
    if "secret" in statuses:
        return Rest("secret", note=TOO_FEW_UNITS.id)
    absent = set(codes or ()) - set(children["territory"])
    if absent or not all(status in WITH_VALUE for status in statuses):
        return Rest("missing")
    return _of_counts(whole, children, indicator) if _is_count(whole) else _of_rates(whole, children, indicator)


def _refuse(parent: pd.DataFrame, children: pd.DataFrame, indicator: Indicator) -> None:
    if not indicator.additive:
        reason = msg("it is a median, an index or another value that cannot be subtracted")
        raise DataError.of(NO_REST, indicator=indicator.id, reason=reason)
    if len(parent) != 1 or children["territory"].duplicated().any():
        raise DataError.of(
            NO_REST, indicator=indicator.id, reason=msg("one row of the parent and of each child is needed")
        )


def _is_count(whole: Any) -> bool:
    return bool(pd.isna(whole["numerator"]) and pd.isna(whole["denominator"]))


def _of_counts(whole: Any, children: pd.DataFrame, indicator: Indicator) -> Rest:
    left = float(whole["value"] - children["value"].sum())
    units = _units_left(whole, children, left)
    if left < 0:
        return Rest("missing")
    if units > 0 and not rule_of(indicator).allows(units):
        return Rest("secret", note=TOO_FEW_UNITS.id)
    return Rest(_status(whole, children), left)


def _units_left(whole: Any, children: pd.DataFrame, otherwise: float) -> float:
    """The number of units that remain, from `n` where all give it."""
    units = float(whole["n"] - children["n"].sum(skipna=False))
    return otherwise if math.isnan(units) else units


def _of_rates(whole: Any, children: pd.DataFrame, indicator: Indicator) -> Rest:
    parts = children[["numerator", "denominator"]]
    if pd.isna(whole[["numerator", "denominator"]]).any() or parts.isna().any(axis=None):
        return Rest("missing")
    numerator = float(whole["numerator"] - parts["numerator"].sum())
    denominator = float(whole["denominator"] - parts["denominator"].sum())
    if numerator < 0 or denominator <= 0:
        return Rest("missing")
    if not rule_of(indicator).allows(_units_left(whole, children, denominator)):
        return Rest("secret", note=TOO_FEW_UNITS.id)
    return Rest(_status(whole, children), indicator.multiplier * numerator / denominator, numerator, denominator)


def _status(whole: Any, children: pd.DataFrame) -> Status:
    estimated = "estimated" in {str(whole["status"]), *children["status"].astype("str")}
    return "estimated" if estimated else "published"
