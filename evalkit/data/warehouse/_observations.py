"""Reading observations: which deliveries are concerned, and which of several rows for one key is preferred."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from evalkit.data.delivery import OBSERVATION_COLUMNS, OBSERVATION_KEY, frame
from evalkit.data.warehouse._order import ORDER, in_order
from evalkit.data.warehouse._record import DeliveryRecord, current
from evalkit.data.warehouse._views import Views, among

if TYPE_CHECKING:
    import pyarrow as pa

    from evalkit.model.plan import DataSource

_COLUMNS = ", ".join(f'o."{column}"' for column in OBSERVATION_COLUMNS)
_KEY = ", ".join(f'o."{column}"' for column in OBSERVATION_KEY)
_SORTED = ", ".join(ORDER)


@dataclass(frozen=True)
class Wanted:
    """A filter on observations; None leaves a column free."""

    indicators: tuple[str, ...] | None = None
    territories: tuple[str, ...] | None = None
    level: str | None = None
    geography: str | None = None
    periods: tuple[str, ...] | None = None
    breakdowns: tuple[str, ...] | None = None

    def concerns(self, record: DeliveryRecord) -> bool:
        """Say whether a delivery can hold rows of this filter."""
        return any(self.covers(*item) for item in record.slices)

    def covers(self, indicator: str, level: str, geography: str) -> bool:
        """Say whether rows of an indicator, level and geography can be of this filter."""
        return (
            (self.indicators is None or indicator in self.indicators)
            and self.level in (None, level)
            and self.geography in (None, geography)
        )

    def condition(self, parameters: list[Any]) -> str:
        """Return the SQL condition and append what it binds."""
        level = None if self.level is None else (self.level,)
        geography = None if self.geography is None else (self.geography,)
        parts = (
            among("o.indicator", self.indicators, parameters),
            among("o.level", level, parameters),
            among("o.geography", geography, parameters),
            among("o.territory", self.territories, parameters),
            among("o.period", self.periods, parameters),
            among("o.breakdown", self.breakdowns, parameters),
        )
        return " AND ".join(part for part in parts if part != "true") or "true"


class Variety(NamedTuple):
    """How a column varies: whether it says the same in all rows, the least that it says, how many values it has, about."""

    is_same: bool
    least: object
    values: int


def every_row(views: Views, wanted: Wanted) -> pd.DataFrame:
    """Return the rows of all deliveries, replaced ones too."""
    parameters: list[Any] = []
    columns = f"{_COLUMNS}, o.dataset, o.delivery, o.delivery_vintage, o.sequence, o.priority, o.current"
    order = f"{_SORTED}, o.sequence, o.delivery"
    sql = f"SELECT {columns} FROM observations o WHERE {wanted.condition(parameters)} ORDER BY {order}"  # noqa: S608 - names are ours, values are bound
    return views.table(sql, parameters)


def preferred_rows(
    views: Views, records: Sequence[DeliveryRecord], wanted: Wanted, sources: Sequence[DataSource]
) -> pd.DataFrame:
    """Return one row for each key: the sources named first, in their order, then by priority, then the newest delivery."""
    parameters: list[Any] = []
    if not any(wanted.concerns(record) for record in current(records)):
        return _no_rows().copy()
    inner = _preferred(views, records, wanted, sources, parameters, _COLUMNS)
    rows: pd.DataFrame = in_order(views.arrow(inner, parameters)).to_pandas()
    return rows


def rows_about(records: Sequence[DeliveryRecord], wanted: Wanted) -> int:
    """Return how many rows a filter finds, about, for what the records say; nought when there is none for sure."""
    found = 0
    for record in current(records):
        held = sum(wanted.covers(*item) for item in record.slices)
        found += -(-record.counts["observations"] * held // len(record.slices)) if held else 0
    return found


def variety(
    views: Views,
    records: Sequence[DeliveryRecord],
    wanted: Wanted,
    sources: Sequence[DataSource],
    columns: Sequence[str],
) -> tuple[int, dict[str, Variety]]:
    """Return how many rows there are to prefer from, and how the columns vary in them."""
    parameters: list[Any] = []
    same = '(count("{c}") = 0 OR (count("{c}") = count(*) AND min("{c}") = max("{c}")))'
    asked = ", ".join(f'{same}, min("{{c}}"), approx_count_distinct("{{c}}")'.format(c=column) for column in columns)
    inner = _candidates(views, records, wanted, sources, parameters, _named(columns))
    [[rows, *told]] = views.rows(f"SELECT count(*), {asked} FROM ({inner})", parameters)  # noqa: S608 - names are ours, values are bound
    return rows, {column: Variety(*told[3 * n : 3 * n + 3]) for n, column in enumerate(columns)}


def preferred_columns(
    views: Views,
    records: Sequence[DeliveryRecord],
    wanted: Wanted,
    sources: Sequence[DataSource],
    columns: Sequence[str],
) -> pa.Table:
    """Return some columns of the preferred rows, in any order."""
    parameters: list[Any] = []
    return views.arrow(_preferred(views, records, wanted, sources, parameters, _named(columns)), parameters)


def _named(columns: Sequence[str]) -> str:
    return ", ".join(f'o."{column}"' for column in columns)


@functools.cache
def _no_rows() -> pd.DataFrame:
    return frame(OBSERVATION_COLUMNS)


def counted(views: Views, records: Sequence[DeliveryRecord]) -> pd.DataFrame:
    """Return how many preferred rows there are for each indicator, period, status and data set."""
    parameters: list[Any] = []
    keys = "indicator, level, geography, breakdown, period, status"
    inner = _preferred(views, records, Wanted(), (), parameters, f"{_KEY}, o.status, o.dataset")
    counts = 'count(*) AS "count", count(DISTINCT territory) AS territories'
    sql = f"SELECT {keys}, dataset, {counts} FROM ({inner}) GROUP BY ALL ORDER BY {keys}, dataset"  # noqa: S608 - names are ours, values are bound
    return views.table(sql, parameters)


def is_held(views: Views, records: Sequence[DeliveryRecord], indicator: str, breakdown: str, level: str) -> bool:
    """Say whether a row is there; the records tell what cannot be without a look at the rows."""
    wanted = Wanted((indicator,), None, level, None, None, (breakdown,))
    concerned = {record.id for record in current(records) if wanted.concerns(record)}
    if not concerned:
        return False
    parameters: list[Any] = []
    rows = views.counting("observations", concerned)
    sql = f"SELECT 1 FROM {rows} o WHERE {wanted.condition(parameters)} LIMIT 1"  # noqa: S608 - names are ours, values are bound
    return bool(views.rows(sql, parameters))


def observed_places(views: Views) -> pd.DataFrame:
    """Return which data set holds observations of which (territory, level, geography)."""
    keys = "dataset, level, geography, territory"
    return views.table(f"SELECT DISTINCT {keys} FROM observations WHERE current ORDER BY {keys}")  # noqa: S608 - names are ours


def noted(views: Views) -> pd.DataFrame:
    """Return how many values of each data set and indicator are missing for a reason that its adapter gave."""
    keys = "dataset, indicator, note"
    noted_only = "current AND status = 'missing' AND note IS NOT NULL"
    sql = f'SELECT {keys}, count(*) AS "count" FROM observations WHERE {noted_only} GROUP BY ALL ORDER BY {keys}'  # noqa: S608 - names are ours
    return views.table(sql)


def _preferred(
    views: Views,
    records: Sequence[DeliveryRecord],
    wanted: Wanted,
    sources: Sequence[DataSource],
    parameters: list[Any],
    columns: str,
) -> str:
    sql = _candidates(views, records, wanted, sources, parameters, columns)
    if not _overlap([record for record in current(records) if wanted.concerns(record)]):
        return sql
    ranks = " ".join(f"WHEN {_is_from(source, parameters)} THEN {rank}" for rank, source in enumerate(sources))
    first = f"CASE {ranks} ELSE {len(sources)} END, " if sources else ""
    order = f"{first}o.place"
    return f"{sql} QUALIFY row_number() OVER (PARTITION BY {_KEY} ORDER BY {order}) = 1"


def _candidates(
    views: Views,
    records: Sequence[DeliveryRecord],
    wanted: Wanted,
    sources: Sequence[DataSource],
    parameters: list[Any],
    columns: str,
) -> str:
    """Return the query for the rows that a filter and the pinned sources let through, several for one key where sources overlap."""
    rows = views.counting("observations", {record.id for record in current(records) if wanted.concerns(record)})
    conditions = [wanted.condition(parameters)]
    conditions += [_pinned(dataset, sources, parameters) for dataset in sorted({s.dataset for s in sources})]
    return f"SELECT {columns} FROM {rows} o WHERE {' AND '.join(conditions)}"  # noqa: S608 - names are ours, values are bound


def _pinned(dataset: str, sources: Sequence[DataSource], parameters: list[Any]) -> str:
    """Return the condition that rows of a data set come from the vintages that the plan pins, when it pins all it names."""
    named = [source for source in sources if source.dataset == dataset]
    if any(source.vintage is None for source in named):
        return "true"
    parameters.append(dataset)
    return f"(o.dataset <> ? OR {' OR '.join(_is_from(source, parameters) for source in named)})"


def _is_from(source: DataSource, parameters: list[Any]) -> str:
    parameters.append(source.dataset)
    if source.vintage is None:
        return "o.dataset = ?"
    parameters.extend((source.vintage, source.vintage))
    return "(o.dataset = ? AND (o.delivery_vintage = ? OR o.vintage = ?))"


def _overlap(records: Sequence[DeliveryRecord]) -> bool:
    """Say whether two deliveries can hold the same key: only then rows have to be ranked."""
    slices = [item for record in records for item in record.slices]
    return len(slices) != len(set(slices))
