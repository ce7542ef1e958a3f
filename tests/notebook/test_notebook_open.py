"""Opening an evaluation: what is refused, what is fixed, what the report is told about the territory."""

from __future__ import annotations

import random

import numpy as np
import pytest
from notebook_samples import OURS, Shown, Tiny

from evalkit.errors import DataError, PlanError, TemplateError
from evalkit.notebook import open_evaluation


def code_of(error: pytest.ExceptionInfo[TemplateError]) -> str:
    return error.value.problems[0].code.id


def test_a_territory_that_is_not_in_the_warehouse_is_refused(tiny: Tiny) -> None:
    tiny.put("de_pop", 2018, 1000)
    with pytest.raises(TemplateError) as refused:
        tiny.open("QP999999")
    assert code_of(refused) == "EVK-TPL-014"
    assert "QP999999" in refused.value.problems[0].message("fr")


def test_a_language_that_is_not_spoken_is_refused(tiny: Tiny) -> None:
    tiny.put("de_pop", 2018, 1000)
    with pytest.raises(TemplateError) as refused:
        tiny.open(language="de")
    assert code_of(refused) == "EVK-TPL-010"


def test_a_plan_edited_meanwhile_is_refused(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.put("de_pop", 2018, 1000)
    known = tiny.open().plan.sha256
    monkeypatch.setenv("EVALKIT_PLAN_SHA256", known)
    tiny.open()
    tiny.plan += "contact: quelqu'un\n"
    with pytest.raises(TemplateError) as refused:
        tiny.open()
    assert code_of(refused) == "EVK-TPL-017"


def test_a_plan_that_is_refused_stays_refused(tiny: Tiny) -> None:
    tiny.put("de_pop", 2018, 1000)
    tiny.plan += "surprise: 1\n"
    with pytest.raises(PlanError):
        tiny.open()


def test_without_a_warehouse_there_is_no_evaluation(tiny: Tiny, tmp_path: object) -> None:
    tiny.plan_file.write_text(tiny.plan, encoding="utf-8")
    with pytest.raises(DataError):
        open_evaluation(tiny.plan_file, OURS, warehouse=tiny.folder / "nowhere")


def test_seeds_come_from_the_plan_and_the_territory(tiny: Tiny) -> None:
    tiny.put("de_pop", 2018, 1000)

    def drawn(territory: str) -> tuple[float, float]:
        tiny.open(territory)
        return random.random(), float(np.random.random())  # noqa: NPY002, S311 - the legacy generator is what is seeded

    first = drawn(OURS)
    assert drawn(OURS) == first
    assert drawn("QP034002") != first


def test_the_report_is_told_who_it_is_about(tiny: Tiny, shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.put("de_pop", 2018, 1234)
    monkeypatch.setenv("EVALKIT_TEMPLATE", "portrait")
    ev = tiny.open(language="en")
    [context] = shown.of("context")
    assert (context["territory"], context["name"], context["level"], context["geography"]) == (
        OURS,
        "Quartier 01",
        "qpv",
        "2015",
    )
    assert (context["template"], context["lang"], context["synthetic"]) == ("portrait", "en", False)
    assert context["plan_sha256"] == ev.plan.sha256
    assert ["Commune", "Ville"] in context["facts"]
    assert ["Population", "1,234 (2018)"] in context["facts"]
    assert [criterion["id"] for criterion in context["questions"][0]["criteria"]] == ["C1", "C2"]
    assert all(criterion["rule_text"] for criterion in context["questions"][0]["criteria"])


def test_a_demo_territory_says_that_it_is_fictitious(demo: tuple, shown: Shown) -> None:
    plan, warehouse = demo
    from evalkit.plan import load_plan, resolve_territories

    codes = resolve_territories(load_plan(plan), warehouse)
    assert len(codes) == 4
    open_evaluation(plan, codes[0])
    assert shown.of("context")[0]["synthetic"] is True


def test_a_territory_and_a_title_are_shown_escaped(tiny: Tiny, shown: Shown) -> None:
    tiny.put("de_pop", 2018, 1000)
    tiny.open()
    assert "<b>Quartier 01</b>" in shown.bundles[0]["text/html"]
