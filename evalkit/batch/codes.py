"""Problem codes of execution: what can happen to a task, and what stops a run before it starts."""

from evalkit.errors import declare

NO_ROOM = declare(
    "EVK-RUN-020",
    "the run needs about {needed} MB and the disk of {folder} has {free} MB left",
    "free some room or choose another folder with --out",
)
CELL_FAILED = declare("EVK-RUN-021", "a cell of the template stopped with {error}", "see the log of the task")
TIMED_OUT = declare(
    "EVK-RUN-022",
    "the report was not ready after {seconds} s and was stopped",
    "give more time with --timeout, or look for a loop in the template",
)
KERNEL_DIED = declare(
    "EVK-RUN-023",
    "the process that computed the report ended unexpectedly",
    "see the log of the task, and run it again",
)
WORKER_DIED = declare(
    "EVK-RUN-024",
    "the worker process of this task ended unexpectedly",
    "check the memory of the machine, and run it again",
)
STORAGE_FAILED = declare(
    "EVK-RUN-025", "the report could not be written: {reason}", "free some room on the disk and run it again"
)
RENDER_FAILED = declare(
    "EVK-RUN-026", "the executed notebook could not be turned into a page: {reason}", "see the log of the task"
)
IDENTITY_FAILED = declare(
    "EVK-RUN-027",
    "the page speaks of another territory than it should, it was not published",
    "see the log of the task: a wrong report is worse than none",
)
INTERRUPTED = declare(
    "EVK-RUN-028", "the run was interrupted before this report was ready", "give the same command again"
)
NO_TASK = declare("EVK-RUN-029", "no task is left by {option} {value}", "known values: {known}")
NOT_EXECUTED = declare("EVK-RUN-031", "the template could not be executed: {reason}", "see the log of the task")
NO_MEMORY = declare(
    "EVK-RUN-032",
    "the report needed more memory than the machine could give",
    "run fewer tasks at once with --workers, or lighten the template",
)
TOO_MUCH_OUTPUT = declare(
    "EVK-RUN-033",
    "the template displayed more than {size} MB and was stopped",
    "look for a loop that prints, and display less",
)
DATA_CHANGED = declare(
    "EVK-RUN-034", "the data changed while the report was made, it was not published", "give the same command again"
)
NOT_PUBLISHED = declare(
    "EVK-RUN-035",
    "the tasks are done but the portfolio of {folder} could not be written: {reason}",
    "free some room and give the same command again",
)
