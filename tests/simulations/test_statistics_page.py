"""The reference of statistics: a section for every public name, examples that run, current."""

from __future__ import annotations

import inspect
import re
from functools import cache

import docstrings
import pytest
import simulate
import statistics_page
from simulations.measure import alarm_verdict, coverage_verdict

import evalkit.stats

PAGE = simulate.FOLDER / "statistics.md"
LABELS = ("When not to use it", "Assumption", "Formula", "Source", "Example")


@cache
def sections() -> dict[str, str]:
    """The text of every section by its name."""
    text = PAGE.read_text(encoding="utf-8")
    return dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))


def test_the_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == statistics_page.statistics_page(), "run `make docs`"


def test_every_public_name_has_its_section():
    assert list(sections()) == sorted(evalkit.stats.__all__)


@pytest.mark.parametrize("name", sorted(evalkit.stats.__all__))
def test_a_section_says_all_that_an_evaluator_needs(name):
    text = sections()[name]
    assert [label for label in LABELS if f"**{label}:**" not in text] == []
    parameters = inspect.signature(getattr(evalkit.stats, name)).parameters
    assert [word for word in parameters if f"| `{word}` |" not in text] == []


@pytest.mark.parametrize("name", sorted(evalkit.stats.__all__))
def test_the_example_runs_alone(name):
    code = re.search(r"\*\*Example:\*\*\n\n```python\n(.*?)```", sections()[name], re.DOTALL)
    assert code is not None
    assert f"import {name}" in code[1] or re.search(rf"^from evalkit\.stats import .*\b{name}\b", code[1], re.MULTILINE)
    exec(compile(code[1], f"example of {name}", "exec"), {})  # noqa: S102 - the example is ours


def test_a_section_names_the_designs_that_are_not_as_stated():
    for row in simulate.table():
        if "▼" in (coverage_verdict(row).symbol, alarm_verdict(row).symbol):
            assert f"- *{row['estimator']}*, {row['design']}: {row['why']}" in sections()[str(row["function"])]


def test_published_cases_stand_under_the_functions_they_call():
    assert "`benjamini_hochberg`" in sections()["adjust"]
    assert "`benjamini_hochberg`" not in sections()["pool"]


def test_the_parts_of_a_docstring():
    def sample() -> None:
        """Say something
        over two lines.

        Args:
            first: one thing,
                over two lines.
            second: another: with a colon.

        Returns:
            A thing.

        A note.

        When not to use it: never
        on Sundays.
        Source: nobody (2020).

        Example:
            >>> 1 + 1
            2
        """

    found = docstrings.read(sample)
    assert found.answer == "Say something over two lines."
    assert found.arguments == {"first": "one thing, over two lines.", "second": "another: with a colon."}
    assert found.notes == ["A note."]
    assert found.sentences == {"When not to use it": "never on Sundays.", "Source": "nobody (2020)."}
    assert statistics_page.example(found) == "1 + 1\n# 2"
