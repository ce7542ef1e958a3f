"""The kit as a fixture."""

from __future__ import annotations

from pathlib import Path

import pytest
from warehouse_kit import Kit, codes


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path)


@pytest.fixture
def many() -> list[str]:
    """Sixty codes of districts."""
    return codes(60)
