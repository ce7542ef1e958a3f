"""What a case becomes in the table: met, not met, refused, not covered."""

from __future__ import annotations

import numpy as np
import pytest

from evalkit.errors import StatsError, UsageError
from evalkit.stats import proportion_interval
from evalkit.text import msg
from evalkit.verify import Case, Column, Gap, Reference, check, summarise, verification_table
from evalkit.verify.case import filed, nothing, printed
from evalkit.verify.showing import page, record
from evalkit.verify.words import FILE_DIGITS, NOT_OFFERED


def case(compute, *figures, **more):
    return Case("toy", "intervals", msg("Interval of a share (Wilson)"), "A source", compute, figures, **more)


def only(made, reference=None):
    (row,) = check(made, reference or Reference())
    return row


def test_a_figure_that_is_met():
    row = only(case(lambda _: {"": {"value": 0.12345}}, *printed(value="0.123")))
    assert (row.state, row.digits, row.printed, row.obtained, row.count) == ("passed", 3, 3, 0.12345, 1)
    assert row.reason.render("fr") == "une demi-unité du dernier chiffre imprimé"


@pytest.mark.parametrize("obtained", [0.124, float("nan"), float("inf")])
def test_a_figure_that_is_not_met(obtained):
    row = only(case(lambda _: {"": {"value": obtained}}, *printed(value="0.123")))
    assert row.state == "failed"
    assert "**not met**" in page([row])


def test_a_column_shows_the_figure_that_differs_most():
    column = Column(np.array([1.0, 2.0, 100.0]), np.array([1.0, 2.5, 100.1]))
    row = only(case(lambda _: {"file": {"limits": column}}, filed("file", "limits", 0.2, FILE_DIGITS)))
    assert (row.state, row.count, row.published, row.obtained) == ("failed", 3, "2", 2.5)
    relative = filed("file", "limits", 0.3, FILE_DIGITS, relative=True)
    assert only(case(lambda _: {"file": {"limits": column}}, relative)).state == "passed"


def test_a_column_with_a_missing_answer_is_not_met():
    column = Column(np.array([1.0, 2.0]), np.array([1.0, np.nan]))
    row = only(case(lambda _: {"file": {"limits": column}}, filed("file", "limits", 10, FILE_DIGITS)))
    assert (row.state, row.published) == ("failed", "2")


def test_a_column_without_figures_is_not_met():
    column = Column(np.array([]), np.array([]))
    row = only(case(lambda _: {"file": {"limits": column}}, filed("file", "limits", 10, FILE_DIGITS)))
    assert (row.state, row.obtained) == ("failed", None)


def test_a_refused_case_is_not_met_and_says_why():
    row = only(case(lambda _: {"": {"value": proportion_interval(3, 0).value}}, *printed(value="0.5")))
    assert (row.state, row.obtained) == ("failed", None)
    assert row.reason.render("fr").startswith("refusé\u00a0: total")


def test_a_file_that_is_not_there_is_not_covered(tmp_path):
    made = case(nothing, *printed(value="0.5"), needs=("a/b.csv",))
    row = only(made, Reference(tmp_path))
    assert row.state == "not_covered"
    assert "a/b.csv" in row.reason.render("en")
    assert only(made).state == "not_covered"


def test_a_gap_is_in_the_table():
    row = only(case(nothing, gaps=(Gap("Egger", "z", "-0.8033", NOT_OFFERED),)))
    assert (row.state, row.published, row.what.render("en")) == ("not_covered", "-0.8033", "Egger: z statistic")
    assert "- Egger: z statistic (-0.8033): evalkit does not offer this method" in page([row])
    assert record(row, "en")["digits"] is None


def test_the_summary_counts_every_figure_of_a_file():
    column = Column(np.array([1.0, 2.0]), np.array([1.0, 2.0]))
    rows = [
        *check(case(lambda _: {"f": {"limits": column}}, filed("f", "limits", 0, FILE_DIGITS)), Reference()),
        *check(case(lambda _: {"": {"value": 2.0}}, *printed(value="1.0")), Reference()),
        *check(case(nothing, gaps=(Gap("", "z", "1", NOT_OFFERED),)), Reference()),
    ]
    found = summarise(rows)
    assert (found.figures, found.passed, found.failed, found.cases, found.not_covered) == (3, 2, 1, 1, 1)
    assert found.sentence.render("fr").startswith("2 chiffres publiés sur 3 retrouvés avec evalkit")


def test_a_folder_without_any_case_is_refused(tmp_path):
    with pytest.raises(UsageError, match="holds no published case"):
        verification_table(tmp_path)


def test_a_file_is_asked_without_a_folder():
    with pytest.raises(UsageError, match="EVK-USE"):
        Reference().path("a/b.csv")


def test_an_error_of_statistics_is_what_a_refusal_is():
    with pytest.raises(StatsError):
        proportion_interval(3, 0)
