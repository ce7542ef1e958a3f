"""Problem codes of object storage (EVK-DATA-110 to 119)."""

from evalkit.errors import declare

NO_EXTRA = declare(
    "EVK-DATA-110",
    "storage of the kind {scheme}:// needs a library that is not installed",
    "install it with `pip install 'evalkit[{extra}]'`",
)
UNKNOWN_STORE = declare(
    "EVK-DATA-111", "{url} is no storage that evalkit knows", "give a path, or an address such as s3://bucket/folder"
)
UNREACHABLE = declare(
    "EVK-DATA-112",
    "the object storage does not answer ({reason})",
    "check the network, the credentials and AWS_ENDPOINT_URL, then try again",
)
NOT_WHOLE = declare(
    "EVK-DATA-113",
    "this file of the warehouse is not what its record says",
    "wait for the warehouse to be copied as a whole, then try again",
)
READ_ONLY = declare(
    "EVK-DATA-114",
    "the warehouse {url} is only read from object storage",
    "add to the warehouse on a disk, then copy it there as a whole, `schema.json` last",
)
MOVED_ON = declare("EVK-DATA-115", "the warehouse {url} has changed since the run began", "give the same command again")
