"""The published statistical cases, re-run once a run, for the annex of every report."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from evalkit.report import Verification
from evalkit.verify import summarise, verification_table


def verified(languages: Iterable[str]) -> dict[str, Verification]:
    """Return, in each language, how many published figures this machine reproduces, case by case."""
    rows = [row for row in verification_table() if row.state != "not_covered"]
    found = {}
    for lang in languages:
        cases = tuple(
            (group[0].title.render(lang), f"{sum(r.state == 'passed' for r in group)} / {len(group)}", group[0].source)
            for group in (list(part) for _, part in groupby(rows, key=lambda row: row.case))
        )
        found[lang] = Verification(summarise(rows).sentence.render(lang), cases)
    return found
