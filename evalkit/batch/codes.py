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
MEMORY_LIMIT = declare(
    "EVK-RUN-056",
    "the report needed more than {size} MB of memory and was stopped",
    "allow more with --memory-limit, or lighten the template",
)
KERNEL_FRESH = declare(
    "EVK-RUN-057",
    "kernels cannot be forked here ({reason}): each one starts afresh, which takes several times longer",
    "run on Linux for warm kernels, or ask for this with --kernel fresh",
    "warning",
)
BAD_SIZE = declare(
    "EVK-RUN-058",
    "{value} is no amount of memory for a task",
    "write for instance --memory-limit 2GB, at least {least} MB",
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
SINCE_ELSEWHERE = declare(
    "EVK-RUN-036",
    "{folder} lies on object storage, reports are compared with a run in a folder of this machine",
    "copy the run here, its private part too, and give its folder with --since",
)
SINCE_ITSELF = declare(
    "EVK-RUN-037", "{folder} is the run that is being made, it cannot be compared with itself",
    "give an earlier run with --since, or another folder with --out",
)  # fmt: skip
SINCE_OTHER = declare(
    "EVK-RUN-038",
    "the earlier run {folder} is one of the evaluation {found}, not of {wanted}: their findings are not the same",
    "give a run of this evaluation with --since; `evalkit runs list` names them",
)
SINCE_OPEN = declare(
    "EVK-RUN-039",
    "the earlier run {folder} has no manifest: it never came to its end, so nothing says what its findings were made with",
    "bring that run to its end first, or give another one with --since",
)
SINCE_ALTERED = declare(
    "EVK-RUN-049",
    "the findings of {task} in the earlier run {folder} are not those that its ledger knows",
    "look with `evalkit runs verify`, or give another run with --since",
)
NO_SCHEDULER = declare(
    "EVK-RUN-040",
    "no Dask scheduler answers at {address} ({reason})",
    "start one with `dask scheduler`, or leave --scheduler out to use this machine",
)
NO_WORKERS = declare(
    "EVK-RUN-041", "the scheduler {address} has no worker", "start one with `dask worker {address} --nthreads 1`"
)
WORKER_WITHOUT = declare(
    "EVK-RUN-042",
    "the worker {worker} cannot load evalkit ({reason})",
    "install the same evalkit on every machine of the cluster",
)
SCHEDULER_WITHOUT = declare(
    "EVK-RUN-043",
    "the scheduler cannot load evalkit ({reason})",
    "install the same evalkit on every machine of the cluster, the scheduler's too",
)
OTHER_VERSION = declare(
    "EVK-RUN-044",
    "the worker {worker} has evalkit {found}, this machine has {wanted}, or their sources differ",
    "install the same evalkit on every machine of the cluster",
)
MANY_THREADS = declare(
    "EVK-RUN-045",
    "the worker {worker} has {threads} threads, a worker of evalkit has one",
    "start it with `--nthreads 1`, and more of them with `--nworkers`",
)
NOT_SHARED = declare(
    "EVK-RUN-046",
    "the worker {worker} does not see the run folder {folder}",
    "put the run on a file system that all machines share, or on object storage: --out s3://...",
)
SCHEDULER_LOST = declare(
    "EVK-RUN-047", "the scheduler was lost before this report was ready", "give the same command again"
)
NOT_HELD = declare(
    "EVK-RUN-048", "the run had ended or was taken over before this report was ready", "give the same command again"
)
