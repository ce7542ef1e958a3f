"""Workers and schedulers that are lost: private ones and those that an administrator started. Left to `make test-slow`."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from dask_machines import Machines, machines
from small_projects import CODES, Project, hostile_warehouse, template, wait_for

import evalkit
from evalkit.batch.cluster_worker import greet

pytestmark = pytest.mark.slow

ONE, TWO, THREE = CODES[:3]
AT_TWO = f"""
if territory == "{TWO}" and not os.path.exists(os.environ["GO"]):
    open(os.environ["GO"] + ".asleep", "w").close()
    __import__("time").sleep(120)
"""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_warehouse(tmp_path_factory.mktemp("donnees"))


@pytest.fixture
def project(warehouse: Path, tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path, warehouse, CODES[:3]).write({"tiny": template(AT_TWO)})
    yield made
    for process in made.processes():
        process.kill()


@pytest.fixture
def cluster(project: Project) -> Iterator[Machines]:
    """A scheduler and one worker, whose kernels look for the file `go` of the project."""
    with machines(project.folder / "dask") as made:
        made.add(GO=_go(project))
        yield made


def _go(project: Project) -> str:
    return str(project.folder / "go")


def _asleep(project: Project) -> bool:
    return Path(f"{_go(project)}.asleep").exists()


def _own_workers(pid: int) -> list[psutil.Process]:
    return [child for child in psutil.Process(pid).children() if "spawn_main" in " ".join(child.cmdline())]


class TestPrivateWorkers:
    """Workers of this run alone."""

    def test_lost_without_another_try(self, project: Project) -> None:
        running = project.start("--workers", "1", "--retries", "0", GO=_go(project))
        wait_for(lambda: _asleep(project), 240)
        _own_workers(running.pid)[0].kill()
        out, error = running.communicate(timeout=240)
        assert running.returncode == 1, out + error
        assert project.states() == {ONE: "ok", TWO: "failed_worker", THREE: "ok"}
        assert {r.territory: r.attempts for r in project.records().values()} == {ONE: 1, TWO: 1, THREE: 1}
        assert "Traceback" not in error
        assert "distributed" not in error
        assert (project.processes(), project.leftovers()) == ([], [])
        assert not (Path.cwd() / "dask-scratch-space").exists()

    def test_lost_and_tried_again(self, project: Project) -> None:
        running = project.start("--workers", "1", "--json", GO=_go(project))
        wait_for(lambda: _asleep(project), 240)
        Path(_go(project)).touch()
        _own_workers(running.pid)[0].kill()
        out, error = running.communicate(timeout=240)
        assert running.returncode == 0, out + error
        records = {record.territory: record for record in project.records().values()}
        assert {code: record.attempts for code, record in records.items()} == {ONE: 1, TWO: 2, THREE: 1}
        assert all(record.worker.startswith("tls://127.0.0.1:") for record in records.values())
        events = [json.loads(line) for line in out.splitlines()]
        assert events[0] == {"event": "begin", "total": 3, "kept": 0}
        assert [e["event"] for e in events if e.get("territory") == TWO] == ["start", "again", "start", "done"]
        assert next(e for e in events if e["event"] == "again")["state"] == "failed_worker"
        assert {e["territory"] for e in events if e["event"] == "done"} == {ONE, TWO, THREE}
        assert events[-1] == {"event": "end", "run": str(project.out), "exit_code": 0, "counts": {"ok": 3}}


class TestGivenCluster:
    """Workers that were there before and stay afterwards."""

    def test_done_there_and_left_as_it_was(self, project: Project, cluster: Machines) -> None:
        Path(_go(project)).touch()
        done = project.run("--scheduler", cluster.address)
        assert done.returncode == 0, done.stdout + done.stderr
        assert set(project.states().values()) == {"ok"}
        assert cluster.joined() == 1
        worker = cluster.processes()[0]
        assert [c for c in worker.children() if "resource_tracker" not in " ".join(c.cmdline())] == []
        assert (project.processes(), project.leftovers()) == ([], [])

    def test_a_lost_worker_is_not_tried_again_in_silence(self, project: Project, cluster: Machines) -> None:
        """Dask itself would give the task to another worker, three times."""
        cluster.add(GO=_go(project))
        running = project.start("--scheduler", cluster.address, "--retries", "0")
        wait_for(lambda: _asleep(project), 240)
        busy = next(worker for worker in cluster.processes() if _has_kernel(worker, project))
        busy.kill()
        out, error = running.communicate(timeout=240)
        assert running.returncode == 1, out + error
        assert project.states() == {ONE: "ok", TWO: "failed_worker", THREE: "ok"}
        assert {r.territory: r.attempts for r in project.records().values()} == {ONE: 1, TWO: 1, THREE: 1}

    def test_the_scheduler_is_lost(self, project: Project, cluster: Machines) -> None:
        project.codes = CODES[:6]
        project.write({"tiny": template(AT_TWO)})
        running = project.start("--scheduler", cluster.address)
        wait_for(lambda: _asleep(project), 240)
        cluster.scheduler.kill()
        out, error = running.communicate(timeout=240)
        assert running.returncode == 1, out + error
        assert "Traceback" not in out + error
        states = project.states()
        assert (states[ONE], states[TWO]) == ("ok", "failed_worker")
        assert {states[code] for code in CODES[2:6]} == {"cancelled"}
        assert {r.reason.partition(":")[0] for r in project.records().values() if r.state != "ok"} == {
            "l’ordonnanceur a été perdu avant que ce rapport soit prêt\u00a0"
        }
        wait_for(lambda: not project.processes(), 60)
        Path(_go(project)).touch()
        again = project.run(GO=_go(project))
        assert again.returncode == 0, again.stdout + again.stderr
        assert "1 report" in again.stdout
        assert set(project.states().values()) == {"ok"}

    def test_interrupted(self, project: Project, cluster: Machines) -> None:
        running = project.start("--scheduler", cluster.address)
        wait_for(lambda: _asleep(project), 240)
        os.killpg(running.pid, signal.SIGINT)
        out, error = running.communicate(timeout=240)
        assert running.returncode == 130, out + error
        assert project.states()[TWO] == "cancelled"
        wait_for(lambda: not project.processes(), 60)
        assert cluster.joined() == 1


class TestRefusedClusters:
    """What cannot work is said before anything runs."""

    def test_no_scheduler(self, project: Project) -> None:
        done = project.run("--scheduler", "tcp://127.0.0.1:9")
        assert (done.returncode, "EVK-RUN-040" in done.stderr) == (2, True), done.stderr

    def test_several_threads_then_another_evalkit(self, project: Project, tmp_path: Path) -> None:
        other = tmp_path / "other"
        shutil.copytree(Path(evalkit.__file__).parent, other / "evalkit", ignore=shutil.ignore_patterns("__pycache__"))
        changed = other / "evalkit" / "text" / "plain.py"
        changed.write_text(changed.read_text(encoding="utf-8") + "# another source\n", encoding="utf-8")
        with machines(tmp_path / "dask") as made:
            threaded = made.add("--nthreads", "2")
            done = project.run("--scheduler", made.address)
            assert (done.returncode, "EVK-RUN-045" in done.stderr) == (2, True), done.stderr
            for child in psutil.Process(threaded.pid).children(recursive=True):
                child.kill()
            threaded.kill()
            wait_for(lambda: made.joined() == 0, 60)
            made.add(PYTHONPATH=str(other))
            done = project.run("--scheduler", made.address)
            assert (done.returncode, "EVK-RUN-044" in done.stderr) == (2, True), done.stderr

    def test_a_folder_that_a_worker_does_not_see(self, tmp_path: Path) -> None:
        here = tmp_path / "holder"
        here.write_text("token", encoding="utf-8")
        assert greet(here, "token", 1)["sees"]
        assert not greet(here, "another", 1)["sees"]
        assert not greet(tmp_path / "elsewhere", "token", 1)["sees"]
        assert greet(None, "token", 1)["sees"]


def _has_kernel(worker: psutil.Process, project: Project) -> bool:
    kernels = {process.pid for process in project.processes()}
    return any(child.pid in kernels for child in worker.children(recursive=True))
