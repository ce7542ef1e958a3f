"""Where the warehouse of a project lies."""

from __future__ import annotations

import os
from pathlib import Path

DEFAULT = Path("data") / "warehouse"


def locate_warehouse(given: Path | str | None = None, planned: Path | None = None) -> Path:
    """Return the warehouse's folder: the one given, else the plan's, else `EVALKIT_WAREHOUSE`, else `data/warehouse`."""
    if given is not None:
        return Path(given)
    if planned is not None:
        return planned
    named = os.environ.get("EVALKIT_WAREHOUSE")
    return Path(named) if named else DEFAULT
