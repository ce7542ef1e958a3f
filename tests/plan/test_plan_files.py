"""Files that are no plan: a clear message, never a traceback; and the plan with ten errors, word for word."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plan_samples import FILES, HEAD

from evalkit.errors import PlanError
from evalkit.plan import check_plan, load_plan


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "1: EVK-PLAN-001 the plan cannot be read, the file is empty"),
        (b"# only a note\n", "1: EVK-PLAN-001 the plan cannot be read, the file is empty"),
        (b"- a\n- b\n", "1: EVK-PLAN-001 the plan cannot be read, it holds no keys such as 'evaluation:'"),
        (b"just words\n", "1: EVK-PLAN-001 the plan cannot be read, it holds no keys such as 'evaluation:'"),
        (b"evaluation: a\ntitle: \xe9t\xe9\n", "2: EVK-PLAN-001 the plan cannot be read, the file is not UTF-8 text"),
        (b"evaluation: a\n\ttitle: b\n", "2: EVK-PLAN-001 the plan cannot be read, a tab stands where YAML wants spaces"),
        (b"evaluation: a\ntitle: [b\n", "EVK-PLAN-001 the plan cannot be read"),
        (b"evaluation: a\nevaluation: b\n", "2: EVK-PLAN-001 the plan cannot be read, key 'evaluation' is given twice"),
        (b"a: " + b"[" * 5000, "1: EVK-PLAN-001 the plan cannot be read, too deep or too large"),
        (b"a: !!python/object:os.system x\n", "1: EVK-PLAN-001 the plan cannot be read, the tag"),
        (b"a: \x00\n", "EVK-PLAN-001 the plan cannot be read"),
    ],
)  # fmt: skip
def test_what_is_no_plan_is_said_so(tmp_path, catalogue, content, expected):
    path = tmp_path / "evaluation.yaml"
    path.write_bytes(content)
    plan, problems = check_plan(path, catalogue=catalogue)
    assert plan is None
    assert expected in problems[0].render("en")
    assert problems[0].render("fr") != problems[0].render("en")
    with pytest.raises(PlanError):
        load_plan(path, catalogue=catalogue)


def test_a_file_that_is_not_there(tmp_path, catalogue):
    for path in (tmp_path / "nowhere.yaml", tmp_path):
        with pytest.raises(PlanError, match="EVK-PLAN-001"):
            load_plan(path, catalogue=catalogue)


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_ten_errors_at_once(catalogue, lang, monkeypatch):
    monkeypatch.chdir(FILES)
    plan, problems = check_plan(Path("ten_errors.yaml"), catalogue=catalogue)
    assert plan is None
    assert len({problem.code.id for problem in problems}) >= 10
    said = "".join(problem.render(lang) + "\n" for problem in problems)
    golden = FILES / f"ten_errors.{lang}.txt"
    if "EVALKIT_WRITE_GOLDENS" in os.environ:
        golden.write_text(said, encoding="utf-8")
    assert said == golden.read_text(encoding="utf-8")


def test_thousands_of_mistakes_are_told_in_a_moment(tmp_path, catalogue):
    path = tmp_path / "evaluation.yaml"
    rows = "".join(f"  - {{id: {n}, rol: a}}\n" for n in range(2000))
    path.write_text(HEAD + "indicators:\n" + rows, encoding="utf-8")
    assert len(check_plan(path, catalogue=catalogue)[1]) == 4000


words = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.dates().map(str),
    st.text(max_size=8),
    st.sampled_from(["qpv", "2015", "none", "upper < 0", "effectiveness", "region_2015", "*a", "&a x", "!!set", "<<"]),
)
known_keys = st.sampled_from(
    ["evaluation", "title", "programme", "kind", "territories", "level", "geography", "select", "codes", "file", "indicators",
     "id", "questions", "criteria", "criterion", "design", "met_if", "comparators", "same", "templates", "parameters", "data",
     "theory_of_change", "nodes", "links", "from", "to", "target", "value", "period", "prices", "disclosure", "seed"]
)  # fmt: skip
documents = st.recursive(
    words,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(known_keys, st.text(max_size=4)), inner, max_size=6)
    ),
    max_leaves=25,
)


def as_yaml(node: object) -> str:
    """Write a document in flow style with texts unquoted, so that YAML's own traps are met too."""
    if isinstance(node, dict):
        return "{" + ", ".join(f"{key}: {as_yaml(value)}" for key, value in node.items()) + "}"
    if isinstance(node, list):
        return "[" + ", ".join(map(as_yaml, node)) + "]"
    return (
        {None: "~", True: "yes", False: "NO"}.get(node, str(node)) if not isinstance(node, float | int) else str(node)
    )


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(known_keys, documents, max_size=8), st.booleans())
def test_any_yaml_gives_a_plan_or_a_plan_error(tmp_path, catalogue, document, with_head):
    path = tmp_path / "evaluation.yaml"
    body = "".join(
        f"{key}: {as_yaml(value)}\n" for key, value in document.items() if not with_head or f"{key}:" not in HEAD
    )
    path.write_text((HEAD if with_head else "") + body, encoding="utf-8", errors="surrogatepass")
    with contextlib.suppress(PlanError):
        load_plan(path, catalogue=catalogue)
    plan, problems = check_plan(path, catalogue=catalogue)
    assert plan is not None or problems
    assert all(problem.render("fr") and problem.render("en") for problem in problems)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_plan_error(tmp_path, catalogue, content):
    path = tmp_path / "evaluation.yaml"
    path.write_bytes(content)
    with pytest.raises(PlanError):
        load_plan(path, catalogue=catalogue)
