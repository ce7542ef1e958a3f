"""The shipped templates run from their first cell to their last, as an analyst runs them: nbval on copies that open the demo."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from template_samples import NAMES, code_cells, copied

from evalkit.data.demo import prepare_demo
from evalkit.plan import load_plan, resolve_territories


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a small demo and the code of one of its reported districts."""
    folder = tmp_path_factory.mktemp("project")
    plan, warehouse = prepare_demo(folder, universe=60, territories=2)
    return folder, resolve_territories(load_plan(plan), warehouse)[0]


@pytest.fixture(scope="module")
def ran(project: tuple[Path, str]) -> str:
    """What nbval said of all templates; one process, one kernel a notebook."""
    folder, territory = project
    given = {"plan": str(folder / "evaluation.yaml"), "territory": territory, "language": "en"}
    copies = [copied(name, folder, given) for name in NAMES]
    command = [
        "-m",
        "pytest",
        "--nbval-lax",
        "--nbval-kernel-name",
        "python3",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
    ]
    quiet = ["-c", os.devnull, "--rootdir", str(folder), "-W", "ignore", "-vv", "--no-header"]
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("EVALKIT_", "PYTEST_"))}
    done = subprocess.run(
        [sys.executable, *command, *quiet, *map(str, copies)],
        cwd=folder, env=clean | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("name", NAMES)
def test_every_cell_runs(ran: str, name: str) -> None:
    passed = set(re.findall(rf"{name}::ipynb::Cell (\d+) PASSED", ran))
    assert len(passed) == len(code_cells(name)), ran[-3000:]


def test_nothing_failed_or_was_left_out(ran: str) -> None:
    assert not re.search(r"FAILED|ERROR|SKIPPED|XFAIL", ran)
