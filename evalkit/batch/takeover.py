"""Taking over what an earlier run published: the same bytes, but for the run in the one marked line of a page."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
from dataclasses import replace
from pathlib import Path

from evalkit.batch.past import CODES, Past
from evalkit.batch.reads import parse_reads
from evalkit.batch.reuse import Decision
from evalkit.errors import RunError
from evalkit.model.run import Task, TaskRecord, TaskState
from evalkit.runs import Ledger, RunFolder
from evalkit.runs.files import remove_folder, write_atomic
from evalkit.runs.findings import write_task_findings

_MARKED = re.compile(r'<p class="volatile" data-volatile>[^<>]*</p>')


def take_over(found: Decision, folder: RunFolder, ledger: Ledger) -> bool:
    """Copy the result of a task from the run that made it; False when what lies there is not what its ledger says."""
    past, record = found.origin, found.record
    assert past is not None
    assert record is not None
    outputs: dict[str, str] = {}
    if record.state != "refused":
        copied = _copy(past.folder, folder, found.task, record)
        if copied is None:
            return False
        outputs = copied
    _link(past.folder.notebook(record), folder.notebook(record))
    _link(past.folder.log(record), folder.log(record))
    _keep_codes(past, ledger, record)
    state: TaskState = "refused" if record.state == "refused" else "reused"
    ledger.plan([found.task])
    ledger.finish(replace(record, state=state, key=found.task.key, outputs=outputs, seconds=None, peak_memory=None))
    return True


def _copy(source: RunFolder, target: RunFolder, task: Task, record: TaskRecord) -> dict[str, str] | None:
    """Copy the page, the data of its figures and its findings, the page last; None when a file is not what was published."""
    if not is_whole(source, record):
        return None
    page = with_run(source.report(record).read_text(encoding="utf-8"), source.run_id, target.run_id)
    if page is None:
        return None
    rows = json.loads(source.findings_of(record).read_text(encoding="utf-8"))
    write_task_findings(target.findings_of(task), [{**row, "run": target.run_id} for row in rows])
    _link_folder(source.figures(record), target.figures(task))
    write_atomic(target.report(task), page.encode())
    changed = (target.report(task), target.findings_of(task))
    return {**record.outputs, **{str(p.relative_to(target.root)): _sha256(p) for p in changed}}


def with_run(page: str, before: str, now: str) -> str | None:
    """Return a page with another run in its marked line, None when it has no such line."""
    from markupsafe import escape

    from evalkit.report import canonical_hash

    line = _MARKED.search(page)
    if line is None or str(escape(before)) not in line[0]:
        return None
    renamed = line[0].replace(str(escape(before)), str(escape(now)), 1)
    found = page[: line.start()] + renamed + page[line.end() :]
    try:
        return found if canonical_hash(found) == canonical_hash(page) else None
    except RunError:
        return None


def is_whole(folder: RunFolder, record: TaskRecord) -> bool:
    """Say whether all that was published of a task is there, byte for byte."""
    if not record.outputs:
        return False
    try:
        return all(_sha256(folder.root / name) == sha256 for name, sha256 in record.outputs.items())
    except OSError:
        return False


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _link(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where file systems differ; files are replaced, never written into."""
    if not source.is_file():
        target.unlink(missing_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        os.link(source, draft)
    except OSError:
        shutil.copyfile(source, draft)
    draft.replace(target)


def _link_folder(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    draft.mkdir()
    for file in sorted(source.iterdir()):
        _link(file, draft / file.name)
    remove_folder(target)
    draft.replace(target)


def _keep_codes(past: Past, ledger: Ledger, record: TaskRecord) -> None:
    """Take over the lists of codes that the questions of a task name."""
    for words in parse_reads(record.reads).answers:
        for value in json.loads(words).values():
            name = f"{CODES}{value[1:]}" if isinstance(value, str) and value.startswith("#") else ""
            if name in past.notes and ledger.meta(name) is None:
                ledger.set_meta(name, past.notes[name])
