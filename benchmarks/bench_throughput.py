"""Reports an hour with warm kernels, against papermill and nbconvert in a loop, papermill in a process pool, and the limit.

The limit is the same cells as plain Python in warm processes, with the page written from a string template. Each of its processes
computes the estimates that all reports share once, and reads the data for each report; `evalkit run` reads what all read alike once.
A machine that others use is now faster, now slower: the limit and `evalkit run` take turns, and the median of their rounds counts.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

from measuring import Clock, median, print_table, timed
from throughput_ways import Job, papermill_then_nbconvert, plain_python, warm_up

TEMPLATES = ("territory_portrait", "anru_outcomes")


class Silent:
    """A listener that says nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


def in_pool(work: Any, jobs: Sequence[Job], workers: int, start: Any = None) -> Clock:
    """Run the jobs in a pool of processes and return how long it took, once all of them had started."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=start) as pool:
        list(pool.map(time.sleep, [1.0] * workers))
        return timed(lambda: list(pool.map(work, jobs)))[1]


def ours(plan: Path, warehouse: Any, out: Path, count: int, workers: int) -> Clock:
    """Run the plan as `evalkit run` does, from the check of the plan to the published portfolio."""
    from evalkit.batch import RunOptions, run_plan

    options = RunOptions(out=out, workers=workers, templates=TEMPLATES)
    result, clock = timed(lambda: run_plan(plan, warehouse, options, Silent()))
    bad = [f"{record.territory}: {record.state} {record.reason}" for record in result.records if record.state != "ok"]
    if bad or len(result.records) != count:
        raise SystemExit(f"{len(result.records)} reports, these are not well: {bad[:3]}")
    return clock


def row(name: str, tasks: int, clock: Clock, reference: float) -> dict[str, object]:
    """Return a row of the table; the ratio is the seconds of this way over ours."""
    each = clock.wall / tasks
    return {
        "way": name,
        "reports": tasks,
        "seconds each": f"{each:.2f}",
        "reports an hour": f"{3600 / each:,.0f}",
        "ratio": f"{each / reference:.2f}",
    }


def main() -> None:
    """Make the reports in each way, print seconds and ratios."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tasks", type=int, default=200)
    options.add_argument(
        "--rival-tasks", type=int, default=40, help="how many the rivals make; the time of each is the same"
    )
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--universe", type=int, default=737)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
    os.environ |= {"PYDEVD_DISABLE_FILE_VALIDATION": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
    from evalkit.data.demo import prepare_demo
    from evalkit.plan import load_plan, resolve_territories

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        territories = max(1, given.tasks // len(TEMPLATES))
        plan, warehouse = prepare_demo(root / "project", universe=given.universe, territories=territories)
        os.environ["EVALKIT_WAREHOUSE"] = str(warehouse.root)
        codes = resolve_territories(load_plan(plan), warehouse)
        (root / "made").mkdir()
        jobs = [Job(str(plan), name, code, str(root / "made")) for code in codes for name in TEMPLATES]
        few = jobs[: given.rival_tasks]
        print(f"Reports of {', '.join(TEMPLATES)}, {given.workers} workers where there are several")
        print(f"{os.cpu_count()} cores (load {os.getloadavg()[0]:.1f}), Python {platform.python_version()}, "
              f"papermill {version('papermill')}, nbconvert {version('nbconvert')}\n")  # fmt: skip
        limits, warms = [], []
        for number in range(given.rounds):
            limits.append(in_pool(plain_python, jobs, given.workers, warm_up))
            warms.append(ours(plan, warehouse, root / str(number) / "run", len(jobs), given.workers))
        limit, warm = median(limits), median(warms)
        pool = in_pool(papermill_then_nbconvert, few, given.workers)
        loop = timed(lambda: [papermill_then_nbconvert(job) for job in few])[1]
        reference = warm.wall / len(jobs)
        print_table(
            [
                row("evalkit run, warm kernels", len(jobs), warm, reference),
                row("limit: plain Python, warm processes", len(jobs), limit, reference),
                row("papermill + nbconvert, process pool", len(few), pool, reference),
                row("papermill + nbconvert, plain loop", len(few), loop, reference),
            ]
        )


if __name__ == "__main__":
    main()
