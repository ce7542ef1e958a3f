"""Text that leaves the house: no spreadsheet runs a cell, no log moves a terminal's cursor."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.text.plain import printable, safe_cell


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (0.1, "0.1"),
        (-4.2, "-4.2"),
        (12, "12"),
        ("QP034005", "QP034005"),
        ("-4,2", "-4,2"),
        ("+3", "+3"),
        ('=HYPERLINK("x")', '\'=HYPERLINK("x")'),
        ("@x", "'@x"),
        ("-2+3", "'-2+3"),
        ("\tx", "'\tx"),
        ("", ""),
    ],
)
def test_a_cell_never_runs(value, cell):
    assert safe_cell(value) == cell


@given(text=st.text())
def test_a_text_that_starts_like_a_formula_is_a_number_or_quoted(text):
    cell = safe_cell(text)
    assert cell in (text, f"'{text}")
    if cell[:1] in ("=", "@", "\t", "\r", "|", "%"):
        pytest.fail(f"{cell!r} can run")


def test_a_log_keeps_its_lines_and_loses_its_colours():
    assert printable("\x1b[31merror\x1b[0m\n\tat line 2\x07") == "error\n\tat line 2?"


@given(text=st.text())
def test_a_log_never_moves_the_cursor(text):
    assert all(character.isprintable() or character in "\n\t\u00a0\u202f" for character in printable(text))
