"""All rows of the table, by name."""

from __future__ import annotations

from functools import cache

from simulations import designs, intervals, panels, synthetic
from simulations.measure import Simulation


@cache
def simulations() -> dict[str, Simulation]:
    """Return every row, in the order of the page: causal estimators first."""
    rows = [row for room in (panels, synthetic, designs, intervals) for row in room.simulations()]
    named = {row.name: row for row in rows}
    assert len(named) == len(rows), "two rows of one name"
    return named
