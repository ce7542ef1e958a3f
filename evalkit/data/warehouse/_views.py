"""DuckDB over the recorded Parquet files: in memory, blind to every other file, one view for each kind."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from evalkit.data.codes_warehouse import DAMAGED
from evalkit.data.warehouse._kinds import KINDS, Kind
from evalkit.data.warehouse._record import DeliveryRecord, current
from evalkit.errors import DataError

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_FEW = 8
_DELIVERIES = "delivery VARCHAR, dataset VARCHAR, delivery_vintage VARCHAR, sequence BIGINT, priority BIGINT, current BOOLEAN, place BIGINT"


class Views:
    """The views `observations`, `territories`, `operations`, `structures`, `references` and `sources` over a set of deliveries.

    Each row carries the columns of its kind and of its delivery: `delivery, dataset, delivery_vintage, sequence,
    priority, current` (not replaced by a later delivery of the same files), `place` (0 is read first: by priority, then the newest).
    """

    def __init__(self, root: Path, records: Sequence[DeliveryRecord]) -> None:
        self._root = root
        self._records = records
        self._ranked = _ranked(records)
        self._made: set[str] = set()
        with self._telling_damage():
            self._connection = self._connect()

    def counting(self, kind: str, deliveries: Collection[str] | None = None) -> str:
        """Return, to select from, the rows of the deliveries that count (of those named alone); of a few, no other file is looked at."""
        chosen = [
            (record, row)
            for record, row in self._ranked
            if row["current"] and kind in record.parquet and (deliveries is None or record.id in deliveries)
        ]
        if not 0 < len(chosen) <= _FEW:
            named = ", ".join(_quoted(record.id) for record, _ in chosen) or "NULL"
            return f'(SELECT * FROM "{kind}" WHERE delivery IN ({named}))'  # noqa: S608 - names are ours
        columns = ", ".join(f'"{column}"' for column in KINDS[kind].columns)
        parts = [
            f"SELECT {columns}, {_constants(row)} FROM read_parquet({_quoted(str(record.data_path(self._root, kind)))})"  # noqa: S608 - names are ours
            for record, row in chosen
        ]
        return f"({' UNION ALL '.join(parts)})"

    def deliveries(self, kind: str) -> int:
        """Return how many deliveries that count hold rows of a kind."""
        return sum(kind in record.parquet for record in current(self._records))

    def table(self, sql: str, parameters: Sequence[object] = ()) -> pd.DataFrame:
        """Run a query with bound parameters; text columns come back as text."""
        frame: pd.DataFrame = self.arrow(sql, parameters).to_pandas()
        return frame

    def arrow(self, sql: str, parameters: Sequence[object] = ()) -> pa.Table:
        """Run a query with bound parameters; the answer as a table of Arrow."""
        with self._telling_damage():
            return self._asked(sql).execute(sql, list(parameters)).to_arrow_table()

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run a query with bound parameters, for a few rows: Python's own values, without the cost of a table."""
        with self._telling_damage():
            return self._asked(sql).execute(sql, list(parameters)).fetchall()

    def close(self) -> None:
        """Let go of the files."""
        self._connection.close()

    @contextlib.contextmanager
    def _telling_damage(self) -> Iterator[None]:
        import duckdb

        try:
            yield
        except (duckdb.IOException, duckdb.InvalidInputException) as error:
            raise DataError.of(DAMAGED, file=str(self._root), reason=str(error).splitlines()[0]) from error

    def _connect(self) -> duckdb.DuckDBPyConnection:
        import duckdb

        connection = duckdb.connect(
            ":memory:",
            config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false", **_threads()},
        )
        connection.execute(f"SET allowed_directories = [{_quoted(str(self._root))}]")
        connection.execute("SET enable_external_access = false")
        self._add_deliveries(connection)
        self._require_files()
        connection.execute("SET lock_configuration = true")
        return connection

    def _asked(self, sql: str) -> duckdb.DuckDBPyConnection:
        """Return a cursor for a query, once the views that it names are there: to make one opens a file of each delivery."""
        for name, kind in KINDS.items():
            if name in sql and name not in self._made:
                self._add_view(self._connection, kind)
                self._made.add(name)
        return self._connection.cursor()

    def _require_files(self) -> None:
        paths = (
            record.data_path(self._root, kind) for kind in KINDS for record in self._records if kind in record.parquet
        )
        for path in paths:
            if not path.is_file():
                raise DataError.of(DAMAGED, file=str(path), reason="no such file")

    def _add_deliveries(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(f"CREATE TABLE sources ({_DELIVERIES})")
        for _, row in self._ranked:
            connection.execute("INSERT INTO sources VALUES (?, ?, ?, ?, ?, ?, ?)", list(row.values()))

    def _add_view(self, connection: duckdb.DuckDBPyConnection, kind: Kind) -> None:
        files = [(r.id, r.data_path(self._root, kind.name)) for r in self._records if kind.name in r.parquet]
        columns = ", ".join(f'"{column}"' for column in kind.columns)
        if files:
            paths = ", ".join(_quoted(str(path)) for _, path in files)
            delivery = "parse_filename(filename, true) AS delivery"
            rows = f"SELECT {columns}, {delivery} FROM read_parquet([{paths}])"  # noqa: S608 - names are ours, values are bound
        else:
            nothing = ", ".join(f'NULL::{_sql_type(kind, column)} AS "{column}"' for column in kind.columns)
            rows = f"SELECT {nothing}, '' AS delivery WHERE false"
        connection.execute(f'CREATE VIEW "{kind.name}" AS SELECT * FROM ({rows}) JOIN sources USING (delivery)')  # noqa: S608 - names are ours


def _ranked(records: Sequence[DeliveryRecord]) -> list[tuple[DeliveryRecord, dict[str, str | int | bool]]]:
    """Return each delivery with the columns that its rows carry, the one that is read first first."""
    kept = {record.id for record in current(records)}
    ranked = sorted(records, key=lambda record: (record.priority, -record.sequence, record.id))
    return [
        (
            record,
            {
                "delivery": record.id,
                "dataset": record.dataset,
                "delivery_vintage": record.vintage,
                "sequence": record.sequence,
                "priority": record.priority,
                "current": record.id in kept,
                "place": place,
            },
        )
        for place, record in enumerate(ranked)
    ]


def _constants(row: Mapping[str, str | int | bool]) -> str:
    return ", ".join(f"{_quoted(value) if isinstance(value, str) else value} AS {name}" for name, value in row.items())


def _threads() -> dict[str, str]:
    """As many threads as the environment gives to every library, where it does: kernels that share the cores get one each."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    return {"threads": given} if given.isdigit() and int(given) > 0 else {}


def _sql_type(kind: Kind, column: str) -> str:
    named = {"DOUBLE": kind.numbers, "BOOLEAN": kind.flags, "BLOB": kind.binary}
    return next((sql for sql, columns in named.items() if column in columns), "VARCHAR")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def among(column: str, values: Sequence[str] | None, parameters: list[Any]) -> str:
    """Return the condition that a column is one of the values (None: any), and append what it binds."""
    if values is None:
        return "true"
    if not values:
        return "false"
    if len(values) <= 100:
        parameters.extend(values)
        return f"{column} IN ({', '.join('?' * len(values))})"
    parameters.append(list(values))
    return f"{column} IN (SELECT unnest(?::VARCHAR[]))"
