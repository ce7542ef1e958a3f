"""The kinds of rows a delivery holds: their columns, their types in Parquet, the order in which they are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from evalkit.data import delivery as d


@dataclass(frozen=True)
class Kind:
    """One kind of rows. `key` names what makes a row unique in a delivery, `order` how rows are sorted in the file."""

    name: str
    columns: tuple[str, ...]
    numbers: tuple[str, ...]
    key: tuple[str, ...]
    order: tuple[str, ...]
    flags: tuple[str, ...] = ()
    binary: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Return the columns of text, codes first of all."""
        other = {*self.numbers, *self.flags, *self.binary}
        return tuple(column for column in self.columns if column not in other)


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "observations",
            d.OBSERVATION_COLUMNS,
            d.OBSERVATION_NUMBERS,
            d.OBSERVATION_KEY,
            ("indicator", "level", "geography", "territory", "period", "breakdown"),
        ),
        Kind(
            "territories",
            d.TERRITORY_COLUMNS,
            d.TERRITORY_NUMBERS,
            d.TERRITORY_KEY,
            ("level", "geography", "code"),
            flags=("synthetic",),
            binary=("geometry",),
        ),
        Kind(
            "operations",
            d.OPERATION_COLUMNS,
            d.OPERATION_NUMBERS,
            ("id", "funder"),
            ("level", "geography", "territory", "programme", "id", "funder"),
        ),
        Kind(
            "structures",
            d.STRUCTURE_COLUMNS,
            d.STRUCTURE_NUMBERS,
            ("id", "programme"),
            ("level", "geography", "territory", "programme", "id"),
            flags=("supported",),
        ),
        Kind("references", d.REFERENCE_COLUMNS, (), ("list", "code"), ("list", "code")),
    )
}
ROW_GROUP = 100_000


def arrow_schema(kind: Kind) -> Any:
    """Return the Parquet schema of a kind: text, double, boolean or bytes, nothing that a reader could guess."""
    import pyarrow as pa

    types = (
        dict.fromkeys(kind.numbers, pa.float64())
        | dict.fromkeys(kind.flags, pa.bool_())
        | dict.fromkeys(kind.binary, pa.binary())
    )
    return pa.schema([(column, types.get(column, pa.string())) for column in kind.columns])


def arrow_table(kind: Kind, frame: pd.DataFrame) -> Any:
    """Return the rows sorted and typed; equal rows give an equal table."""
    import pyarrow as pa
    import pyarrow.compute as pc

    table = pa.Table.from_pandas(frame, schema=arrow_schema(kind), preserve_index=False)
    keys = [(column, "ascending") for column in kind.order]
    ordered = table.take(pc.sort_indices(table, sort_keys=keys))
    return ordered.replace_schema_metadata(None)
