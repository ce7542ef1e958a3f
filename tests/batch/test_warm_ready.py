"""The parent of warm kernels gets ready for a run, with real processes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from warm_samples import Run, answer, runner, saying, until

from evalkit.batch.warm import Reading, WarmParent
from evalkit.batch.warm.system import can_fork, children, thread_count
from evalkit.data.demo import prepare_demo

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not can_fork(), reason="needs Linux")]


@pytest.fixture(scope="module")
def ready_demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    plan, warehouse = prepare_demo(tmp_path_factory.mktemp("ready"), universe=60, territories=4)
    return str(plan), str(warehouse.root)


@pytest.fixture
def parent() -> Iterator[WarmParent]:
    """A parent of the test's own: what it holds stays."""
    made = WarmParent()
    yield made
    made.close()


@pytest.fixture
def run(parent: WarmParent, tmp_path: Path) -> Run:
    return runner(parent, tmp_path)


class TestReadiness:
    """What the notebooks of a run read alike is read once, and is there in every kernel forked afterwards."""

    HELD = "(len(c._held), len(c._held[0].slices) > 0 if c._held else None)"

    def held(self, run: Run) -> str:
        return answer(run(f"import evalkit.notebook.common as c\n{saying(self.HELD)}"))

    def test_kernels_find_it_and_the_parent_stays_bare(
        self, parent: WarmParent, ready_demo: tuple[str, str], run: Run
    ) -> None:
        assert self.held(run) == str((0, None))
        assert parent.get_ready(Reading(*ready_demo, "1")) == ""
        assert self.held(run) == str((1, True))
        assert parent.pid is not None
        assert thread_count(parent.pid) == 1
        assert children(parent.pid) == set()
        links = [str(item.readlink()) for item in Path(f"/proc/{parent.pid}/fd").iterdir()]
        assert not [link for link in links if link.endswith(".parquet") or link.startswith("pipe:")]

    def test_it_is_done_once_for_a_state_and_again_in_a_new_parent(
        self, parent: WarmParent, ready_demo: tuple[str, str], run: Run
    ) -> None:
        parent.get_ready(Reading(*ready_demo, "1"))
        began = time.monotonic()
        parent.get_ready(Reading(*ready_demo, "1"))
        assert time.monotonic() - began < 0.1
        assert parent.pid is not None
        os.kill(parent.pid, signal.SIGKILL)
        until(lambda: parent.pid is None)
        assert self.held(run) == str((0, None))
        parent.get_ready(Reading(*ready_demo, "1"))
        assert self.held(run) == str((1, True))

    def test_what_cannot_be_read_is_said_and_kernels_go_on(self, parent: WarmParent, tmp_path: Path, run: Run) -> None:
        assert "nothing.yaml" in parent.get_ready(Reading(str(tmp_path / "nothing.yaml"), str(tmp_path), "1"))
        assert self.held(run) == str((0, None))

    def test_a_parent_that_dies_of_it_is_not_asked_again(self, parent: WarmParent, tmp_path: Path, run: Run) -> None:
        parent.start()
        pid = parent.pid
        assert pid is not None
        never = tmp_path / "never.yaml"
        os.mkfifo(never)  # who reads it waits

        def end() -> None:
            until(lambda: bool(children(pid)))
            os.kill(pid, signal.SIGKILL)

        with ThreadPoolExecutor(1) as other:
            ended = other.submit(end)
            assert parent.get_ready(Reading(str(never), str(tmp_path), "1")) == "the parent process ended"
            ended.result()
        assert parent.get_ready(Reading(str(never), str(tmp_path), "1")) == "", "not tried again"
        assert self.held(run) == str((0, None))
