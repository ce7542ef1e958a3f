"""What a second run costs: nothing changed, in place and as a new run; one indicator of one territory changed."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from evalkit.data.delivery import source_files
from evalkit.data.demo import prepare_demo, settings
from evalkit.data.demo.building import deliver, simulate
from evalkit.data.demo.settings import Parameters
from evalkit.data.registry import registry
from evalkit.data.warehouse import Warehouse
from evalkit.model.plan import EvaluationPlan
from evalkit.plan import comparator_members, load_plan

GOAL = 1 / 200
INDICATOR = "in_tp60"
_PLAN = """\
evaluation: bench
title: {{fr: Mesure, en: Measure}}
publisher: {{fr: Mesure, en: Measure}}
users: {{fr: Mesure, en: Measure}}
programme: {{kind: anru, start: 2004, end: 2018, name: {{fr: Mesure, en: Measure}}}}
territories: {{level: qpv, geography: demo, select: {{tag: [pnru_treated]}}, limit: {tasks}}}
languages: [fr]
disclosure: by_producer
seed: 1
judgement: {{fixed_on: 2026-03-01, before_results: true}}
data: {{warehouse: {warehouse}, sources: [{{dataset: evalkit_demo}}]}}
comparators:
  - {{id: near, kind: territories, same: commune, label: {{fr: la commune, en: the commune}}}}
questions:
  - id: Q1
    criterion: effectiveness
    text: {{fr: "Moins ?", en: "Less?"}}
    criteria:
      - id: C1.1
        text: {{fr: "Moins.", en: "Less."}}
        indicator: in_tp60
        design: {{method: before_after, comparator: near, from: 2013, to: 2015}}
        met_if: "upper < 0"
        not_met_if: "lower > 0"
indicators:
  - {{id: in_tp60, role: primary}}
  - {{id: ho_social, role: secondary}}
  - {{id: in_med, role: secondary, prices: {{constant: 2019}}}}
templates:
  - {{name: anru_outcomes}}
"""


def evalkit(*arguments: str) -> tuple[float, str]:
    """Run a command and return its wall-clock seconds, start of Python included, and what it printed."""
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "evalkit", *arguments], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(done.stdout + done.stderr)
    return time.perf_counter() - started, done.stdout


def project(folder: Path, tasks: int, universe: int) -> tuple[Path, Warehouse]:
    """Make the demo with so many territories reported, each by one template, compared within its commune."""
    plan, warehouse = prepare_demo(folder, universe=universe, territories=min(tasks, 497))
    plan.write_text(_PLAN.format(tasks=tasks, warehouse=json.dumps(str(warehouse.root))), encoding="utf-8")
    return plan, warehouse


def states(run: Path) -> dict[str, dict[str, Any]]:
    """Return the tasks of a run by territory."""
    shown = json.loads(evalkit("runs", "show", str(run), "--json")[1])
    return {task["territory"]: task for task in shown["tasks"]}


def correct(warehouse: Warehouse, folder: Path, parameters: Parameters, territory: str) -> None:
    """Deliver the demo again with one value of one territory changed."""
    [name] = {name for record in warehouse.records for name, _ in record.files}
    file = next(folder.rglob(name))
    changed = Path(tempfile.mkdtemp(prefix="evalkit-bench-")) / file.name
    changed.write_bytes(file.read_bytes() + b"\n")
    files = source_files([changed])
    demo, places = simulate(parameters)
    delivery = deliver(demo, places, files[0].sha256)
    rows = delivery.observations
    here = (rows["territory"] == territory) & (rows["indicator"] == INDICATOR) & rows["value"].notna()
    rows.loc[rows.index[here][-1:], "value"] += 1
    warehouse.add(delivery, registry()[settings.DATASET], files)
    shutil.rmtree(changed.parent)


def dependants(plan: EvaluationPlan, warehouse: Warehouse, codes: list[str], territory: str) -> set[str]:
    """Return the territories whose comparators hold a territory, itself included."""
    return {territory} | {
        code
        for code in codes
        for comparator in plan.comparators
        if territory in comparator_members(plan, warehouse, comparator.id, code).codes
    }


def main() -> None:
    """Run, run again in place, run anew beside it, correct one value, run again; print the table and check the dependants."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tasks", type=int, default=1609)
    options.add_argument("--workers", default="2")
    arguments = options.parse_args()
    universe = max(737, arguments.tasks * 737 // 497 + 2)  # two districts in three are treated
    with tempfile.TemporaryDirectory(prefix="evalkit-bench-") as place:
        folder = Path(place)
        plan_file, warehouse = project(folder / "project", arguments.tasks, universe)
        first, second = folder / "runs" / "first", folder / "runs" / "second"
        command = ("run", str(plan_file), "--workers", arguments.workers)
        full, _ = evalkit(*command, "--out", str(first))
        again, _ = evalkit(*command, "--out", str(first))
        before = states(first)
        anew, _ = evalkit(*command, "--out", str(second))
        taken = [task for task in states(second).values() if task["state"] in ("reused", "refused")]
        codes = sorted(before)
        published = warehouse.observations(indicators=[INDICATOR], territories=codes, level="qpv").dropna(
            subset=["value"]
        )
        held = set(published["territory"])
        victim = next(code for code in codes if code in held and before[code]["state"] == "ok")
        correct(
            warehouse, folder / "project", Parameters(universe, min(arguments.tasks, 497), settings.SOURCE_SEED), victim
        )
        plan = load_plan(plan_file)
        expected = dependants(plan, Warehouse.open(warehouse.root), codes, victim)
        explained = json.loads(evalkit("plan", str(plan_file), "--explain", "--json", "--out", str(first))[1])
        ran = {task["territory"] for task in explained["tasks"] if task["action"] == "run"}
        corrected, _ = evalkit(*command, "--out", str(first))
        rows = (
            ("full run", full, len(before)),
            ("nothing changed, same folder", again, 0),
            ("nothing changed, new folder", anew, len(before) - len(taken)),
            (f"{INDICATOR} of {victim} changed", corrected, len(ran)),
        )
        print(f"{'case':40} {'seconds':>9} {'share of full':>14} {'executed':>9}")
        for name, seconds, executed in rows:
            print(f"{name:40} {seconds:9.2f} {f'1/{full / seconds:.0f}':>14} {executed:9}")
        print(f"territories that depend on {victim}: {len(expected)}, executed: {len(ran)}")
        if not ran <= expected or victim not in ran:
            sys.exit(f"executed {sorted(ran)}, which depend on it: {sorted(expected)}")
        if len(before) >= 1609 and again / full > GOAL:
            sys.exit(f"nothing changed took 1/{full / again:.0f} of the full run, the goal is 1/{1 / GOAL:.0f}")


if __name__ == "__main__":
    main()
