"""The pool of worker processes: real processes, really killed."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import psutil
import pytest

from evalkit.batch.pool import Pool
from evalkit.batch.processes import WORK_MARK, kill_strays, kill_tree, socket_folder, sweep_socket_folders

pytestmark = pytest.mark.timeout(120)


def work(text: str) -> str:
    """Do what the text says, in a worker process."""
    name, _, rest = text.partition(":")
    if name == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if name == "exit":
        os._exit(3)
    if name == "raise":
        raise SystemExit
    if name == "sleep":
        Path(rest).write_text(str(os.getpid()), encoding="utf-8")
        time.sleep(60)
    if name == "mask":
        return f"{signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])}"
    return f"{text} by {os.getpid()}"


def _pool(started: Callable[[str], None] | None = None, workers: int = 2) -> Pool[str, str]:
    return Pool(work, workers=workers, lost=lambda item: f"lost {item}", started=started or (lambda _: None))


def _pid(file: Path) -> int:
    """Wait until a worker has written its number."""
    while not file.exists() or not file.read_text(encoding="utf-8"):
        time.sleep(0.05)
    return int(file.read_text(encoding="utf-8"))


def _alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_outcomes_and_starts() -> None:
    begun: list[str] = []
    with _pool(begun.append) as pool:
        outcomes = list(pool.run(["a", "b", "c"]))
    assert sorted(begun) == ["a", "b", "c"]
    assert sorted(outcome.split()[0] for outcome in outcomes) == ["a", "b", "c"]


def test_no_worker_hears_ctrl_c() -> None:
    from multiprocessing import resource_tracker

    resource_tracker._resource_tracker._stop()  # type: ignore[attr-defined] # as in a fresh process
    with _pool() as pool:
        assert list(pool.run(["mask:1", "mask:2"])) == ["True", "True"]


def test_a_worker_is_kept() -> None:
    with _pool(workers=1) as pool:
        assert len({outcome.split()[-1] for outcome in pool.run(["a", "b", "c"])}) == 1


@pytest.mark.parametrize("way", ["die", "exit", "raise"])
def test_a_worker_that_ends_loses_its_own_task_only(way: str) -> None:
    with _pool() as pool:
        outcomes = {outcome.split(" by ")[0] for outcome in pool.run(["a", f"{way}:", "b", "c"])}
    assert outcomes == {"a", "b", "c", f"lost {way}:"}


def test_killed_from_outside(tmp_path: Path) -> None:
    Thread(target=lambda: os.kill(_pid(tmp_path / "pid"), signal.SIGKILL)).start()
    with _pool(workers=1) as pool:
        outcomes = [outcome.split(" by ")[0] for outcome in pool.run([f"sleep:{tmp_path / 'pid'}", "b"])]
    assert outcomes == [f"lost sleep:{tmp_path / 'pid'}", "b"]


def test_closing_ends_what_runs(tmp_path: Path) -> None:
    pool = _pool()
    pids: list[int] = []

    def close() -> None:
        pids.append(_pid(tmp_path / "pid"))
        pool.close()

    Thread(target=close).start()
    with pool:
        assert list(pool.run([f"sleep:{tmp_path / 'pid'}"])) == []
    assert not _alive(pids[0])


def test_other_children_stay() -> None:
    with subprocess.Popen(["sleep", "60"]) as other:
        with _pool() as pool:
            assert len(list(pool.run(["a"]))) == 1
        assert other.poll() is None
        other.kill()


def test_an_error_of_the_caller_ends_the_workers(tmp_path: Path) -> None:
    def refuse(_: str) -> None:
        raise ValueError("the ledger is full")

    with pytest.raises(ValueError, match="ledger"), _pool(refuse) as pool:
        list(pool.run(["a", "b"]))
    assert not [child for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())]


def test_nothing_to_do() -> None:
    with _pool() as pool:
        assert list(pool.run([])) == []


def test_strays_are_known_by_their_mark(tmp_path: Path) -> None:
    environment = {**os.environ, WORK_MARK: str(tmp_path / "work" / "task")}
    with subprocess.Popen(["sleep", "60"], env=environment) as stray, subprocess.Popen(["sleep", "60"]) as other:
        assert kill_strays(tmp_path / "elsewhere") == 0
        assert kill_strays(tmp_path / "work") == 1
        assert stray.wait(5) == -signal.SIGKILL
        assert other.poll() is None
        assert kill_tree(other.pid)
        assert other.wait(5) == -signal.SIGKILL
    assert not kill_tree(other.pid)


def test_socket_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left = tmp_path / "evk-left"
    left.mkdir()
    young = tmp_path / "evk-young"
    young.mkdir()
    os.utime(left, (1, 1))
    with socket_folder() as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        os.utime(folder, (1, 1))
        sweep_socket_folders()
        assert folder.exists()
        assert young.exists()
        assert not left.exists()
    assert not folder.exists()
