"""The papermill engine of evalkit: one private kernel a notebook, a wall clock over the whole notebook, partial outputs kept.

papermill loads this module through its entry points when it is imported itself; import papermill, never this module first.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine

from evalkit.batch.processes import kill_tree, socket_folder
from evalkit.batch.watch import Watch

_KEPT = 10_000  # characters of the text with which the limit is passed, and of what a kernel's process says


class EvalkitEngine(NBClientEngine):  # type: ignore[misc] # papermill ships no types
    """Registered with papermill as `evalkit`; without a `watch` it is papermill's own engine with a private kernel transport."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, watch: Watch | None = None, start_timeout: int = 60, **options: Any
    ) -> NotebookNode:
        """Execute the notebook that papermill manages; raises what nbclient raises, `DeadKernelError` when a limit was passed."""
        watch = watch or Watch()
        watch.notebook = nb_man.nb
        with socket_folder() as folder, _own_log(folder, watch) as log, _private_kernel(kernel_name, folder) as manager:
            client = _Client(
                nb_man,
                km=manager,
                kernel_name=kernel_name,
                timeout=None,
                startup_timeout=start_timeout,
                shutdown_kernel="immediate",
                record_timing=False,
            )
            client.watch = watch
            environment = {"env": watch.environment} if watch.environment else {}
            with _wall_clock(manager, watch):
                notebook: NotebookNode = client.execute(cleanup_kc=True, stdout=log, stderr=log, **environment)
        return notebook


class _Client(PapermillNotebookClient):  # type: ignore[misc] # papermill ships no types
    """papermill's client, which stops a notebook that displays without end."""

    watch: Watch
    displayed = 0

    def process_message(self, msg: dict[str, Any], *arguments: Any, **options: Any) -> Any:
        """Count what a message displays, then keep it; beyond the limit the kernel is killed, and only the start is kept."""
        if self.watch.overflowed:
            return None
        content = msg["content"]
        self.displayed += _size(content)
        if self.displayed > self.watch.output_bytes:
            self.watch.overflowed = True
            kill_kernel(self.km)
            if "text" not in content:
                return None
            content["text"] = content["text"][:_KEPT]
        return super().process_message(msg, *arguments, **options)


def _size(content: dict[str, Any]) -> int:
    if "text" in content:
        return len(content["text"])
    return sum(len(value) if isinstance(value, str) else len(str(value)) for value in content.get("data", {}).values())


@contextmanager
def _own_log(folder: Path, watch: Watch) -> Iterator[BinaryIO]:
    """Keep what the process of the kernel says outside of the notebook from the terminal; `watch` gets the end of it."""
    with (folder / "kernel.log").open("w+b") as log:
        try:
            yield log
        finally:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _KEPT))
            watch.said = log.read().decode(errors="replace")


@contextmanager
def _private_kernel(kernel_name: str, folder: Path) -> Iterator[Any]:
    """A kernel manager whose sockets and keys lie in a private directory: no port races, nothing for other users to hear."""
    from jupyter_client.manager import AsyncKernelManager

    manager = AsyncKernelManager(
        kernel_name=kernel_name, transport="ipc", ip=f"{folder}/k", connection_file=f"{folder}/kernel.json"
    )
    try:
        yield manager
    finally:
        kill_kernel(manager)


def kill_kernel(manager: Any) -> bool:
    """Kill a kernel and its children at once; return whether there was a process to kill."""
    pid = getattr(manager.provisioner, "pid", None)
    return pid is not None and kill_tree(pid)


@contextmanager
def _wall_clock(manager: Any, watch: Watch) -> Iterator[None]:
    """Kill the kernel when the whole notebook has used up its time; nbclient then raises `DeadKernelError`.

    A kernel that is still being started has no process yet: it is killed as soon as it has one.
    """
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
