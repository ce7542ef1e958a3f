"""The committed reference pages are those that the definitions give."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalkit.catalogue import load_catalogue
from evalkit.catalogue.reference import COMMAND, FOLDER, PAGES, indicator_reference, main
from evalkit.catalogue.schema import KNOWN
from evalkit.catalogue.words import (
    BREAKDOWNS,
    DAC_CRITERIA,
    DISCLOSURE_RULES,
    FREQUENCIES,
    INTERVAL_METHODS,
    KINDS,
    LEVELS,
    POLARITIES,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_committed_page_is_up_to_date(lang: str) -> None:
    committed = (ROOT / FOLDER / PAGES[lang]).read_text(encoding="utf-8")
    assert committed == indicator_reference(lang), f"run: {COMMAND}"


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_page_holds_every_indicator(lang: str) -> None:
    page = indicator_reference(lang)
    for indicator in load_catalogue().values():
        assert f'<a id="{indicator.id}"></a>' in page
        assert indicator.definition.render(lang) in page


def test_the_pages_are_written_where_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(tmp_path / "reference")
    assert sorted(path.name for path in (tmp_path / "reference").iterdir()) == sorted(PAGES.values())
    assert len(capsys.readouterr().out.splitlines()) == len(PAGES)


@pytest.mark.parametrize(
    ("key", "table"),
    [
        ("polarity", POLARITIES),
        ("kind", KINDS),
        ("dac_criterion", DAC_CRITERIA),
        ("levels", LEVELS),
        ("interval_method", INTERVAL_METHODS),
        ("disclosure", DISCLOSURE_RULES),
        ("frequency", FREQUENCIES),
        ("breakdowns", BREAKDOWNS),
    ],
)
def test_every_closed_word_can_be_said_to_a_reader(key: str, table: dict[str, object]) -> None:
    assert tuple(table) == KNOWN[key]
