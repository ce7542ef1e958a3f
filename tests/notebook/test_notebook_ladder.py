"""The evidence ladder in a report: which designs the data of a territory allow, and why not the others, in both languages."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from causal_samples import YEARS, plan, programme
from notebook_samples import CODES, OTHERS, OURS, Shown, Tiny

from evalkit.errors import TemplateError
from evalkit.model.figure import Figure


def ladder(tiny: Tiny, language: str = "en") -> Figure:
    evaluation = tiny.open(language=language)
    return evaluation.charts.ladder(*evaluation.with_ladder()[0])


def rung(figure: Figure, design: str) -> tuple[bool, str]:
    row = next(row for row in figure.data.raw if row["design"] == design)
    return bool(row["admissible"]), str(row["reasons"])


def world(tiny: Tiny, years: Sequence[int] = YEARS, others: Sequence[str] = OTHERS) -> Tiny:
    tiny.plan = plan("synthetic_control", others=others).replace("from: 2004", f"from: {years[0]}")
    programme(tiny, years=years)
    return tiny


def test_with_enough_donors_and_years_a_synthetic_control_is_possible(tiny: Tiny) -> None:
    found = ladder(world(tiny))
    assert rung(found, "synthetic_control") == (True, "29 donors without gaps; periods before: 6, after: 6")
    assert (
        found.title
        == "Share of households in the first decile of standard of living: the data allow up to synthetic control"
    )
    assert rung(found, "did") == (False, "1 treated cluster, 2 are needed")


def test_too_few_donors_are_counted(tiny: Tiny) -> None:
    assert (
        rung(ladder(world(tiny, others=OTHERS[:7])), "synthetic_control")[1] == "7 donors without gaps, 19 are needed"
    )


def test_one_period_before_is_too_few(tiny: Tiny) -> None:
    found = ladder(world(tiny, years=range(2009, 2016)))
    assert rung(found, "synthetic_control")[1] == "1 period before, 5 are needed"
    assert rung(found, "before_after") == (True, "periods before: 1, after: 6")


def test_a_secret_series_is_said(tiny: Tiny) -> None:
    tiny.plan = plan("synthetic_control")
    for year in YEARS:
        values = {code: None if n % 3 == 0 else 20.0 + n for n, code in enumerate(OTHERS)}
        tiny.put("ur_d1_share", year, {OURS: 20.0, **values})
    tiny.operation()
    possible, why = rung(ladder(tiny), "gap")
    assert not possible
    assert "of the values are secret, more than 20%: what is left is no fair picture" in why


def test_a_ladder_speaks_french(tiny: Tiny) -> None:
    found = ladder(world(tiny, others=OTHERS[:7]), "fr")
    assert "les données permettent au mieux\u00a0: avant/après" in found.title
    assert "7 territoires donneurs sans lacune, il en faut 19" in rung(found, "synthetic_control")[1]
    assert found.data.rows[0][1] == "✓ oui"
    assert found.data.rows[-1][1:3] == ("✗ non", "4 sur 5")
    assert found.alt.startswith("Tableau\u00a0: 6 méthodes, dont 1 possible")


def test_a_ladder_goes_into_the_report_as_a_table(tiny: Tiny, shown: Shown) -> None:
    evaluation = world(tiny).open()
    for pair in evaluation.with_ladder():
        evaluation.figure(evaluation.charts.ladder(*pair), alt=evaluation.alt.ladder(*pair))
    (payload,) = shown.of("figure")
    assert payload["id"] == "ladder-ur_d1_share"
    assert payload["html"].count("<tr>") == 7


def test_the_programme_as_a_whole_stands_under_the_ladder_where_it_is_estimated(tiny: Tiny) -> None:
    tiny.plan = plan("did", others=CODES[10:])
    programme(tiny, CODES[:10])
    assert "Households in the first decile, the programme: the data allow up to synthetic control" in ladder(tiny).note


def test_where_the_programme_is_not_known_there_is_no_ladder(tiny: Tiny) -> None:
    tiny.plan = plan("synthetic_control", others=CODES[2:])
    programme(tiny, treated=(CODES[1],))
    evaluation = tiny.open()
    assert evaluation.with_ladder() == ()
    with pytest.raises(TemplateError, match="ur_d1_share"):
        evaluation.charts.ladder("ur_d1_share")


@pytest.mark.parametrize("indicator", ["ur_d1_share", "ho_social"])
def test_an_indicator_without_values_has_no_ladder(tiny: Tiny, indicator: str) -> None:
    found = world(tiny).open().ladder(indicator)
    assert (found is None) is (indicator == "ho_social")
