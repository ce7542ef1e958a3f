"""The papermill engine of evalkit: one private kernel a notebook, a wall clock over the whole notebook, partial outputs kept.

papermill loads this module through its entry points when it is imported itself; import papermill, never this module first.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_notebook
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine
from papermill.iorw import write_ipynb

from evalkit.batch.guard import guarded, kill_kernel
from evalkit.batch.processes import socket_folder
from evalkit.batch.warm.choice import KERNELSPECS
from evalkit.batch.watch import Watch

_KEPT = 10_000  # characters of the text with which the limit is passed, and of what a kernel's process says


class EvalkitEngine(NBClientEngine):  # type: ignore[misc] # papermill ships no types
    """Registered with papermill as `evalkit`; without a `watch` it is papermill's own engine with a private kernel transport."""

    @classmethod
    def execute_notebook(
        cls, nb: NotebookNode, kernel_name: str, output_path: str | None = None, **options: Any
    ) -> NotebookNode:
        """Execute the notebook; it is written once, by papermill at the end or here when it fails, not twice for each cell.

        With a `watch` the notebook is for who watches: papermill, which would write it for nobody, gets it only when a cell failed.
        """
        ended = False
        try:
            done: NotebookNode = super().execute_notebook(
                nb, kernel_name, None, **{**options, "autosave_cell_every": 0}
            )
            ended = True
        finally:
            if not ended and output_path is not None:
                write_ipynb(nb, output_path)
        return done if options.get("watch") is None or _has_error(done) else new_notebook()

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
                on_cell_executed=partial(_note_leaving, watch),
                record_timing=False,
                extra_arguments=["--HistoryManager.enabled=False"],
            )
            client.watch = watch
            environment = {"env": watch.environment} if watch.environment else {}
            try:
                with guarded(manager, watch):
                    notebook: NotebookNode = client.execute(cleanup_kc=True, stdout=log, stderr=log, **environment)
            finally:
                _join_streams(nb_man.nb)
        return notebook


class _Client(PapermillNotebookClient):  # type: ignore[misc] # papermill ships no types
    """papermill's client, which stops a notebook that displays without end."""

    watch: Watch
    displayed = 0

    def output(self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int) -> Any:
        """Keep what a message displays; a display is taken as it is, for checking each against the schema takes longer than all else."""
        hooked = self.output_hook_stack.get(msg["parent_header"].get("msg_id"))
        plain = display_id is None and not self.clear_before_next_output and not hooked
        if msg["msg_type"] != "display_data" or not plain:
            return super().output(outs, msg, display_id, cell_index)
        content = msg["content"]
        shown = {"output_type": "display_data", "data": content["data"], "metadata": content["metadata"]}
        outs.append(from_dict(shown))
        return outs[-1]

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


def _note_leaving(watch: Watch, execute_reply: dict[str, Any], **_: Any) -> None:
    """Note that a cell told its kernel to leave: whether the cells behind it still ran is then a matter of luck."""
    payload = execute_reply["content"].get("payload", [])
    watch.left = watch.left or any(item.get("source") == "ask_exit" for item in payload)


def _join_streams(notebook: NotebookNode) -> None:
    """Make one output of what a cell wrote to a stream in one go: a kernel sends it in pieces that its clock cuts."""
    for cell in notebook.cells:
        if cell.get("outputs"):
            runs = groupby(
                cell.outputs, lambda output: output.get("name") if output.output_type == "stream" else id(output)
            )
            cell.outputs = [_joined(list(run)) for _, run in runs]


def _joined(outputs: list[NotebookNode]) -> NotebookNode:
    first = outputs[0]
    if len(outputs) > 1:
        first["text"] = "".join(output["text"] for output in outputs)
    return first


def _has_error(notebook: NotebookNode) -> bool:
    """Say whether papermill has something to tell of a notebook: a cell that failed, with or without a traceback."""
    return any(
        cell.metadata.get("papermill", {}).get("exception")
        or any(output.output_type == "error" for output in cell.get("outputs", []))
        for cell in notebook.cells
    )


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
        kernel_name=kernel_name,
        kernel_spec_manager=_known_kernels(),
        transport="ipc",
        ip=f"{folder}/k",
        connection_file=f"{folder}/kernel.json",
        client_class="evalkit.batch.warm.client.PromptClient",
    )
    try:
        yield manager
    finally:
        kill_kernel(manager)


@functools.cache
def _known_kernels() -> Any:
    """The kernels of this machine; evalkit's own is found in its package, also where nothing was copied beside it."""
    from jupyter_client.kernelspec import KernelSpecManager

    manager = KernelSpecManager()
    manager.kernel_dirs = [str(KERNELSPECS), *manager.kernel_dirs]
    return manager
