"""The earlier run that the reports of a run are compared with: what the keys of tasks need of it, and what workers need."""

from __future__ import annotations

import datetime
import functools
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from evalkit.batch import codes
from evalkit.batch.differences import Making, made_with
from evalkit.data.storage import is_remote
from evalkit.errors import RunError
from evalkit.model.run import DONE, Task, TaskRecord
from evalkit.runs import Ledger, RunFolder, open_run, read_manifest
from evalkit.runs.files import write_atomic

_HASH = 16


@dataclass(frozen=True)
class Since:
    """An earlier run: the day it was started, what it was made with, the hash of the findings of each task that it published."""

    folder: RunFolder
    day: datetime.date
    making: Making
    findings: Mapping[str, str]

    @functools.cached_property
    def part(self) -> str:
        """Return what a recipe says of it: the run by name, its day and its making by hash."""
        return f"{self.folder.run_id} {_hash([self.day.isoformat(), asdict(self.making)])}"

    @functools.cached_property
    def name(self) -> str:
        """Return a name by which workers know this very state of it."""
        return _hash([self.part, dict(sorted(self.findings.items()))])


def load_since(place: Path | str, evaluation: str, out: RunFolder) -> Since:
    """Open an earlier run; raises `RunError` when it is not one that this evaluation's reports can be compared with."""
    if is_remote(place):
        raise RunError.of(codes.SINCE_ELSEWHERE, folder=str(place))
    folder = open_run(place).require()
    if folder.root.resolve() == out.root.resolve():
        raise RunError.of(codes.SINCE_ITSELF, folder=folder.place)
    with Ledger(folder.ledger, read_only=True) as ledger:
        found = ledger.meta("evaluation")
        findings = {
            f"{record.lang}/{record.template}/{record.territory}": record.outputs.get(_listed(folder, record), "")
            for record in ledger.each(*DONE)
        }
    if found != evaluation:
        raise RunError.of(codes.SINCE_OTHER, folder=folder.place, found=found or "?", wanted=evaluation)
    manifest = read_manifest(folder)
    if manifest is None:
        raise RunError.of(codes.SINCE_OPEN, folder=folder.place)
    return Since(folder, datetime.datetime.fromisoformat(manifest.started).date(), made_with(manifest), findings)


def hand_over(since: Since, now: Making, folder: RunFolder, tasks: Iterable[Task]) -> str:
    """Write into a run what its workers need of the earlier one, and return the name by which they find it."""
    told = {
        "run": since.folder.run_id,
        "day": since.day.isoformat(),
        "before": asdict(since.making),
        "now": asdict(now),
    }
    write_atomic(folder.earlier_run(since.name), json.dumps(told, ensure_ascii=False).encode())
    for task in tasks:
        if task.id in since.findings:
            write_atomic(folder.earlier_findings(since.name, task), _findings(since, task))
    return since.name


def _findings(since: Since, task: Task) -> bytes:
    """Return the findings of a task in the earlier run, when they are those that it published."""
    try:
        content = since.folder.findings_of(task).read_bytes()
    except FileNotFoundError:
        content = b""
    if hashlib.sha256(content).hexdigest() != since.findings[task.id]:
        raise RunError.of(codes.SINCE_ALTERED, task=task.id, folder=since.folder.place)
    return content


def _listed(folder: RunFolder, task: Task | TaskRecord) -> str:
    return folder.findings_of(task).relative_to(folder.root).as_posix()


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:_HASH]
