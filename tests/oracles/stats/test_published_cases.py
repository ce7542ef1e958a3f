"""Every published case of the registry is met: those that ship, and those of the reference folder."""

from __future__ import annotations

import pytest

from evalkit.verify import Case, Reference, cases, check


def unmet(case: Case, reference: Reference) -> list[tuple[str, str, float | None]]:
    return [
        (row.what.render("en"), row.published, row.obtained) for row in check(case, reference) if row.state == "failed"
    ]


@pytest.mark.parametrize("case", [case for case in cases() if case.shipped], ids=lambda case: case.id)
def test_a_shipped_case_is_met(case):
    assert unmet(case, Reference()) == []


@pytest.mark.parametrize("case", [case for case in cases() if not case.shipped], ids=lambda case: case.id)
def test_a_case_of_the_reference_folder_is_met(case, shared_reference):
    assert unmet(case, Reference(shared_reference)) == []
