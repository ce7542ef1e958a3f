"""Old runs that can go: all but the newest of each evaluation, never one in use, never one that another's reports still need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evalkit.errors import RunError
from evalkit.runs.files import remove_folder
from evalkit.runs.folder import RunFolder, list_runs
from evalkit.runs.ledger import Ledger

Reason = Literal["old", "newest", "in_use", "not_writable", "unreadable"]


@dataclass(frozen=True)
class Kept:
    """What becomes of a run: `old` ones are removed; `size` is the bytes that removing it frees (files shared with other runs do not count)."""

    folder: RunFolder
    evaluation: str
    started: str
    reason: Reason
    size: int

    @property
    def goes(self) -> bool:
        """Say whether the run is removed."""
        return self.reason == "old"


def plan_pruning(folder: Path, keep: int) -> list[Kept]:
    """Return what becomes of each run below a folder when the newest `keep` of each evaluation stay.

    Reports that a run took over from another are its own copies (or second names of the same files), so that nothing is lost with
    the run that made them.
    """
    known = [_told(run) for run in list_runs(folder)]
    ranked: dict[str, int] = {}
    found = []
    for run, evaluation, started, reason in sorted(known, key=lambda item: (item[2], item[0].run_id), reverse=True):
        if reason == "old":
            ranked[evaluation] = ranked.get(evaluation, 0) + 1
            reason = "newest" if ranked[evaluation] <= keep else "old"
        found.append((run, evaluation, started, reason))
    freed = _freed([run.root for run, _, _, reason in found if reason == "old"])
    return sorted((Kept(*item, size=freed.get(item[0].root, 0)) for item in found), key=lambda kept: kept.folder.run_id)


def _told(run: RunFolder) -> tuple[RunFolder, str, str, Reason]:
    try:
        if _is_in_use(run):
            return run, "", "", "in_use"
    except OSError:
        return run, "", "", "not_writable"
    try:
        with Ledger(run.ledger, read_only=True) as ledger:
            return run, ledger.meta("evaluation") or "", ledger.meta("started") or "", "old"
    except (RunError, OSError):
        return run, "", "", "unreadable"


def _is_in_use(run: RunFolder) -> bool:
    try:
        with run.locked():
            return False
    except RunError:
        return True


def prune(runs: Iterable[Kept]) -> int:
    """Remove the runs that go, one after the other, each held against a writer meanwhile; return the bytes freed."""
    freed = 0
    for kept in runs:
        if not kept.goes:
            continue
        with kept.folder.locked():
            remove_folder(kept.folder.root)
        freed += kept.size
    return freed


def _freed(roots: Iterable[Path]) -> dict[Path, int]:
    """Return the bytes that removing each folder, one after the other, frees: a file goes with the last of its names."""
    names: Counter[tuple[int, int]] = Counter()
    found: dict[Path, int] = {}
    for root in roots:
        found[root] = 0
        for path in root.rglob("*"):
            if path.is_file() and not path.is_symlink():
                stat = path.stat()
                names[stat.st_dev, stat.st_ino] += 1
                found[root] += stat.st_size if names[stat.st_dev, stat.st_ino] == stat.st_nlink else 0
    return found
