"""The warehouse: every delivery of every data set, kept beside the others, read through one door.

<warehouse>/schema.json                              schema version
<warehouse>/<kind>/<dataset>/<vintage>/<id>.parquet  the rows of one delivery
<warehouse>/sources/<dataset>/<vintage>/<id>.json    its record, written last: what has no record does not exist
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evalkit.data.warehouse._record import DeliveryRecord, fingerprint_of

if TYPE_CHECKING:
    from evalkit.data.warehouse._adding import AddResult
    from evalkit.data.warehouse._store import Warehouse

__all__ = ["AddResult", "DeliveryRecord", "Warehouse", "fingerprint_of"]


def __getattr__(name: str) -> Any:
    """Load what reads rows when it is first used: a worker of a batch asks for the fingerprint alone."""
    if name == "Warehouse":
        from evalkit.data.warehouse._store import Warehouse

        return Warehouse
    if name == "AddResult":
        from evalkit.data.warehouse._adding import AddResult

        return AddResult
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
