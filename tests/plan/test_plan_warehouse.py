"""A plan against a warehouse: what is selected, what a territory is compared with, and what the data lack."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest
from plan_samples import HEAD, ROOT, codes_of, criterion

from evalkit.data.delivery import OBSERVATION_COLUMNS, TERRITORY_COLUMNS, Delivery, SourceFile, frame
from evalkit.data.registry import Dataset
from evalkit.data.warehouse import Warehouse
from evalkit.errors import PlanError
from evalkit.model.indicator import Indicator
from evalkit.model.texts import LocalText
from evalkit.plan import Members, comparator_members, load_plan, plan_summary, resolve_territories

REGION, OTHER = ("region", "91", "2015"), ("region", "73", "2015")
HERAULT, AUDE, HAUTE_GARONNE = (("department", code, "2015", 1.0) for code in ("34", "11", "31"))
DISTRICTS = {
    "QP034005": [("commune", "34172", "2015", 1.0), ("commune", "34172", "2022", 1.0), (*REGION, 1.0), HERAULT],
    "QP034006": [
        *(("commune", code, year, part) for code, part in (("34172", 0.8), ("34057", 0.2)) for year in ("2015", "2022")),
        (*REGION, 1.0),
        HERAULT,
    ],
    "QP011001": [("commune", "11069", "2015", 1.0), (*REGION, 1.0), AUDE],
    "QP031001": [("commune", "31555", "2015", 1.0), (*OTHER, 1.0), HAUTE_GARONNE],
}  # fmt: skip


def parents(rows: list[tuple[str, str, str, float]]) -> str:
    keys = ("level", "code", "geography", "share")
    return json.dumps([dict(zip(keys, row, strict=True)) for row in sorted(rows)])


@pytest.fixture
def warehouse(tmp_path: Path, catalogue: Mapping[str, Indicator]) -> Warehouse:
    """Four districts of 2015, one of 2024, poverty of 2012 to 2015, and a later year in the other geography only."""
    common = {"source": "alpha", "vintage": "2015", "file_sha256": "f"}
    places = [
        {
            "code": code,
            "level": "qpv",
            "geography": "2015",
            "name": code,
            "parents": parents(rows),
            "tags": "[]",
            **common,
        }
        for code, rows in DISTRICTS.items()
    ]
    places[0]["tags"] = '["reported"]'
    places.append({**places[0], "code": "QN03401M", "geography": "2024", "parents": "[]", "tags": "[]"})
    observed = {
        "level": "qpv",
        "breakdown": "none",
        "indicator": "in_tp60",
        "status": "published",
        "value": 50.0,
        **common,
    }
    values = [
        {**observed, "territory": code, "geography": "2015", "period": period}
        for code in DISTRICTS
        for period in ("2012", "2013", "2014", "2015", "2018")
    ]
    values.append({**observed, "territory": "QN03401M", "geography": "2024", "period": "2023"})
    made = Warehouse.open(tmp_path / "warehouse", create=True, catalogue=catalogue)
    delivery = Delivery(
        "2015", frame(OBSERVATION_COLUMNS, pd.DataFrame(values)), frame(TERRITORY_COLUMNS, pd.DataFrame(places))
    )
    text = LocalText("Jeu", "Set")
    dataset = Dataset("alpha", text, "P", text, "L", "A", "https://example.org", "2015", "none", 1, adapter="none:read")
    made.add(delivery, dataset, [SourceFile(tmp_path / "a.csv", hashlib.sha256(b"a").hexdigest())])
    return made


@pytest.fixture
def plan(tmp_path, catalogue):
    """A plan on two districts, with one comparator of each kind."""
    more = HEAD.replace("codes: [QP034005, QP011001]", 'select: {region_2015: ["91"]}') + (
        "indicators: [{id: in_tp60}]\n"
    )
    extra = (
        "  - {id: all, kind: level}\n"
        "  - {id: plan, kind: plan}\n"
        "  - {id: named, kind: territories, codes: [QP034005, QP031001]}\n"
        "  - {id: epci, kind: parent, level: epci}\n"
        "templates:"
    )
    path = tmp_path / "evaluation.yaml"
    path.write_text(more.replace("templates:", extra), encoding="utf-8")
    return load_plan(path, catalogue=catalogue)


def test_territories(plan, warehouse):
    assert resolve_territories(plan, warehouse) == ("QP011001", "QP034005", "QP034006")
    assert [sentence.render("fr") for sentence in plan_summary(plan, warehouse)] == [
        "3 territoires sélectionnés", "1 modèle, 1 langue\u00a0: 3 rapports"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("comparator", "codes"),
    [
        ("region", ("QP011001", "QP034006")),
        ("all", ("QP011001", "QP031001", "QP034006")),
        ("plan", ("QP011001", "QP034006")),
        ("named", ("QP031001",)),
    ],
)
def test_comparators_leave_the_territory_out(plan, warehouse, comparator, codes):
    found = comparator_members(plan, warehouse, comparator, "QP034005")
    assert (found.level, found.geography, found.codes, found.parent) == ("qpv", "2015", codes, None)


def test_the_parent_is_the_one_that_holds_most_of_the_territory(plan, warehouse):
    found = comparator_members(plan, warehouse, "commune", "QP034006")
    assert (found.kind, found.level, found.geography, found.codes) == ("parent", "commune", "2022", ("34172",))
    assert found.parent.share == 0.8


def test_the_rest_of_the_parent_is_the_parent_and_all_its_districts(plan, warehouse):
    found = comparator_members(plan, warehouse, "rest", "QP034005")
    assert found == Members(
        "rest_of_parent", "qpv", "2015", ("QP034005", "QP034006"), found.parent, partial=("QP034006",)
    )
    assert (found.parent.level, found.parent.code, found.parent.geography) == ("commune", "34172", "2022")


def test_what_cannot_be_had_is_refused(plan, warehouse):
    with pytest.raises(PlanError, match="EVK-PLAN-057 QP034005 has no parent of the level epci"):
        comparator_members(plan, warehouse, "epci", "QP034005")
    with pytest.raises(PlanError, match="EVK-PLAN-022 unknown comparator 'regon', did you mean 'region'"):
        comparator_members(plan, warehouse, "regon", "QP034005")


@pytest.mark.parametrize(
    ("territories", "codes"),
    [
        ("codes: [QP034005, QP011001]", []),
        ("codes: [QP034005, QP011002]", ["050"]),
        ("codes: [QP034005, QN03401M]", ["025"]),
        ('select: {department: ["11", "48"]}', ["058"]),
        ('select: {department: ["48"]}', ["051", "058"]),
        ("select: {tag: [reported]}", []),
        ('select: {tag: [reported], department: ["11"]}', ["051"]),
    ],
)
def test_the_territories_of_a_plan(check, warehouse, territories, codes):
    head = HEAD.replace("codes: [QP034005, QP011001]", territories)
    checked = check("indicators: [{id: in_tp60}]\n", head=head, warehouse=warehouse)
    assert codes_of(checked) == codes
    assert (checked[0] is None) == any(code in codes for code in ("050", "051", "025"))


def test_an_unknown_territory_is_told_with_the_nearest(check, warehouse):
    head = HEAD.replace("QP011001", "QP034O05")
    problem = check("indicators: [{id: in_tp60}]\n", head=head, warehouse=warehouse)[1][0]
    assert problem.render("en").endswith(
        "EVK-PLAN-050 unknown territory QP034O05 (level qpv, geography 2015), did you mean 'QP034005'? "
        "@ $.territories.codes[1]"
    )


def test_territories_that_are_gone_are_refused_when_they_are_resolved(tmp_path, catalogue, warehouse):
    path = tmp_path / "evaluation.yaml"
    path.write_text(HEAD.replace("QP011001", "QP011009") + "indicators: [{id: in_tp60}]\n", encoding="utf-8")
    with pytest.raises(PlanError, match="EVK-PLAN-050 unknown territory QP011009"):
        resolve_territories(load_plan(path, catalogue=catalogue), warehouse)
    path.write_text(
        HEAD.replace("codes: [QP034005, QP011001]", "select: {tag: [x]}") + "indicators: [{id: in_tp60}]\n",
        encoding="utf-8",
    )
    with pytest.raises(PlanError, match="EVK-PLAN-051"):
        resolve_territories(load_plan(path, catalogue=catalogue), warehouse)


RULES = "met_if: 'upper < 0', not_met_if: 'lower > 0'"


@pytest.mark.parametrize(
    ("design", "indicator", "codes"),
    [
        ("method: before_after, from: 2012, to: 2015", "in_tp60", []),
        ("method: before_after, from: 2011, to: 2015", "in_tp60", ["055"]),
        ("method: gap, comparator: region, to: 2023", "in_tp60", ["026"]),
        ("method: gap, comparator: region, to: 2015", "in_med", ["054"]),
        ("method: delivery", "in_med", ["039", "039"]),
    ],
)
def test_the_values_of_a_plan(check, warehouse, design, indicator, codes):
    assert codes_of(check(criterion(design, RULES, indicator), warehouse=warehouse)) == codes


def test_a_baseline_that_is_read_from_the_data(check, warehouse):
    text = "indicators: [{id: in_tp60, baseline: {period: 2010}}]\n"
    found = check(text, warehouse=warehouse)[1]
    assert (
        found[0]
        .render("fr")
        .replace("\u00a0", " ")
        .endswith(
            "EVK-PLAN-055 l’entrepôt n’a aucune valeur de in_tp60 pour 2010 : "
            "les périodes présentes : 2012, 2013, 2014, 2015, 2018 @ $.indicators[0].baseline.period"
        )
    )


def test_a_crosswalk_opens_the_other_geography(check, warehouse, tmp_path):
    table = "level,from_code,from_geography,to_code,to_geography,share\nqpv,QN03401M,2024,QP034005,2015,1\n"
    (tmp_path / "crosswalk.csv").write_text(table, encoding="utf-8")
    warehouse.add_crosswalk(tmp_path / "crosswalk.csv")
    text = criterion("method: gap, comparator: region, to: 2023", RULES)
    assert codes_of(check(text, warehouse=warehouse)) == ["055"]


def test_breaks_are_told_with_the_spans_that_the_data_have(check, warehouse):
    found = check(criterion("method: before_after, from: 2014, to: 2018", RULES), warehouse=warehouse)[1]
    assert "; choose 2012-2015, or state" in found[0].render("en")


@pytest.mark.parametrize(
    ("source", "codes"),
    [
        ("{dataset: alpha, vintage: 2015}", []),
        ("{dataset: alpha, vintage: 2016}", ["053"]),
        ("{dataset: evalkit_demo}", ["053"]),
        ("{dataset: alfa}", ["052"]),
    ],
)
def test_the_sources_of_a_plan(check, warehouse, source, codes):
    text = f"indicators: [{{id: in_tp60}}]\ndata: {{sources: [{source}]}}\n"
    assert codes_of(check(text, warehouse=warehouse)) == codes


def test_a_plan_that_cannot_be_read_is_still_checked_against_the_warehouse(check, warehouse):
    head = HEAD.replace("level: qpv", "level: qvp")
    text = "indicators: [{id: in_tp60}]\ndata: {sources: [{dataset: alfa}]}\n"
    assert codes_of(check(text, head=head, warehouse=warehouse)) == ["007", "052"]


def test_a_comparator_that_the_data_cannot_give(check, warehouse):
    head = HEAD.replace("kind: parent, level: commune", "kind: parent, level: epci")
    found = check("indicators: [{id: in_tp60}]\n", head=head, warehouse=warehouse)
    assert codes_of(found) == ["059"]
    assert "does not exist for 2 of 2 territories" in found[1][0].render("en")


def test_the_sixty_districts_of_languedoc_roussillon(tmp_path, shared_data):
    from evalkit.data.adding import add_files

    add_files(tmp_path / "real", [shared_data / "insee_qpv_revenus_2012_2021" / "qpv_liste_2015.csv"], "insee_qpv_list")
    real = Warehouse.open(tmp_path / "real")
    plan = load_plan(ROOT / "examples" / "languedoc_roussillon" / "evaluation.yaml")
    codes = resolve_territories(plan, real)
    assert len(codes) == 60
    assert {code[2:5] for code in codes} == {"011", "030", "034", "066"}
    others = comparator_members(plan, real, "region", "QP034005")
    assert set(others.codes) == set(codes) - {"QP034005"}
    rest = comparator_members(plan, real, "rest_of_commune", "QP034005")
    assert (rest.parent.code, len(rest.codes)) == ("34172", 12)


@pytest.mark.parametrize(("code", "codes"), [("QP011001", []), ("QP034O05", ["064"])])
def test_the_territories_of_a_recommendation_are_among_those_selected(check, warehouse, code, codes):
    head = HEAD.replace("codes: [QP034005, QP011001]", 'select: {region_2015: ["91"]}, limit: 1')
    text = criterion("method: gap, comparator: region", "met_if: 'upper < 0', not_met_if: 'lower > 0'")
    text += f"recommendations: [{{id: R1, text: a, criteria: [C1], to: b, territories: [{code}]}}]\n"
    checked = check(text, head=head, warehouse=warehouse)
    assert [found for found in codes_of(checked) if found == "064"] == codes
