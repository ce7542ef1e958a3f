"""Parts of plans for tests: a usual head, one criterion, and what a check found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from evalkit.errors import Problem
from evalkit.model.plan import EvaluationPlan

FILES = Path(__file__).parent / "files"
ROOT = Path(__file__).resolve().parents[2]
Checked = tuple[EvaluationPlan | None, list[Problem]]
Check = Callable[..., Checked]
HEAD = """\
evaluation: essai
title: Un essai
programme: {kind: contrat_de_ville, start: 2015, end: 2023}
territories: {level: qpv, geography: 2015, codes: [QP034005, QP011001]}
comparators:
  - {id: region, kind: territories, same: region_2015}
  - {id: commune, kind: parent, level: commune}
  - {id: rest, kind: rest_of_parent, level: commune}
templates: [{name: territory_portrait}]
"""


def criterion(design: str, rules: str, indicator: str = "in_tp60", target: str = "") -> str:
    """Return a plan's indicators and one question with one criterion."""
    return (
        f"indicators: [{{id: {indicator}{target}}}]\n"
        "questions:\n"
        "  - id: Q1\n"
        "    criterion: effectiveness\n"
        "    text: Une question\n"
        "    criteria:\n"
        f"      - {{id: C1, text: Un critère, indicator: {indicator}, design: {{{design}}}, {rules}}}\n"
    )


def codes_of(checked: Checked) -> list[str]:
    """Return the sorted numbers of the problems, without their common beginning."""
    return sorted(problem.code.id.removeprefix("EVK-PLAN-") for problem in checked[1])
