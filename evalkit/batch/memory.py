"""The memory of a task: how much its kernel and what it started hold, a ceiling for it, and the size that a user writes."""

from __future__ import annotations

import os
import re
import resource
from contextlib import suppress
from pathlib import Path

from evalkit.batch.warm.system import children

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "KI": 2**10, "MI": 2**20, "GI": 2**30, "TI": 2**40}
_SIZE = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*([KMGT]?I?)B?\s*", re.IGNORECASE)
_PAGE = os.sysconf("SC_PAGE_SIZE")
SMALLEST = 200_000_000
"""A limit below this would stop every template while it imports its libraries."""


def parse_size(text: str) -> int:
    """Return the bytes of a size as one writes it: `2GB`, `500 MB`, `1.5GiB`, `800000000`; raises `ValueError`."""
    found = _SIZE.fullmatch(text)
    if found is None or found[2].upper() not in _UNITS:
        raise ValueError(text)
    return int(float(found[1].replace(",", ".")) * _UNITS[found[2].upper()])


def resident(pid: int) -> int:
    """Return the bytes that a process and all its descendants hold in memory; pages they share count for each."""
    held = 0
    with suppress(OSError, IndexError, ValueError):
        held = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    return held + sum(resident(child) for child in children(pid))


def cap(pid: int, limit: int) -> None:
    """Let a process have `limit` bytes more than it holds already: one request for far too much fails inside it, as `MemoryError`."""
    with suppress(OSError, IndexError, ValueError):
        held = int(Path(f"/proc/{pid}/statm").read_text().split()[5]) * _PAGE
        resource.prlimit(pid, resource.RLIMIT_DATA, (held + limit, held + limit))


def killed_for_memory() -> int:
    """Return how many processes the system has killed since it started because the machine had no memory left."""
    with suppress(OSError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0
