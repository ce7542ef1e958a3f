"""Publication of a task: the page is rendered, checked against its task, then moved into place, data of its figures first."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evalkit.batch import codes
from evalkit.batch.outcome import TaskFailed
from evalkit.errors import Problem
from evalkit.notebook.recording import FINDING
from evalkit.runs.files import replace_folder, write_atomic
from evalkit.runs.findings import check_findings, write_task_findings
from evalkit.runs.folder import RunFolder

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from evalkit.batch.execute import Work


def findings_in(notebook: NotebookNode) -> list[dict[str, Any]]:
    """Return the findings that a notebook recorded, in order."""
    return [
        output["data"][FINDING]["finding"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if FINDING in output.get("data", {})
    ]


def publish(work: Work, folder: RunFolder, notebook: NotebookNode) -> dict[str, str]:
    """Render, check and publish; return the published paths with their hashes. Nothing is published when the identity fails."""
    from evalkit.report import check_identity

    task = work.task
    findings = findings_in(notebook)
    check_findings(findings)
    page = _renderer().render(notebook, _context(work, folder, findings))
    problems = check_identity(page.html, notebook, task)
    if problems:
        detail = "\n".join(problem.render("en") for problem in problems)
        raise TaskFailed("failed_identity", Problem(codes.IDENTITY_FAILED), detail)
    write_task_findings(folder.findings_of(task), findings)
    replace_folder(folder.figures(task), page.figure_files)
    content = page.html.encode()
    write_atomic(folder.report(task), content)
    figures = {folder.figures(task) / name: data for name, data in sorted(page.figure_files.items())}
    written = {folder.report(task): content, folder.findings_of(task): folder.findings_of(task).read_bytes(), **figures}
    return {
        path.relative_to(folder.root).as_posix(): hashlib.sha256(data).hexdigest() for path, data in written.items()
    }


@functools.cache
def _renderer() -> Any:
    """One renderer a worker: nbconvert's exporter is slow to build."""
    from evalkit.report import ReportRenderer

    return ReportRenderer()


def _context(work: Work, folder: RunFolder, findings: Sequence[Mapping[str, Any]]) -> Any:
    from evalkit.batch.changes import changes_since
    from evalkit.report import ReportContext, accessibility_name, asset_names

    task, first = work.task, work.languages[0]
    return ReportContext(
        run=folder.run_id,
        evaluation=work.evaluation,
        plan_sha256=work.plan_sha256,
        template=task.template,
        lang=task.lang,
        territory=task.territory,
        stylesheet=asset_names()["evalkit.css"],
        generated=work.started,
        portfolio=f"../../../{folder.index(task.lang, first).name}",
        verification=work.verification,
        theme=work.theme,
        accessibility=f"../../../{accessibility_name(task.lang, first)}",
        changes=changes_since(folder, work.since, task, findings) if work.since else None,
        languages={lang: f"../../{lang}/{task.template}/{task.territory}.html" for lang in work.languages},
    )
