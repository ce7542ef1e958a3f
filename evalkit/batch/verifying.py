"""Is what a run published still what its ledger says? Every file by its hash, every page by what it says of itself."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evalkit.errors import RunError
from evalkit.model.run import DONE, TaskRecord
from evalkit.runs import Ledger, RunFolder
from evalkit.text import Message, msg

_META = re.compile(r'<meta name="evalkit:(territory|template)" content="([^"]*)">')
_LANG = re.compile(r'<html[^>]*\blang="([^"]*)"')


@dataclass(frozen=True)
class Fault:
    """What is not as the ledger says: the task, the file, and what is wrong with it."""

    task: str
    file: str
    what: Message


@dataclass(frozen=True)
class Verified:
    """What was looked at, and what was found wrong."""

    tasks: int
    files: int
    faults: tuple[Fault, ...]


def verify_run(folder: RunFolder) -> Verified:
    """Compare every published file with the ledger, and every page and finding with the task it belongs to."""
    with Ledger(folder.ledger, read_only=True) as ledger:
        records = [record for record in ledger.records() if record.state in DONE]
    faults = [fault for record in records for fault in _faults(folder, record)]
    known = {name for record in records for name in record.outputs}
    strays = sorted(
        path.relative_to(folder.root).as_posix()
        for path in (folder.root / "reports").rglob("*")
        if path.is_file() and path.relative_to(folder.root).as_posix() not in known
    )
    faults += [Fault("", name, msg("no task of the ledger published it")) for name in strays]
    return Verified(len(records), len(known), tuple(faults))


def _faults(folder: RunFolder, record: TaskRecord) -> Iterator[Fault]:
    task = f"{record.lang}/{record.template}/{record.territory}"
    if not record.outputs:
        yield Fault(task, "", msg("the ledger has no hashes of its files"))
    for name, sha256 in sorted(record.outputs.items()):
        wrong = _wrong_bytes(folder.root / name, sha256)
        if wrong is not None:
            yield Fault(task, name, wrong)
    page = folder.report(record)
    if page.is_file():
        yield from (
            Fault(task, page.relative_to(folder.root).as_posix(), what)
            for what in _wrong_page(page.read_text(encoding="utf-8", errors="replace"), record)
        )
    if folder.findings_of(record).is_file() and not _own_findings(folder.findings_of(record), record):
        name = folder.findings_of(record).relative_to(folder.root).as_posix()
        yield Fault(task, name, msg("a finding speaks of another territory, template or language"))


def _wrong_bytes(file: Path, sha256: str) -> Message | None:
    if not file.is_file():
        return msg("the file is not there")
    return None if hashlib.sha256(file.read_bytes()).hexdigest() == sha256 else msg("its bytes are not those published")


def _wrong_page(html: str, record: TaskRecord) -> Iterator[Message]:
    from evalkit.report import canonical_hash

    lang = _LANG.search(html)
    said = {**dict(_META.findall(html)), "lang": lang[1] if lang else ""}
    if said != {"territory": record.territory, "template": record.template, "lang": record.lang}:
        yield msg("the page speaks of another territory, template or language")
    try:
        canonical_hash(html)
    except RunError:
        yield msg("the page does not have its one marked line")


def _own_findings(file: Path, record: TaskRecord) -> bool:
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        return False
    names = ("territory", "template", "lang")
    return all(row.get(name) == getattr(record, name) for row in rows for name in names)
