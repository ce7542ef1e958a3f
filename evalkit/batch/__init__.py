"""Executing a plan: tasks, kernels, the papermill engine, worker processes, publication."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evalkit.batch.run import RunOptions, RunResult, run_plan
    from evalkit.batch.tasks import plan_tasks

__all__ = ["RunOptions", "RunResult", "plan_tasks", "run_plan"]


def __getattr__(name: str) -> Any:
    """Load what plans a run when it is first used: a worker carries out tasks and needs none of it."""
    if name == "plan_tasks":
        from evalkit.batch.tasks import plan_tasks

        return plan_tasks
    if name in __all__:
        from evalkit.batch import run

        return getattr(run, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
