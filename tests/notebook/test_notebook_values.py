"""A value: its interval, its status, what it is set against, and the period it is of."""

from __future__ import annotations

import json

import pytest
from notebook_samples import CODES, COMMUNE, INSIDE, OTHERS, OURS, Tiny, numbers_in

from evalkit.data.deflate import load_deflator
from evalkit.errors import DataError, TemplateError
from evalkit.stats import proportion_interval, rate_interval

INDICATORS = """\
indicators:
  - {id: in_tp60, role: primary}
  - {id: in_med, role: primary, prices: {constant: 2020}}
  - {id: in_gini, role: secondary}
  - {id: em_emploi, role: secondary, breakdowns: [none, "sex=female"]}
  - {id: ec_etab, role: context}
  - {id: ig_etr, role: context}
"""


@pytest.fixture
def tiny(tiny: Tiny) -> Tiny:
    tiny.plan = tiny.plan.partition("questions:")[0] + INDICATORS
    return tiny


def test_a_share_with_its_counts_gets_a_wilson_interval(tiny: Tiny) -> None:
    tiny.count("em_emploi", 2018, 46, 100)
    result = tiny.open().value("em_emploi")
    expected = proportion_interval(46, 100)
    assert result.value == pytest.approx(46)
    assert (result.lower, result.upper) == pytest.approx((100 * expected.lower, 100 * expected.upper))
    assert (result.lower, result.upper) == pytest.approx((36.56, 55.74), abs=0.01)  # Wilson's formula by hand
    assert (result.confidence, result.method) == (0.95, "wilson_census")
    assert "approché" in result.uncertainty.render("fr")


def test_a_rate_with_its_counts_gets_a_byar_interval(tiny: Tiny) -> None:
    tiny.count("ec_etab", 2018, 62, 1000, multiplier=1000)
    result = tiny.open().value("ec_etab")
    expected = rate_interval(62, 1000, multiplier=1000)
    assert result.value == pytest.approx(62)
    assert (result.lower, result.upper) == pytest.approx((expected.lower, expected.upper))
    assert result.method == "byar"


def test_a_published_interval_is_kept(tiny: Tiny) -> None:
    tiny.put("em_emploi", 2018, 46, lower=40, upper=52, confidence=0.95, numerator=46, denominator=100)
    result = tiny.open().value("em_emploi")
    assert (result.lower, result.upper) == (40, 52)


def test_no_interval_is_made_up(tiny: Tiny) -> None:
    tiny.put("in_tp60", 2018, 46.0)
    tiny.put("em_emploi", 2018, 46.0)
    ev = tiny.open(language="en")
    for indicator in ("in_tp60", "em_emploi"):
        result = ev.value(indicator)
        assert result.lower is result.upper is result.confidence is None
        assert "no interval" in result.uncertainty.render("en")


@pytest.mark.parametrize(
    ("status", "words"), [("secret", "secret"), ("missing", "non disponible"), ("not_applicable", "sans objet")]
)
def test_what_is_not_published_is_said_and_has_no_number(tiny: Tiny, status: str, words: str) -> None:
    tiny.put("in_tp60", 2018, {OURS: None}, status=status)
    tiny.put("in_tp60", 2018, dict.fromkeys(OTHERS, 40.0))
    result = tiny.open().value("in_tp60")
    assert (result.status, result.value, result.lower, result.upper) == (status, None, None, None)
    assert result.n is result.comparator_value is None
    said = result.sentence.render("fr")
    assert words in said
    assert not numbers_in(said), said


def test_no_row_at_all_is_missing(tiny: Tiny) -> None:
    tiny.put("in_tp60", 2018, dict.fromkeys(OTHERS, 40.0))
    result = tiny.open().value("in_tp60")
    assert (result.status, result.value, result.period) == ("missing", None, "")


def test_a_zero_that_is_published_is_a_zero(tiny: Tiny) -> None:
    tiny.put("in_tp60", 2018, 0.0)
    result = tiny.open().value("in_tp60")
    assert (result.status, result.value) == ("published", 0.0)


def test_a_value_on_too_few_units_is_hidden_by_the_producers_rule(tiny: Tiny) -> None:
    tiny.put("in_tp60", 2018, 40.0, n=10)
    tiny.put("in_gini", 2018, 0.3, n=11)
    ev = tiny.open()
    assert (ev.value("in_tp60").status, ev.value("in_tp60").value) == ("secret", None)
    assert ev.value("in_gini").status == "published"


def test_a_value_is_set_against_the_median_of_its_comparators(tiny: Tiny) -> None:
    tiny.put("in_tp60", 2018, {code: 30.0 + number for number, code in enumerate(CODES)})
    result = tiny.open(language="en").value("in_tp60")
    assert result.comparator == "region"
    assert (len(result.others), result.comparator_value) == (29, 45.0)  # 31 to 59, the territory itself left out
    assert "29" in result.sentence.render("en")


def test_secret_comparators_are_left_out_and_counted(tiny: Tiny) -> None:
    tiny.put("in_tp60", 2018, {OURS: 50.0, **dict.fromkeys(OTHERS[:10], 40.0)})
    tiny.put("in_tp60", 2018, dict.fromkeys(OTHERS[10:]))
    result = tiny.open(language="en").value("in_tp60")
    assert result.others == (40.0,) * 10
    assert "10 of 29" in result.sentence.render("en"), "so few published comparators are a biased set"
    assert result.reading == "untested"


@pytest.mark.parametrize(
    ("indicator", "value", "reading"),
    [("in_tp60", 80.0, "worse"), ("in_tp60", 5.0, "better"), ("in_tp60", 45.0, "similar"), ("ig_etr", 80.0, "neutral")],
)
def test_the_reading_follows_the_polarity(tiny: Tiny, indicator: str, value: float, reading: str) -> None:
    tiny.put(indicator, 2018, {OURS: value, **{code: 30.0 + number for number, code in enumerate(OTHERS, 1)}})
    found = tiny.open().value(indicator).reading
    assert found == reading or (reading == "similar" and found not in ("better", "worse", "neutral"))


@pytest.mark.parametrize("value", [5.0, 45.0, 80.0])
def test_a_neutral_indicator_is_never_judged(tiny: Tiny, value: float) -> None:
    tiny.put("ig_etr", 2018, {OURS: value, **{code: 30.0 + number for number, code in enumerate(OTHERS, 1)}})
    assert tiny.open().value("ig_etr").reading not in ("better", "worse")


def test_the_reference_period_is_the_last_that_values_may_be_of(tiny: Tiny) -> None:
    for year in (2016, 2018, 2020):
        tiny.put("in_tp60", year, float(year - 1980))
    assert tiny.open(reference_period=2019).value("in_tp60").period == "2018"
    assert tiny.open(reference_period="2018").value("in_tp60").period == "2018"
    assert tiny.open().value("in_tp60").period == "2020"
    assert tiny.open().value("in_tp60", period=2017).period == "2016"


def test_a_source_that_starts_later_is_shown_with_its_own_period(tiny: Tiny) -> None:
    tiny.put("in_tp60", 2021, 40.0)
    result = tiny.open(reference_period=2019).value("in_tp60")
    assert (result.period, result.value) == ("2021", 40.0)
    assert "2021" in result.headline.render("fr")


def test_values_are_those_of_the_plan_that_exist_here(tiny: Tiny) -> None:
    tiny.put("in_tp60", 2018, 40.0)
    tiny.put("em_emploi", 2018, 50.0, breakdown="sex=female")
    ev = tiny.open()
    assert [(r.indicator, r.breakdown) for r in ev.values()] == [("in_tp60", "none"), ("em_emploi", "sex=female")]
    assert [r.indicator for r in ev.values("primary")] == ["in_tp60"]
    assert "femmes" in next(ev.values("secondary")).label.render("fr").lower()


def test_euros_are_in_the_prices_of_the_plan(tiny: Tiny) -> None:
    tiny.put("in_med", 2014, {OURS: 12_000.0, **dict.fromkeys(OTHERS, 12_000.0)})
    index = load_deflator("insee_cpi").index
    result = tiny.open().value("in_med")
    assert result.value == pytest.approx(12_000 * index[2020] / index[2014])
    assert result.comparator_value == pytest.approx(result.value)


def test_an_indicator_that_does_not_exist_is_refused(tiny: Tiny) -> None:
    tiny.put("in_tp60", 2018, 40.0)
    with pytest.raises(TemplateError) as refused:
        tiny.open().value("in_tp61")
    assert refused.value.problems[0].code.id == "EVK-TPL-010"


def test_a_comparator_that_does_not_exist_is_refused(tiny: Tiny) -> None:
    tiny.put("in_tp60", 2018, 40.0)
    with pytest.raises(TemplateError) as refused:
        tiny.open().value("in_tp60", comparator="nobody")
    assert refused.value.problems[0].code.id == "EVK-TPL-010"


def test_a_parent_is_one_place(tiny: Tiny) -> None:
    tiny.put("in_tp60", 2018, 40.0)
    tiny.put("in_tp60", 2018, {COMMUNE: 25.0}, level="commune", geography="2020")
    result = tiny.open().value("in_tp60", comparator="commune")
    assert (result.others, result.comparator_value) == ((25.0,), 25.0)
    assert "médiane" not in result.sentence.render("fr")


def test_the_rest_of_the_parent_is_what_is_left_of_its_counts(tiny: Tiny) -> None:
    counts = {"numerator": 40, "denominator": 100}
    for code in INSIDE:
        tiny.put("in_tp60", 2018, {code: 40.0}, **counts)
    tiny.put("in_tp60", 2018, {COMMUNE: 20.0}, level="commune", geography="2020", numerator=200, denominator=1000)
    result = tiny.open().value("in_tp60", comparator="rest")
    assert result.comparator_value == pytest.approx(100 * (200 - 120) / (1000 - 300))


def test_the_rest_of_the_parent_would_give_a_secret_away(tiny: Tiny) -> None:
    tiny.put("in_tp60", 2018, {OURS: 40.0, INSIDE[1]: 40.0}, numerator=40, denominator=100)
    tiny.put("in_tp60", 2018, {INSIDE[2]: None})
    tiny.put("in_tp60", 2018, {COMMUNE: 20.0}, level="commune", geography="2020", numerator=200, denominator=1000)
    assert tiny.open().value("in_tp60", comparator="rest").comparator_value is None


def test_a_median_has_no_rest(tiny: Tiny) -> None:
    tiny.put("in_med", 2018, dict.fromkeys(INSIDE, 12_000.0))
    tiny.put("in_med", 2018, {COMMUNE: 20_000.0}, level="commune", geography="2020")
    with pytest.raises(DataError):
        tiny.open().value("in_med", comparator="rest")


def test_a_result_shows_itself_and_gives_its_table(tiny: Tiny) -> None:
    tiny.put("in_tp60", 2018, 40.0)
    result = tiny.open().value("in_tp60")
    shown = result._repr_mimebundle_()
    assert "40,0" in shown["text/plain"]
    assert shown["text/html"].startswith("<p><b>")
    assert result.table[["indicator", "period", "value", "status"]].to_dict("records") == [
        {"indicator": "in_tp60", "period": "2018", "value": 40.0, "status": "published"}
    ]


def test_asking_twice_gives_the_same_answer(tiny: Tiny) -> None:
    tiny.put("in_tp60", 2018, {OURS: 40.0, **dict.fromkeys(OTHERS, 35.0)})
    first, second = (json.dumps(tiny.open().value("in_tp60")._repr_mimebundle_()) for _ in range(2))
    assert first == second
