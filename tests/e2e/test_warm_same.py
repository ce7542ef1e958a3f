"""Warm and fresh kernels give the same bytes: findings, figures and pages of the demo's own templates."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from evalkit.report import canonical_hash

pytestmark = pytest.mark.slow


def _published(out: Path) -> dict[str, bytes | str]:
    found: dict[str, bytes | str] = {}
    for path in sorted((out / "reports").rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            found[str(path.relative_to(out))] = canonical_hash(content.decode()) if path.suffix == ".html" else content
    return found


def _demo(folder: Path, kernel: str) -> dict[str, bytes | str]:
    out = folder / "demo"
    command = [sys.executable, "-m", "evalkit", "demo", "--territories", "2", "--universe", "60", "--out", str(out)]
    done = subprocess.run(
        [*command, "--kernel", kernel], env=os.environ, capture_output=True, text=True, timeout=500, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = _published(out)
    findings = (out / "findings.csv").read_text(encoding="utf-8-sig")
    return {**found, "findings.csv": findings}


def test_both_modes_give_the_same_bytes(tmp_path: Path) -> None:
    warm, fresh = (_demo(tmp_path / kernel, kernel) for kernel in ("warm", "fresh"))
    assert warm.keys() == fresh.keys()
    assert sum(name.endswith(".svg") for name in warm) > 10
    assert sum(name.endswith(".html") for name in warm) == 6
    assert [name for name in warm if warm[name] != fresh[name]] == []
