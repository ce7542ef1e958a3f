"""What the facade displays is caught; a hand-made world is at hand, and a small demo for the whole session."""

from __future__ import annotations

from pathlib import Path

import pytest
from notebook_samples import Shown, Tiny

from evalkit.data.demo import prepare_demo
from evalkit.data.warehouse import Warehouse

_VARIABLES = ("EVALKIT_PLAN_SHA256", "EVALKIT_RUN", "EVALKIT_TEMPLATE", "EVALKIT_WAREHOUSE")


@pytest.fixture(autouse=True)
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    """What is displayed, and no trace of a run around the test."""
    found = Shown()
    monkeypatch.setattr("IPython.display.display", found.display)
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return found


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    return Tiny(tmp_path)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Warehouse]:
    """The plan and the warehouse of a demo of sixty districts, four of them reported."""
    return prepare_demo(tmp_path_factory.mktemp("demo"), universe=60, territories=4)
