"""Kernels forked from a warm parent in tests: started with some code, asked for what it says."""

from __future__ import annotations

import os
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from evalkit.batch.warm import WarmKernel, WarmParent

Run = Callable[..., tuple[WarmKernel, Path]]


def runner(parent: WarmParent, place: Path) -> Run:
    """Fork a kernel that executes some code at its start; what it answers goes into the file `out`."""

    def started(code: str, *, cwd: Path = place, **env: str) -> tuple[WarmKernel, Path]:
        out = place / f"out-{time.monotonic_ns()}"
        script = place / f"{out.name}.py"
        script.write_text(f"import os, sys\nout = {str(out)!r}\n{textwrap.dedent(code)}", encoding="utf-8")
        with (place / "said").open("wb") as handle, Path(os.devnull).open("rb") as nothing:
            files = (nothing.fileno(), handle.fileno(), handle.fileno())
            arguments = [f"--IPKernelApp.exec_files={script}", f"--IPKernelApp.connection_file={place}/{out.name}.json",
                         "--HistoryManager.enabled=False"]  # fmt: skip
            environment = {"PATH": os.environ["PATH"], "HOME": str(place), **env}
            return parent.fork(arguments, cwd=str(cwd), env=environment, files=files), out

    return started


def saying(code: str) -> str:
    return f"open(out, 'w').write(str({code}))\nos._exit(0)"


def answer(found: tuple[WarmKernel, Path]) -> str:
    kernel, out = found
    assert kernel.wait(60) == 0
    return out.read_text()


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "not so in time"
        time.sleep(0.02)
