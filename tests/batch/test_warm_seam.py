"""papermill at its seam: values arrive as they were given, the output is written once, memory sizes are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.batch.memory import cap, parse_size, resident

HOSTILE = [
    "01004",
    "2A004",
    "NO",
    "'); import os; os._exit(3) #",
    '""" + __import__("os").getcwd() + """',
    "\\",
    "\\N{DIGIT ONE}",
    "line\r\nbreak\u2028\x00\x1b",
    "{{ territory }} {plan} %s",
    "\U0001f600 é œ \u202e",
]
TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text())
VALUES = st.one_of(
    TEXTS,
    st.integers(),
    st.booleans(),
    st.none(),
    st.floats(allow_nan=False),
    st.lists(st.one_of(TEXTS, st.integers())),
)


def _injected(parameters: dict[str, Any]) -> dict[str, Any]:
    from papermill.parameterize import parameterize_notebook

    cell = nbformat.v4.new_code_cell("note = ''", metadata={"tags": ["parameters"]})
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata["papermill"] = {}
    done = parameterize_notebook(notebook, parameters, kernel_name="evalkit", language="python", engine_name="evalkit")
    (found,) = [each for each in done.cells if "injected-parameters" in each.metadata.tags]
    names: dict[str, Any] = {}
    exec(found.source, names)  # noqa: S102 - what a kernel would run
    return {name: names[name] for name in parameters}


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.sampled_from(["note", "code", "years", "rate"]), VALUES, min_size=1))
def test_values_arrive_as_they_are(parameters: dict[str, Any]) -> None:
    found = _injected(parameters)
    assert found == parameters
    assert {name: type(value) for name, value in found.items()} == {n: type(v) for n, v in parameters.items()}


@pytest.mark.slow
class TestTheOutput:
    """Written once: at the end, or when the notebook fails."""

    @staticmethod
    def _execute(tmp_path: Path, *sources: str) -> Path:
        import papermill

        made = tmp_path / "out.ipynb"
        cells = [nbformat.v4.new_code_cell(text.replace("OUT", repr(str(made)))) for text in sources]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "in.ipynb")
        papermill.execute_notebook(
            tmp_path / "in.ipynb", made, engine_name="evalkit", kernel_name="python3", progress_bar=False
        )
        return made

    def test_at_the_end(self, tmp_path: Path) -> None:
        made = self._execute(tmp_path, "print('one')", "import os\nassert not os.path.exists(OUT)", "print('two')")
        assert "two" in made.read_text(encoding="utf-8")

    def test_what_was_said_in_one_go_is_one_output_in_however_many_pieces_it_came(self, tmp_path: Path) -> None:
        pieces = "import sys\nfor n in range(9): print(n, end='', flush=True)\n"
        shown = "display('shown')\nprint('a', flush=True)\nprint('b', flush=True)\nprint('c', file=sys.stderr, flush=True)\n"
        made = nbformat.read(self._execute(tmp_path, pieces + shown + pieces), as_version=4)
        found = [
            (output.get("name"), output.get("text") or output.data["text/plain"]) for output in made.cells[0].outputs
        ]
        assert found == [
            ("stdout", "012345678"), (None, "'shown'"), ("stdout", "a\nb\n"), ("stderr", "c\n"), ("stdout", "012345678")
        ]  # fmt: skip

    def test_when_a_cell_fails(self, tmp_path: Path) -> None:
        from papermill.exceptions import PapermillExecutionError

        with pytest.raises(PapermillExecutionError):
            self._execute(
                tmp_path, "print('one')", "import os\nassert not os.path.exists(OUT)\nraise ValueError('stop')"
            )
        assert "stop" in (tmp_path / "out.ipynb").read_text(encoding="utf-8")

    def test_when_the_kernel_dies(self, tmp_path: Path) -> None:
        from nbclient.exceptions import DeadKernelError

        with pytest.raises(DeadKernelError):
            self._execute(tmp_path, "print('shown before')", "import os\nassert not os.path.exists(OUT)\nos._exit(1)")
        assert "shown before" in (tmp_path / "out.ipynb").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2GB", 2 * 10**9),
        ("500 MB", 500 * 10**6),
        ("1.5GiB", 3 * 2**29),
        ("800000000", 800_000_000),
        ("1,5 g", 15 * 10**8),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "much", "2 GO", "-1GB", "1e9", "GB", "2GB3"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="^" + text):
        parse_size(text)


def test_a_cap_stops_one_request_for_too_much(tmp_path: Path) -> None:
    import subprocess
    import sys

    program = "import sys\nprint('ready', flush=True)\nsys.stdin.readline()\ntry:\n    bytearray(10**9)\nexcept MemoryError:\n    print('refused')"
    with subprocess.Popen([sys.executable, "-c", program], stdin=-1, stdout=-1, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        cap(process.pid, 300_000_000)
        assert 1_000_000 < resident(process.pid) < 300_000_000
        out, _ = process.communicate("go\n", timeout=60)
    assert out.strip() == "refused"
    assert resident(process.pid) == 0
    cap(process.pid, 1)  # harmless when it is gone
