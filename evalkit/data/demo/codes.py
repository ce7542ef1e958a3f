"""The problems of the demo data (EVK-DATA-101 to 109)."""

from __future__ import annotations

from evalkit.errors import declare

LEFT_OUT = declare(
    "EVK-DATA-101",
    "this fictitious value was left out on purpose, as official files leave some out",
    "it stays missing",
    "warning",
)
PARAMETERS_REFUSED = declare(
    "EVK-DATA-102",
    "this is not a parameter file of the demo data: {reason}",
    "use the file that evalkit demo wrote, or make the data again",
)
UNIVERSE_REFUSED = declare(
    "EVK-DATA-103",
    "a demo country of {universe} districts cannot be made",
    "choose from {smallest} to {largest}",
)
REPORTED_REFUSED = declare(
    "EVK-DATA-104",
    "{reported} districts cannot be reported",
    "choose from 1 to {treated}, the number of treated districts, or make the country larger",
)
