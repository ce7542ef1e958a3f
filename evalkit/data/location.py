"""Where the warehouse of a project lies."""

from __future__ import annotations

import os
from pathlib import Path

from evalkit.data.mirror import local_copy, refuse_remote
from evalkit.data.storage import is_remote

DEFAULT = Path("data") / "warehouse"


def locate_warehouse(
    given: Path | str | None = None, planned: Path | str | None = None, *, writing: bool = False
) -> Path:
    """Return the warehouse's folder: the one given, else the plan's, else `EVALKIT_WAREHOUSE`, else `data/warehouse`.

    Of a warehouse on object storage this is a copy on this machine, and one cannot write to it.
    """
    place = given if given is not None else planned if planned is not None else os.environ.get("EVALKIT_WAREHOUSE")
    if writing:
        refuse_remote(place)
    if isinstance(place, str) and is_remote(place):
        return local_copy(place)
    return Path(place) if place else DEFAULT
