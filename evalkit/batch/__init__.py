"""Executing a plan: tasks, kernels, the papermill engine, worker processes, publication."""

from evalkit.batch.run import RunOptions, RunResult, run_plan
from evalkit.batch.tasks import plan_tasks

__all__ = ["RunOptions", "RunResult", "plan_tasks", "run_plan"]
