"""The warehouse: every delivery of every data set, kept beside the others, read through one door.

<warehouse>/schema.json                              schema version
<warehouse>/<kind>/<dataset>/<vintage>/<id>.parquet  the rows of one delivery
<warehouse>/sources/<dataset>/<vintage>/<id>.json    its record, written last: what has no record does not exist
"""

from evalkit.data.warehouse._adding import AddResult
from evalkit.data.warehouse._record import DeliveryRecord
from evalkit.data.warehouse._store import Warehouse

__all__ = ["AddResult", "DeliveryRecord", "Warehouse"]
