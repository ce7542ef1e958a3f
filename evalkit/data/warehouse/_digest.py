"""The hash of what a question to the warehouse was answered: the same rows in another order, or from another library version, hash alike."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from evalkit.data.warehouse._order import ORDER, is_sorted

if TYPE_CHECKING:
    import pandas as pd

PROVENANCE = frozenset({"file_sha256"})
"""Which file carried a row is where it comes from, not what it says: a file issued again with the same rows changes no answer."""


def digest(answer: object) -> str:
    """Return the SHA-256 of an answer of the warehouse: rows, a territory, a name, shapes, or several of them."""
    import pandas as pd

    if isinstance(answer, pd.DataFrame):
        return _of_frame(answer)
    text = json.dumps(_plain(answer), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "wkb"):
        return hashlib.sha256(value.wkb).hexdigest()
    return value if value is None or isinstance(value, (str, bool, int, float)) else repr(value)


def _of_frame(frame: pd.DataFrame) -> str:
    names = set(map(str, frame.columns)) - PROVENANCE
    return digest_columns({name: _column(frame[name]) for name in names}, len(frame))


def digest_columns(columns: Mapping[str, Any], rows: int) -> str:
    """Hash rows column by column, in the order of the columns' names, the rows sorted by all that they say.

    The columns are Arrow's: numbers of 64 bits, large strings or large binaries, nothing where a value is not known; none of PROVENANCE.
    """
    if not is_sorted(columns):
        columns = _sorted(columns)
    return digest_of_parts({name: parts_of(column) for name, column in columns.items()}, rows)


def digest_of_parts(parts: Mapping[str, list[bytes]], rows: int) -> str:
    """Hash rows that are in their order: what each of their columns holds as bytes (`parts_of`)."""
    digest = hashlib.sha256(f"{rows} rows".encode())
    for name in sorted(parts):
        digest.update(f"\n{name}\n".encode())
        for part in parts[name]:
            digest.update(part)
    return digest.hexdigest()


def _column(series: pd.Series) -> Any:
    """Return a column as Arrow: 64-bit numbers, whole numbers as such, everything else as text or bytes."""
    import pyarrow as pa

    if series.dtype == object:
        series = series.map(_cell)
    found = pa.array(series.array, from_pandas=True)
    found = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    kind = found.type
    if pa.types.is_null(kind):
        return found.cast(pa.large_string())
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind):
        return found.cast(pa.int64())
    if pa.types.is_floating(kind):
        return found.cast(pa.float64())
    return found.cast(pa.large_binary() if pa.types.is_binary(kind) else pa.large_string())


def _cell(value: Any) -> Any:
    """Return a text or bytes as they are, nothing for what is not known, and anything else as JSON."""
    if value is None or isinstance(value, (str, bytes)):
        return value
    if isinstance(value, bytearray):
        return bytes(value)
    unknown = type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and value != value)
    return None if unknown else json.dumps(_plain(value), ensure_ascii=False, sort_keys=True)


def _sorted(columns: Mapping[str, Any]) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    names = [*(name for name in ORDER if name in columns), *sorted(set(columns) - set(ORDER))]
    table = pa.table({name: columns[name] for name in names if columns[name].null_count < len(columns[name])})
    if not table.num_columns:
        return dict(columns)
    order = pc.sort_indices(table, sort_keys=[(name, "ascending") for name in table.column_names])
    return {name: column.take(order) for name, column in columns.items()}


def parts_of(column: Any) -> list[bytes]:
    """Return what a column holds as bytes: which cells are empty, then the values (lengths and letters of texts)."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    empty = np.asarray(column.is_null()).tobytes() if column.null_count else b""
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        values = np.asarray(column.fill_null(0)) + 0  # minus zero is zero
        return [empty, values.tobytes()]
    filled = column.fill_null(b"" if pa.types.is_large_binary(column.type) else "")
    _, offsets, data = filled.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int64)[filled.offset : filled.offset + len(filled) + 1]
    lengths = np.asarray(pc.binary_length(filled))
    letters = b"" if data is None or not len(filled) else memoryview(data)[int(bounds[0]) : int(bounds[-1])]
    return [empty, lengths.tobytes(), bytes(letters)]
