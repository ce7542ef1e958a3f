"""Every key that a plan accepts is documented, and every documented key exists; the examples pass."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from plan_samples import ROOT
from pydantic import BaseModel

from evalkit.plan import check_plan, load_plan, rule_sentence
from evalkit.plan.fields import DisclosureDoc, TextDoc
from evalkit.plan.refusals import model_in
from evalkit.plan.rules import NAMES
from evalkit.plan.schema import PlanDocument

PAGE = ROOT / "docs" / "reference" / "plan.md"
EXAMPLE = ROOT / "examples" / "languedoc_roussillon" / "evaluation.yaml"
DEMO = ROOT / "evalkit" / "data" / "demo" / "evaluation.yaml"


def keys(model: type[BaseModel]) -> Iterator[tuple[type[BaseModel], str]]:
    """Yield every key of a part of the plan, and of the parts inside it."""
    for name, field in model.model_fields.items():
        yield model, field.alias or name
        inner = model_in(field.annotation)
        if inner is not None and not issubclass(inner, TextDoc):
            yield from keys(inner)


@pytest.fixture(scope="module")
def documented() -> set[str]:
    """The last part of every key in the first column of a table of the page."""
    rows = re.findall(r"^\| `([^`]+)` \|(.*)\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert all(len(rest.split("|")) == 4 for _, rest in rows), "type, default, meaning, example"
    return {re.split(r"[.\]]", name)[-1] for name, _ in rows}


def test_every_key_is_documented_and_no_other(documented):
    known = {key for _, key in keys(PlanDocument)}
    assert known - {"minimum_count"} == documented
    assert "minimum_count" in DisclosureDoc.model_fields
    assert "{minimum_count: N}" in PAGE.read_text(encoding="utf-8")


def test_every_name_of_a_rule_is_documented():
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in NAMES)


@pytest.mark.parametrize("path", [EXAMPLE, DEMO], ids=["languedoc_roussillon", "demo"])
def test_the_plans_that_come_with_evalkit_are_accepted(path):
    plan, problems = check_plan(path)
    assert plan is not None, [problem.render("en") for problem in problems]
    assert [p for p in problems if p.severity == "error"] == []
    for question in plan.questions:
        for criterion in question.criteria:
            assert rule_sentence(criterion).render("fr").startswith("atteint si")


def test_the_example():
    plan = load_plan(EXAMPLE)
    assert plan.evaluation == "lr-contrats-2015-2023"
    assert plan.languages == ("fr",)
    assert plan.warehouse is None
    assert plan.territories.selection.parents == {"department": ("11", "30", "34", "48", "66")}
    assert [comparator.id for comparator in plan.comparators] == [
        "region",
        "all_qpv",
        "commune",
        "epci",
        "rest_of_commune",
    ]
    assert plan.indicator("in_med").prices.year == 2020
    assert plan.indicator("ho_prix").breakdowns == ("dwelling=flat", "dwelling=house")
    assert plan.templates[0].parameters == {"reference_period": 2020}
    assert check_plan(EXAMPLE)[1] == []
