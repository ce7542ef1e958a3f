"""Task keys: a hash of everything that can change the bytes of a report."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


@functools.cache
def source_hash() -> str:
    """Return a hash of evalkit's own source, definitions and translations."""
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for file in sorted(
        p for p in root.rglob("*") if p.suffix in {".py", ".yaml", ".po", ".css", ".js", ".j2", ".json"}
    ):
        digest.update(str(file.relative_to(root)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def task_key(
    *, template_sha256: str, plan_sha256: str, warehouse: str, territory: str, lang: str, parameters: Mapping[str, Any]
) -> str:
    """Return the key of a task; equal keys give equal bytes."""
    parts = {
        "template": template_sha256,
        "plan": plan_sha256,
        "warehouse": warehouse,
        "territory": territory,
        "lang": lang,
        "parameters": dict(parameters),
        "evalkit": source_hash(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
