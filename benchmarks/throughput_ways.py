"""The rivals of `bench_throughput.py` and the limit: in a module of their own, for processes that are spawned to find them."""

from __future__ import annotations

import html
import string
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAGE = string.Template("<!doctype html><html lang=$lang><title>$title</title><body>$blocks</body></html>\n")


@dataclass(frozen=True)
class Job:
    """One notebook to make."""

    plan: str
    template: str
    territory: str
    out: str

    @property
    def parameters(self) -> dict[str, str]:
        return {"plan": self.plan, "territory": self.territory, "language": "fr"}

    @property
    def template_file(self) -> str:
        from evalkit.notebook.templates import find_template

        return str(find_template(self.template).file)


def papermill_then_nbconvert(job: Job) -> str:
    """Make a page as most do: papermill with a cold kernel, then a new exporter of nbconvert."""
    import nbformat
    import papermill
    from nbconvert import HTMLExporter

    made = Path(job.out) / f"{job.template}-{job.territory}.ipynb"
    papermill.execute_notebook(job.template_file, made, job.parameters, kernel_name="python3", progress_bar=False)
    page, _ = HTMLExporter().from_notebook_node(nbformat.read(made, as_version=4))
    made.with_suffix(".html").write_text(page, encoding="utf-8")
    return job.territory


def warm_up() -> None:
    """Import, draw and fit in a process of the limit as the parent of warm kernels does; what a notebook reads, the limit reads each time."""
    from IPython.core.displaypub import CapturingDisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell

    from evalkit.batch.warm.rehearsal import rehearse

    rehearse()
    InteractiveShell.instance(display_pub_class=CapturingDisplayPublisher)


def plain_python(job: Job) -> str:
    """Run the cells of a template without a kernel and write what they display into a page."""
    import nbformat
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.display_pub.outputs = []
    names: dict[str, Any] = {}
    for cell in nbformat.read(job.template_file, as_version=4).cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, "cell", "exec"), names)  # noqa: S102 - the template's own code, as a kernel runs it
            names |= job.parameters if "parameters" in cell.metadata.get("tags", []) else {}
    shown = [output["data"] for output in shell.display_pub.outputs]
    blocks = [data.get("text/html") or f"<pre>{html.escape(data.get('text/plain', ''))}</pre>" for data in shown]
    blocks += [
        str(value) for data in shown for kind, value in data.items() if kind.startswith("application/vnd.evalkit")
    ]
    page = PAGE.substitute(lang="fr", title=job.territory, blocks="\n".join(blocks))
    (Path(job.out) / f"{job.template}-{job.territory}.html").write_text(page, encoding="utf-8")
    return job.territory
