"""Reading operations, structures, reference lists and the deliveries themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from evalkit.data.delivery import OPERATION_COLUMNS, REFERENCE_COLUMNS, STRUCTURE_COLUMNS
from evalkit.data.warehouse._record import DeliveryRecord, current
from evalkit.data.warehouse._views import Views

_SOURCE_COLUMNS = (
    "dataset", "vintage", "id", "sequence", "current", "title_fr", "title_en", "publisher_fr", "publisher_en", "producer", "licence",
    "attribution", "landing_page", "geography", "disclosure", "synthetic", "priority", "files", "counts", "skipped",
)  # fmt: skip
_KEYS = {"operations": "source, id", "structures": "source, id, programme"}


def operation_rows(views: Views, **filters: str | None) -> pd.DataFrame:
    """Return operations, each from the newest delivery of its source that holds it."""
    return _newest(views, "operations", OPERATION_COLUMNS, _KEYS["operations"], filters)


def structure_rows(views: Views, **filters: str | None) -> pd.DataFrame:
    """Return structures, each from the newest delivery of its source that holds it."""
    return _newest(views, "structures", STRUCTURE_COLUMNS, _KEYS["structures"], filters)


def has_rows(views: Views, kind: str, **filters: str | None) -> bool:
    """Say whether any operation or structure is there, as its newest delivery tells it."""
    sql, parameters = _newest_sql(views, kind, ("id",), _KEYS[kind], filters)
    return bool(views.rows(f"{sql} LIMIT 1", parameters))


def reference_rows(views: Views, list_id: str) -> pd.DataFrame:
    """Return a reference list, each code from the first data set by priority and its newest delivery."""
    return _newest(views, "references", REFERENCE_COLUMNS, "list, code", {"list": list_id}, "place")


def _newest(
    views: Views,
    kind: str,
    columns: Sequence[str],
    key: str,
    filters: dict[str, str | None],
    order: str = "sequence DESC",
) -> pd.DataFrame:
    sql, parameters = _newest_sql(views, kind, columns, key, filters, order)
    return views.table(f"{sql} ORDER BY ALL", parameters)


def _newest_sql(
    views: Views,
    kind: str,
    columns: Sequence[str],
    key: str,
    filters: dict[str, str | None],
    order: str = "sequence DESC",
) -> tuple[str, list[str]]:
    """Rank first, filter after: an operation that a newer delivery moves to another territory leaves the old one.

    Where one delivery alone counts there is nothing to rank, and the filter reaches the file.
    """
    named = [(column, value) for column, value in filters.items() if value is not None]
    condition = " AND ".join(f'"{column}" = ?' for column, _ in named) or "true"
    shown = ", ".join(f'"{column}"' for column in columns)
    values = [value for _, value in named]
    if views.deliveries(kind) < 2:
        return f"SELECT {shown} FROM {views.counting(kind)} WHERE {condition}", values  # noqa: S608 - names are ours, values are bound
    rank = f"rank() OVER (PARTITION BY {key} ORDER BY {order}) AS rank"
    ranked = f'SELECT *, {rank} FROM "{kind}" WHERE current'  # noqa: S608 - names are ours, values are bound
    return f"SELECT {shown} FROM ({ranked}) WHERE rank = 1 AND {condition}", values  # noqa: S608 - names are ours, values are bound


def source_rows(records: Sequence[DeliveryRecord]) -> pd.DataFrame:
    """Return one row for each delivery; `files` is a tuple of (name, sha256), `counts` and `skipped` are mappings."""
    counting = {record.id for record in current(records)}
    return pd.DataFrame(
        [_source(record) | {"current": record.id in counting} for record in records], columns=list(_SOURCE_COLUMNS)
    )


def _source(record: DeliveryRecord) -> dict[str, Any]:
    plain = {name: getattr(record, name) for name in _SOURCE_COLUMNS if hasattr(record, name)}
    texts = {
        "title_fr": record.title.render("fr"),
        "title_en": record.title.render("en"),
        "publisher_fr": record.publisher_label.render("fr"),
        "publisher_en": record.publisher_label.render("en"),
    }
    return plain | texts
