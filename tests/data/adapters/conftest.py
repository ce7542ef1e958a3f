"""Fixtures of the adapters: the deliveries of the real files, and small files written for one test."""

from __future__ import annotations

from pathlib import Path

import pytest
from official_files import FILES, Read, Write, read_files

from evalkit.data.delivery import Delivery


@pytest.fixture(scope="session")
def official(shared_data: Path) -> Read:
    """Return the delivery of a data set out of the real files; each is read once."""
    held: dict[str, Delivery] = {}

    def read(dataset: str) -> Delivery:
        if dataset not in held:
            held[dataset] = read_files(dataset, *(shared_data / name for name in FILES[dataset]))
        return held[dataset]

    return read


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a small file and return its path."""

    def make(name: str, text: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return make
