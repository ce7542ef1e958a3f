"""The manifest of a run: which plan, which data, which code, which versions, when."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from evalkit.errors import RunError
from evalkit.runs.codes import MANIFEST_BROKEN, NEWER_SCHEMA
from evalkit.runs.files import write_atomic
from evalkit.runs.folder import RunFolder

SCHEMA = 1


@dataclass(frozen=True)
class Manifest:
    """Everything needed to say where a run's numbers come from. Times stand here, never in reports or findings."""

    run: str
    evaluation: str
    plan_sha256: str
    seed: int
    started: str
    finished: str
    evalkit: str
    git_commit: str | None
    git_dirty: bool | None
    packages: dict[str, str]
    templates: dict[str, str]
    data: list[dict[str, Any]]
    counts: dict[str, int]
    synthetic: bool
    schema: int = SCHEMA
    machine: dict[str, Any] = field(default_factory=dict)


def write_manifest(folder: RunFolder, manifest: Manifest) -> None:
    """Write `manifest.json`."""
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=2, sort_keys=True)
    write_atomic(folder.manifest, text.encode())


def read_manifest(folder: RunFolder) -> Manifest | None:
    """Return the manifest, None when the run has not finished once; a newer schema is refused."""
    if not folder.manifest.is_file():
        return None
    try:
        data = json.loads(folder.manifest.read_text(encoding="utf-8"))
        if data["schema"] > SCHEMA:
            raise RunError.of(NEWER_SCHEMA, file=str(folder.manifest), found=data["schema"], known=SCHEMA)
        return Manifest(**data)
    except (ValueError, TypeError, KeyError) as error:
        raise RunError.of(MANIFEST_BROKEN, file=str(folder.manifest)) from error
