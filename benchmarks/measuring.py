"""What the benchmarks share: a panel made from a seed, clocks, memory, the printed table."""

from __future__ import annotations

import os
import platform
import resource
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import pandas as pd

SEED = 2026
TERRITORIES, YEARS, INDICATORS = 1600, 20, 10
TREATED, CONTROLS, COMMUNES = 497, 240, 400
DATES = (2006, 2008, 2009, 2010, 2011, 2013)
FIRST_YEAR = 1999
RIVAL = "diff-diff"


@dataclass(frozen=True)
class Clock:
    """Seconds on the wall and of the processor, all threads."""

    wall: float
    cpu: float


def panel(indicators: int = INDICATORS) -> pd.DataFrame:
    """Return 1,600 territories over 20 years: 497 treated at six dates, 240 controls of the programme, the others untreated."""
    random = np.random.default_rng(SEED)
    first = np.full(TERRITORIES, np.nan)
    first[:TREATED] = random.choice(DATES, TREATED)
    role = np.repeat(["treated", "control", "other"], [TREATED, CONTROLS, TERRITORIES - TREATED - CONTROLS])
    years, commune = FIRST_YEAR + np.arange(YEARS), random.integers(0, COMMUNES, TERRITORIES)
    since = np.maximum(0, years[None, :] - np.where(np.isnan(first), 9999, first)[:, None] + 1)
    columns = {}
    for k in range(indicators):
        common = random.normal(0, 1, (3, YEARS)).cumsum(axis=1)
        level = random.normal(20, 5, TERRITORIES)[:, None]
        shared = random.normal(0, 0.3, (COMMUNES, YEARS))[commune]
        noise = random.normal(0, 1, (TERRITORIES, YEARS))
        loads = random.normal(0, 1, (TERRITORIES, 3))
        columns[f"indicator_{k}"] = (level + loads @ common + shared + noise - 0.1 * since).ravel()
    return pd.DataFrame(
        {
            "territory": np.repeat([f"q{i:04d}" for i in range(TERRITORIES)], YEARS),
            "year": np.tile(years, TERRITORIES),
            "first": np.repeat(first, YEARS),
            "role": np.repeat(role, YEARS),
            "commune": np.repeat([f"c{i:03d}" for i in commune], YEARS),
            **columns,
        }
    )


def timed(work: Callable[[], Any]) -> tuple[Any, Clock]:
    """Return what the work gives and how long it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, Clock(time.perf_counter() - wall, time.process_time() - cpu)


def median(clocks: list[Clock]) -> Clock:
    """Return the median of both clocks."""
    return Clock(statistics.median(c.wall for c in clocks), statistics.median(c.cpu for c in clocks))


def peak_memory() -> str:
    """Return the peak memory of this process so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return f"{peak / (1024 if sys.platform != 'darwin' else 1024**2):.0f} MB"


def rival() -> Any:
    """Return the library to compare with, or stop with the way to get it."""
    try:
        version(RIVAL)
    except PackageNotFoundError:
        sys.exit(f"{RIVAL} is not installed: `make bench` installs it")
    with quiet():
        import diff_diff
    return diff_diff


@contextmanager
def quiet() -> Iterator[None]:
    """Silence what the rival warns of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def heading(title: str) -> None:
    """Print the title and the machine."""
    threads = os.environ.get("OMP_NUM_THREADS", "as many as it likes")
    names = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "pandas", RIVAL))
    print(f"{title}\n{os.cpu_count()} cores (load {os.getloadavg()[0]:.1f}), threads of the matrix library: {threads}")
    print(f"Python {platform.python_version()}, {names}\n")


def ratio(theirs: Clock, ours: Clock) -> str:
    """Return how many times faster we are, on the wall and by processor time."""
    return f"{theirs.wall / ours.wall:.1f} / {theirs.cpu / ours.cpu:.1f}"


def seconds(clock: Clock) -> str:
    """Return both clocks in words."""
    return f"{clock.wall:.3f} / {clock.cpu:.3f}" if clock.wall < 10 else f"{clock.wall:.1f} / {clock.cpu:.1f}"


def print_table(rows: list[dict[str, object]]) -> None:
    """Print the rows under their names, as wide as they need."""
    texts = [list(rows[0]), *([str(value) for value in row.values()] for row in rows)]
    widths = [max(len(row[i]) for row in texts) for i in range(len(texts[0]))]
    for row in texts:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    print()
