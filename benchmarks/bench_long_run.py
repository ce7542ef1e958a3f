"""A long run: memory of each worker with its warm parent and kernel, whether memory, open files or time grow, and the same run again."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from measuring import print_table

from evalkit.errors import RunError
from evalkit.runs import Ledger, RunFolder

SETTLED = 100
"""Growth counts from this task on: caches are full then."""
TEMPLATES = 3
PARENT = "evalkit.batch.warm.server"


@dataclass
class Look:
    """What was seen at one moment: tasks done, the memory of processes (bytes) and their open files, by number.

    `pss` has one number for the largest worker with the largest warm parent and its kernels, which may be another worker's: who
    belongs to whom is not seen from outside. `root` is the process that the parents are forked from.
    """

    done: int
    pss: int = 0
    root: int = 0
    rss: dict[int, int] = field(default_factory=dict)
    files: dict[int, int] = field(default_factory=dict)


def look(run: psutil.Process, done: int) -> Look:
    """Measure the workers of a run and their warm parents: PSS with all their children, RSS and open files of themselves."""
    seen = Look(done)
    try:
        below = run.children()
        workers = [process for process in below if "spawn_main" in " ".join(process.cmdline())]
        roots = [process for process in below if PARENT in process.cmdline()]
        parents = [process for root in roots for process in root.children()]
        seen.pss = sum(max(map(_pss_of_tree, each), default=0) for each in (workers, parents))
        seen.root = sum(map(_pss, roots))
        for process in (*workers, *parents):
            seen.rss[process.pid] = process.memory_info().rss
            seen.files[process.pid] = process.num_fds()
    except psutil.Error:
        pass
    return seen


def _pss_of_tree(process: psutil.Process) -> int:
    try:
        return sum(map(_pss, (process, *process.children(recursive=True))))
    except psutil.Error:
        return 0


def _pss(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0


def finished(folder: RunFolder) -> dict[str, float]:
    """Return the seconds of each task that is done, by its name."""
    if not folder.exists():
        return {}
    try:
        with Ledger(folder.ledger, read_only=True) as ledger:
            rows = [r for r in ledger.brief("ok") if r.seconds is not None]
    except RunError:
        return {}
    return {f"{r.lang}/{r.template}/{r.territory}": float(r.seconds or 0) for r in rows}


def watch(command: list[str], folder: RunFolder, pause: float) -> tuple[list[Look], list[tuple[str, float]], int]:
    """Run the command and look at it every so often; return the looks, the tasks as they ended, the exit code."""
    looks: list[Look] = []
    order: dict[str, float] = {}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, "COLUMNS": "80"}) as running:
        while running.poll() is None:
            order |= {name: seconds for name, seconds in finished(folder).items() if name not in order}
            try:
                looks.append(look(psutil.Process(running.pid), len(order)))
            except psutil.Error:
                break
            time.sleep(pause)
        code = running.wait()
    order |= {name: seconds for name, seconds in finished(folder).items() if name not in order}
    return looks, list(order.items()), code


def growth(looks: list[Look], what: str, settled: int) -> float:
    """Return how much a number grew, in percent, from the first tenth of the looks after `settled` tasks to the last tenth."""
    worst = 0.0
    late = [each for each in looks if each.done >= settled]
    for pid in sorted({pid for each in late for pid in getattr(each, what)}):
        values = [getattr(each, what)[pid] for each in late if pid in getattr(each, what)]
        tenth = max(1, len(values) // 10)
        before, after = statistics.median(values[:tenth]), statistics.median(values[-tenth:])
        worst = max(worst, 100 * (after / before - 1))
    return worst


def drift(tasks: list[tuple[str, float]], settled: int) -> float:
    """Return how the median seconds of a task moved from the first quarter to the last, in percent, each template on its own."""
    late = tasks[settled:]
    moved = []
    for template in sorted({name.split("/")[1] for name, _ in late}):
        values = [seconds for name, seconds in late if name.split("/")[1] == template]
        quarter = max(1, len(values) // 4)
        moved.append(100 * (statistics.median(values[-quarter:]) / statistics.median(values[:quarter]) - 1))
    return max(moved, key=abs, default=0.0)


def main() -> None:
    """Run the demo plan over many territories and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tasks", type=int, default=1609)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--pause", type=float, default=1.0, help="seconds between two looks")
    given = options.parse_args()
    from evalkit.data.demo import prepare_demo

    territories = -(-given.tasks // TEMPLATES)
    with tempfile.TemporaryDirectory() as root:
        universe = max(737, 2 * territories)
        plan, _ = prepare_demo(Path(root) / "project", universe=universe, territories=territories)
        folder = RunFolder(Path(root) / "run")
        command = [sys.executable, "-m", "evalkit", "run", str(plan), "--out", str(folder.root)]
        command += ["--workers", str(given.workers)]
        begun = time.monotonic()
        looks, tasks, code = watch(command, folder, given.pause)
        whole, begun = time.monotonic() - begun, time.monotonic()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
        again = time.monotonic() - begun
    settled = min(SETTLED, len(tasks) // 3)
    peak = max((each.pss for each in looks), default=0)
    root = max((each.root for each in looks), default=0)
    rows = [
        ("reports made", f"{len(tasks)} (exit code {code})", ""),
        ("peak memory of a worker, its parent and its kernel (PSS)", f"{peak / 1e6:.0f} MB", "< 500 MB"),
        ("the process that all parents are forked from (PSS, at its most)", f"{root / 1e6:.0f} MB", ""),
        (f"growth of memory (RSS) from task {settled} on", f"{growth(looks, 'rss', settled):.1f} %", "< 5 %"),
        (f"growth of open files from task {settled} on", f"{growth(looks, 'files', settled):.1f} %", "< 5 %"),
        ("median seconds of a report", f"{statistics.median(s for _, s in tasks):.2f}" if tasks else "", ""),
        ("whole run, seconds each", f"{whole:,.0f} s, {whole / max(1, len(tasks)):.2f} s", ""),
        ("the same run again, nothing changed", f"{again:.1f} s, 1/{whole / again:.0f} of it", "< 1/200"),
        ("drift of the median from the first quarter to the last", f"{drift(tasks, settled):+.1f} %", "within 10 %"),
    ]
    print(
        f"{given.tasks} reports asked for, {given.workers} workers, {os.cpu_count()} cores (load {os.getloadavg()[0]:.1f})\n"
    )
    print_table([{"measure": name, "found": found, "goal": goal} for name, found, goal in rows])


if __name__ == "__main__":
    main()
