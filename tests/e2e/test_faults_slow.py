"""The long faults: processes that are killed, interrupted runs, a full disk, two runs of one folder. Left to `make test-slow`."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import nbformat
import psutil
import pytest
from small_projects import CODES, Project, hostile_warehouse, template, wait_for

from evalkit.report import canonical_hash

pytestmark = pytest.mark.slow

ONE, TWO, THREE, FOUR = CODES[:4]
SLEEP = 'if "QUICK" not in os.environ:\n    __import__("time").sleep(float(os.environ.get("NAP", "60")))'
AT = f'ev.territory.code == "{TWO}" and "MENDED" not in os.environ'


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_warehouse(tmp_path_factory.mktemp("donnees"))


@pytest.fixture
def project(warehouse: Path, tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path, warehouse)
    yield made
    for process in made.processes():
        process.kill()


def _working(project: Project) -> list[psutil.Process]:
    """The kernels that execute a notebook."""
    launchers = ("ipykernel_launcher", "evalkit.batch.warm.server")
    return [p for p in project.processes() if any(name in " ".join(p.cmdline()) for name in launchers)]


def _at_work(project: Project, number: int) -> bool:
    """Say whether so many tasks run, and the ledger says so too: what a worker says takes a moment to arrive."""
    return len(_working(project)) == number == list(project.states().values()).count("running")


def _workers(process: subprocess.Popen[str]) -> list[psutil.Process]:
    children = psutil.Process(process.pid).children()
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


def _above(project: Project) -> set[str]:
    """The pages above the reports."""
    return {page.name for page in project.out.glob("*.html")}


def _kill(process: psutil.Process) -> None:
    for one in (*process.children(recursive=True), process):
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()


class TestKernels:
    """A kernel that ends takes its own territory with it, and no other."""

    @pytest.mark.parametrize(
        ("end", "attempts"),
        [("exit()", 1), ("os.kill(os.getpid(), 9)", 2), ("__import__('ctypes').string_at(0)", 2)],
    )
    def test_kernel_ends_in_the_middle(self, project: Project, end: str, attempts: int) -> None:
        project.write({"tiny": template(f"if {AT}:\n    {end}")})
        done = project.run()
        assert (done.returncode, project.states()) == (1, {ONE: "ok", TWO: "failed_kernel"})
        assert "Traceback" not in done.stdout + done.stderr
        assert not project.run_folder.report(project.records()[f"fr/tiny/{TWO}"]).exists()
        assert project.run_folder.log(project.records()[f"fr/tiny/{TWO}"]).exists()
        assert project.records()[f"fr/tiny/{TWO}"].attempts == attempts, "what a cell asks for is not tried again"

    def test_kernel_ends_in_the_last_cell(self, project: Project) -> None:
        project.write({"tiny": template(end=f"if {AT}:\n    os._exit(0)\nev.conclude()")})
        assert project.run().returncode == 1
        assert project.states() == {ONE: "ok", TWO: "failed_kernel"}

    def test_exit_that_papermill_lets_pass(self, project: Project) -> None:
        project.write({"tiny": template(f"import sys\nif {AT}:\n    sys.exit(0)")})
        assert project.run().returncode == 1
        assert project.states() == {ONE: "ok", TWO: "failed_cell"}
        assert "SystemExit" in (project.out / "index.html").read_text(encoding="utf-8")

    def test_killed_from_outside(self, project: Project) -> None:
        project.codes = [ONE]
        project.write({"tiny": template(SLEEP)})
        running = project.start("--retries", "0")
        wait_for(lambda: _working(project))[0].kill()
        running.communicate(timeout=90)
        assert running.returncode == 1
        assert project.states() == {ONE: "failed_kernel"}

    def test_what_a_template_started_does_not_stay(self, project: Project) -> None:
        project.write(
            {"tiny": template("import subprocess\nsubprocess.Popen(['sleep', '300'], start_new_session=True)")}
        )
        assert project.run().returncode == 0
        assert project.processes() == []

    def test_display_without_end(self, project: Project) -> None:
        flood = f"while {AT}:\n    print('x' * 1_000_000)"
        project.write({"tiny": template(flood)})
        assert project.run().returncode == 1
        assert project.states() == {ONE: "ok", TWO: "failed_memory"}
        kept = project.run_folder.notebook(project.records()[f"fr/tiny/{TWO}"])
        assert 10_000 < kept.stat().st_size < 80_000_000

    def test_text_that_cannot_be_written(self, project: Project) -> None:
        """A lone surrogate is no text for a file: the task that says it must not end the run."""
        odd = 'ev.refuse(fr="trop \\ud800 peu", en="x")'
        project.write({"tiny": template(f'if {AT}:\n    print("\\ud800")\n    {odd}')})
        done = project.run("--timeout", "40")
        assert "Traceback" not in done.stdout + done.stderr
        states = project.states()
        assert states.pop(ONE) == "ok"
        assert states[TWO].startswith("failed_") or states[TWO] == "refused"
        assert TWO in (project.out / "index.html").read_text(encoding="utf-8")

    def test_a_failure_that_passes_leaves_its_reason(self, project: Project, tmp_path: Path) -> None:
        project.codes = [ONE]
        once = 'import os\nif not os.path.exists(os.environ["ONCE"]):\n    open(os.environ["ONCE"], "w").close()\n    os.kill(os.getpid(), 9)'
        project.write({"tiny": template(once)})
        assert project.run(ONCE=str(tmp_path / "once")).returncode == 0
        [record] = project.records().values()
        assert (record.state, record.attempts) == ("ok", 2)
        log = project.run_folder.log(record)
        assert log.read_text(encoding="utf-8").startswith("failed_kernel: ")
        assert project.run("--force", ONCE=str(tmp_path / "once")).returncode == 0
        assert not log.exists(), "the failure of an earlier execution"

    @pytest.mark.parametrize(("asked", "attempts"), [((), 1), (("--retry-timeouts",), 2)])
    def test_a_timeout_is_tried_again_if_asked(self, project: Project, asked: tuple[str, ...], attempts: int) -> None:
        project.codes = [ONE]
        project.write({"tiny": template("while True:\n    pass")})
        assert project.run("--timeout", "4", *asked).returncode == 1
        [record] = project.records().values()
        assert (record.state, record.attempts) == ("failed_timeout", attempts)

    def test_memory_error(self, project: Project) -> None:
        project.write({"tiny": template(f"if {AT}:\n    raise MemoryError")})
        assert project.run().returncode == 1
        assert project.states() == {ONE: "ok", TWO: "failed_memory"}


class TestWorkers:
    """A worker process that dies takes its own task with it. More of this in `test_faults_workers.py`."""

    def test_killed_worker(self, project: Project) -> None:
        project.codes = CODES[:3]
        project.write({"tiny": template(f'if territory == "{TWO}":\n    __import__("time").sleep(45)')})
        running = project.start("--workers", "1", "--retries", "0")
        wait_for(project.is_ledger_ready)
        wait_for(lambda: project.states()[TWO] == "running")
        wait_for(lambda: _working(project))
        _workers(running)[0].kill()
        out, error = running.communicate(timeout=90)
        assert running.returncode == 1, out + error
        assert project.states() == {ONE: "ok", TWO: "failed_worker", THREE: "ok"}
        assert "Traceback" not in error
        assert project.processes() == []
        assert project.leftovers() == []


class TestInterruptions:
    """An interrupted run keeps what is published; the same command makes the rest."""

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_stopped_half_way(self, project: Project, number: signal.Signals) -> None:
        project.codes = CODES[:4]
        project.write(
            {
                "tiny": template(
                    f'if territory not in ("{ONE}", "{TWO}"):\n    {SLEEP.replace(chr(10), chr(10) + "    ")}'
                )
            }
        )
        running = project.start()
        wait_for(project.is_ledger_ready)
        wait_for(lambda: list(project.states().values()).count("ok") == 2)
        wait_for(lambda: _at_work(project, 2))
        os.killpg(running.pid, number)
        out, error = running.communicate(timeout=60)
        assert running.returncode == 130, out + error
        assert "Traceback" not in out + error
        assert project.states() == {ONE: "ok", TWO: "ok", THREE: "cancelled", FOUR: "cancelled"}
        assert project.processes() == []
        assert project.leftovers() == []
        assert THREE in (project.out / "index.html").read_text(encoding="utf-8")
        good = project.published()
        again = project.run(QUICK="1")
        assert again.returncode == 0, again.stdout + again.stderr
        assert "2 reports are already published" in again.stdout
        assert set(project.states().values()) == {"ok"}
        assert {name: good[name] for name in good if name.startswith("reports")}.items() <= project.published().items()

    @pytest.mark.parametrize("end", ["interrupted", "killed"])
    def test_what_was_to_be_made_again_does_not_stay(self, project: Project, end: str) -> None:
        """A page of before is not what the run would say now: it goes when the run ends before it is made again."""
        project.codes = CODES[:4]
        project.write({"tiny": template()})
        assert project.run().returncode == 0
        project.write({"tiny": template(f'if territory != "{ONE}":\n    {SLEEP.replace(chr(10), chr(10) + "    ")}')})
        running = project.start("--workers", "1")
        wait_for(lambda: project.states()[ONE] == "ok" and project.states()[TWO] == "running" and _working(project))
        if end == "interrupted":
            os.killpg(running.pid, signal.SIGINT)
            running.communicate(timeout=60)
            states = {ONE: "ok", TWO: "cancelled", THREE: "planned", FOUR: "planned"}
        else:
            _kill(psutil.Process(running.pid))
            running.communicate(timeout=30)
            assert project.run("--territory", TWO, QUICK="1").returncode == 0
            states = {ONE: "ok", TWO: "ok", THREE: "planned", FOUR: "planned"}
        assert project.states() == states
        pages = {page.stem for page in (project.out / "reports" / "fr" / "tiny").glob("*.html")}
        assert pages == {code for code, state in states.items() if state == "ok"}
        assert project.evalkit("runs", "verify", str(project.out)).returncode == 0

    def test_who_listens_no_longer_does_not_end_the_run(self, project: Project) -> None:
        project.codes = CODES[:3]
        project.write({"tiny": template()})
        with project.start("--json") as running:
            assert running.stdout is not None
            running.stdout.readline()
            running.stdout.close()
            assert running.wait(timeout=90) == 0
        assert set(project.states().values()) == {"ok"}

    def test_after_a_power_cut_files_are_compared_with_what_was_noted(self, project: Project) -> None:
        project.write({"tiny": template()})
        assert project.run().returncode == 0
        ledger = sqlite3.connect(project.out / "private" / "ledger.sqlite")
        with ledger:  # as a machine leaves it that stopped meanwhile, and started again
            ledger.execute("UPDATE meta SET value = '[\"another\", null]' WHERE key = 'writes'")
        ledger.close()
        file = project.run_folder.report(project.records()[f"fr/tiny/{ONE}"])
        file.write_bytes(b"")
        assert project.run().returncode == 0
        assert {r.territory: r.attempts for r in project.records().values()} == {ONE: 2, TWO: 1}
        assert file.stat().st_size > 0
        file.write_bytes(b"")
        assert project.run().returncode == 0
        assert project.records()[f"fr/tiny/{ONE}"].attempts == 2, "without one, what is there is taken to be whole"

    def test_stopped_while_the_first_worker_starts(self, project: Project) -> None:
        project.write({"tiny": template(SLEEP)})
        running = project.start()
        wait_for(lambda: _workers(running))
        os.killpg(running.pid, signal.SIGINT)
        out, error = running.communicate(timeout=60)
        assert running.returncode == 130
        assert "Traceback" not in out + error

    def test_everything_killed(self, project: Project) -> None:
        project.codes = CODES[:3]
        project.write({"tiny": template(f'if territory != "{ONE}":\n    {SLEEP.replace(chr(10), chr(10) + "    ")}')})
        running = project.start()
        wait_for(project.is_ledger_ready)
        wait_for(lambda: project.states()[ONE] == "ok")
        wait_for(lambda: _at_work(project, 2))
        _kill(psutil.Process(running.pid))
        running.communicate(timeout=30)
        assert sorted(project.states().values()) == ["ok", "running", "running"]
        draft = project.out / "reports" / "fr" / "tiny" / f".{TWO}.html.0123abcd"
        draft.write_text("half", encoding="utf-8")
        again = project.run(QUICK="1")
        assert again.returncode == 0, again.stdout + again.stderr
        assert {r.territory: r.attempts for r in project.records().values()} == {ONE: 1, TWO: 2, THREE: 2}
        assert project.leftovers() == []

    def test_parent_killed_alone(self, project: Project) -> None:
        """Its workers end with it: nobody publishes into a folder that nobody holds."""
        project.write({"tiny": template(SLEEP)})
        running = project.start()
        wait_for(lambda: _at_work(project, 2))
        family = psutil.Process(running.pid).children(recursive=True)
        running.kill()
        running.communicate(timeout=30)
        wait_for(lambda: not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in family), 20)
        done = project.run("--territory", ONE, QUICK="1")
        assert done.returncode == 1, "the other territory was cancelled"
        assert project.states() == {ONE: "ok", TWO: "cancelled"}

    def test_a_second_run_is_refused(self, project: Project) -> None:
        project.write({"tiny": template(SLEEP)})
        running = project.start(NAP="12")
        wait_for(lambda: _working(project))
        second = project.run()
        assert second.returncode == 2
        assert "EVK-RUN-005" in second.stderr
        running.communicate(timeout=90)
        assert running.returncode == 0
        assert set(project.states().values()) == {"ok"}


class TestChoices:
    """Filters, parameters, inputs that change."""

    def test_filters(self, project: Project) -> None:
        project.write({"tiny": template(), "other": template()}, languages=("fr", "en"))
        assert project.run("--territory", ONE, "--template", "tiny", "--lang", "en").returncode == 0
        assert list(project.records()) == [f"en/tiny/{ONE}"]
        assert project.run("--territory", ONE).returncode == 0
        assert len(project.records()) == 4
        for option, value in (("--territory", "DX001099"), ("--template", "tyny"), ("--lang", "de")):
            refused = project.run(option, value)
            assert (refused.returncode, "EVK-RUN-029" in refused.stderr) == (2, True)
        assert len(project.records()) == 4

    def test_a_value_that_looks_like_code_stays_text(self, project: Project) -> None:
        evil = '\'); import os; os._exit(3) #\n""" {{ territory }} \\'
        check = f"assert note == {evil!r}, note\nassert code == '01004' and answer == 'NO'"
        project.codes = [ONE]
        project.write(
            {"tiny": template(check, parameters='note = ""\ncode = ""\nanswer = ""')},
            parameters={"note": evil, "code": "01004", "answer": "NO"},
        )
        done = project.run()
        assert done.returncode == 0, done.stdout + done.stderr

    def test_two_runs_give_the_same_bytes(self, warehouse: Path, tmp_path: Path) -> None:
        shipped = Path(__file__).parents[2] / "notebooks" / "templates" / "territory_portrait.ipynb"
        portrait = nbformat.read(shipped, as_version=4)
        runs = [Project(tmp_path / name, warehouse).write({"territory_portrait": portrait}) for name in "ab"]
        assert [project.run().returncode for project in runs] == [0, 0]
        first, second = (project.published() for project in runs)
        assert first.keys() == second.keys()
        assert any(name.endswith(".svg") for name in first)
        for name, content in first.items():
            if name.endswith(".html"):
                assert canonical_hash(content.decode()) == canonical_hash(second[name].decode())
            else:
                assert content == second[name], name

    def test_what_the_plan_no_longer_holds_is_withdrawn(self, project: Project) -> None:
        project.write({"tiny": template(), "other": template()})
        assert project.run().returncode == 0
        (project.folder / "templates" / "other.ipynb").unlink()
        project.codes = [ONE]
        project.write({"tiny": template()})
        assert project.run().returncode == 0
        assert list(project.records()) == [f"fr/tiny/{ONE}"]
        assert [name for name in project.published() if name.endswith(".html")] == [f"reports/fr/tiny/{ONE}.html"]

    def test_a_language_that_the_plan_no_longer_has_leaves_no_page(self, project: Project) -> None:
        project.codes = [ONE]
        project.write({"tiny": template()}, languages=("fr", "en"))
        assert project.run().returncode == 0
        assert _above(project) == {"index.html", "index.en.html", "accessibility.html", "accessibility.en.html"}
        project.write({"tiny": template()}, languages=("en",))
        assert project.run().returncode == 0
        assert _above(project) == {"index.html", "accessibility.html"}

    def test_data_that_change_meanwhile(self, project: Project, tmp_path: Path) -> None:
        project.warehouse = shutil.copytree(project.warehouse, tmp_path / "copy")
        project.codes = [ONE]
        project.write({"tiny": template(SLEEP)})
        running = project.start(NAP="10")
        wait_for(lambda: _working(project))
        (project.warehouse / "crosswalks").mkdir(exist_ok=True)
        (project.warehouse / "crosswalks" / "new.csv").write_text("changed\n", encoding="utf-8")
        running.communicate(timeout=90)
        assert running.returncode == 1
        assert project.states() == {ONE: "cancelled"}
        assert project.published().keys() == {"findings.csv", "findings.parquet"}

    def test_a_page_that_fails_again_is_withdrawn(self, project: Project) -> None:
        project.write({"tiny": template(f"if {AT}:\n    raise ValueError")})
        assert project.run(MENDED="1").returncode == 0
        assert project.run("--force").returncode == 1
        assert project.states() == {ONE: "ok", TWO: "failed_cell"}
        assert not project.run_folder.report(project.records()[f"fr/tiny/{TWO}"]).exists()
        assert project.run("--territory", ONE).returncode == 1, "the failure kept from before still counts"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 12 MB."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("needs root to mount a small disk")
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", place], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"cannot mount a small disk: {mounted.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


class TestFullDisk:
    """A disk that fills up ends in a message, a readable ledger, and nothing half-written."""

    FILL = """
if "QUICK" not in os.environ:
    with open("filler", "wb", buffering=0) as handle:
        try:
            while True:
                handle.write(bytes(65536))
        except OSError:
            pass
    os.rename("filler", os.environ["FILLER"])
"""

    def test_it_fills_up(self, project: Project, small_disk: Path) -> None:
        project.codes = CODES[:3]
        project.out = small_disk / "out"
        filler = small_disk / "filler"
        project.write({"tiny": template(self.FILL)})
        done = project.run("--workers", "1", FILLER=str(filler))
        assert done.returncode == 1, done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        assert project.states() == {ONE: "failed_storage", TWO: "cancelled", THREE: "cancelled"}
        assert "disque" in done.stdout or "disk" in done.stdout
        assert not list((project.out / "reports").rglob("*.html"))
        assert ONE in (project.out / "index.html").read_text(encoding="utf-8")
        assert project.leftovers() == []
        filler.unlink()
        again = project.run(QUICK="1")
        assert again.returncode == 0, again.stdout + again.stderr
        assert set(project.states().values()) == {"ok"}

    def test_the_kernel_meets_it_first(self, project: Project, small_disk: Path) -> None:
        project.codes = [ONE]
        project.out = small_disk / "out"
        project.write({"tiny": template("with open('big', 'wb') as handle:\n    handle.write(bytes(50_000_000))")})
        done = project.run()
        assert done.returncode == 1, done.stdout + done.stderr
        assert project.states() == {ONE: "failed_storage"}

    def test_it_is_too_small(self, project: Project, small_disk: Path) -> None:
        project.out = small_disk / "out"
        project.write({"tiny": template()})
        (small_disk / "filler").write_bytes(bytes(6_000_000))
        done = project.run()
        assert done.returncode == 2
        assert "EVK-RUN-020" in done.stderr
        assert not project.out.exists()

    def test_what_is_taken_over_needs_no_room(self, project: Project, small_disk: Path) -> None:
        project.out = small_disk / "out"
        project.write({"tiny": template()})
        assert project.run().returncode == 0
        free = shutil.disk_usage(small_disk).free
        (small_disk / "filler").write_bytes(bytes(free - 8_700_000))
        project.out = small_disk / "again"
        done = project.run()
        assert done.returncode == 0, done.stdout + done.stderr
        assert set(project.states().values()) == {"reused"}
