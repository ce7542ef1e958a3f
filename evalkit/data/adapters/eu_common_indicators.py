"""Common indicators of the ERDF and the ESF+ for 2021-2027: codes, names and units, as reference lists."""

from __future__ import annotations

import json
from collections.abc import Sequence

from evalkit.data.adapters.tables import Opened
from evalkit.data.delivery import REFERENCE_COLUMNS, Delivery, SourceFile, frame
from evalkit.data.reading import check_unique
from evalkit.data.registry import Dataset

LIST = "eu_common_indicators_2021_2027"
DETAILS = ("fund", "type", "regulation", "sex_breakdown")


def read(files: Sequence[SourceFile], dataset: Dataset) -> Delivery:
    """Read the list; fund, type, regulation and the duty to count women and men stand in the details."""
    opened = Opened(files, dataset)
    (table,) = opened.tables("list")
    check_unique(table, ["code"])
    vintage = dataset.vintage or ""
    columns = table.frame
    details = [
        json.dumps({**dict(zip(DETAILS, row, strict=True)), "sex_breakdown": row[-1] == "True"}, ensure_ascii=False)
        for row in columns[list(DETAILS)].itertuples(index=False, name=None)
    ]
    data = {
        "list": [LIST] * len(columns),
        "code": columns["code"],
        "label": columns["name"],
        "unit": columns["unit"],
        "details": details,
        "source": [dataset.id] * len(columns),
        "vintage": [vintage] * len(columns),
        "file_sha256": [table.file.sha256] * len(columns),
    }
    rows = frame(REFERENCE_COLUMNS, data).sort_values("code", kind="stable").reset_index(drop=True)
    return Delivery(vintage, references=rows, problems=table.problems)
