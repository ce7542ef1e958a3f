"""A small catalogue with the traits that plans meet, and a way to write a plan in a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from evalkit.errors import Problem
from evalkit.model.indicator import Break, Indicator
from evalkit.model.plan import EvaluationPlan
from evalkit.model.texts import LocalText
from evalkit.plan import check_plan

FILES = Path(__file__).parent / "files"
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


def _indicator(id: str, **traits: object) -> Indicator:
    breaks = tuple(Break(period, LocalText(fr="rupture")) for period in ("2016", "2018", "2019", "2020"))
    base = Indicator(
        id=id,
        theme="income",
        label=LocalText(fr=id),
        short_label=LocalText(fr=id),
        definition=LocalText(fr=id),
        unit="percent",
        polarity="down",
        kind="result",
        levels=("qpv", "iris", "commune", "epci"),
        interval_method="none",
        disclosure="insee_tax",
        breaks=breaks,
    )
    return replace(base, **traits)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def catalogue() -> Mapping[str, Indicator]:
    """Seven indicators: a rate, a median in euros, a neutral share, one with intervals, counts, a delivery, a wide one."""
    made = (
        _indicator("in_tp60"),
        _indicator("in_med", unit="euro_per_year", polarity="up"),
        _indicator("ig_etr", polarity="neutral", breakdowns=("sex",), breaks=()),
        _indicator("em_emploi", polarity="up", interval_method="wilson", additive=True, breakdowns=("sex",), breaks=()),
        _indicator("ec_etab", unit="per_1000", polarity="neutral", interval_method="byar", additive=True, breaks=()),
        _indicator("ur_demol", polarity="delivery", levels=("project", "qpv"), breaks=()),
        _indicator("ess_part", polarity="neutral", levels=("department", "region"), breaks=()),
    )
    return {indicator.id: indicator for indicator in made}


Checked = tuple[EvaluationPlan | None, list[Problem]]
Check = Callable[..., Checked]


@pytest.fixture
def check(tmp_path: Path, catalogue: Mapping[str, Indicator]) -> Check:
    """Write a plan (the usual head, then the text) and check it."""

    def run(text: str, *, head: str = HEAD, **options: object) -> Checked:
        path = tmp_path / "evaluation.yaml"
        path.write_text(head + text, encoding="utf-8")
        return check_plan(path, catalogue=catalogue, **options)  # type: ignore[arg-type]

    return run


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
    """Return the sorted codes of the problems, without their common beginning."""
    return sorted(problem.code.id.removeprefix("EVK-PLAN-") for problem in checked[1])
