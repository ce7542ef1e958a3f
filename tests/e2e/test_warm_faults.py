"""How a kernel can end, in both kernel modes: real processes, real signals, one run each through the command line."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from small_projects import CODES, Project, hostile_warehouse, template

pytestmark = pytest.mark.slow

OK, ASKS, GROWS, CHILD, ARROW, KILLED, EXITS, LEAVES, CRASHES, LOOPS = CODES[:10]
GROW = "held = []\nwhile True:\n    held.append(bytearray(20_000_000))\n    __import__('time').sleep(0.01)"
BODY = f"""
import ctypes, signal, subprocess, sys, time
here = None if "MENDED" in os.environ else ev.territory.code
print("so far so good", flush=True)
if here == "{ASKS}":
    import numpy
    numpy.ones(4_000_000_000)
if here == "{ARROW}":
    import pyarrow
    pyarrow.allocate_buffer(40_000_000_000)
if here == "{GROWS}":
    exec({GROW!r})
if here == "{CHILD}":
    subprocess.run([sys.executable, "-c", {GROW!r}])
if here == "{KILLED}":
    os.kill(os.getpid(), signal.SIGKILL)
if here == "{EXITS}":
    exit()
if here == "{LEAVES}":
    os._exit(0)
if here == "{CRASHES}":
    ctypes.string_at(0)
while here == "{LOOPS}":
    print("still looping", flush=True)
    time.sleep(0.2)
"""
STATES = {
    OK: "ok",
    ASKS: "failed_memory",
    GROWS: "failed_memory",
    CHILD: "failed_memory",
    ARROW: "failed_memory",
    KILLED: "failed_kernel",
    EXITS: "failed_kernel",
    LEAVES: "failed_kernel",
    CRASHES: "failed_kernel",
    LOOPS: "failed_timeout",
}


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_warehouse(tmp_path_factory.mktemp("donnees"))


@dataclass
class Faults:
    """A run in which all but one report fail, and the same command with the template mended."""

    project: Project
    first: CompletedProcess[str]
    states: dict[str, str]
    partial: str
    processes: list[str]
    mended: CompletedProcess[str]


@pytest.fixture(scope="module", params=["warm", "fresh"])
def faults(request: pytest.FixtureRequest, warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Faults:
    project = Project(tmp_path_factory.mktemp("faults"), warehouse, CODES[:10]).write({"tiny": template(BODY)})
    options = ("--kernel", request.param, "--memory-limit", "1GB")
    first = project.run(*options, "--timeout", "40")
    states = project.states()
    assert states, first.stdout + first.stderr
    partial = project.run_folder.notebook(project.records()[f"fr/tiny/{LOOPS}"]).read_text(encoding="utf-8")
    left = [" ".join(process.cmdline()) for process in project.processes()]
    return Faults(project, first, states, partial, left, project.run(*options, MENDED="1"))


def test_each_end_has_its_state(faults: Faults) -> None:
    assert faults.states == STATES, faults.first.stdout + faults.first.stderr
    assert faults.first.returncode == 1
    assert "Traceback" not in faults.first.stdout + faults.first.stderr


def test_the_reason_says_which_limit(faults: Faults) -> None:
    said = faults.first.stdout
    assert "1000 Mo de mémoire" in said
    assert "40 s" in said


def test_what_was_shown_before_the_end_is_kept(faults: Faults) -> None:
    assert "so far so good" in faults.partial
    assert "still looping" in faults.partial


def test_nothing_is_left(faults: Faults) -> None:
    assert faults.processes == []
    assert faults.project.leftovers() == []


def test_the_same_command_makes_what_failed(faults: Faults) -> None:
    assert faults.mended.returncode == 0, faults.mended.stdout + faults.mended.stderr
    records = faults.project.records().values()
    assert {record.state for record in records} == {"ok"}
    assert all(50_000_000 < (record.peak_memory or 0) < 1_000_000_000 for record in records)


def test_a_size_that_is_none_is_refused(warehouse: Path, tmp_path: Path) -> None:
    project = Project(tmp_path, warehouse).write({"tiny": template()})
    for size in ("much", "10MB", "-1GB", ""):
        refused = project.run("--memory-limit", size)
        assert (refused.returncode, "EVK-RUN-058" in refused.stderr) == (2, True), refused.stderr
    assert not project.out.exists()


def test_a_machine_that_cannot_fork_is_told_and_served(warehouse: Path, tmp_path: Path) -> None:
    project = Project(tmp_path, warehouse, CODES[:1]).write({"tiny": template()})
    python, _, _, *arguments = project.command()
    program = "import os, sys\ndel os.pidfd_open\nfrom evalkit.cli import main\nsys.exit(main())"
    done = subprocess.run(
        [python, "-c", program, *arguments], capture_output=True, text=True, timeout=240, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "EVK-RUN-057" in done.stderr
    assert project.states() == {OK: "ok"}
