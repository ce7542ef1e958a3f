"""One warm process for the workers of a machine, with real processes: what they share, and who ends with whom."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
from warm_samples import answer, gone, runner, saying, until

from evalkit.batch.warm import Reading, WarmParent, warm_root
from evalkit.batch.warm.system import can_fork, thread_count
from evalkit.data.demo import prepare_demo

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not can_fork(), reason="needs Linux")]

Parents = Callable[[], WarmParent]
HELD = "import evalkit.notebook.common as c\n" + saying("len(c._held)")


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    plan, warehouse = prepare_demo(tmp_path_factory.mktemp("root"), universe=60, territories=4)
    return Reading(str(plan), str(warehouse.root), "1")


@pytest.fixture
def parents(reading: Reading) -> Iterator[Parents]:
    """Makes parents as workers do, all with the same root."""
    with ExitStack() as opened:
        door = opened.enter_context(warm_root(reading))
        assert door is not None

        def made() -> WarmParent:
            parent = WarmParent()
            parent.root = door
            opened.callback(parent.close)
            parent.start()
            return parent

        yield made


def root_of(parent: WarmParent) -> psutil.Process:
    assert parent.pid is not None
    root = psutil.Process(parent.pid).parent()
    assert root is not None
    assert "evalkit.batch.warm.server" in root.cmdline()
    return root


def test_parents_are_forked_from_it_warm_ready_and_bare(parents: Parents, reading: Reading, tmp_path: Path) -> None:
    first, second = parents(), parents()
    assert first.pid != second.pid
    assert root_of(first) == root_of(second)
    assert root_of(first).ppid() == os.getpid()
    for parent in (first, second):
        assert parent.pid is not None
        began = time.monotonic()
        assert parent.get_ready(reading) == ""
        assert time.monotonic() - began < 0.1, "the root has read"
        assert answer(runner(parent, tmp_path)(HELD)) == "1"
        assert answer(runner(parent, tmp_path)(saying("os.getppid()"))) == str(parent.pid)
        assert thread_count(parent.pid) == 1
        links = [str(item.readlink()) for item in Path(f"/proc/{parent.pid}/fd").iterdir()]
        assert sum(link.startswith("socket:") for link in links) == 1, "its line: neither the root's nor the door"


def test_a_parent_that_was_killed_is_forked_again_and_nothing_of_it_is_left(parents: Parents, tmp_path: Path) -> None:
    parent, other = parents(), parents()
    before, note = parent.pid, tmp_path / "pid"
    assert before is not None
    kernel, _ = runner(parent, tmp_path)(
        f"import subprocess, time\nown = subprocess.Popen(['sleep', '300'], start_new_session=True)\n"
        f"open({str(note)!r}, 'w').write(str(own.pid))\ntime.sleep(300)"
    )
    until(lambda: note.is_file() and note.read_text() != "")
    os.kill(before, signal.SIGKILL)
    assert kernel.wait(20) == -signal.SIGKILL
    until(lambda: gone(kernel.pid) and gone(int(note.read_text())))
    assert answer(runner(parent, tmp_path)(HELD)) == "1"
    assert parent.pid not in (None, before)
    assert root_of(parent) == root_of(other)


def test_a_worker_that_leaves_takes_its_parent_along_and_no_other(parents: Parents, tmp_path: Path) -> None:
    leaving, staying = parents(), parents()
    pid = leaving.pid
    assert pid is not None
    kernel, _ = runner(leaving, tmp_path)("import time\ntime.sleep(300)")
    leaving.close()
    assert gone(pid)
    until(lambda: gone(kernel.pid))
    assert leaving.pid is None
    assert answer(runner(staying, tmp_path)(HELD)) == "1"


def test_without_it_each_has_a_parent_of_its_own(
    parents: Parents, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    parent = parents()
    root, before = root_of(parent), parent.pid
    assert before is not None
    kernel, _ = runner(parent, tmp_path)("import time\ntime.sleep(300)")
    root.kill()
    assert kernel.wait(20) == -signal.SIGKILL
    until(lambda: gone(before) and gone(kernel.pid))
    with caplog.at_level(logging.WARNING):
        assert answer(runner(parent, tmp_path)(HELD)) == "0"
    assert "no warm process to branch off from" in caplog.text
    assert parent.pid is not None
    assert psutil.Process(parent.pid).ppid() == os.getpid()


def test_all_end_with_it(reading: Reading, tmp_path: Path) -> None:
    parent = WarmParent()
    with warm_root(reading) as door:
        assert door is not None
        assert Path(door).parent.stat().st_mode & 0o777 == 0o700
        parent.root = door
        parent.start()
        kernel, _ = runner(parent, tmp_path)("import time\ntime.sleep(300)")
        family = [root_of(parent).pid, parent.pid, kernel.pid]
    until(lambda: all(pid is not None and gone(pid) for pid in family))
    assert not Path(door).parent.exists()
    parent.close()


def test_what_it_cannot_read_is_said_to_each(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    nothing = Reading(str(tmp_path / "nothing.yaml"), str(tmp_path), "1")
    with warm_root(nothing) as door, caplog.at_level(logging.WARNING):
        parent = WarmParent()
        parent.root = door
        parent.start()
        assert "nothing is read ahead of the notebooks" in caplog.text
        assert parent.get_ready(nothing) == "", "not tried again"
        assert answer(runner(parent, tmp_path)(HELD)) == "0"
        parent.close()


def test_where_nothing_can_be_forked_there_is_none(monkeypatch: pytest.MonkeyPatch, reading: Reading) -> None:
    monkeypatch.setattr("evalkit.batch.warm.launching.can_fork", lambda: False)
    with warm_root(reading) as door:
        assert door is None
