"""The stages of a run: what is common to all territories, computed once before the first task and left where every task reads it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.batch.keys import source_hash
from evalkit.catalogue import load_catalogue
from evalkit.notebook.stages import Stage, sha256, stages_of, to_bytes
from evalkit.runs.files import write_atomic

if TYPE_CHECKING:
    from evalkit.data.warehouse import Warehouse
    from evalkit.data.warehouse.recorder import ReadLog
    from evalkit.model.plan import EvaluationPlan
    from evalkit.runs import RunFolder

INDEX = "index.json"
_KEPT = 16  # characters of a key in the name of a file
Told = Callable[[str, bool, float], None]


def stages_folder(folder: RunFolder) -> Path:
    """Return where the stages of a run lie."""
    return folder.private / "stages"


def stages_index(folder: RunFolder) -> Path:
    """Return the file that lists the stages of a run; it is there only when the plan needs stages."""
    return stages_folder(folder) / INDEX


def prepare_stages(
    plan: EvaluationPlan, warehouse: Warehouse, folder: RunFolder, listener: Told | None = None
) -> Mapping[str, str]:
    """Compute the stages that a plan needs and return the hash of each payload, by name; `compute_stages` does so step by step."""
    for _ in compute_stages(plan, warehouse, folder, listener):
        pass
    found = _listed(stages_index(folder)) if stages_index(folder).is_file() else {}
    return {name: entry["sha256"] for name, entry in found.items()}


def compute_stages(
    plan: EvaluationPlan, warehouse: Warehouse, folder: RunFolder, listener: Told | None = None
) -> Iterator[str]:
    """Compute the stages that a plan needs, yield the name of each; notebooks take them once all are there.

    A payload whose key (part of the plan, rows of the warehouse, evalkit's source) agrees is left as it is; those that no stage
    needs any more are removed. What is computed is kept also when the run ends before the rest is. `listener(name, reused, seconds)`
    is told of each stage.

    Args:
        plan: the accepted plan.
        warehouse: the open warehouse.
        folder: the run folder; `private/stages/<name>-<key>.json` are written whole or not at all.
        listener: told of each stage as it is ready.
    """
    place = stages_folder(folder)
    before = _listed(stages_index(folder))
    entries: dict[str, dict[str, Any]] = {}
    lists: dict[str, tuple[str, ...]] = {}
    for stage, log in _with_reads(plan, warehouse):
        started = time.monotonic()
        entry = before.get(stage.name, {})
        reused = entry.get("key") == stage.key and _hash_of(place / entry["file"]) == entry["sha256"]
        entries[stage.name] = {
            **(entry if reused else _write(place, stage)),
            "reads": dict(sorted(log.entries.items())),
        }
        lists |= log.lists
        if not reused:
            _write_index(folder, "", {}, {**before, **entries})
        if listener is not None:
            listener(stage.name, reused, time.monotonic() - started)
        yield stage.name
    if entries:
        _write_index(folder, plan.sha256, lists, entries)
    else:
        stages_index(folder).unlink(missing_ok=True)
    _tidy(place, {INDEX, *(entry["file"] for entry in entries.values())})


def _with_reads(plan: EvaluationPlan, warehouse: Warehouse) -> Iterator[tuple[Stage, ReadLog]]:
    """Yield each stage with what was read for it, what says who is treated being read for all of them.

    Which territories the plan selects is not noted for an estimate: it says for whom there is a row, not what stands in it.
    """
    from evalkit.data.warehouse.recorder import PLAN_TERRITORIES, ReadLog, RecordingWarehouse

    store = RecordingWarehouse(warehouse.root, warehouse.catalogue).knowing(plan.territories.selection)
    common = store.log
    for stage in stages_of(plan, store, load_catalogue(), source=source_hash()):
        if store.log is not common:
            for words in [words for words in store.log.entries if json.loads(words)["ask"] == PLAN_TERRITORIES]:
                del store.log.entries[words]
            store.log.entries.update(common.entries)
            store.log.lists.update(common.lists)
        yield stage, store.log
        store.log = ReadLog()


def _write(place: Path, stage: Stage) -> dict[str, str]:
    content = to_bytes(stage.compute())
    file = place / f"{stage.name}-{stage.key[:_KEPT]}.json"
    write_atomic(file, content)
    return {"file": file.name, "sha256": sha256(content), "key": stage.key}


def _write_index(
    folder: RunFolder, plan: str, lists: Mapping[str, tuple[str, ...]], entries: Mapping[str, Mapping[str, Any]]
) -> None:
    """Write which stages there are; a notebook takes none of an index that is not of its plan."""
    index = {"schema": 1, "plan": plan, "lists": lists, "stages": entries}
    write_atomic(stages_index(folder), json.dumps(index, sort_keys=True, ensure_ascii=False).encode())


def _listed(index: Path) -> Mapping[str, dict[str, str]]:
    """Return the stages that an index lists; none where there is no index, or one that cannot be read."""
    try:
        found = json.loads(index.read_bytes())
        return {name: {k: str(entry[k]) for k in ("file", "sha256", "key")} for name, entry in found["stages"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _hash_of(file: Path) -> str:
    return sha256(file.read_bytes()) if file.is_file() else ""


def _tidy(place: Path, used: set[str]) -> None:
    if place.is_dir():
        for file in sorted(place.iterdir()):
            if file.name not in used:
                file.unlink()
