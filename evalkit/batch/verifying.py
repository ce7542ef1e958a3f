"""Is what a run published still what its ledger says? Every file by its hash, every page by what it says of itself.

Of a run on object storage the objects are read, not their copies on this machine.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evalkit.errors import RunError
from evalkit.model.run import DONE, TaskRecord
from evalkit.runs import Ledger, RunFolder
from evalkit.runs.remote import POINTERS
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
    tasks = 0
    faults: list[Fault] = []
    known: set[str] = set()
    pointers: set[str | None] = set()
    with Ledger(folder.ledger, read_only=True) as ledger:
        for record in ledger.each(*DONE):
            tasks += 1
            faults += _faults(folder, record)
            known |= record.outputs.keys()
            pointers.add(folder.pointer(record))
    expected = known | pointers
    strays = [name for below in ("reports", POINTERS) for name in folder.names(below) if name not in expected]
    faults += [Fault("", name, msg("no task of the ledger published it")) for name in strays]
    return Verified(tasks, len(known), tuple(faults))


def _faults(folder: RunFolder, record: TaskRecord) -> Iterator[Fault]:
    task = f"{record.lang}/{record.template}/{record.territory}"
    page, findings = (
        path.relative_to(folder.root).as_posix() for path in (folder.report(record), folder.findings_of(record))
    )
    pointer = folder.pointer(record)
    found = folder.contents({*record.outputs, page, findings} | ({pointer} if pointer else set()))
    if not record.outputs:
        yield Fault(task, "", msg("the ledger has no hashes of its files"))
    for name, sha256 in sorted(record.outputs.items()):
        wrong = _wrong_bytes(found.get(name), sha256)
        if wrong is not None:
            yield Fault(task, name, wrong)
    if page in found:
        yield from (Fault(task, page, what) for what in _wrong_page(found[page].decode(errors="replace"), record))
    if findings in found and not _own_findings(found[findings], record):
        yield Fault(task, findings, msg("a finding speaks of another territory, template or language"))
    if pointer and _listed(found.get(pointer)) != record.outputs:
        yield Fault(task, pointer, msg("it does not list the files that the ledger has"))


def _wrong_bytes(content: bytes | None, sha256: str) -> Message | None:
    if content is None:
        return msg("the file is not there")
    return None if hashlib.sha256(content).hexdigest() == sha256 else msg("its bytes are not those published")


def _listed(pointer: bytes | None) -> Mapping[str, str]:
    """Return the hashes that the pointer of a task lists."""
    try:
        return dict(json.loads(pointer or b"{}")["outputs"])
    except (ValueError, TypeError, KeyError):
        return {}


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


def _own_findings(content: bytes, record: TaskRecord) -> bool:
    try:
        rows = json.loads(content)
    except ValueError:
        return False
    names = ("territory", "template", "lang")
    return all(row.get(name) == getattr(record, name) for row in rows for name in names)
