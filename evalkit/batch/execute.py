"""Executing one task in a worker process: papermill, then the page, then publication. The outcome is a ledger row, never an exception."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.batch import codes
from evalkit.batch.failing import STORAGE_ERRORS, cell_failure, class_name, kernel_failure, refusal
from evalkit.batch.outcome import TaskFailed
from evalkit.batch.processes import WORK_MARK, kill_strays
from evalkit.batch.publish import publish
from evalkit.batch.reads import reads_in
from evalkit.batch.stages import stages_index
from evalkit.batch.warm import Reading, WarmParent, WarmUnavailableError
from evalkit.batch.warm.pinned import PINNED, SEED
from evalkit.batch.watch import Watch
from evalkit.data.mirror import local_warehouse
from evalkit.data.storage import StoreError
from evalkit.data.warehouse import fingerprint_of
from evalkit.errors import Code, EvalkitError, Problem
from evalkit.model.run import Task, TaskRecord, TaskState, is_failure
from evalkit.notebook.stages import VARIABLE as STAGES
from evalkit.runs.folder import RunFolder
from evalkit.runs.remote import open_run
from evalkit.text.plain import printable

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from evalkit.report import PageTheme, Verification

KERNELS = {"warm": "evalkit", "fresh": "python3"}
_SKIPPED = "skip-execution"  # nbclient leaves out cells with this tag


@dataclass(frozen=True)
class Work:
    """A task as it travels to a worker: small, and all by reference; `since` names what the run holds of an earlier one.

    A task that is not `staged` may run before the stages of the run are there, and does not look for them.
    """

    task: Task
    run_root: str
    template_file: str
    plan_file: str
    warehouse: str
    evaluation: str
    plan_sha256: str
    fingerprint: str
    languages: tuple[str, ...]
    timeout: float | None
    started: datetime.datetime
    verification: Verification | None = None
    theme: PageTheme | None = None
    kernel: str = "warm"
    memory_limit: int | None = None
    seed: int = 0
    token: str = ""
    since: str = ""
    staged: bool = True


def execute(work: Work) -> TaskRecord:
    """Execute a task to its published report; every way it can end is a state."""
    started = time.monotonic()
    folder = open_run(work.run_root)
    directory = folder.work_of(work.task)
    watch = Watch(timeout=work.timeout, memory_limit=work.memory_limit)
    try:
        with _as_failure("failed_kernel", codes.NOT_EXECUTED, work.task.lang):
            record = _attempt(work, folder, directory, watch)
    except TaskFailed as failed:
        record = _record(work.task, failed.state, failed.problem.message(work.task.lang), failed.detail)
        record = replace(record, lasting=failed.lasting)
    except OSError as error:
        problem = Problem(codes.STORAGE_FAILED, {"reason": error.strerror or type(error).__name__})
        record = _record(work.task, "failed_storage", problem.message(work.task.lang), traceback.format_exc())
    finally:
        kill_strays(directory)
        shutil.rmtree(directory, ignore_errors=True)
    _log(folder, record)
    with suppress(StoreError):  # it must not hide how the task ended
        folder.send(folder.log(record), *(() if record.state == "ok" else (folder.notebook(record),)))
    reads = reads_in(watch.notebook, work.fingerprint, work.plan_sha256) if record.state in ("ok", "refused") else ()
    seconds = round(time.monotonic() - started, 3)
    return replace(record, seconds=seconds, peak_memory=watch.peak_memory or None, reads=reads)


def _attempt(work: Work, folder: RunFolder, directory: Path, watch: Watch) -> TaskRecord:
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    work = _here(work, folder)
    watch.environment = _environment(work, folder, directory)
    _get_ready(work)
    try:
        _run_notebook(work, directory, watch)
        if watch.left:
            raise TaskFailed("failed_kernel", Problem(codes.KERNEL_DIED), "a cell called exit()", lasting=True)
        notebook = _finished(watch.notebook)
        with _as_failure("failed_render", codes.RENDER_FAILED, work.task.lang):
            _require_same_data(work)
            _require_held(work, folder)
            outputs = publish(work, folder, notebook)
    finally:
        if watch.notebook is not None:
            _keep_notebook(folder, work.task, watch.notebook)
    task = work.task
    record = TaskRecord(task.template, task.territory, task.lang, "ok", key=task.key, outputs=outputs)
    record = replace(record, reads=reads_in(watch.notebook, work.fingerprint, work.plan_sha256))
    folder.settle(record)
    return record


def _here(work: Work, folder: RunFolder) -> Work:
    """Return a work with the places of this machine: where the run is shared by objects alone, its inputs are fetched first."""
    _require_held(work, folder)
    work = replace(work, warehouse=str(local_warehouse(work.warehouse)))
    if folder.receive_inputs(work.token):
        return work
    template = folder.plan_copy(f"templates/{work.task.template}.ipynb")
    return replace(work, template_file=str(template), plan_file=str(folder.plan_copy("evaluation.yaml")))


def _require_held(work: Work, folder: RunFolder) -> None:
    """Stop when the run has ended, or another execution of it has begun: what this one made is not wanted any more."""
    if work.token and not folder.is_held(work.token):
        raise TaskFailed("cancelled", Problem(codes.NOT_HELD))


def _get_ready(work: Work) -> None:
    """Have the warm parent of this worker read what the notebooks of the run read alike; where it cannot, each reads for itself."""
    if work.kernel != "warm":
        return
    run = Reading(work.plan_file, work.warehouse, f"{work.plan_sha256} {work.fingerprint}")
    with suppress(WarmUnavailableError):  # the kernel then says so
        WarmParent.of_this_process().get_ready(run)


def _environment(work: Work, folder: RunFolder, directory: Path) -> dict[str, str]:
    own = {
        WORK_MARK: str(directory.absolute()),
        "EVALKIT_RUN": folder.run_id,
        "EVALKIT_WAREHOUSE": work.warehouse,
        "EVALKIT_TEMPLATE": work.task.template,
        "EVALKIT_PLAN_SHA256": work.plan_sha256,
        STAGES: str(stages_index(folder).absolute()) if work.staged else "",
        SEED: f"{work.seed}/{work.task.id}",
    }
    return {**os.environ, **PINNED, **own}


def _run_notebook(work: Work, directory: Path, watch: Watch) -> None:
    import nbformat
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    source = nbformat.reads(Path(work.template_file).read_text(encoding="utf-8"), as_version=4)
    source.metadata["papermill"] = {}
    parameters: dict[str, Any] = {
        **work.task.parameters,
        "plan": work.plan_file,
        "territory": work.task.territory,
        "language": work.task.lang,
    }
    try:
        papermill.execute_notebook(
            source,
            None,
            parameters,
            engine_name="evalkit",
            kernel_name=KERNELS[work.kernel],
            language="python",
            cwd=directory,
            progress_bar=False,
            watch=watch,
        )
    except PapermillExecutionError as error:
        raise cell_failure(error, watch) from error
    except (DeadKernelError, RuntimeError) as error:
        raise kernel_failure(error, watch) from error
    except OSError as error:
        if error.errno in STORAGE_ERRORS:
            raise
        raise kernel_failure(error, watch) from error


def _finished(notebook: NotebookNode | None) -> NotebookNode:
    """Return the notebook when each of its code cells really ran to its end; metadata of the executor is not trusted."""
    if notebook is None:
        raise TaskFailed("failed_kernel", Problem(codes.KERNEL_DIED))
    if refused := refusal(notebook):
        raise refused
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":  # papermill lets `sys.exit(0)` pass
                error = class_name(str(output.ename))
                raise TaskFailed(
                    "failed_cell", Problem(codes.CELL_FAILED, {"error": error}), "\n".join(output.traceback)
                )
        skipped = _SKIPPED in cell.metadata.get("tags", [])
        if cell.cell_type == "code" and cell.source.strip() and not skipped and not cell.get("execution_count"):
            raise TaskFailed("failed_kernel", Problem(codes.KERNEL_DIED), "a cell never ran")
    return notebook


def _require_same_data(work: Work) -> None:
    """Stop when the warehouse is not what it was when the task was planned: the page would not be what its key says."""
    if fingerprint_of(Path(work.warehouse)) != work.fingerprint:
        raise TaskFailed("cancelled", Problem(codes.DATA_CHANGED))


@contextmanager
def _as_failure(state: TaskState, code: Code, lang: str) -> Iterator[None]:
    """Turn an error of a step into an outcome: evalkit's own with its sentence, any other with its kind only. It would come again."""
    try:
        yield
    except (TaskFailed, OSError):
        raise
    except EvalkitError as error:
        reason = "; ".join(problem.message(lang) for problem in error.problems)
        raise TaskFailed(state, Problem(code, {"reason": reason}), traceback.format_exc(), lasting=True) from error
    except Exception as error:  # no step may take the worker down
        problem = Problem(code, {"reason": type(error).__name__})
        raise TaskFailed(state, problem, traceback.format_exc(), lasting=True) from error


def _keep_notebook(folder: RunFolder, task: Task, notebook: NotebookNode) -> None:
    """Keep the executed notebook, on one line: `nbformat` would copy, indent and check it, which takes four times as long."""
    from evalkit.runs.files import write_atomic

    content = json.dumps(notebook, ensure_ascii=False, sort_keys=True)
    write_atomic(folder.notebook(task), content.encode(errors="replace"))


def _record(task: Task, state: TaskState, reason: str, detail: str) -> TaskRecord:
    said = reason.encode(errors="replace").decode()  # a template may have composed it
    return TaskRecord(
        task.template, task.territory, task.lang, state, key=task.key, reason=said, detail=printable(detail)
    )


def _log(folder: RunFolder, record: TaskRecord) -> None:
    """Keep the traceback of a failure, also when a later try succeeds; a full disk must not hide the failure itself."""
    path = folder.log(record)
    if not is_failure(record.state):
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{record.state}: {record.reason}\n\n{record.detail}\n", encoding="utf-8")
    except OSError:
        path.unlink(missing_ok=True)


def lost(work: Work, code: Code = codes.WORKER_DIED) -> TaskRecord:
    """Return the outcome of a task whose worker process died, or whose scheduler was lost."""
    directory = open_run(work.run_root).work_of(work.task)
    kill_strays(directory)
    shutil.rmtree(directory, ignore_errors=True)
    return _record(work.task, "failed_worker", Problem(code).message(work.task.lang), "")
