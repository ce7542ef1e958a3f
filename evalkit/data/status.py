"""What the warehouse holds: indicator by period by status, as plain rows that a command or a page can print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from evalkit.data.warehouse import Warehouse


@dataclass(frozen=True)
class StatusRow:
    """How many observations of each status, for one indicator at one level; `datasets` are all that hold it."""

    indicator: str
    level: str
    geography: str
    breakdown: str
    periods: tuple[str, ...]
    published: int
    secret: int
    missing: int
    estimated: int
    not_applicable: int
    territories: int
    datasets: tuple[str, ...]

    @property
    def total(self) -> int:
        """Return the number of observations."""
        return self.published + self.secret + self.missing + self.estimated + self.not_applicable

    @property
    def period_label(self) -> str:
        """Return the periods in short: `2012-2015, 2018`."""
        return periods_label(self.periods)


def status_table(warehouse: Warehouse, *, by_period: bool = True) -> tuple[StatusRow, ...]:
    """Return the coverage of the warehouse, one row for each indicator, level, geography, breakdown (and period)."""
    coverage = warehouse.coverage()
    keys = ["indicator", "level", "geography", "breakdown", *(["period"] if by_period else [])]
    holders = _holders(warehouse)
    return tuple(_row(rows, holders) for _, rows in coverage.groupby(keys, sort=True))


def _holders(warehouse: Warehouse) -> dict[tuple[str, str, str], tuple[str, ...]]:
    found: dict[tuple[str, str, str], set[str]] = {}
    for record in warehouse.records:
        for slice_ in record.slices:
            found.setdefault(slice_, set()).add(record.dataset)
    return {key: tuple(sorted(datasets)) for key, datasets in found.items()}


def _row(rows: pd.DataFrame, holders: dict[tuple[str, str, str], tuple[str, ...]]) -> StatusRow:
    first = rows.iloc[0]
    counts = rows.groupby("status")["count"].sum()
    key = (first["indicator"], first["level"], first["geography"])
    return StatusRow(
        indicator=key[0],
        level=key[1],
        geography=key[2],
        breakdown=first["breakdown"],
        periods=tuple(sorted(rows["period"].unique())),
        territories=int(rows.groupby("period")["territories"].sum().max()),
        datasets=holders[key],
        published=int(counts.get("published", 0)),
        secret=int(counts.get("secret", 0)),
        missing=int(counts.get("missing", 0)),
        estimated=int(counts.get("estimated", 0)),
        not_applicable=int(counts.get("not_applicable", 0)),
    )


def periods_label(periods: tuple[str, ...]) -> str:
    """Write years in short, following years joined: `2012-2015, 2018`."""
    parts: list[list[str]] = []
    for period in periods:
        follows = parts and period.isdigit() and parts[-1][-1].isdigit() and int(period) == int(parts[-1][-1]) + 1
        if follows:
            parts[-1].append(period)
        else:
            parts.append([period])
    return ", ".join(part[0] if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)
