"""A forked process becomes a kernel: its own session, directory, environment, files and seeds, then ipykernel."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import sys
from typing import Any

from evalkit.batch.processes import WORK_MARK
from evalkit.batch.warm.pinned import SEED
from evalkit.batch.warm.system import end_with, show_variable


def become_kernel(parent: int, request: dict[str, Any], files: list[int]) -> None:
    """Run the kernel of a request until it is shut down. `files` are its standard input, output and error."""
    end_with(parent)
    os.setsid()
    for known in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(known, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number, descriptor in enumerate(files):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(request["env"])
    show_variable(WORK_MARK, os.environ.get(WORK_MARK, ""))
    os.chdir(request["cwd"])
    seed(os.environ.get(SEED))
    _run([*request["argv"], f"--IPKernelApp.parent_handle={parent}"])


def seed(text: str | None) -> None:
    """Seed `random` and numpy's legacy generator from a text; from chance without one, for kernels must differ then."""
    import numpy as np

    data = os.urandom(32) if text is None else hashlib.sha256(text.encode()).digest()
    random.seed(data)
    np.random.seed(int.from_bytes(data[:4]))  # noqa: NPY002 - templates may use code that knows only the legacy generator


def _run(arguments: list[str]) -> None:
    from evalkit.batch.warm.kernel import WarmApp

    sys.argv = ["ipykernel_launcher", *arguments]
    WarmApp.launch_instance(argv=arguments)
