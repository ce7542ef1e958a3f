"""The parent of warm kernels with real processes: what a kernel shares with it, what it does not, and who ends with whom."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from warm_samples import Run, answer, gone, runner, saying, until

from evalkit.batch.processes import WORK_MARK, kill_strays
from evalkit.batch.warm import WarmKernel, WarmParent, WarmUnavailableError
from evalkit.batch.warm.choice import choose_kernel
from evalkit.batch.warm.line import Line, LineClosedError
from evalkit.batch.warm.pinned import PINNED, SEED
from evalkit.batch.warm.system import can_fork, children, thread_count

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not can_fork(), reason="needs Linux")]


@pytest.fixture(scope="module")
def parent() -> Iterator[WarmParent]:
    made = WarmParent()
    yield made
    made.close()


@pytest.fixture
def run(parent: WarmParent, tmp_path: Path) -> Run:
    return runner(parent, tmp_path)


class TestTheParent:
    """It is ready for anything and does nothing."""

    def test_it_has_one_thread_and_no_connection(self, parent: WarmParent) -> None:
        parent.start()
        assert parent.pid is not None
        assert thread_count(parent.pid) == 1
        links = [str(item.readlink()) for item in Path(f"/proc/{parent.pid}/fd").iterdir()]
        assert not [link for link in links if link.endswith((".parquet", ".duckdb", ".wal"))]
        assert sum(link.startswith("socket:") for link in links) == 1, "its line, nothing else"

    def test_it_is_started_once(self, parent: WarmParent, run: Run) -> None:
        parent.start()
        before = parent.pid
        assert answer(run(saying("os.getppid()"))) == str(before)
        assert parent.pid == before

    def test_imports_are_there_already(self, run: Run) -> None:
        names = [
            "pandas",
            "statsmodels.api",
            "matplotlib.figure",
            "duckdb",
            "evalkit.notebook.opening",
            "evalkit.stats.differences",
        ]
        assert answer(run(saying(f"all(name in sys.modules for name in {names})"))) == "True"

    def test_a_killed_parent_is_started_again(self, parent: WarmParent, run: Run) -> None:
        parent.start()
        before = parent.pid
        assert before is not None
        os.kill(before, signal.SIGKILL)
        assert answer(run(saying("os.getppid()"))) == str(parent.pid) != str(before)


class TestAKernel:
    """It is alone: session, directory, environment, seeds, database."""

    def test_session_directory_environment(self, run: Run, tmp_path: Path) -> None:
        own = tmp_path / "own"
        own.mkdir()
        code = "(os.getsid(0) == os.getpid() == os.getpgid(0), os.getcwd(), os.environ.get('A'), 'OMP_NUM_THREADS' in os.environ)"
        assert answer(run(saying(code), cwd=own, A="1")) == str((True, str(own), "1", False))

    def test_others_see_its_mark(self, run: Run, tmp_path: Path) -> None:
        kernel, _ = run("while True: __import__('time').sleep(1)", **{WORK_MARK: str(tmp_path / "run" / "task")})
        until(lambda: psutil.Process(kernel.pid).environ().get(WORK_MARK) == str(tmp_path / "run" / "task"))
        assert kill_strays(tmp_path / "other") == 0
        assert kill_strays(tmp_path / "run") == 1
        assert kernel.wait(10) == -signal.SIGKILL

    def test_the_task_decides_what_is_drawn(self, run: Run) -> None:
        code = "(__import__('random').random(), __import__('numpy').random.rand(), hash('a'))"
        same = [answer(run(saying(code), **{SEED: "1/fr/a/b"})) for _ in range(2)]
        other, chance, chance2 = (answer(run(saying(code), **env)) for env in ({SEED: "2/fr/a/b"}, {}, {}))
        assert same[0] == same[1]
        assert len({same[0], other, chance, chance2}) == 4
        assert len({text.rsplit(",", 1)[1] for text in (*same, other, chance)}) == 1, "one hash seed for all"

    def test_each_has_a_database_of_its_own(self, run: Run) -> None:
        code = "__import__('duckdb').connect().execute('select sum(i) from range(1000000) t(i)').fetchone()[0]"
        found = [run(saying(code)) for _ in range(4)]
        assert [answer(each) for each in found] == ["499999500000"] * 4

    @pytest.mark.parametrize(
        ("end", "status"),
        [
            ("os._exit(3)", 3),
            ("os.kill(os.getpid(), 9)", -9),
            ("__import__('ctypes').string_at(0)", -signal.SIGSEGV),
            ("os.abort()", -signal.SIGABRT),
        ],
    )
    def test_its_end_is_reported(self, run: Run, end: str, status: int) -> None:
        kernel, _ = run(end)
        assert kernel.wait(60) == status
        assert kernel.poll() == status
        kernel.kill()  # harmless afterwards

    def test_signals_reach_it(self, run: Run) -> None:
        kernel, _ = run("while True: __import__('time').sleep(1)")
        assert kernel.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            kernel.wait(0.05)
        kernel.terminate()
        assert kernel.wait(30) == -signal.SIGTERM

    def test_what_it_started_ends_with_it(self, parent: WarmParent, run: Run, tmp_path: Path) -> None:
        note = tmp_path / "pids"
        code = f"""
        import subprocess
        first = subprocess.Popen(["sleep", "300"])
        second = subprocess.Popen(["sleep", "300"], start_new_session=True)
        third = os.fork()
        if third == 0:
            os.setsid()
            while True: __import__("time").sleep(1)
        open({str(note)!r}, "w").write(f"{{first.pid}} {{second.pid}} {{third}}")
        os._exit(0)
        """
        assert run(code)[0].wait(60) == 0
        started = [int(text) for text in note.read_text().split()]
        until(lambda: all(map(gone, started)))
        assert parent.pid is not None
        assert children(parent.pid) == set()


class _Telling:
    """In the place of a parent: tells how a kernel ended to the first who asks, slowly, and to nobody else."""

    def __init__(self) -> None:
        self.asked = threading.Event()

    def status(self, *_: object) -> int | None:
        if not self.asked.is_set():
            self.asked.set()
            time.sleep(0.1)
            return -9
        time.sleep(0.2)
        return None


def test_an_end_is_known_to_each_thread_that_asks() -> None:
    """The guard and the client of a kernel ask at once; the later answer must not undo the earlier one."""
    here, there = Line.pair()
    telling = _Telling()
    kernel = WarmKernel(telling, here, 1)  # type: ignore[arg-type]
    first = threading.Thread(target=kernel.poll)
    first.start()
    telling.asked.wait()
    assert kernel.poll() == -9
    first.join()
    assert kernel.poll() == -9
    here.close()
    there.close()


class TestTheEnd:
    """Nothing is left of a parent or of its kernels, whoever is killed."""

    OWNER = """
    import os, signal, sys, time
    from evalkit.batch.warm import WarmParent
    parent = WarmParent()
    argv = [f"--IPKernelApp.connection_file={sys.argv[1]}/k.json", "--HistoryManager.enabled=False"]
    kernel = parent.fork(argv, cwd=sys.argv[1], env=dict(os.environ))
    print(parent.pid, kernel.pid, flush=True)
    if sys.argv[2] == "parent":
        os.kill(parent.pid, signal.SIGKILL)
        print(kernel.wait(20), flush=True)
    if sys.argv[2] == "close":
        parent.close()
        print(kernel.wait(20), parent.pid, flush=True)
    time.sleep(300)
    """

    @pytest.mark.parametrize("end", ["owner", "parent", "close"])
    def test_all_end_together(self, end: str, tmp_path: Path) -> None:
        program = [sys.executable, "-c", textwrap.dedent(self.OWNER), str(tmp_path), end]
        with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as owner:
            assert owner.stdout is not None
            pids = [int(text) for text in owner.stdout.readline().split()]
            if end != "owner":
                assert owner.stdout.readline().split()[0] == "-9"
            else:
                owner.kill()
            try:
                until(lambda: all(map(gone, pids)))
            finally:
                owner.kill()

    def test_a_parent_that_cannot_start_says_why(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        (tmp_path / "pandas.py").write_text("raise ImportError('broken on purpose')", encoding="utf-8")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        parent = WarmParent()
        with pytest.raises(WarmUnavailableError, match="broken on purpose"):
            parent.start()
        assert parent.pid is None


def test_a_machine_that_forks_has_warm_kernels() -> None:
    assert choose_kernel("warm") == ("warm", [])
    assert choose_kernel("fresh") == ("fresh", [])


def test_a_machine_that_does_not_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    kernel, (problem,) = choose_kernel("warm")
    assert kernel == "fresh"
    assert (problem.code.id, problem.severity) == ("EVK-RUN-057", "warning")
    assert "win32" in problem.message("en")
    assert "--kernel fresh" in problem.render("fr")


def test_the_line_carries_files_and_tells_its_end(tmp_path: Path) -> None:
    here, there = Line.pair()
    with (tmp_path / "given").open("w+b") as handle:
        here.send({"text": "é" * 10_000}, [handle.fileno()])
    message, files = there.receive(1.0) or ({}, [])
    assert message == {"text": "é" * 10_000}
    os.write(files[0], b"written")
    os.close(files[0])
    assert (tmp_path / "given").read_bytes() == b"written"
    assert there.receive(0.0) is None
    here.close()
    with pytest.raises(LineClosedError):
        there.receive(1.0)
    with pytest.raises(LineClosedError):
        there.send({})
    there.close()


def test_a_rehearsal_leaves_no_trace() -> None:
    """What the kernels inherit is warm, and otherwise as Python starts: no shell, no thread, its own `__main__`."""
    seen = "(sys.modules['__main__'], sys.stdout, sys.displayhook, sys.excepthook, vars(builtins).copy(), os.environ.copy())"
    code = f"""
    import builtins, ipykernel.debugger, os, sys, threading
    from evalkit.batch.warm.rehearsal import rehearse
    before = {seen}
    rehearse()
    assert before == {seen}
    from IPython import get_ipython
    print(threading.active_count(), get_ipython(), "pdb" in sys.modules)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], env={**os.environ, **PINNED}, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.stdout == "1 None True\n", done.stderr
