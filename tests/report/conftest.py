"""One renderer for all tests: it is made to be used again."""

from __future__ import annotations

import pytest

from evalkit.report import ReportRenderer


@pytest.fixture(scope="session")
def renderer() -> ReportRenderer:
    return ReportRenderer()
