"""Break-free spans of a series."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evalkit.plan import usable_spans


def test_the_longest_span_comes_first(catalogue):
    years = [str(year) for year in range(2012, 2022)]
    assert usable_spans(catalogue["in_tp60"], years) == (("2012", "2015"), ("2016", "2017"), ("2020", "2021"))


def test_without_breaks_the_whole_series_is_one_span(catalogue):
    assert usable_spans(catalogue["ig_etr"], ["2015", "2010", "2015"]) == (("2010", "2015"),)


def test_one_period_is_no_span(catalogue):
    assert usable_spans(catalogue["in_tp60"], ["2015", "2016", "2018"]) == ()


@given(st.sets(st.integers(2000, 2030)))
def test_no_span_crosses_a_break(catalogue, years):
    for start, end in usable_spans(catalogue["in_tp60"], map(str, years)):
        assert start < end
        assert not catalogue["in_tp60"].breaks_between(start, end)
