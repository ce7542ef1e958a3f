"""Errors keep their data, say where and what to do, and travel between processes; codes are declared once."""

from __future__ import annotations

import importlib
import pickle
import pkgutil
import re
from pathlib import Path

import pytest

import evalkit
from evalkit import errors
from evalkit.errors import CODES, Code, DataError, EvalkitError, PlanError, Problem, RefusedTerritoryError, declare

SOME = Code("EVK-X-001", "'{key}' is not known", "did you mean '{near}'?")
BARE = Code("EVK-X-002", "nothing is there", severity="warning")
PREFIXES = {"PLAN", "DATA", "CAT", "STAT", "TPL", "RUN", "USE"}


@pytest.fixture(scope="module")
def every_code():
    for module in pkgutil.walk_packages(evalkit.__path__, "evalkit."):
        if module.name.rpartition(".")[2].startswith("codes"):
            importlib.import_module(module.name)
    return dict(CODES)


@pytest.mark.parametrize(
    ("place", "start"),
    [
        ({}, "EVK-X-001 'a'"),
        ({"file": "plan.yaml"}, "plan.yaml: EVK-X-001 'a'"),
        ({"file": "plan.yaml", "line": 31}, "plan.yaml:31: EVK-X-001 'a'"),
    ],
)
def test_a_problem_says_where_it_stands(place, start):
    assert Problem(SOME, {"key": "a", "near": "b"}, **place).render("en").startswith(start)


def test_a_problem_ends_with_the_way_out_and_the_path():
    problem = Problem(SOME, {"key": "a", "near": "b"}, "plan.yaml", 31, "$.templates[1].a")
    said = "plan.yaml:31: EVK-X-001 'a' is not known: did you mean 'b'? @ $.templates[1].a"
    assert problem.render("en") == said
    assert problem.message("fr") == "'a' is not known\u00a0: did you mean 'b'?"
    assert problem.severity == "error"


def test_a_problem_without_a_way_out():
    assert Problem(BARE).render("en") == "EVK-X-002 nothing is there"
    assert Problem(BARE).severity == "warning"


def test_a_problem_is_one_line_whatever_its_values():
    text = Problem(SOME, {"key": "a\nb\x1b[31m\x00", "near": "c\td"}, "a\nb.csv", 1).render("en")
    assert text.isprintable()


def test_french_spaces_survive():
    assert "\u00a0: " in Problem(SOME, {"key": "a", "near": "b"}).render("fr")


def test_an_error_keeps_all_its_problems():
    first, second = Problem(SOME, {"key": "a", "near": "b"}, "f", 1), Problem(BARE, file="f", line=2)
    error = PlanError([first, second])
    assert error.problems == (first, second)
    assert str(error).splitlines() == error.render("en").splitlines()
    assert len(error.render("fr").splitlines()) == 2


def test_an_error_is_built_from_a_code():
    error = DataError.of(SOME, file="x.csv", line=3, path="$.a", key="a", near="b")
    assert isinstance(error, DataError)
    assert error.problems == (Problem(SOME, {"key": "a", "near": "b"}, "x.csv", 3, "$.a"),)


TREE = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, EvalkitError)]


@pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)
def test_an_error_travels_between_processes(kind):
    error = kind.of(SOME, file="x.csv", line=3, key="a", near="b")
    back = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert type(back) is kind
    assert back.problems == error.problems
    assert str(back) == str(error)


@pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)
def test_every_error_is_drawn_in_the_tree_of_the_module(kind):
    assert kind.__name__ in errors.__doc__
    assert kind.exit_code == 2


def test_a_refused_territory_is_not_an_error_of_the_template():
    assert not issubclass(RefusedTerritoryError, errors.TemplateError)


def test_a_code_is_declared_once():
    some = next(iter(CODES), None) or declare("EVK-USE-999", "x").id
    with pytest.raises(ValueError, match="declared twice"):
        declare(some, "another text")


def test_codes_are_declared_in_modules_of_codes():
    root = Path(errors.__file__).parent
    found = {
        file.relative_to(root) for file in root.rglob("*.py") if re.search(r"= declare\(", file.read_text("utf-8"))
    }
    assert found
    assert [file for file in found if not file.stem.startswith("codes")] == []


def test_every_code_has_its_form(every_code):
    assert len(every_code) > 100
    for name, code in every_code.items():
        assert name == code.id
        match = re.fullmatch(r"EVK-([A-Z]+)-\d{3}", name)
        assert match, name
        assert match[1] in PREFIXES, name
        assert code.message, name
        assert not code.message.endswith("."), name
        assert code.severity in ("error", "warning"), name
