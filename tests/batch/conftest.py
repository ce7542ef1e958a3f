"""The small projects of the faults, for tests that need a plan and a warehouse."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent.parent / "e2e"))

from small_projects import Project, hostile_warehouse, template


@pytest.fixture(scope="session")
def small_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse of twelve fictitious districts."""
    return hostile_warehouse(tmp_path_factory.mktemp("donnees"))


@pytest.fixture
def project(small_warehouse: Path, tmp_path: Path) -> Project:
    """A plan with two templates and two languages."""
    made = Project(tmp_path, small_warehouse)
    return made.write({"tiny": template(), "other": template()}, languages=("fr", "en"))
