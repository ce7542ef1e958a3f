"""YAML read with its lines: every refusal names its line, and what was written can be had back."""

from __future__ import annotations

import datetime
import pickle
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from evalkit.text.yamlines import YamlProblem, dotted, parse_yaml, read_yaml

PLAN = b"""# a plan
title: "Lyon"
territories:
  select:
    department: [11, "30", 048]
  closed: no
  since: 2015-01-01
questions:
  - id: Q1
    text: >
      Two
      lines
  -
    id: Q2
2015: x
"""


def refusal(content: bytes) -> YamlProblem:
    with pytest.raises(YamlProblem) as caught:
        parse_yaml(content)
    return caught.value


def test_plain_data_comes_back_with_keys_as_written() -> None:
    data = parse_yaml(PLAN).data
    assert data["title"] == "Lyon"
    assert data["territories"]["select"]["department"] == [11, "30", "048"]
    assert data["territories"]["closed"] is False
    assert data["territories"]["since"] == datetime.date(2015, 1, 1)
    assert data["questions"][0]["text"] == "Two lines\n"
    assert data["2015"] == "x"


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 2),
        (("title",), 2),
        (("territories",), 3),
        (("territories", "select", "department", 2), 5),
        (("questions", 0), 9),
        (("questions", 0, "text"), 10),
        (("questions", 1, "id"), 14),
        (("2015",), 15),
        (("questions", 1, "unknown", "deeper"), 14),
        (("unknown",), 2),
    ],
)
def test_line_of_a_path_or_of_its_nearest_parent(path: tuple[str | int, ...], line: int) -> None:
    assert parse_yaml(PLAN).line_of(path) == line


def test_raw_text_and_quotes_can_be_had_back() -> None:
    located = parse_yaml(PLAN)
    department = ("territories", "select", "department")
    assert [located.raw_of((*department, i)) for i in range(3)] == ["11", "30", "048"]
    assert [located.is_plain((*department, i)) for i in range(3)] == [True, False, True]
    assert located.raw_of(("territories", "closed")) == "no"
    assert located.raw_of(("territories", "since")) == "2015-01-01"
    assert located.raw_of(("territories",)) is None
    assert located.is_plain(("territories",)) is False
    assert located.is_plain(("nowhere",)) is False


def test_a_path_is_written_as_in_messages() -> None:
    assert dotted(()) == "$"
    assert dotted(("questions", 0, "text")) == "$.questions[0].text"


def test_an_empty_file_says_nothing() -> None:
    assert parse_yaml(b"").data is None
    assert parse_yaml(b"# only a remark\n").line_of(("a",)) == 1


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    assert parse_yaml("\ufefftitre: été\n".encode()).data == {"titre": "été"}


def test_all_faults_of_the_content_come_at_once_in_order_of_lines() -> None:
    problem = refusal(b"a: 1\na: 2\nb: 2015-13-45\nc: !!python/name:os.system x\nd: !!binary aGk=\n")
    assert [fault.line for fault in problem.faults] == [2, 3, 4, 5]
    assert problem.faults[0].path == ("a",)
    assert problem.faults[0].message.values == {"key": "a", "first": 1}


@pytest.mark.parametrize(
    ("content", "line", "word"),
    [
        (b"a: 1\nb:\n\t- 2\n", 3, "tab"),
        (b"a: b: c\n", 1, "colon"),
        (b"a: [1, 2\nb: 3\n", 2, "bracket"),
        (b"a: 'x\n\n", 3, "quoted"),
        (b"- a\nb: 1\n", 2, "indentation"),
        (b"a: 1\n---\nb: 2\n", 2, "second document"),
        (b"a: *x\n", 1, "alias"),
        (b"a: @x\n", 1, "quotes"),
        (b'a: 1\nb: "\\q"\n', 2, "not YAML"),
        (b"a: 1\nb: \x01\n", 2, "control character"),
        (b"a: 1\nb: \xe9t\xe9\n", 2, "0xE9"),
        (b"? [a]\n: 1\n", 1, "key must be a word"),
        (b"a: 1\nb: !!bool zz\n", 2, "!!bool"),
        (b"&a [*a]\n", 1, "too deep"),
        (b"a: 1\nb: " + b"[" * 200_000, 2, "too deep"),
        (b"- " * 200_000, 1, "too deep"),
    ],
)
def test_each_refusal_names_its_line(content: bytes, line: int, word: str) -> None:
    problem = refusal(content)
    assert problem.line == line
    assert word in problem.message.render("en")
    assert problem.message.render("fr") != problem.message.render("en")


def test_aliases_that_multiply_are_refused_before_they_fill_the_memory() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    assert "too large" in str(refusal("\n".join(lines).encode()))


def test_a_file_that_is_absent_or_a_folder_is_the_same_kind_of_problem(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.yaml", tmp_path):
        with pytest.raises(YamlProblem) as caught:
            read_yaml(path)
        assert caught.value.line is None


def test_a_problem_survives_a_process_border() -> None:
    problem = refusal(b"a: 1\na: 2\n")
    assert pickle.loads(pickle.dumps(problem)).faults == problem.faults  # noqa: S301 - our own bytes


scalars = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False) | st.dates()
trees = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)


@given(trees)
def test_what_the_safe_loader_reads_is_read_the_same(tree: object) -> None:
    content = yaml.safe_dump(tree, allow_unicode=False)
    assert parse_yaml(content.encode()).data == yaml.safe_load(content)


@given(st.binary(max_size=60) | st.text(alphabet="ab:-[]{}#&*!|>'\"%@ \n\t", max_size=40).map(str.encode))
def test_any_bytes_give_data_or_a_problem(content: bytes) -> None:
    try:
        parse_yaml(content)
    except YamlProblem as problem:
        texts = [fault.message.render("fr") for fault in problem.faults]
        assert all(texts)
