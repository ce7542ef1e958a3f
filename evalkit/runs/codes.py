"""Problem codes of run folders."""

from evalkit.errors import declare

NOT_A_RUN = declare(
    "EVK-RUN-001",
    "{folder} is not a run folder, it has no private/ledger.sqlite",
    "give a folder made by `evalkit run`",
)
NEWER_SCHEMA = declare(
    "EVK-RUN-002",
    "this was written by a newer evalkit (schema {found}, this one reads {known})",
    "install the newer version, or start a new run folder",
)
LEDGER_BROKEN = declare(
    "EVK-RUN-003",
    "the ledger cannot be read: {reason}",
    "restore it from a backup, or start a new run folder",
)
OTHER_PLAN = declare(
    "EVK-RUN-004",
    "the run folder {folder} belongs to the evaluation {found}, not to {wanted}",
    "give another folder with --out",
)
RUN_IN_USE = declare(
    "EVK-RUN-005",
    "another process is writing to the run folder {folder}",
    "wait for it to end, or stop it",
)
LEDGER_FULL = declare(
    "EVK-RUN-006",
    "the disk that holds the run {folder} is full",
    "free some room and give the same command again, what is missing will run",
)
NOT_EMPTY = declare(
    "EVK-RUN-007",
    "the folder {folder} holds other files and is not a run folder",
    "give a new folder with --out",
)
NOT_WRITABLE = declare(
    "EVK-RUN-008", "the run folder {folder} cannot be written: {reason}", "give another folder with --out"
)
BAD_FINDING = declare(
    "EVK-RUN-009",
    "a recorded finding has a field that does not belong: {name}",
    "record findings only through `ev.record(...)`",
)
MANIFEST_BROKEN = declare("EVK-RUN-010", "the manifest cannot be read", "give the run command again")
GONE = declare("EVK-RUN-011", "its published files are no longer there", "give the run command again")
STORE_GONE = declare(
    "EVK-RUN-014",
    "the storage of the run does not answer: {reason}",
    "check the address, the network and the credentials, then give the same command again",
)
HOLD_LOST = declare(
    "EVK-RUN-015",
    "another command has taken over the run {folder}, this one sends nothing more",
    "wait for the other one to end, then give the same command again",
)
