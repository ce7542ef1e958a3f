"""The kernelspec `evalkit` at Jupyter's seams: found by name, used unchanged by nbclient, papermill, nbval and jupyter."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from evalkit.batch.warm import WarmParent, WarmUnavailableError
from evalkit.batch.warm.choice import KERNELSPECS
from evalkit.batch.warm.system import can_fork

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not can_fork(), reason="needs Linux")]

ASKING = "import os, sys\n(os.getppid(), 'evalkit.notebook' in sys.modules, os.getcwd())"


@pytest.fixture
def own_parent() -> Iterator[WarmParent]:
    """The parent of this test process, ended afterwards."""
    parent = WarmParent.of_this_process()
    yield parent
    parent.close()


def _notebook(*sources: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in sources],
        metadata={"kernelspec": {"name": "evalkit", "display_name": "evalkit", "language": "python"}},
    )


def _execute(notebook: nbformat.NotebookNode, folder: Path, **options: Any) -> str:
    from nbclient import NotebookClient

    NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}, **options).execute()
    return str(notebook.cells[-1].outputs[-1]["data"]["text/plain"])


def test_jupyter_lists_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jupyter", "kernelspec", "list", "--json"], capture_output=True, text=True, check=True
    )
    spec = json.loads(done.stdout)["kernelspecs"]["evalkit"]["spec"]
    assert spec == {**json.loads((KERNELSPECS / "evalkit" / "kernel.json").read_text()), **spec}
    assert spec["metadata"]["kernel_provisioner"]["provisioner_name"] == "evalkit-warm"


def test_nbclient_uses_it(own_parent: WarmParent, tmp_path: Path) -> None:
    answers = [ast.literal_eval(_execute(_notebook(ASKING), tmp_path)) for _ in range(2)]
    assert answers == [(own_parent.pid, True, str(tmp_path))] * 2


def test_papermill_uses_it(own_parent: WarmParent, tmp_path: Path) -> None:
    import papermill

    nbformat.write(_notebook(ASKING), tmp_path / "in.ipynb")
    papermill.execute_notebook(
        tmp_path / "in.ipynb", tmp_path / "out.ipynb", progress_bar=False, cwd=tmp_path, log_output=False
    )
    done = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    answer = ast.literal_eval(done.cells[-1].outputs[0]["data"]["text/plain"])
    assert answer == (own_parent.pid, True, str(tmp_path))


def test_nbval_uses_it(tmp_path: Path) -> None:
    notebook = _notebook("import sys\n'evalkit.notebook' in sys.modules")
    notebook.cells[0].outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "True"}, execution_count=1)]
    notebook.cells[0].execution_count = 1
    nbformat.write(notebook, tmp_path / "checked.ipynb")
    command = [sys.executable, "-m", "pytest", "--nbval", str(tmp_path / "checked.ipynb"), "-q", "-p", "no:randomly"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", "-c", os.devnull],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_its_sockets_are_private(own_parent: WarmParent, tmp_path: Path) -> None:
    from jupyter_client.manager import AsyncKernelManager

    async def looked_at() -> tuple[Path, int, int]:
        manager = AsyncKernelManager(kernel_name="evalkit")
        await manager.start_kernel(cwd=str(tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            client = manager.client()
            client.start_channels()
            await client.wait_for_ready(timeout=30)
            folder = Path(manager.ip).parent
            mode = stat.S_IMODE(folder.stat().st_mode)
            sockets = sum(stat.S_ISSOCK(path.stat().st_mode) for path in folder.iterdir())
            client.stop_channels()
        finally:
            await manager.shutdown_kernel(now=True)
        return folder, mode, sockets

    folder, mode, sockets = asyncio.run(looked_at())
    assert mode == 0o700
    assert sockets == 5, "each channel"
    assert not folder.exists()


def test_interrupt_restart_and_shutdown(own_parent: WarmParent, tmp_path: Path) -> None:
    from jupyter_client.manager import KernelManager

    manager = KernelManager(kernel_name="evalkit")
    manager.start_kernel(cwd=str(tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        first = manager.provisioner.pid
        client.execute("import time\nprint('begun', flush=True)\ntime.sleep(60)")
        while client.get_iopub_msg(timeout=30)["msg_type"] != "stream":
            pass  # before its code runs, ipykernel drops an interruption without an answer
        manager.interrupt_kernel()
        assert client.get_shell_msg(timeout=30)["content"]["ename"] == "KeyboardInterrupt"
        manager.restart_kernel(now=True)
        client.wait_for_ready(timeout=60)
        assert manager.provisioner.pid != first
        assert client.execute_interactive("1 + 1", timeout=60)["content"]["status"] == "ok"
        client.stop_channels()
        manager.shutdown_kernel()
        assert not manager.is_alive()
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.mark.parametrize("moment", ["between", "during"])
def test_a_parent_that_dies_is_replaced(own_parent: WarmParent, tmp_path: Path, moment: str) -> None:
    from nbclient.exceptions import DeadKernelError

    own_parent.start()
    before = own_parent.pid
    assert before is not None
    if moment == "between":
        os.kill(before, signal.SIGKILL)
    else:
        with pytest.raises(DeadKernelError):
            _execute(
                _notebook("import os, signal, time\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(60)"), tmp_path
            )
    answer = _execute(_notebook(ASKING), tmp_path)
    assert own_parent.pid not in (None, before)
    assert ast.literal_eval(answer) == (own_parent.pid, True, str(tmp_path))


def test_a_fresh_kernel_where_none_can_be_forked(
    own_parent: WarmParent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("evalkit.batch.warm.parent.can_fork", lambda: False)
    with pytest.raises(WarmUnavailableError):
        own_parent.start()
    answer = _execute(_notebook(ASKING), tmp_path)
    assert ast.literal_eval(answer) == (os.getpid(), False, str(tmp_path))
    assert "a fresh one is started" in caplog.text
