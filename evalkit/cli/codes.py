"""Problem codes of commands."""

from evalkit.errors import declare

NOT_EMPTY = declare(
    "EVK-USE-030",
    "the folder {folder} is not empty",
    "give the name of a new folder: nothing that is there is overwritten",
)
