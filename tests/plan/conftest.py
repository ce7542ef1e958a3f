"""A small catalogue with the traits that plans meet, and a way to write a plan in a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from plan_samples import HEAD, Check, Checked

from evalkit.model.indicator import Break, Indicator
from evalkit.model.texts import LocalText
from evalkit.plan import check_plan


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


@pytest.fixture
def check(tmp_path: Path, catalogue: Mapping[str, Indicator]) -> Check:
    """Write a plan (the usual head, then the text) and check it."""

    def run(text: str, *, head: str = HEAD, **options: object) -> Checked:
        path = tmp_path / "evaluation.yaml"
        path.write_text(head + text, encoding="utf-8")
        return check_plan(path, catalogue=catalogue, **options)  # type: ignore[arg-type]

    return run
