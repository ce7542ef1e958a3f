"""Who holds a run on object storage, against a real S3 server and with real processes: one at a time, and whoever lost it stops."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).resolve().parent.parent / "e2e"))

from s3_server import Server, reached, s3_server

from evalkit.data.storage import ObjectStore, StoreError
from evalkit.errors import RunError
from evalkit.model.run import Task, TaskRecord
from evalkit.runs import Ledger, holding, open_run
from evalkit.runs.codes import RUN_IN_USE
from evalkit.runs.holding import HOLDER, holder_in
from evalkit.runs.remote import LEDGER, POINTERS, RemoteRun

TASK = Task("portrait", "01004", "fr", "key")
PAGE = "reports/fr/portrait/01004.html"
THEIRS = {"token": "theirs", "host": "another.machine", "pid": 1}

CONTENDER = """
import os, sys, time
from pathlib import Path
from evalkit.errors import RunError
from evalkit.runs import holding, open_run
holding._machine = lambda: sys.argv[2]
holding._ENDING = ()
run = open_run(sys.argv[1])
run.store.names()
Path(sys.argv[3], sys.argv[2]).touch()
while not Path(sys.argv[3], "go").exists():
    time.sleep(0.005)
try:
    with run.locked():
        print("held", flush=True)
        time.sleep(2)
except RunError as error:
    print(error.problems[0].code.id, flush=True)
"""

SLEEPER = """
import sys, time
from evalkit.errors import RunError
from evalkit.runs import Ledger, holding, open_run
holding.FRESH, holding.EVERY, holding.SOON = 1.5, 0.2, 0.1
holding._machine = lambda: "the sleeper's"
run = open_run(sys.argv[1])
try:
    with run.locked() as token, Ledger(run.ledger) as ledger:
        print("held", flush=True)
        sys.stdin.readline()
        run.keep(ledger, token, now=True)
        print("kept", flush=True)
except RunError as error:
    print(error.problems[0].code.id, flush=True)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with s3_server() as made:
        yield made


@pytest.fixture(autouse=True)
def machine(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with reached(server, monkeypatch, tmp_path / "here"):
        yield


@pytest.fixture
def url(server: Server, request: pytest.FixtureRequest) -> str:
    return server.url(f"runs/{request.node.name.replace('[', '-').replace(']', '')}/2026")


@pytest.fixture
def run(url: str) -> RemoteRun:
    found = open_run(url)
    assert isinstance(found, RemoteRun)
    return found


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signs of life five times a second."""
    for name, seconds in (("FRESH", 1.5), ("EVERY", 0.2), ("SOON", 0.1)):
        monkeypatch.setattr(holding, name, seconds)


def _say(run: RemoteRun, **more: Any) -> None:
    run.store.write(HOLDER, json.dumps({**THEIRS, "time": time.time(), **more}).encode())


def _held(run: RemoteRun) -> dict[str, Any]:
    return dict(holder_in(run.store.read(HOLDER)))


def _wait(condition: Callable[[], bool], seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.02)


def _start(script: str, *arguments: str, cache: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, **environment, "EVALKIT_CACHE": str(cache)},
    )  # fmt: skip


class TestConditions:
    def test_an_object_is_made_once_and_changed_by_who_saw_it_last(self, url: str) -> None:
        store = ObjectStore(url)
        assert store.look("a") == (None, None)
        assert store.write_if("a", b"1", None)
        assert not store.write_if("a", b"2", None)
        content, mark = store.look("a")
        assert content == b"1"
        assert store.write_if("a", b"3", mark)
        assert not store.write_if("a", b"4", mark), "it is another since"
        assert store.read("a") == b"3"
        store.remove(["a"])
        assert not store.write_if("a", b"4", mark), "it is gone since"
        assert store.read("a") is None

    def test_storage_without_conditional_writes(self) -> None:
        store = ObjectStore("memory://conditions")
        assert store.write_if("a", b"1", None)
        assert not store.write_if("a", b"2", None)
        mark = store.look("a")[1]
        assert store.write_if("a", b"3", mark)
        assert not store.write_if("a", b"4", mark)
        store.remove(["a"])

    def test_a_bucket_that_is_not_there_is_not_an_empty_one(self) -> None:
        store = ObjectStore("s3://none/runs/x")
        for ask in (store.names, lambda: store.write("a", b""), lambda: store.write_if("a", b"", None)):
            with pytest.raises(StoreError, match="s3://none/runs/x: NoSuchBucket"):
                ask()


@pytest.mark.slow
class TestTwoAtOnce:
    @pytest.mark.parametrize("left", [False, True])
    def test_one_of_many_that_start_together_has_it(
        self, url: str, run: RemoteRun, tmp_path: Path, server: Server, *, left: bool
    ) -> None:
        if left:  # by a machine that died
            _say(run, time=time.time() - 1000)
        names = [f"machine{n}" for n in range(3)]
        with ExitStack() as stack:
            started = [
                stack.enter_context(
                    _start(
                        CONTENDER, url, name, str(tmp_path), cache=tmp_path / f"of {name}",
                        environment=server.environment,
                    )
                )
                for name in names
            ]  # fmt: skip
            _wait(lambda: all((tmp_path / name).exists() for name in names), 120)
            (tmp_path / "go").touch()
            said = sorted(process.communicate(timeout=60)[0].strip() for process in started)
        assert said == ["EVK-RUN-005"] * 2 + ["held"]
        assert run.store.read(HOLDER) is None

    def test_who_loses_says_so_where_writes_have_no_condition(
        self, run: RemoteRun, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def overtaken(store: ObjectStore, name: str, content: bytes, mark: str | None) -> bool:
            store.write(name, content)
            _say(run)  # a moment later
            return True

        monkeypatch.setattr(ObjectStore, "write_if", overtaken)
        with pytest.raises(RunError, match="EVK-RUN-005"), run.locked():
            pass
        assert run.is_held("theirs")


class TestTakenOver:
    def test_it_sends_nothing_more_and_leaves_the_other_alone(self, run: RemoteRun, tmp_path: Path) -> None:
        record = TaskRecord("portrait", "01004", "fr", "failed_cell")
        with run.locked() as token, Ledger(run.ledger) as ledger:
            ledger.plan([TASK])
            run.keep(ledger, token, now=True)
            (run.root / "index.html").write_text("ours", encoding="utf-8")
            run.plan_copy("evaluation.yaml").parent.mkdir(parents=True)
            run.plan_copy("evaluation.yaml").touch()
            _say(run)
            theirs = {HOLDER, LEDGER, PAGE, f"{POINTERS}/fr/portrait/01004.json"}
            for name in theirs - {HOLDER}:
                run.store.write(name, b"theirs")
            assert not run.is_held(token)
            run.withdraw(record)
            for send in (lambda: run.keep(ledger, token, now=True), run.publish, run.send_inputs):
                with pytest.raises(RunError, match="EVK-RUN-015"):
                    send()
            with pytest.raises(RunError, match="EVK-RUN-015"):
                run.send(run.root / "index.html")
        assert {name for name in run.store.names() if run.store.read(name) != b"ours"} == theirs
        assert run.store.read(LEDGER) == b"theirs"
        assert run.is_held("theirs")

    def test_an_entry_that_is_gone_is_no_entry(self, run: RemoteRun) -> None:
        """Who took over has ended since."""
        with run.locked() as token, Ledger(run.ledger) as ledger:
            run.store.remove([HOLDER])
            with pytest.raises(RunError, match="EVK-RUN-015"):
                run.keep(ledger, token, now=True)
        assert run.store.names() == {}

    @pytest.mark.slow
    @pytest.mark.usefixtures("quick")
    def test_a_machine_that_slept_finds_another(self, url: str, run: RemoteRun, tmp_path: Path, server: Server) -> None:
        with _start(SLEEPER, url, cache=tmp_path / "of the sleeper", environment=server.environment) as sleeper:
            assert sleeper.stdin is not None
            assert sleeper.stdout is not None
            assert sleeper.stdout.readline() == "held\n"
            with pytest.raises(RunError, match="EVK-RUN-005"), run.locked():
                pass
            sleeper.send_signal(signal.SIGSTOP)
            time.sleep(2)
            with run.locked() as token:
                sleeper.send_signal(signal.SIGCONT)
                out, _ = sleeper.communicate("\n", timeout=60)
                assert out == "EVK-RUN-015\n"
                assert run.is_held(token), "it took nothing away when it ended"
                run.hold.require()
            assert LEDGER not in run.store.names()

    def test_the_ledger_of_who_held_it_before_is_brought(
        self, run: RemoteRun, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        run.require_usable()
        monkeypatch.setenv("EVALKIT_CACHE", str(tmp_path / "elsewhere"))
        other = open_run(run.url)
        with other.locked() as token, Ledger(other.ledger) as ledger:  # between our look and our taking it
            ledger.plan([TASK])
            other.keep(ledger, token, now=True)
        with run.locked(), Ledger(run.ledger) as ledger:
            assert [record.territory for record in ledger.records()] == ["01004"]


@pytest.mark.slow
class TestSignsOfLife:
    @pytest.mark.usefixtures("quick")
    def test_they_come_while_the_process_is_busy(self, run: RemoteRun) -> None:
        with run.locked() as token:
            told = set()
            began = time.monotonic()
            while time.monotonic() - began < 2.5 or len(told) < 4:  # longer than an entry lives
                told.add(_held(run)["time"])
                assert time.monotonic() - began < 60
            assert run.is_held(token)
        assert run.store.read(HOLDER) is None

    @pytest.mark.usefixtures("quick")
    def test_they_find_out_that_it_is_lost(self, run: RemoteRun) -> None:
        (run.root / "index.html").parent.mkdir(parents=True)
        (run.root / "index.html").touch()
        with run.locked():
            _say(run)
            _wait(lambda: run.hold._lost)
            with pytest.raises(RunError, match="EVK-RUN-015"):
                run.send(run.root / "index.html")

    @pytest.mark.usefixtures("quick")
    def test_they_go_on_when_the_storage_was_away(self, run: RemoteRun, monkeypatch: pytest.MonkeyPatch) -> None:
        with run.locked():
            before = _held(run)["time"]
            with monkeypatch.context() as away:
                away.setattr(run.store, "_root", "none/x")
                time.sleep(0.5)
            _wait(lambda: _held(run)["time"] > before)
            run.hold.require()


class TestOnThisMachine:
    """The entry of a process that can be looked at here."""

    @pytest.fixture
    def process(self) -> Iterator[subprocess.Popen[bytes]]:
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as made:
            yield made
            made.kill()

    def _refused(self, run: RemoteRun) -> bool:
        try:
            with run.locked():
                return False
        except RunError as error:
            return error.problems[0].code is RUN_IN_USE

    def test_it_holds_as_long_as_it_runs(self, run: RemoteRun, process: subprocess.Popen[bytes]) -> None:
        own = {"machine": holding._machine(), "pid": process.pid, "began": holding._began(process.pid)}
        _say(run, **own, time=time.time() - 1000)
        assert self._refused(run), "it runs, however long it has said nothing"
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # nobody has buried it
        _say(run, **own)
        assert not self._refused(run)

    def test_a_number_that_another_process_has_now(self, run: RemoteRun, process: subprocess.Popen[bytes]) -> None:
        began = holding._began(process.pid)
        assert began is not None
        _say(run, machine=holding._machine(), pid=process.pid, began=began - 1)
        assert not self._refused(run)

    @pytest.mark.parametrize(("age", "refused"), [(0, True), (1000, False)])
    def test_before_it_was_switched_off(
        self, run: RemoteRun, process: subprocess.Popen[bytes], age: float, *, refused: bool
    ) -> None:
        """The same host, another start of it, and a process with the same number: only the age counts."""
        began = holding._began(process.pid)
        _say(run, machine="another start", pid=process.pid, began=began, time=time.time() - age)
        assert self._refused(run) is refused

    def test_what_is_no_entry_holds_nothing(self, run: RemoteRun) -> None:
        run.store.write(HOLDER, b"[half")
        assert not self._refused(run)

    def test_who_only_reads_leaves_the_ledger_of_a_run_that_goes_on(self, run: RemoteRun) -> None:
        with run.locked() as token, Ledger(run.ledger) as ledger:
            ledger.plan([TASK])
            run.keep(ledger, token, now=True)
            mark = run.private / "sent"
            mark.write_text("an earlier copy", encoding="utf-8")  # the copy is under way
            run.manifest.write_text("{}", encoding="utf-8")
            script = f"from evalkit.runs import open_run; open_run({run.url!r}).require()"
            subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
            assert mark.read_text(encoding="utf-8") == "an earlier copy"
            assert run.manifest.exists()
        subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
        assert mark.read_text(encoding="utf-8") != "an earlier copy"
        assert not run.manifest.exists(), "there is none there"
