"""The forest of a portfolio: each estimate of the programme once, and only what a design may call an effect."""

from __future__ import annotations

from typing import Any

import pandas as pd

from evalkit.batch.effects import programme_forest


def finding(**changes: Any) -> dict[str, Any]:
    return {
        "lang": "fr", "territory": "QP1", "level": "programme", "indicator": "in_tp60", "breakdown": "none", "criterion": "C1",
        "method": "did", "comparator": "others", "period": "2005/2015", "value": -1.0, "lower": -2.0, "upper": -0.5, "unit": "point",
        "confidence": 0.95, "n": 700.0, "grade": 2.0, "source": "evalkit_demo",
    } | changes  # fmt: skip


def test_an_estimate_that_every_report_repeats_is_drawn_once() -> None:
    figure = programme_forest(pd.DataFrame([finding(territory=f"QP{number}") for number in range(9)]), "fr")
    assert figure is not None
    assert len(figure.data.rows) == 1
    assert "−1,0" in " ".join(figure.data.rows[0])
    assert figure.title == "1 effet sur 1 se distingue de zéro"
    assert figure.note.startswith("Preuve 2 sur une échelle de 5")


def test_what_is_no_effect_of_the_programme_stays_out() -> None:
    rows = [finding(level="qpv"), finding(method="kaplan_meier"), finding(value=None), finding(lang="en")]
    assert programme_forest(pd.DataFrame(rows), "fr") is None
    assert programme_forest(pd.DataFrame(), "fr") is None


def test_two_estimates_of_one_indicator_say_their_design() -> None:
    rows = [finding(), finding(method="synthetic_did", criterion="C2", lower=-2.0, upper=1.0)]
    figure = programme_forest(pd.DataFrame(rows), "fr")
    assert figure is not None
    assert [row[0].rpartition(", ")[2] for row in figure.data.rows] == [
        "différence de différences",
        "différence de différences synthétique",
    ]
    assert figure.title == "1 effet sur 2 se distingue de zéro"


def test_units_are_never_mixed_on_one_axis() -> None:
    rows = [
        finding(),
        finding(indicator="in_med", unit="euro_per_year", value=300.0, lower=1.0, upper=600.0),
        finding(indicator="ho_social"),
    ]
    figure = programme_forest(pd.DataFrame(rows), "fr")
    assert figure is not None
    assert len(figure.data.rows) == 2
