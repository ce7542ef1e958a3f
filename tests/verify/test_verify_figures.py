"""Digits, tolerances and the way figures are written."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.text import msg
from evalkit.verify.case import decimals, digits, filed, half_unit, met, printed, series, significant


@pytest.mark.parametrize(
    ("text", "places", "figures"),
    [("0.0670", 4, 3), ("-15.6", 1, 3), ("185", 0, 3), ("0.0000000458", 10, 3), ("1.0", 1, 2), ("0.000", 3, 1)],
)
def test_a_printed_figure_says_how_precise_it_is(text, places, figures):
    assert (decimals(text), significant(text)) == (places, figures)


def test_half_a_unit_of_the_last_digit_and_nothing_for_a_count():
    assert half_unit("0.0670") == pytest.approx(5e-5)
    assert half_unit("185") == 0.0


@pytest.mark.parametrize(
    ("obtained", "published", "most", "agree"),
    [
        (-0.714532, -0.7145, 4, 4),
        (0.1236, 0.1234, 4, 3),
        (1.0, 2.0, 4, 0),
        (0.05, 0.05, 2, 2),
        (99.96, 100.0, 5, 4),
        (3.0, 0.0, 2, 0),
        (math.nan, 1.0, 4, 0),
        (math.inf, 1.0, 4, 0),
    ],
)
def test_digits_that_agree(obtained, published, most, agree):
    assert digits(obtained, published, most) == agree


@given(st.floats(-1e3, 1e3), st.integers(0, 4))
def test_a_rounded_figure_is_met_by_what_was_rounded(value, places):
    text = f"{value:.{places}f}"
    if places:
        assert met(value, float(text), half_unit(text))
        assert digits(value, float(text), significant(text)) == significant(text) or float(text) == 0


def test_a_tolerance_may_be_relative():
    assert met(110.0, 100.0, 0.1, relative=True)
    assert not met(111.0, 100.0, 0.1, relative=True)
    assert not met(math.nan, 100.0, 0.1)


def test_figures_of_one_subject_and_of_many():
    one = printed("REML", value="-0.7145", se="0.1798")
    assert [(f.statistic, f.tolerance) for f in one] == [("value", pytest.approx(5e-5)), ("se", pytest.approx(5e-5))]
    assert [f.what.render("fr") for f in one] == ["REML\u00a0: estimation", "REML\u00a0: erreur type"]
    many = series("a|b", value="1.5 2.5", n="3 4")
    assert [(f.subject, f.statistic, f.published) for f in many] == [
        ("a", "value", "1.5"), ("b", "value", "2.5"), ("a", "n", "3"), ("b", "n", "4"),
    ]  # fmt: skip
    assert printed(value="1.5")[0].what.render("en") == "estimate"
    assert filed("file", "limits", 1e-9, msg("")).published is None


def test_another_tolerance_needs_its_reason():
    with pytest.raises(ValueError, match="reason"):
        printed("x", value="1.0", within=0.1)
    with pytest.raises(ValueError, match="reason"):
        series("x", value="1.0", because=msg(""))
    with pytest.raises(ValueError, match="zip"):
        series("x|y", value="1.0")
