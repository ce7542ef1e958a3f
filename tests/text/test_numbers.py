"""Numbers, units, intervals and days are written as readers of each language write them."""

from __future__ import annotations

import datetime
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.text import UNITS, Day, Interval, Quantity, change_unit, date, interval, number, period, quantity

FINITE = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15)
LANGUAGES = st.sampled_from(["fr", "en"])
DECIMALS = st.integers(min_value=0, max_value=6)
UNIT_IDS = st.sampled_from(sorted(UNITS))


@pytest.mark.parametrize(
    ("value", "unit", "french", "english"),
    [
        (12.3, "percent", "12,3\u00a0%", "12.3%"),
        (1_234_567, "euro", "1\u202f234\u202f567\u00a0€", "1,234,567\u00a0€"),
        (-4.2, "point", "−4,2\u00a0pt", "−4.2\u00a0pp"),
        (-0.04, "point", "0,0\u00a0pt", "0.0\u00a0pp"),
        (1234, "persons", "1\u202f234", "1,234"),
        (2.5, "fte", "2,5\u00a0ETP", "2.5\u00a0FTE"),
        (1890.5, "euro_per_m2", "1\u202f890,50\u00a0€/m²", "1,890.50\u00a0€/m²"),
        (3.456, "per_1000", "3,5", "3.5"),
    ],
)
def test_a_quantity_is_written_with_its_unit(value, unit, french, english):
    assert quantity(value, unit, "fr") == french
    assert quantity(value, unit, "en") == english
    assert Quantity(value, unit).render("fr") == french


def test_a_sign_is_shown_where_it_is_asked():
    assert number(4.21, "fr", 1, signed=True) == "+4,2"
    assert number(-4.21, "fr", 1, signed=True) == "−4,2"
    assert number(0.0, "fr", 1, signed=True) == "0,0"
    assert number(0.04, "fr", 1, signed=True) == "0,0"


def test_decimals_can_be_chosen():
    assert quantity(57.84, "percent", "fr", 0) == "58\u00a0%"
    assert Quantity(57.84, "percent", 2).render("en") == "57.84%"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_what_is_no_number_is_refused(value, lang):
    with pytest.raises(ValueError, match="status"):
        number(value, lang)
    with pytest.raises(ValueError, match="status"):
        Interval(0.0, value, "percent").render(lang)


def test_an_unknown_unit_is_refused():
    with pytest.raises(KeyError):
        quantity(1.0, "parsec", "fr")


def test_an_interval_is_written_with_both_units():
    assert interval(10.12, 14.18, "percent", "fr") == "[10,1\u00a0%\u00a0; 14,2\u00a0%]"
    assert interval(10.12, 14.18, "percent", "en") == "[10.1%; 14.2%]"
    assert Interval(-5.2, 1.4, "point", 1, signed=True).render("fr") == "[−5,2\u00a0pt\u00a0; +1,4\u00a0pt]"


@pytest.mark.parametrize(
    ("day", "french", "english"),
    [
        (datetime.date(2026, 3, 1), "1er\u00a0mars 2026", "1\u00a0March 2026"),
        (datetime.date(2026, 8, 11), "11\u00a0août 2026", "11\u00a0August 2026"),
        (datetime.date(2023, 12, 31), "31\u00a0décembre 2023", "31\u00a0December 2023"),
        (datetime.date(2021, 1, 21), "21\u00a0janvier 2021", "21\u00a0January 2021"),
    ],
)
def test_a_day_is_written_in_full(day, french, english):
    assert date(day, "fr") == french
    assert Day(day).render("en") == english


def test_a_span_of_years_is_written_with_a_hyphen():
    assert period("2012/2015", "fr") == "2012-2015"
    assert period("2020", "en") == "2020"


def test_a_difference_of_percentages_is_in_points():
    assert change_unit("percent") == "point"
    assert change_unit("percent_per_year") == "point_per_year"
    assert change_unit("euro") == "euro"


def test_every_unit_has_its_words_in_both_languages():
    for name, unit in UNITS.items():
        assert unit.id == name
        assert set(unit.suffix) == set(unit.name) == {"fr", "en"}
        assert all(unit.name.values())
        assert not any(suffix.startswith(" ") for suffix in unit.suffix.values())


@given(value=FINITE, lang=LANGUAGES, decimals=DECIMALS, signed=st.booleans())
def test_a_number_is_never_a_negative_zero_and_has_no_plain_minus(value, lang, decimals, signed):
    text = number(value, lang, decimals, signed=signed)
    assert "-" not in text
    assert "nan" not in text.lower()
    assert " " not in text
    assert not re.fullmatch("[−+][0.,]*", text)
    assert text.startswith("−") <= (value < 0)


@given(value=FINITE, lang=LANGUAGES, decimals=DECIMALS)
def test_a_number_can_be_read_back(value, lang, decimals):
    text = number(value, lang, decimals).replace("\u202f", "").replace("−", "-")
    text = text.replace(",", ".") if lang == "fr" else text.replace(",", "")
    assert float(text) == pytest.approx(value, abs=0.51 * 10**-decimals, rel=1e-12)


@given(value=FINITE, unit=UNIT_IDS, lang=LANGUAGES)
def test_a_quantity_ends_with_its_unit(value, unit, lang):
    text = quantity(value, unit, lang)
    assert text.endswith(UNITS[unit].suffix[lang])
    shown = text.removesuffix(UNITS[unit].suffix[lang])
    assert "-" not in shown
    assert not re.fullmatch("[−+][0.,]*", shown)


@given(low=FINITE, high=FINITE, unit=UNIT_IDS, lang=LANGUAGES)
def test_an_interval_holds_its_two_bounds(low, high, unit, lang):
    text = interval(low, high, unit, lang)
    between = "\u00a0; " if lang == "fr" else "; "
    assert text == f"[{quantity(low, unit, lang)}{between}{quantity(high, unit, lang)}]"


@given(day=st.dates(min_value=datetime.date(1900, 1, 1), max_value=datetime.date(2100, 12, 31)), lang=LANGUAGES)
def test_a_day_names_its_year_and_keeps_its_day_beside_its_month(day, lang):
    text = date(day, lang)
    assert text.endswith(f" {day.year}")
    assert text.startswith("1er\u00a0" if lang == "fr" and day.day == 1 else f"{day.day}\u00a0")
