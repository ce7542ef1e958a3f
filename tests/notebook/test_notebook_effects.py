"""Effects of a programme as a template gets them: estimate, doubts, what a null excludes, what would overturn an effect, and refusals."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from causal_samples import START, YEARS, plan, programme
from notebook_samples import CODES, OTHERS, OURS, Shown, Tiny

from evalkit.errors import TemplateError
from evalkit.notebook.results import Result
from evalkit.plan import check_plan

TEN = CODES[:10]
TWENTY = CODES[10:]


def effect(tiny: Tiny, scope: str, language: str = "fr") -> Result:
    return tiny.open(language=language).effects(scope)[0]


def checks(result: Result) -> dict[str, bool | None]:
    return {check.name: check.passed for check in result.checks}


def said(result: Result, language: str) -> str:
    return " ".join(part.render(language) for part in (result.sentence, result.uncertainty, *result.limits))


def test_the_mean_effect_of_a_programme_is_found_with_its_interval_and_its_checks(tiny: Tiny) -> None:
    tiny.plan = plan("did", others=TWENTY)
    programme(tiny, TEN, effect=-3.0)
    found = effect(tiny, "programme")
    assert found.lower is not None
    assert found.upper is not None
    assert found.lower < -3 < found.upper < 0
    assert (found.level, found.method, found.verdict, found.criterion) == ("programme", "did", "met", "C1")
    passed = checks(found)
    assert passed["parallel trends before"] is True
    assert passed["same people"] is None  # nobody counted the inhabitants
    assert found.grade is not None
    assert found.grade <= 2  # three at most, less what could not be told


def test_an_effect_says_what_would_overturn_it(tiny: Tiny) -> None:
    tiny.plan = plan("did", others=TWENTY)
    programme(tiny, TEN, effect=-3.0)
    assert "l’effet ne se distinguerait plus de zéro si les tendances différaient" in said(
        effect(tiny, "programme"), "fr"
    )
    assert "would no longer be told from zero if trends differed" in said(effect(tiny, "programme", "en"), "en")


def test_a_null_says_the_least_effect_that_would_have_been_seen_and_what_it_excludes(tiny: Tiny) -> None:
    tiny.plan = plan("did", others=TWENTY)
    programme(tiny, TEN)
    found = effect(tiny, "programme")
    assert (found.verdict, found.reading) == ("cannot_tell", "not_established")
    french, english = said(found, "fr"), said(effect(tiny, "programme", "en"), "en")
    assert "aurait été manqué" in french
    assert "est exclu" in french
    assert "would have been missed" in english
    assert "are excluded" in english
    assert "distinguerait plus" not in french


def test_a_territory_is_set_against_its_own_mix_and_ranked_among_the_placebos(tiny: Tiny) -> None:
    tiny.plan = plan("synthetic_control")
    programme(tiny, effect=-6.0)
    found = effect(tiny, "territory")
    assert found.value == pytest.approx(-6, abs=0.5)
    assert found.estimate is not None
    assert found.estimate.p_value == pytest.approx(1 / 30)
    assert found.n == 30
    assert "sur 29 territoires non traités soumis au même test, 0 en montrent autant" in said(found, "fr")
    assert "ne se distinguerait plus si le mélange se trompait de" in said(found, "fr")
    assert found.verdict == "met"


def test_a_gap_that_does_not_stand_out_says_what_would_have_been_seen(tiny: Tiny) -> None:
    tiny.plan = plan("synthetic_control")
    programme(tiny)
    found = effect(tiny, "territory", "en")
    assert found.verdict == "cannot_tell"
    assert "would have been missed more than 20%" in said(found, "en")


def test_rank_and_interval_agree_where_mixes_follow_the_years_before_without_error(tiny: Tiny) -> None:
    tiny.plan = plan("synthetic_control")
    programme(tiny, effect=-6.0)
    found = effect(tiny, "territory", "en")
    assert found.lower is not None
    assert found.upper is not None
    assert found.lower < -6 < found.upper < 0  # at least one placebo is followed perfectly: ratios cannot say this
    assert "Rank and interval come from the mean gaps" in said(found, "en")


def test_the_chart_of_a_gap_holds_the_placebos_and_the_mix(tiny: Tiny) -> None:
    tiny.plan = plan("synthetic_control")
    programme(tiny, effect=-6.0)
    evaluation = tiny.open()
    figure = evaluation.charts.gap(evaluation.effects("territory")[0])
    assert len(figure.data.raw[0]["placebos"]) == len(OTHERS)
    assert figure.data.raw[0]["period"] == str(YEARS[0])
    assert figure.note.startswith("Mélange\u00a0: Quartier")
    assert "se distingue parmi les placebos" in figure.title


def test_the_chart_of_the_course_has_every_period_around_the_start(tiny: Tiny) -> None:
    tiny.plan = plan("did", others=TWENTY)
    programme(tiny, TEN, effect=-3.0)
    evaluation = tiny.open(language="en")
    figure = evaluation.charts.event_study(evaluation.effects("programme")[0])
    times = [row["time"] for row in figure.data.raw]
    assert times[0] == str(YEARS[0] - START)
    assert str(YEARS[-1] - START) in times


def test_what_cannot_be_drawn_is_refused_by_name(tiny: Tiny) -> None:
    tiny.plan = plan("synthetic_control", others=OTHERS[:5])
    programme(tiny)
    evaluation = tiny.open()
    with pytest.raises(TemplateError, match="ur_d1_share"):
        evaluation.charts.gap(evaluation.effects("territory")[0])


@pytest.mark.parametrize(
    ("years", "others", "reason"),
    [
        (range(2009, 2016), OTHERS, "1 periods? before, 5 are needed"),
        (YEARS, OTHERS[:5], "5 donors without gaps, 19 are needed"),
    ],
)
def test_what_the_data_do_not_allow_is_not_estimated_but_said(
    tiny: Tiny, years: Sequence[int], others: Sequence[str], reason: str
) -> None:
    tiny.plan = plan("synthetic_control", others=others)
    programme(tiny, years=years)
    tiny.plan = tiny.plan.replace("from: 2004", f"from: {years[0]}")
    found = effect(tiny, "territory", "en")
    assert (found.value, found.status, found.verdict) == (None, "not_applicable", "cannot_tell")
    assert "cannot be estimated here. Synthetic control is not possible" in said(found, "en")
    assert re.search(reason, said(found, "en"))


def test_a_secret_series_is_no_base_for_an_estimate(tiny: Tiny) -> None:
    tiny.plan = plan("synthetic_control")
    for year in YEARS:
        tiny.put(
            "ur_d1_share",
            year,
            {OURS: 20.0 + year % 3, **{c: None if n % 2 else 21.0 + n for n, c in enumerate(OTHERS)}},
        )
    tiny.operation(start="2010-05-01")
    found = effect(tiny, "territory", "en")
    assert found.value is None
    assert "of the values are secret" in said(found, "en")
    assert "des valeurs sont secrètes" in said(effect(tiny, "territory"), "fr")


def test_a_district_without_operation_has_no_start(tiny: Tiny) -> None:
    tiny.plan = plan("synthetic_control", others=CODES[2:])
    programme(tiny, treated=(CODES[1],))
    assert "Aucune opération du programme n’est connue ici" in said(effect(tiny, "territory"), "fr")


def test_a_primary_indicator_without_criterion_is_estimated_too_and_is_exploratory(tiny: Tiny, shown: Shown) -> None:
    tiny.plan = plan("did", others=TWENTY)
    programme(tiny, TEN, effect=-3.0)
    for year in YEARS:
        tiny.put("ho_social", year, {code: 50.0 + n + (year * (n + 3)) % 5 for n, code in enumerate(CODES)})
    evaluation = tiny.open()
    first, second = evaluation.effects("programme")
    assert (first.criterion, second.criterion, second.indicator) == ("C1", None, "ho_social")
    evaluation.record(first)
    evaluation.record(second)
    roles = [payload["finding"]["role"] for payload in shown.of("finding")]
    assert roles == ["primary", "exploratory"]
    assert [payload["key"] for payload in shown.of("finding")] == [True, False]


def test_a_criterion_is_assessed_by_its_design(tiny: Tiny) -> None:
    tiny.plan = plan("did", "synthetic_control", "synthetic_did", others=OTHERS)
    programme(tiny, effect=-6.0)
    evaluation = tiny.open()
    assert [evaluation.assess(name).method for name in ("C2", "C3")] == ["synthetic_control", "synthetic_did"]
    alone = evaluation.assess("C1")
    assert (alone.method, alone.value, alone.verdict) == ("did", None, "cannot_tell")
    assert "1 grappe traitée, il en faut 2" in said(alone, "fr")


def test_a_plan_without_causal_design_has_no_effects(tiny: Tiny) -> None:
    tiny.spread("in_tp60", 2012, 2015, own=-1.0)
    evaluation = tiny.open()
    assert not evaluation.has_effects
    assert evaluation.effects() == ()
    with pytest.raises(TemplateError, match="stage"):
        evaluation.stage("treated")


@pytest.mark.parametrize(("comparator", "refused"), [("region", True), ("commune", True), ("others", False)])
def test_a_causal_design_asks_for_a_set_that_is_the_same_for_all(tiny: Tiny, comparator: str, refused: bool) -> None:
    programme(tiny)
    text = plan("synthetic_control").replace(
        "comparators:\n",
        "comparators:\n  - {id: region, kind: territories, same: region_2015}\n  - {id: commune, kind: parent, level: commune}\n",
    )
    tiny.plan_file.write_text(text.replace("comparator: others", f"comparator: {comparator}"), encoding="utf-8")
    problems = [problem.message("en") for problem in check_plan(tiny.plan_file, tiny.warehouse)[1]]
    assert any("the same for all of them" in problem for problem in problems) is refused
