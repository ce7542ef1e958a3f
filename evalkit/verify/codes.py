"""The problem codes of the verification."""

from __future__ import annotations

from evalkit.errors import declare

NO_REFERENCE_FOLDER = declare(
    "EVK-USE-020",
    "{folder} holds no published case",
    "name the folder of the reference data: one folder per case, with its README",
)
