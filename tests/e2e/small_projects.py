"""Small evaluations for tests of the batch: a fictitious warehouse with hostile names, a plan of a page, a template of five cells."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import psutil

from evalkit.data.delivery import Delivery, source_files
from evalkit.data.demo import settings
from evalkit.data.demo.building import deliver, simulate
from evalkit.data.demo.settings import Parameters
from evalkit.data.registry import registry
from evalkit.data.warehouse import Warehouse
from evalkit.errors import RunError
from evalkit.model.run import TaskRecord
from evalkit.runs import Ledger, RunFolder

CODES = tuple(f"DX0010{number:02}" for number in range(1, 13))
SCRIPT_NAME = '"><script>alert(1)</script>'
FORMULA_NAME = '=HYPERLINK("http://x")'
HOSTILE = {CODES[0]: SCRIPT_NAME, CODES[1]: FORMULA_NAME}

_PLAN = """\
evaluation: petit
title: {{fr: Petite évaluation, en: Small evaluation}}
publisher: {{fr: Essais, en: Tests}}
users: {{fr: Les essais, en: The tests}}
programme: {{kind: anru, id: petit, start: 2004, end: 2018, name: {{fr: Programme, en: Programme}}}}
territories: {{level: qpv, geography: demo, codes: {codes}}}
languages: {languages}
disclosure: by_producer
seed: 1
judgement: {{fixed_on: 2026-03-01, before_results: true}}
data: {{warehouse: {warehouse}, sources: [{{dataset: evalkit_demo}}]}}
comparators:
  - {{id: all, {comparator}, label: {{fr: tous, en: all}}}}
questions:
  - id: Q1
    criterion: effectiveness
    text: {{fr: "La pauvreté est-elle contenue ?", en: "Is poverty contained?"}}
    criteria:
      - id: C1.1
        text: {{fr: "Moins de 60 %.", en: "Less than 60%."}}
        indicator: in_tp60
        design: {{method: level, to: 2019}}
        met_if: "upper < 60"
        not_met_if: "lower > 60"
indicators:
  - {{id: in_tp60, role: primary}}
templates:
{templates}
"""


def hostile_warehouse(folder: Path) -> Path:
    """Make a warehouse of twelve fictitious districts, two of them with names that no page and no spreadsheet should run."""
    folder.mkdir(parents=True, exist_ok=True)
    root = Warehouse.open(folder / "warehouse", create=True).root
    deliver_again(root, lambda delivery: None, "the districts of the tests\n")
    return root


def deliver_again(
    root: Path, change: Callable[[Delivery], Delivery | None], text: str, name: str = "parameters.csv"
) -> None:
    """Add the twelve districts to a warehouse, changed, from a file of this text; the same file name replaces what was there."""
    file = root.parent / name
    file.write_text(text, encoding="utf-8")
    files = source_files([file])
    demo, places = simulate(Parameters(12, 8, settings.SOURCE_SEED))
    delivery = deliver(demo, places, files[0].sha256)
    territories = delivery.territories
    for code, shown in HOSTILE.items():
        territories.loc[(territories["code"] == code) & (territories["level"] == "qpv"), "name"] = shown
    delivery = change(delivery) or delivery
    Warehouse.open(root).add(delivery, registry()[settings.DATASET], files)


def template(body: str = "", *, parameters: str = "", end: str = "ev.conclude()") -> nbformat.NotebookNode:
    """Return a template: parameters, opening, a text in each language, `body`, one recorded value, the end."""
    cells = [
        nbformat.v4.new_code_cell(
            f'plan = ""\nterritory = ""\nlanguage = "fr"\n{parameters}', metadata={"tags": ["parameters"]}
        ),
        nbformat.v4.new_code_cell(
            "import os\nfrom evalkit.notebook import open_evaluation\n\nev = open_evaluation(plan, territory, language)"
        ),
        nbformat.v4.new_markdown_cell("## Constat\n\nLe territoire {{ territory }}.", metadata={"tags": ["fr"]}),
        nbformat.v4.new_markdown_cell("## Finding\n\nThe territory {{ territory }}.", metadata={"tags": ["en"]}),
        nbformat.v4.new_code_cell(body),
        nbformat.v4.new_code_cell('ev.record(ev.value("in_tp60"))'),
        nbformat.v4.new_code_cell(end),
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    return nbformat.v4.new_notebook(cells=cells)


def _usual_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@dataclass
class Project:
    """A folder with a plan, its templates, and the run that is made of them through the command line."""

    folder: Path
    warehouse: Path
    codes: Sequence[str] = CODES[:2]
    out: Path = field(init=False)

    def __post_init__(self) -> None:
        self.out = self.folder / "out"

    @property
    def plan(self) -> Path:
        return self.folder / "evaluation.yaml"

    @property
    def run_folder(self) -> RunFolder:
        return RunFolder(self.out)

    def write(
        self,
        templates: Mapping[str, nbformat.NotebookNode],
        *,
        languages: Sequence[str] = ("fr",),
        parameters: Mapping[str, Any] | None = None,
        comparator: str = "kind: level, level: qpv",
    ) -> Project:
        """Write the plan and the templates beside it; `parameters` go to every template."""
        (self.folder / "templates").mkdir(parents=True, exist_ok=True)
        for name, notebook in templates.items():
            nbformat.write(notebook, self.folder / "templates" / f"{name}.ipynb")
        given = json.dumps(dict(parameters or {}))
        text = _PLAN.format(
            codes=json.dumps(list(self.codes)),
            languages=json.dumps(list(languages)),
            comparator=comparator,
            warehouse=json.dumps(str(self.warehouse)),
            templates="\n".join(f"  - {{name: {name}, parameters: {given}}}" for name in templates),
        )
        self.plan.write_text(text, encoding="utf-8")
        return self

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of a run with two workers."""
        return [
            *(sys.executable, "-m", "evalkit", "run", str(self.plan), "--out", str(self.out)),
            *("--ui-lang", "en", "--workers", "2", *arguments),
        ]

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the plan and wait for its end."""
        return subprocess.run(
            self.command(*arguments),
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def evalkit(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Give another command and wait for its end."""
        command = [sys.executable, "-m", "evalkit", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start the run in a process group of its own with the usual signals, as a terminal would, whatever this process ignores."""
        return subprocess.Popen(
            self.command(*arguments),
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=_usual_signals,
        )

    def show(self) -> dict[str, Any]:
        """Return what `evalkit runs show --json` prints."""
        done = subprocess.run(
            [sys.executable, "-m", "evalkit", "runs", "show", str(self.out), "--json"],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        shown: dict[str, Any] = json.loads(done.stdout)
        return shown

    def records(self) -> dict[str, TaskRecord]:
        """Return the rows of the ledger by `lang/template/territory`."""
        if not self.run_folder.exists():
            return {}
        with Ledger(self.run_folder.ledger, read_only=True) as ledger:
            return {f"{r.lang}/{r.template}/{r.territory}": r for r in ledger.records()}

    def is_ledger_ready(self) -> bool:
        """Say whether the tables of the ledger are made."""
        try:
            return bool(self.records())
        except RunError:
            return False

    def states(self) -> dict[str, str]:
        """Return the state of each territory (of plans with one template and one language)."""
        return {record.territory: record.state for record in self.records().values()}

    def published(self) -> dict[str, bytes]:
        """Return the published files that must be the same for the same inputs, by their path."""
        files = [path for path in (self.out / "reports").rglob("*") if path.is_file()]
        files += [self.out / "findings.csv", self.out / "findings.parquet"]
        return {str(path.relative_to(self.out)): path.read_bytes() for path in files if path.exists()}

    def leftovers(self) -> list[str]:
        """Return what should not be there when nothing runs: half-written files, directories of tasks, the reserve."""
        drafts = [str(p.relative_to(self.out)) for p in self.out.rglob("*") if p.name.startswith(".")]
        return drafts + [name for name in ("work", "reserve") if (self.out / "private" / name).exists()]

    def processes(self) -> list[psutil.Process]:
        """Return the kernels of this project and whatever they started."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("EVALKIT_WORK", "").startswith(str(self.out)):
                    found.append(process)
            except psutil.Error:
                continue
        return found


def wait_for(condition: Callable[[], Any], seconds: float = 120) -> Any:
    """Return what the condition says as soon as it is true; fails after some seconds."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError(f"not so within {seconds} s: {condition}")
