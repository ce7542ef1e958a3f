"""The registry: nothing twice, nothing without source, nothing published that is silently absent."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest

from evalkit.text import LANGUAGES
from evalkit.verify import cases, summarise, verification_table
from evalkit.verify.case import half_unit
from evalkit.verify.showing import page
from evalkit.verify.words import EXACT, PRINTED, STATISTICS

DECISIONS = Path(__file__).resolve().parents[2] / "docs" / "decisions"
SHIPPED_FOLDERS = {"nile", "small_published"}
"""Folders whose figures ship, so that no case needs their files."""

NOT_RESULTS = {
    "columbus": {"4.58"},  # the first digits of 4.58e-08
    "lalonde": {"4.5"},  # a version of MatchIt
    "phe": {"80.642448", "99.8"},  # the target of the funnel, the level of an interval
}


def every_figure():
    return [(case, figure) for case in cases() for figure in case.figures]


def test_ids_are_plain_and_said_once():
    names = [case.id for case in cases()]
    assert [name for name, n in Counter(names).items() if n > 1] == []
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)


def test_a_figure_is_stated_once():
    said = Counter((case.id, f.subject, f.statistic, f.published) for case, f in every_figure())
    assert [what for what, n in said.items() if n > 1] == []


def test_every_case_has_its_source_and_something_to_say():
    for case in cases():
        assert len(case.source) > 10, case.id
        assert case.figures or case.gaps, case.id
        for lang in LANGUAGES:
            assert case.title.render(lang)


def test_every_statistic_has_its_words_and_every_word_is_used():
    used = {f.statistic for _, f in every_figure()} | {gap.statistic for case in cases() for gap in case.gaps}
    assert used == set(STATISTICS)


def test_a_figure_of_a_shipped_case_is_printed():
    assert [(case.id, f.subject) for case, f in every_figure() if case.shipped and f.published is None] == []


def test_a_tolerance_wider_than_the_printed_digits_has_another_reason():
    for case, figure in every_figure():
        if figure.published is not None and (figure.tolerance > half_unit(figure.published) or figure.relative):
            assert figure.reason not in (PRINTED, EXACT), (case.id, figure.subject, figure.statistic)


def test_every_decision_that_a_reason_names_exists():
    reasons = {figure.reason.render("en") for _, figure in every_figure()}
    named = {number for reason in reasons for number in re.findall(r"decision (\d{3})", reason)}
    assert named
    assert all(list(DECISIONS.glob(f"{number}-*.md")) for number in named)


def test_shipped_cases_are_all_met():
    rows = verification_table()
    assert [
        (row.case, row.what.render("en"), row.published, row.obtained) for row in rows if row.state == "failed"
    ] == []
    assert summarise(rows).figures > 100
    assert verification_table() is rows


def test_every_folder_of_the_reference_has_a_case(shared_reference):
    folders = {path.name for path in shared_reference.iterdir() if path.is_dir()}
    needed = {name.split("/")[0] for case in cases() for name in case.needs}
    assert folders - SHIPPED_FOLDERS == needed
    assert [n for case in cases() for n in case.needs if not (shared_reference / n).is_file()] == []


def _published_part(text: str) -> str:
    """The part of a README that states published values."""
    found = re.search(r"\*\*Published[^\n]*\n?(.*?)\n\*\*(?:Source|Licence)", text, re.DOTALL)
    return (found[0].splitlines()[0] + "\n" + found[1]) if found else ""


def _numbers(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w.])[-−]?\d[\d,]*\.\d+|(?<![\w.\d])[-−]?\.\d+", text))


def _plain(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", "").replace("−", "-"))
    except InvalidOperation:
        return None


def _stated(known: list[Decimal], number: Decimal) -> bool:
    """Whether a figure or a gap states this number, or one that rounds to it; the sign may differ (a gap, a distance)."""
    places = -int(number.as_tuple().exponent)
    room = Decimal(5).scaleb(-places - 1)
    return any(min(abs(one - number), abs(one + number)) <= room * Decimal("1.0001") for one in known)


@pytest.fixture(scope="module")
def known():
    texts = [f.published for _, f in every_figure() if f.published] + [
        gap.published for case in cases() for gap in case.gaps
    ]
    found = [_plain(number) for text in texts for number in re.findall(r"[-−]?[\d,]*\.?\d+", text)]
    return [number for number in found if number is not None]


def test_every_published_number_of_a_readme_is_met_or_said_to_be_not_covered(shared_reference, known):
    absent = {}
    for readme in sorted(shared_reference.glob("*/README.md")):
        numbers = _numbers(_published_part(readme.read_text(encoding="utf-8")))
        missing = sorted(
            text for text in numbers if (number := _plain(text)) is not None and not _stated(known, number)
        )
        missing = [text for text in missing if text not in NOT_RESULTS.get(readme.parent.name, set())]
        if missing:
            absent[readme.parent.name] = missing
    assert absent == {}


def test_the_page_states_every_case(shared_reference):
    text = (DECISIONS.parent / "reference" / "verification.md").read_text(encoding="utf-8")
    for case in cases():
        assert f"`{case.id}` ({case.family}). Source: {case.source}." in text, case.id
        for figure in case.figures:
            assert figure.published is None or f"| {figure.published} |" in text, (case.id, figure.subject)
        for gap in case.gaps:
            assert gap.reason.render("en") in text
    assert "not met" not in text
    assert page(verification_table()).splitlines()[0] == text.splitlines()[0]
