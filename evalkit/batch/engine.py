"""The papermill engine of evalkit: one private kernel a notebook, a wall clock over the whole notebook, partial outputs kept.

papermill loads this module through its entry points when it is imported itself; import papermill, never this module first.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine

from evalkit.batch.watch import Watch


class EvalkitEngine(NBClientEngine):  # type: ignore[misc] # papermill ships no types
    """Registered with papermill as `evalkit`; without a `watch` it is papermill's own engine with a private kernel transport."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, watch: Watch | None = None, start_timeout: int = 60, **options: Any
    ) -> NotebookNode:
        """Execute the notebook that papermill manages; raises what nbclient raises, `DeadKernelError` after a timeout."""
        watch = watch or Watch()
        watch.notebook = nb_man.nb
        with _private_kernel(kernel_name) as manager, _wall_clock(manager, watch):
            client = PapermillNotebookClient(
                nb_man,
                km=manager,
                kernel_name=kernel_name,
                timeout=None,
                startup_timeout=start_timeout,
                shutdown_kernel="immediate",
                record_timing=False,
            )
            environment = {"env": watch.environment} if watch.environment else {}
            notebook: NotebookNode = client.execute(cleanup_kc=True, **environment)
        return notebook


@contextmanager
def _private_kernel(kernel_name: str) -> Iterator[Any]:
    """A kernel manager whose sockets lie in a private 0700 directory: no port races, nothing for other users to hear."""
    from jupyter_client.manager import AsyncKernelManager

    sockets = tempfile.mkdtemp(prefix="evk-")
    manager = AsyncKernelManager(kernel_name=kernel_name, transport="ipc", ip=f"{sockets}/k")
    try:
        yield manager
    finally:
        kill_kernel(manager)
        shutil.rmtree(sockets, ignore_errors=True)


def kill_kernel(manager: Any) -> bool:
    """Kill a kernel and its children at once; return whether there was a process to kill."""
    import psutil

    pid = getattr(manager.provisioner, "pid", None)
    if pid is None:
        return False
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for child in [*process.children(recursive=True), process]:
            with suppress(psutil.NoSuchProcess):
                child.kill()
    return True


@contextmanager
def _wall_clock(manager: Any, watch: Watch) -> Iterator[None]:
    """Kill the kernel when the whole notebook has used up its time; nbclient then raises `DeadKernelError`."""
    if watch.timeout is None:
        yield
        return
    finished = threading.Event()

    def wait() -> None:
        if not finished.wait(watch.timeout):
            watch.expired = True
            while not kill_kernel(manager) and not finished.wait(0.1):
                pass

    thread = threading.Thread(target=wait, name="wall-clock", daemon=True)
    thread.start()
    try:
        yield
    finally:
        finished.set()
        thread.join()
