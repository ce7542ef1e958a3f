"""Callaway and Sant'Anna with clustered inference: 1,600 territories, 20 years, 10 indicators, against diff-diff."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import pandas as pd
from measuring import (
    INDICATORS,
    Clock,
    heading,
    median,
    panel,
    peak_memory,
    print_table,
    quiet,
    ratio,
    rival,
    seconds,
    timed,
)

from evalkit.stats import did, event_study

COLUMNS = {"unit": "territory", "time": "year", "first_treated": "first", "cluster": "commune"}
EXACT = 1e-6


def both(frame: pd.DataFrame, outcome: str) -> tuple[Any, Any]:
    """Return every cohort in every year with the overall effect, and the effects by time since treatment."""
    return did(frame, outcome=outcome, **COLUMNS), event_study(frame, outcome=outcome, **COLUMNS)


def theirs(library: Any, frame: pd.DataFrame, outcome: str) -> Any:
    """Return the same from the rival: one fit gives all three."""
    return library.CallawaySantAnna(cluster="commune").fit(
        frame, outcome=outcome, unit="territory", time="year", first_treat="first", aggregate="event_study"
    )


def difference(ours: tuple[Any, Any], other: Any) -> tuple[float, int]:
    """Return the largest difference of any effect or standard error, and how many numbers were compared."""
    overall, course = ours
    pairs = [(overall.value, other.overall_att), (overall.se, other.overall_se)]
    cells = {f"{g:g}:{t:g}": cell for (g, t), cell in other.group_time_effects.items()}
    times = {f"{e:g}": cell for e, cell in other.event_study_effects.items()}
    for table, found in ((overall.table, cells), (course.table, times)):
        for row in table.itertuples():
            cell = found[row.term]
            pairs += [(row.value, cell["effect"]), (row.se, cell["se"])]
    return max(abs(a - b) for a, b in pairs), len(pairs)


def main() -> None:
    """Time both libraries in turn and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repeats", type=int, default=5)
    repeats, library = options.parse_args().repeats, rival()
    frame = panel()
    coded = frame.assign(first=frame["first"].fillna(0).astype(int))
    names = [f"indicator_{k}" for k in range(INDICATORS)]
    heading("Callaway and Sant'Anna, clustered by commune: overall effect, all cohorts and years, event study")

    def every(work: Callable[[str], Any]) -> Callable[[], list[Any]]:
        return lambda: [work(name) for name in names]

    tasks = every(lambda name: both(frame, name)), every(lambda name: theirs(library, coded, name))
    found, clocks, memory = [], ([], []), []
    with quiet():
        for task in tasks:
            found.append(task())
            memory.append(peak_memory())
        for _ in range(repeats):
            for task, taken in zip(tasks, clocks, strict=True):
                taken.append(timed(task)[1])
    ours, other = median(clocks[0]), median(clocks[1])
    gaps = [difference(mine, his) for mine, his in zip(*found, strict=True)]
    worst, compared = max(gap for gap, _ in gaps), sum(count for _, count in gaps)
    rows = [
        _row("evalkit: did + event_study", ours, memory[0], "1", "", names),
        _row("diff-diff: CallawaySantAnna.fit", other, memory[1], ratio(other, ours), f"{worst:.1e}", names),
    ]
    print_table(rows)
    print(f"Median of {repeats} runs of all indicators, both libraries in turn; memory: peak of the process so far.")
    print(f"Compared: {compared} effects and standard errors (overall, cohort by year, time since treatment).")
    if worst > EXACT:
        raise SystemExit(f"the numbers differ by {worst:.1e}, more than {EXACT:.0e}")


def _row(task: str, clock: Clock, memory: str, times: str, gap: str, names: list[str]) -> dict[str, object]:
    return {
        "task": task, "n": f"1600 x 20 x {len(names)}", "seconds wall / cpu": seconds(clock),
        "times ours wall / cpu": times, "largest difference": gap, "peak memory": memory,
    }  # fmt: skip


if __name__ == "__main__":
    main()
