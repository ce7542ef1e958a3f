"""Shared fixtures: where real official data lies, when it is there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("EVALKIT_SHARED", ROOT.parent / "shared"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real official data sets; the test is skipped, with this reason, where it does not exist."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip(f"needs real data: no folder {folder}")
    return folder


@pytest.fixture(scope="session")
def shared_reference() -> Path:
    """The folder of published reference cases."""
    folder = SHARED / "reference"
    if not folder.is_dir():
        pytest.skip(f"needs reference data: no folder {folder}")
    return folder
