"""The words of a row's note do not depend on what else was imported."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("code", ["EVK-DATA-101", "EVK-DATA-007"])
def test_a_note_has_its_words_in_a_new_process(code: str) -> None:
    program = f"from evalkit.notebook.describing import note_text\nprint(ascii(note_text({code!r}, 'en')))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)
    assert len(done.stdout.strip()) > 2, "the note is empty"
