"""Observations of territories that nobody described, and values that adapters set aside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from evalkit.data.checks._series import some
from evalkit.data.codes_warehouse import KEPT_MISSING, NO_LIST, ORPHANS
from evalkit.errors import Problem
from evalkit.text import Quantity

if TYPE_CHECKING:
    from evalkit.data.warehouse import Warehouse


def orphans(warehouse: Warehouse) -> Iterator[Problem]:
    """Find codes with observations but without a territory: no name, no parent, no comparison."""
    known = warehouse.territories(geometry=False)[["code", "level", "geography"]]
    described = {(level, geography) for _, level, geography in known.itertuples(index=False)}
    seen = warehouse.observed_places()
    joined = seen.merge(
        known, how="left", left_on=["territory", "level", "geography"], right_on=["code", "level", "geography"]
    )
    lost = joined[joined["code"].isna()]
    for (dataset, level, geography), rows in lost.groupby(["dataset", "level", "geography"]):
        values = {
            "dataset": dataset, "level": level, "geography": geography, "n": Quantity(len(rows)),
            "codes": some(rows["territory"]),
        }  # fmt: skip
        yield Problem(ORPHANS if (level, geography) in described else NO_LIST, values)


def kept_missing(warehouse: Warehouse) -> Iterator[Problem]:
    """Count the values that an adapter did not take over, by reason."""
    for dataset, indicator, note, count in warehouse.noted().itertuples(index=False):
        values = {"indicator": indicator, "dataset": dataset, "note": note, "n": Quantity(count)}
        yield Problem(KEPT_MISSING, values)
