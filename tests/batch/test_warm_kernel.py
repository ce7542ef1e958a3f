"""What a forked kernel does otherwise than ipykernel's own: nothing that a notebook, a client or a debugger could see."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from evalkit.batch.warm import WarmParent
from evalkit.batch.warm.kernel import WarmApp, plain_settings
from evalkit.batch.warm.system import can_fork

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not can_fork(), reason="needs Linux")]

SPEAKING = """
import os, sys
from IPython.display import display
print("one"); display({"text/plain": "two"}, raw=True)
print("three", flush=True); print("four", file=sys.stderr); display({"text/plain": "five"}, raw=True)
sys.stdout.write("six"); sys.stdout.flush(); os.write(1, b"") ; display({"text/plain": "seven"}, raw=True)
print("eight", end="")
"""


@pytest.fixture(autouse=True)
def own_parent() -> Iterator[None]:
    yield
    WarmParent.of_this_process().close()


def said(kernel: str, folder: Path, *sources: str) -> list[tuple[str, str]]:
    """Return what the cells of a notebook show, in order; what is said in one go counts once, in however many pieces it came."""
    from nbclient import NotebookClient

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, kernel_name=kernel, resources=resources, allow_errors=True).execute()
    found = []
    for cell in notebook.cells:
        for output in cell.outputs:
            text = output.get("text") or output.get("ename") or output["data"]["text/plain"]
            kind = output.get("name") or output.output_type
            if kind == output.get("name") and found and found[-1][0] == kind and output is not cell.outputs[0]:
                text = found.pop()[1] + text
            found.append((kind, text))
    return found


def test_what_is_said_comes_in_the_order_in_which_it_was_said(tmp_path: Path) -> None:
    wanted = [
        ("stdout", "one\n"), ("display_data", "two"), ("stdout", "three\n"), ("stderr", "four\n"),
        ("display_data", "five"), ("stdout", "six"), ("display_data", "seven"), ("stdout", "eight"),
    ]  # fmt: skip
    assert said("evalkit", tmp_path, SPEAKING) == wanted
    assert said("evalkit", tmp_path, *[SPEAKING] * 20) == wanted * 20


def test_a_notebook_sees_the_kernel_that_it_knows(tmp_path: Path) -> None:
    code = """
    from ipykernel.iostream import OutStream
    from ipykernel.ipkernel import IPythonKernel
    import sys
    shell = get_ipython()
    shell.kernel.implementation, isinstance(shell.kernel, IPythonKernel), isinstance(sys.stdout, OutStream), __name__, shell.kernel.parent.argv[0]
    """
    (warm,) = said("evalkit", tmp_path, textwrap.dedent(code))
    (fresh,) = said("python3", tmp_path, textwrap.dedent(code))
    assert warm == fresh


def test_the_debugger_hides_what_is_the_kernels_own_and_nothing_else(tmp_path: Path) -> None:
    code = "len([f for f in get_ipython().kernel._kernel_modules if {!r} in f]) > 0"
    names = ("ipykernel", "tornado", "/pandas/", "/evalkit/notebook/", "/statsmodels/")
    found = [value for _, value in said("evalkit", tmp_path, *[code.format(name) for name in names])]
    assert found == ["True", "True", "False", "False", "False"]


@pytest.mark.parametrize(
    "argv",
    [
        ["-f", "a b/k.json", "--HistoryManager.enabled=False", "--IPKernelApp.parent_handle=12"],
        ["--IPKernelApp.connection_file=k=1.json"],
        ["-f", "k.json", "--HistoryManager.enabled=True"],
    ],
)
def test_plain_settings_are_read_as_ipykernel_reads_them(argv: list[str]) -> None:
    code = f"""
    from ipykernel.kernelapp import IPKernelApp
    from evalkit.batch.warm.kernel import WarmApp
    found = []
    for kind in (IPKernelApp, WarmApp):
        app = kind()
        app.parse_command_line({argv!r})
        history = app.config.HistoryManager.get("enabled")
        found.append((app.connection_file, app.parent_handle, history, app.extra_args, app.argv))
    assert found[0] == found[1], found
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)


@pytest.mark.parametrize(
    "argv",
    [["--debug"], ["-f"], ["--IPKernelApp.exec_lines=x = 1"], ["--Session.key=b''"], ["more"], ["--matplotlib=inline"]],
)
def test_unusual_settings_are_left_to_ipykernel(argv: list[str]) -> None:
    assert plain_settings(argv) is None


def test_unusual_settings_hold(tmp_path: Path) -> None:
    app = WarmApp()
    app.parse_command_line(["-f", "k.json", "--IPKernelApp.exec_lines=x = 1", "--IPKernelApp.exec_lines=y = 2"])
    assert (app.connection_file, app.exec_lines) == ("k.json", ["x = 1", "y = 2"])
