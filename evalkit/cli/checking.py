"""What this machine has and lacks: each check says what it found and, where something is lacking, what to do."""

from __future__ import annotations

import importlib.metadata
import locale
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from evalkit.text import Message, msg

_PYTHON, _SQLITE = (3, 11), (3, 35, 0)
_LEAST_MEMORY, _LEAST_DISK = 1_000_000_000, 1_000_000_000
_FONT = "DejaVu Sans"


@dataclass(frozen=True)
class Check:
    """One line of `evalkit doctor`. `needed` is False for what only some commands use."""

    name: str
    label: Message
    ok: bool
    found: str
    fix: Message | None = None
    needed: bool = True


def checks(runs: Path) -> list[Check]:
    """Return all checks; `runs` is the folder in which runs are to be made."""
    made: tuple[Callable[[], Check], ...] = (
        _python,
        _packages,
        _cores,
        _memory,
        lambda: _disk(runs),
        lambda: _writable(runs),
        _kernel,
        _warm_kernel,
        _sqlite,
        _locale,
        _fonts,
        _browser,
    )
    return [check() for check in made]


def _python() -> Check:
    version = ".".join(str(part) for part in sys.version_info[:3])
    fix = msg("install Python {version} or newer", version=".".join(map(str, _PYTHON)))
    return Check("python", msg("Python"), sys.version_info[:2] >= _PYTHON, version, fix)


def _packages() -> Check:
    from packaging.requirements import Requirement

    lacking, count = [], 0
    for text in importlib.metadata.requires("evalkit") or ():
        need = Requirement(text)
        if need.marker is not None and not need.marker.evaluate({"extra": ""}):
            continue
        count += 1
        try:
            installed = importlib.metadata.version(need.name)
        except importlib.metadata.PackageNotFoundError:
            lacking.append(need.name)
            continue
        if not need.specifier.contains(installed, prereleases=True):
            lacking.append(f"{need.name} {installed}")
    found = ", ".join(lacking) if lacking else str(count)
    return Check("packages", msg("Packages"), not lacking, found, msg("install evalkit again, with its lock file"))


def _cores() -> Check:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Check("cores", msg("Cores"), cores >= 1, str(cores))


def _memory() -> Check:
    import psutil

    free = psutil.virtual_memory().available
    fix = msg("close other programs, or run fewer tasks at once with --workers")
    return Check("memory", msg("Free memory (MB)"), free >= _LEAST_MEMORY, _millions(free), fix)


def _disk(runs: Path) -> Check:
    free = shutil.disk_usage(_existing(runs)).free
    fix = msg("free some room, for instance with `evalkit runs prune`, or choose another folder with --out")
    return Check("disk", msg("Free disk (MB)"), free >= _LEAST_DISK, _millions(free), fix)


def _writable(runs: Path) -> Check:
    place = _existing(runs)
    fix = msg("choose another folder with --out, or ask for the right to write there")
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        return Check("writable", msg("Right to write runs"), False, error.strerror or type(error).__name__, fix)
    return Check("writable", msg("Right to write runs"), True, str(runs), fix)


def _kernel() -> Check:
    from jupyter_client.kernelspec import KernelSpecManager

    names = sorted(KernelSpecManager().find_kernel_specs())
    fix = msg("install ipykernel again: pip install --force-reinstall ipykernel")
    return Check("kernel", msg("Jupyter kernels"), "python3" in names, ", ".join(names), fix)


def _warm_kernel() -> Check:
    from evalkit.batch.warm.choice import choose_kernel

    _, problems = choose_kernel("warm")
    reason = "" if not problems else str(problems[0].values.get("reason", ""))
    fix = msg("run on Linux for warm kernels; without them runs take several times longer")
    return Check("warm_kernel", msg("Warm kernel"), not problems, reason or "fork", fix, needed=False)


def _sqlite() -> Check:
    fix = msg("install a newer Python: its SQLite is too old for the ledger")
    version = tuple(int(part) for part in sqlite3.sqlite_version.split("."))
    return Check("sqlite", msg("SQLite"), version >= _SQLITE, sqlite3.sqlite_version, fix)


def _locale() -> Check:
    encoding = locale.getencoding()
    utf8 = encoding.lower().replace("-", "") == "utf8" and sys.getfilesystemencoding().lower() == "utf-8"
    return Check("locale", msg("Encoding of texts"), utf8, encoding, msg("set LANG to C.UTF-8 or fr_FR.UTF-8"))


def _fonts() -> Check:
    from matplotlib import font_manager

    known = {entry.name for entry in font_manager.fontManager.ttflist}
    fix = msg("install the package fonts-dejavu-core, for figures in office documents")
    return Check("fonts", msg("Fonts"), _FONT in known, _FONT if _FONT in known else str(len(known)), fix, needed=False)


def _browser() -> Check:
    from evalkit.report.exports.browser import find_browser

    found = find_browser()
    fix = msg("install the package chromium, for exports as PDF")
    return Check("browser", msg("Browser"), found is not None, "–" if found is None else str(found), fix, needed=False)


def _existing(path: Path) -> Path:
    whole = path.absolute()
    return next(place for place in (whole, *whole.parents) if place.exists())


def _millions(size: int) -> str:
    return str(size // 1_000_000)
