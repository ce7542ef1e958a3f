"""Work that is common to all territories of a run: named, keyed by what it was made from, computed once, read by every notebook."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.catalogue import Catalogue
from evalkit.model.plan import EvaluationPlan
from evalkit.notebook.designs import Asked, asked, treated_since, untreated
from evalkit.plan import resolve_territories

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.data.warehouse import Warehouse

TREATED = "treated"
VARIABLE = "EVALKIT_STAGES"
"""Names the index of the stages of a run: a JSON file with the hash of the plan and, for each stage, its file, its hash and its reads."""
Payload = dict[str, Any]


@dataclass(frozen=True)
class Stage:
    """A stage that is ready to be computed: `key` changes when the plan's part, the rows that it reads or evalkit's source do."""

    name: str
    key: str
    compute: Callable[[], Payload]


def stages_of(plan: EvaluationPlan, warehouse: Warehouse, catalogue: Catalogue, *, source: str = "") -> Iterator[Stage]:
    """Yield the stages that a plan needs, in order, each with its rows read; `source` is a hash of the code that computes them.

    A plan whose criteria ask for no causal design needs none.
    """
    wanted = asked(plan, catalogue)
    if not wanted:
        return
    since = treated_since(plan, warehouse)
    yield Stage(TREATED, _key(TREATED, source, since), lambda: {"schema": 1, "since": since})
    for one in wanted:
        yield _estimate(plan, warehouse, catalogue, one, since, source)


def _estimate(
    plan: EvaluationPlan, warehouse: Warehouse, catalogue: Catalogue, one: Asked, since: Mapping[str, int], source: str
) -> Stage:
    from evalkit.notebook.panels import read_panel

    others = untreated(plan, warehouse, one.comparator, since)
    panel = read_panel(plan, warehouse, catalogue, one, since, others)
    codes = resolve_territories(plan, warehouse) if one.scope == "territory" else ()
    read = [rows_hash(panel.frame), rows_hash(panel.counts), dict(panel.away), dict(since), list(others), list(codes)]

    def compute() -> Payload:
        if one.scope == "programme":
            from evalkit.notebook.effects import programme_payload

            return programme_payload(panel)
        from evalkit.notebook.mixing import territories_payload

        return territories_payload(panel, codes)

    return Stage(one.name, _key(one.name, source, asdict(one), read), compute)


def _key(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def rows_hash(frame: pd.DataFrame) -> str:
    """Return a hash of the rows of a frame, in their order."""
    from pandas.util import hash_pandas_object

    digest = hashlib.sha256(",".join(map(str, frame.columns)).encode())
    digest.update(hash_pandas_object(frame, index=False).to_numpy().tobytes())
    return digest.hexdigest()


def to_bytes(payload: Payload) -> bytes:
    """Return a payload as it is kept: JSON, always the same bytes for the same numbers."""
    return json.dumps(payload, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def sha256(content: bytes) -> str:
    """Return the hash under which a payload is known."""
    return hashlib.sha256(content).hexdigest()


class Stages:
    """The stages of a plan as a notebook reads them: from the files of its run, else computed once and kept in memory.

    `read` says which ones were used, with the hash of what they held.
    """

    def __init__(self, plan: EvaluationPlan, warehouse: Warehouse, catalogue: Catalogue) -> None:
        self._plan, self._warehouse, self._catalogue = plan, warehouse, catalogue
        self._names = {TREATED, *(one.name for one in asked(plan, catalogue))} if asked(plan, catalogue) else set()
        self.read: dict[str, str] = {}

    def get(self, name: str) -> Payload | None:
        """Return what a stage holds; None when the plan does not need a stage of this name."""
        if name not in self._names:
            return None
        content = self._kept(name) or self._live()[name]
        self.read[name] = sha256(content)
        found: Payload = json.loads(content)
        return found

    def _kept(self, name: str) -> bytes | None:
        """Return what the run prepared, unless it is of another plan, absent, or not what was written."""
        index = os.environ.get(VARIABLE)
        if not index or not Path(index).is_file():
            return None
        listed = json.loads(Path(index).read_text(encoding="utf-8"))
        entry = listed["stages"].get(name)
        if entry is None or listed["plan"] != self._plan.sha256:
            return None
        file = Path(index).with_name(entry["file"])
        content = file.read_bytes() if file.is_file() else b""
        if sha256(content) != entry["sha256"]:
            return None
        self._note(entry["reads"], listed["lists"])
        return content

    def _note(self, reads: Mapping[str, str], lists: Mapping[str, list[str]]) -> None:
        """Note what the stage read of the warehouse as read by this notebook, which depends on it."""
        from evalkit.data.warehouse.recorder import RecordingWarehouse

        if isinstance(self._warehouse, RecordingWarehouse):
            self._warehouse.log.lists.update({name: tuple(codes) for name, codes in lists.items()})
            for words, found in reads.items():
                self._warehouse.log.keep(words, found)

    def _live(self) -> dict[str, bytes]:
        """Return all stages, computed in this process; each evaluation that is opened reads the warehouse for itself."""
        key = (self._plan.sha256, str(self._warehouse.root), self._warehouse.fingerprint())
        if key not in _MEMORY:
            _MEMORY.clear()
            _MEMORY[key] = {
                stage.name: to_bytes(stage.compute())
                for stage in stages_of(self._plan, self._warehouse, self._catalogue)
            }
        return _MEMORY[key]


_MEMORY: dict[tuple[str, str, str], dict[str, bytes]] = {}
