"""How a task can end before its report is published: carried as an exception inside a worker, never across it."""

from __future__ import annotations

from evalkit.errors import Problem
from evalkit.model.run import TaskState


class TaskFailed(Exception):  # noqa: N818 - it is an outcome, and reads as one
    """A task ended in a known way; carries the state, the problem for readers, and the detail for the private log.

    One that is `lasting` would end so again, whatever is usual for its state.
    """

    def __init__(self, state: TaskState, problem: Problem, detail: str = "", *, lasting: bool = False) -> None:
        super().__init__(state)
        self.state: TaskState = state
        self.problem = problem
        self.detail = detail
        self.lasting = lasting
