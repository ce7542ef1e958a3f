"""What is noted of a run when it ends: the manifest."""

from __future__ import annotations

import datetime
import importlib.metadata
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import evalkit
from evalkit.model.plan import EvaluationPlan
from evalkit.notebook.templates import find_template
from evalkit.runs import Ledger, Manifest, RunFolder, write_manifest

if TYPE_CHECKING:
    from evalkit.data.warehouse import Warehouse

_PACKAGES = (
    "duckdb",
    "ipykernel",
    "matplotlib",
    "nbclient",
    "nbconvert",
    "numpy",
    "pandas",
    "papermill",
    "pyarrow",
    "scipy",
    "statsmodels",
)


def record_run(
    plan: EvaluationPlan,
    warehouse: Warehouse,
    folder: RunFolder,
    ledger: Ledger,
    *,
    started: datetime.datetime,
    finished: datetime.datetime,
) -> None:
    """Write the manifest of a run."""
    write_manifest(folder, manifest_of(plan, warehouse, folder, ledger, started=started, finished=finished))


def manifest_of(
    plan: EvaluationPlan,
    warehouse: Warehouse,
    folder: RunFolder,
    ledger: Ledger,
    *,
    started: datetime.datetime,
    finished: datetime.datetime,
) -> Manifest:
    """Return what there is to say of a run as things stand."""
    commit, dirty = git_state(plan.file.parent)
    sources: list[dict[str, Any]] = warehouse.sources().to_dict("records")  # type: ignore[assignment] # keys are text
    return Manifest(
        run=folder.run_id,
        evaluation=plan.evaluation,
        plan_sha256=plan.sha256,
        seed=plan.seed,
        started=started.isoformat(timespec="seconds"),
        finished=finished.isoformat(timespec="seconds"),
        evalkit=evalkit.__version__,
        git_commit=commit,
        git_dirty=dirty,
        packages={name: importlib.metadata.version(name) for name in _PACKAGES},
        templates={item.name: find_template(item.name, plan.file).sha256 for item in plan.templates},
        data=[{key: _plain(value) for key, value in row.items()} for row in sources],
        counts=ledger.counts(),
        synthetic=any(bool(row.get("synthetic")) for row in sources),
    )


def _plain(value: object) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return value if isinstance(value, (str, bool, int, float)) or value is None else str(value)


def git_state(folder: Path) -> tuple[str | None, bool | None]:
    """Return the commit that the folder stands on and whether it has uncommitted changes; (None, None) outside git."""
    try:
        commit = _git(folder, "rev-parse", "HEAD")
        return (commit, bool(_git(folder, "status", "--porcelain"))) if commit else (None, None)
    except (OSError, subprocess.SubprocessError):
        return None, None


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder.absolute()), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()  # noqa: S603
