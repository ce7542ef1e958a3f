"""Workers: how much faster two are than one, what starting them and handing over a task costs, and what object storage adds.

    .venv/bin/python benchmarks/bench_scaling.py [--territories 20] [--s3]

Two runs of the demo through the command line, with one and with two private Dask workers, each in a new folder. Efficiency is the time that
tasks took with one worker over twice the time with two, start and portfolio left out; both are also given whole.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from evalkit.batch.cluster import open_cluster
from evalkit.batch.pool import Pool

TESTS = Path(__file__).resolve().parent.parent / "tests" / "e2e"
SMALL = 300


@dataclass(frozen=True)
class Timing:
    """How many tasks were done, the seconds from the first start to the last end, and those of the whole command."""

    done: int
    tasks: float
    whole: float

    @property
    def each(self) -> float:
        """Return the seconds a task."""
        return self.tasks / self.done


def nothing(number: int) -> int:
    """A task that costs nothing but its way."""
    return number


def overhead() -> tuple[float, float]:
    """Return the seconds to start a private cluster of two workers, and those to hand over a task and have it back."""
    began = time.perf_counter()
    with open_cluster(2, None, "bench") as cluster:
        pool: Pool[int, int] = Pool(nothing, cluster, lost=lambda work: -1, started=lambda work, worker: None)
        list(pool.run(range(2)))
        start = time.perf_counter() - began
        began = time.perf_counter()
        outcomes = list(pool.run(range(SMALL)))
        assert all(work == outcome for work, outcome in outcomes)
        return start, (time.perf_counter() - began) / SMALL


def timed_run(plan: Path, workers: int, out: str, environment: dict[str, str]) -> Timing:
    """Run a plan and read its events as they come."""
    command = [sys.executable, "-m", "evalkit", "run", str(plan), "--out", out, "--workers", str(workers), "--json"]
    began = time.perf_counter()
    first = last = 0.0
    done = tasks = 0
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, **environment}
    ) as run:
        assert run.stdout is not None
        for line in run.stdout:
            event = json.loads(line)
            tasks = event.get("total", tasks)
            if event["event"] == "start" and not first:
                first = time.perf_counter()
            if event["event"] == "done":
                assert event["state"] in ("ok", "refused"), event
                done, last = done + 1, time.perf_counter()
    if run.returncode or done != tasks:
        sys.exit(f"the run ended with {run.returncode} after {done} of {tasks} tasks")
    return Timing(done, last - first, time.perf_counter() - began)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--territories", type=int, default=50)
    parser.add_argument("--s3", action="store_true", help="also with two workers on a local S3 server (moto)")
    chosen = parser.parse_args()
    from evalkit.data.demo import prepare_demo

    start, handing = overhead()
    with tempfile.TemporaryDirectory(prefix="evalkit-bench-") as folder:
        place = Path(folder)
        plan, _ = prepare_demo(place / "project", territories=chosen.territories)
        times = {n: timed_run(plan, n, str(place / f"apart-{n}" / "run"), {}) for n in (1, 2)}
        remote = None
        if chosen.s3:
            sys.path.append(str(TESTS))
            from s3_server import s3_server

            with s3_server() as server:
                environment = {**server.environment, "EVALKIT_CACHE": str(place / "cache")}
                remote = timed_run(plan, 2, server.url("run"), environment)
    print(f"private cluster of two workers ready: {start:.1f} s; handing over a task: {handing * 1000:.1f} ms")
    for workers, timing in times.items():
        print(
            f"{workers} worker(s): {timing.tasks:.1f} s for {timing.done} tasks ({timing.each:.2f} s each), {timing.whole:.1f} s in all"
        )
    print(f"efficiency 1 -> 2: {times[1].tasks / times[2].tasks / 2:.0%} (goal: over 90%)")
    if remote is not None:
        print(f"object storage (local server), two workers: {remote.each - times[2].each:.2f} s a task more")


if __name__ == "__main__":
    main()
