"""The pool of worker processes: a real private cluster, real processes, really killed."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import psutil
import pytest

from evalkit.batch.cluster import Cluster, open_cluster
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
    if name == "error":
        raise ValueError
    if name == "sleep":
        Path(rest).write_text(str(os.getpid()), encoding="utf-8")
        time.sleep(60)
    if name == "nap":
        time.sleep(float(rest))
    if name == "child":
        child = subprocess.Popen(["sleep", "60"], start_new_session=True)
        Path(rest).write_text(str(child.pid), encoding="utf-8")
        child.wait()
    if name == "mask":
        return f"{signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])}"
    return f"{text} by {os.getpid()}"


@contextmanager
def _pool(
    started: Callable[[str, str], None] | None = None, workers: int = 2, tick: Callable[[int], None] = lambda _: None
) -> Iterator[Pool[str, str]]:
    with open_cluster(workers, None, "test") as cluster:
        yield _on(cluster, started, tick)


def _on(
    cluster: Cluster,
    started: Callable[[str, str], None] | None = None,
    tick: Callable[[int], None] = lambda _: None,
    deserted: float = 300.0,
) -> Pool[str, str]:
    started = started or (lambda _, worker: None)
    return Pool(work, cluster, lost=lambda item: f"lost {item}", started=started, tick=tick, deserted=deserted)


def _outcomes(pool: Pool[str, str], *works: str) -> list[str]:
    return [outcome.split(" by ")[0] for _, outcome in pool.run(works)]


def _pid(file: Path) -> int:
    """Wait until a worker has written its number."""
    while not file.exists() or not file.read_text(encoding="utf-8"):
        time.sleep(0.05)
    return int(file.read_text(encoding="utf-8"))


def _alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def _workers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())]


def test_outcomes_and_starts() -> None:
    begun: list[str] = []
    with _pool(lambda item, _: begun.append(item)) as pool:
        pairs = [(item, outcome.split()[0]) for item, outcome in pool.run(["a", "b", "c"])]
        assert sorted(begun) == ["a", "b", "c"]
        assert sorted(pairs) == [("a", "a"), ("b", "b"), ("c", "c")]
        assert _outcomes(pool) == []
        assert _outcomes(pool, "mask:1", "mask:2") == ["True", "True"], "Ctrl-C is not for workers"
    assert _workers() == []


def test_works_that_take_time_to_prepare_come_while_others_run() -> None:
    done: list[str] = []
    seen: list[int] = []

    def later() -> Iterator[list[str]]:
        yield ["a", "b"]
        for _ in range(200):
            time.sleep(0.05)
            seen.append(len(done))
            if len(done) == 2:
                break
            yield []
        yield ["c"]

    with _pool() as pool:
        for item, _ in pool.run(["0"], later()):
            done.extend(item.strip("0"))
    assert sorted(done) == ["a", "b", "c"]
    assert seen[-1] == 2, "the first two had ended before the third was there"


def test_a_long_preparation_is_no_loss_of_the_workers() -> None:
    def later() -> Iterator[list[str]]:
        time.sleep(2.0)
        yield ["a"]

    with open_cluster(1, None, "test") as cluster:
        pool = _on(cluster, deserted=1.0)
        try:
            assert [item for item, _ in pool.run(["0"], later())] == ["0", "a"]
        finally:
            pool.close(Path("nowhere"))


def test_a_worker_is_kept_and_works_come_in_order() -> None:
    with _pool(workers=1) as pool:
        outcomes = [outcome for _, outcome in pool.run([str(number) for number in range(30)])]
    assert [outcome.split()[0] for outcome in outcomes] == [str(number) for number in range(30)]
    assert len({outcome.split()[-1] for outcome in outcomes}) == 1


@pytest.mark.parametrize("way", ["die", "exit", "raise", "error"])
def test_a_worker_that_ends_loses_its_own_task_only(way: str) -> None:
    begun: list[str] = []
    with _pool(lambda item, _: begun.append(item)) as pool:
        outcomes = _outcomes(pool, "a", f"{way}:", "b", "c", "d", "e", "f")
    assert sorted(outcomes) == ["a", "b", "c", "d", "e", "f", f"lost {way}:"]
    assert begun.count(f"{way}:") == 1


def test_killed_from_outside(tmp_path: Path) -> None:
    Thread(target=lambda: os.kill(_pid(tmp_path / "pid"), signal.SIGKILL), daemon=True).start()
    with _pool(workers=1) as pool:
        assert _outcomes(pool, f"sleep:{tmp_path / 'pid'}", "b") == [f"lost sleep:{tmp_path / 'pid'}", "b"]


def test_again_runs_a_work_once_more() -> None:
    begun: list[str] = []
    with _pool(lambda item, _: begun.append(item)) as pool:
        left = 1
        seen = []
        for item, outcome in pool.run(["a", "die:"]):
            seen.append(outcome.split()[0])
            if outcome.startswith("lost") and left:
                left -= 1
                pool.again(item)
    assert sorted(seen) == ["a", "lost", "lost"]


def test_started_means_started(tmp_path: Path) -> None:
    """A work that waits for its turn at a worker is not said to run."""
    begun: list[str] = []
    with _pool(lambda item, _: begun.append(item), workers=1) as pool:
        outcomes = pool.run(["nap:1.5", "b"])
        watch: list[list[str]] = []
        Thread(target=lambda: (time.sleep(1), watch.append(list(begun))), daemon=True).start()
        list(outcomes)
    assert watch in ([["nap:1.5"]], [[]])


def test_memory_is_told() -> None:
    told: list[int] = []
    with _pool(tick=told.append) as pool:
        list(pool.run(["nap:8"]))
    assert max(told) > 50_000_000


def test_closing_ends_what_runs(tmp_path: Path) -> None:
    with _pool() as pool:
        outcomes = pool.run([f"sleep:{tmp_path / 'worker'}", f"child:{tmp_path / 'child'}", *("c" * 20)])
        next(outcomes)
        pids = [_pid(tmp_path / "worker"), _pid(tmp_path / "child")]
        pool.close(tmp_path)
        assert list(outcomes) == []
    assert [_alive(pid) for pid in pids] == [False, False]


def test_other_children_stay() -> None:
    other = subprocess.Popen(["sleep", "60"])
    try:
        with _pool() as pool:
            assert len(list(pool.run(["a"]))) == 1
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_an_error_of_the_caller_ends_the_workers() -> None:
    def refuse(_: str, worker: str) -> None:
        raise ValueError("the ledger is full")

    with pytest.raises(ValueError, match="ledger"), _pool(refuse) as pool:
        list(pool.run(["a", "b"]))
    assert _workers() == []


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


def test_the_folder_of_a_running_cluster_is_none_of_them() -> None:
    """Another run on this machine may sweep while this one works."""
    with open_cluster(1, None, "swept") as cluster:
        [scratch] = cluster.client.run(_scratch).values()
        folders = [place for place in Path(scratch).parents if place.name.startswith("ev")]
        assert folders
        for place in folders:
            os.utime(place, (1, 1))
        sweep_socket_folders()
        assert Path(scratch).is_dir()


def _scratch(dask_worker: Any) -> str:
    return str(dask_worker.local_directory)
