"""A warehouse of 35,000 territories x 30 indicators x 20 years against one of 1,609: seconds a task, of real runs."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from evalkit.catalogue import load_catalogue
from evalkit.data.delivery import OBSERVATION_COLUMNS, TERRITORY_COLUMNS, Delivery, frame, source_files
from evalkit.data.demo import settings
from evalkit.data.registry import registry
from evalkit.data.warehouse import Warehouse

GOAL, INDICATORS, YEARS, GROUP = 1.2, 30, 20, 320
SHOWN = 8  # indicators of the plan
_PLAN = """\
evaluation: bench
title: {{fr: Mesure, en: Measure}}
publisher: {{fr: Mesure, en: Measure}}
users: {{fr: Mesure, en: Measure}}
programme: {{kind: contrat_de_ville, start: 2005, end: 2018, name: {{fr: Mesure, en: Measure}}}}
territories: {{level: qpv, geography: demo, select: {{department: ["X001"]}}, limit: {tasks}}}
languages: [fr]
disclosure: by_producer
seed: 1
judgement: {{fixed_on: 2026-03-01, before_results: true}}
data: {{warehouse: {warehouse}, sources: [{{dataset: evalkit_demo}}]}}
comparators:
  - {{id: near, kind: territories, same: department, label: {{fr: le département, en: the department}}}}
questions:
  - id: Q1
    criterion: effectiveness
    text: {{fr: "Plus ?", en: "More?"}}
    criteria:
      - id: C1.1
        text: {{fr: "Plus.", en: "More."}}
        indicator: {first}
        design: {{method: level, to: 2019}}
        met_if: "lower > 50"
        not_met_if: "upper < 50"
indicators:
{indicators}
templates:
  - {{name: territory_portrait}}
"""


def places(count: int) -> tuple[list[str], pd.DataFrame]:
    """Return the codes and rows of districts, 320 a department, and of the departments."""
    codes = [f"DX{number:06}" for number in range(count)]
    departments = [f"X{1 + number // GROUP:03}" for number in range(count)]
    parents = [json.dumps([{"level": "department", "code": d, "geography": "demo", "share": 1.0}]) for d in departments]
    named = sorted(set(departments))
    rows = {
        "code": [*codes, *named],
        "level": ["qpv"] * count + ["department"] * len(named),
        "name": [*codes, *named],
        "parents": [*parents, *["[]"] * len(named)],
        "longitude": [3.0] * (count + len(named)),
        "latitude": [44.0] * (count + len(named)),
    }
    fixed = {
        "geography": "demo",
        "tags": "[]",
        "synthetic": True,
        "source": settings.DATASET,
        "vintage": "2020",
        "file_sha256": "0" * 64,
    }
    return codes, frame(TERRITORY_COLUMNS, pd.DataFrame(rows).assign(**fixed))


def observations(codes: list[str], indicator: str, number: int) -> pd.DataFrame:
    """Return twenty years of an indicator for every district."""
    random = np.random.default_rng([number, len(codes)])
    years = [str(2000 + year) for year in range(YEARS)]
    values = np.clip(
        random.normal(30, 5, (len(codes), 1)) + random.normal(0, 1, (len(codes), YEARS)).cumsum(axis=1), 1, 99
    )
    rows = pd.DataFrame(
        {"territory": np.repeat(codes, YEARS), "period": np.tile(years, len(codes)), "value": values.ravel()}
    )
    fixed = {"level": "qpv", "geography": "demo", "indicator": indicator, "breakdown": "none", "status": "published"}
    told = {"source": settings.DATASET, "vintage": "2020", "file_sha256": "0" * 64}
    return frame(OBSERVATION_COLUMNS, rows.assign(**fixed, **told))


def build(root: Path, count: int, indicators: list[str]) -> Warehouse:
    """Make a warehouse of one delivery an indicator, the districts with the first."""
    warehouse = Warehouse.open(root, create=True)
    codes, territories = places(count)
    for number, indicator in enumerate(indicators):
        file = root.parent / f"part-{number:02}.csv"
        file.write_text(f"{count} {indicator}\n", encoding="utf-8")
        rows = observations(codes, indicator, number)
        known = territories if number == 0 else territories.iloc[:0]
        warehouse.add(
            Delivery(vintage="2020", observations=rows, territories=known),
            registry()[settings.DATASET],
            source_files([file]),
        )
    return warehouse


def median_seconds(folder: Path, warehouse: Warehouse, indicators: list[str], tasks: int, workers: str) -> float:
    """Run the portrait of so many districts for real and return the median seconds of a task."""
    listed = "\n".join(
        f"  - {{id: {name}, role: {'primary' if n == 0 else 'secondary'}}}" for n, name in enumerate(indicators[:SHOWN])
    )
    plan = folder / "evaluation.yaml"
    text = _PLAN.format(tasks=tasks, warehouse=json.dumps(str(warehouse.root)), first=indicators[0], indicators=listed)
    plan.write_text(text, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "evalkit",
        "run",
        str(plan),
        "--out",
        str(folder / "run"),
        "--workers",
        workers,
        "--force",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    shown = subprocess.run(
        [sys.executable, "-m", "evalkit", "runs", "show", str(folder / "run"), "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    return statistics.median(task["seconds"] for task in json.loads(shown.stdout)["tasks"])


def main() -> None:
    """Build both warehouses, run the same report on each, print seconds a task and their ratio."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--territories", type=int, default=35_000)
    options.add_argument("--tasks", type=int, default=20)
    options.add_argument("--workers", default="2")
    arguments = options.parse_args()
    indicators = sorted(i.id for i in load_catalogue().values() if "qpv" in i.levels and i.unit == "percent")
    indicators += sorted(i.id for i in load_catalogue().values() if "qpv" in i.levels and i.unit != "percent")
    indicators = indicators[:INDICATORS]
    found = {}
    with tempfile.TemporaryDirectory(prefix="evalkit-bench-") as place:
        for count in (1609, arguments.territories):
            folder = Path(place) / str(count)
            folder.mkdir()
            started = time.perf_counter()
            warehouse = build(folder / "warehouse", count, indicators)
            built = time.perf_counter() - started
            found[count] = median_seconds(folder, warehouse, indicators, arguments.tasks, arguments.workers)
            rows = sum(record.counts["observations"] for record in warehouse.records)
            print(
                f"{count:7} territories  {rows:12,} rows  built in {built:6.1f} s  {found[count]:.2f} s a task (median of {arguments.tasks})"
            )
    ratio = found[arguments.territories] / found[1609]
    print(f"ratio {ratio:.2f}, goal under {GOAL}")
    if ratio >= GOAL:
        sys.exit(1)


if __name__ == "__main__":
    main()
