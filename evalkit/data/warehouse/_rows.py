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
    return not _newest(views, kind, ("id",), _KEYS[kind], filters, limit=1).empty


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
    limit: int | None = None,
) -> pd.DataFrame:
    """Rank first, filter after: an operation that a newer delivery moves to another territory leaves the old one."""
    named = [(column, value) for column, value in filters.items() if value is not None]
    condition = " AND ".join(f'"{column}" = ?' for column, _ in named) or "true"
    shown = ", ".join(f'"{column}"' for column in columns)
    rank = f"rank() OVER (PARTITION BY {key} ORDER BY {order}) AS rank"
    ranked = f'SELECT *, {rank} FROM "{kind}" WHERE current'  # noqa: S608 - names are ours, values are bound
    sql = f"SELECT {shown} FROM ({ranked}) WHERE rank = 1 AND {condition} ORDER BY ALL"  # noqa: S608 - names are ours, values are bound
    sql += "" if limit is None else f" LIMIT {limit}"
    return views.table(sql, [value for _, value in named])


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
