from __future__ import annotations

import json

import pytest
from warehouse_kit import parents

from evalkit.errors import DataError
from evalkit.model.plan import DataSource, Selection

COMMUNE = ("commune", "34172", "2020")


@pytest.fixture
def places(kit):
    """Three districts of two communes; the second commune is only known in another vintage."""
    warehouse = kit.open()
    region = ("region", "91", "2015")
    districts = [
        {"code": "QP034001", "name": "Mosson", "parents": parents(COMMUNE, region), "tags": '["npnru"]', "longitude": 3.8, "latitude": 43.6},
        {"code": "QP034002", "name": None, "parents": parents(COMMUNE), "tags": '["npnru", "acv"]'},
        {"code": "QP034003", "name": "Iranget", "parents": parents(("commune", "34032", "2020")), "tags": None},
    ]  # fmt: skip
    kit.add(warehouse, territories=districts, source="list", priority=10)
    others = [
        {"code": "QP034001", "name": "Another name", "parents": parents(("department", "34", "2016")), "tags": '["acv"]', "geometry": WKB},
        {"code": "34172", "level": "commune", "geography": "2020", "name": "Montpellier",
         "parents": parents(("epci", "243400017", "2020"), ("department", "34", "2020"))},
        {"code": "34032", "level": "commune", "geography": "2018", "name": "Béziers", "parents": parents(("epci", "243400769", "2018"))},
        {"code": "243400017", "level": "epci", "geography": "2020", "name": "3M", "parents": parents(("region", "76", "2020"))},
    ]  # fmt: skip
    kit.add(warehouse, territories=others, source="map", priority=20)
    return warehouse


WKB = bytes.fromhex("0101000000" + "0000000000000040" + "0000000000004540")


def test_a_territory_is_merged_from_several_data_sets(places):
    found = places.territory("qpv", "QP034001", "2015")
    assert found is not None
    assert (found.name, found.tags, found.longitude, found.synthetic) == ("Mosson", ("acv", "npnru"), 3.8, False)
    direct = {(p.level, p.code, p.geography) for p in found.parents[:3]}
    assert direct == {COMMUNE, ("region", "91", "2015"), ("department", "34", "2016")}
    assert [p.code for p in found.parents_at("epci")] == ["243400017"]
    assert [p.code for p in found.parents_at("region", "2020")] == ["76"]
    assert places.territory("qpv", "QP034009", "2015") is None
    assert places.territory("qpv", "QP034001", "2024") is None


def test_a_territory_without_name_has_its_code(places):
    found = places.territory("qpv", "QP034002", "2015")
    assert found is not None
    assert found.name == "QP034002"
    assert found.longitude is None


def test_geometry_comes_from_whoever_has_it(places):
    assert places.geometry("qpv", "QP034001", "2015").wkt == "POINT (2 42)"
    assert places.geometry("qpv", "QP034002", "2015") is None
    assert places.geometry("qpv", "QP034009", "2015") is None


def test_territories_are_one_row_each(places):
    rows = places.territories(level="qpv")
    assert list(rows["code"]) == ["QP034001", "QP034002", "QP034003"]
    assert rows["geometry"].notna().tolist() == [True, False, False]
    assert json.loads(rows["tags"][0]) == ["acv", "npnru"]
    assert places.territories(codes=["34172", "34032"])["geography"].tolist() == ["2018", "2020"]


SELECTIONS = [
    (Selection(), ("QP034001", "QP034002", "QP034003")),
    (Selection(codes=("QP034003", "QP034001", "QP099001")), ("QP034001", "QP034003")),
    (Selection(parents={"commune": ("34172",)}), ("QP034001", "QP034002")),
    (Selection(parents={"epci": ("243400017",)}), ("QP034001", "QP034002")),
    (Selection(parents={"epci": ("243400769",)}), ("QP034003",)),
    (Selection(parents={"epci": ("243400769", "243400017")}), ("QP034001", "QP034002", "QP034003")),
    (Selection(parents={"epci_2020": ("243400769", "243400017")}), ("QP034001", "QP034002")),
    (Selection(parents={"region": ("91",)}), ("QP034001",)),
    (Selection(parents={"region_2015": ("91",)}), ("QP034001",)),
    (Selection(parents={"region_2016": ("91",)}), ()),
    (Selection(parents={"region": ("76",), "commune": ("34172",)}), ("QP034001", "QP034002")),
    (Selection(parents={"department": ("34",)}), ("QP034001", "QP034002")),
    (Selection(tags=("acv", "npnru")), ("QP034001", "QP034002")),
    (Selection(tags=("other",)), ()),
    (Selection(limit=2), ("QP034001", "QP034002")),
    (Selection(parents={"epci": ("243400017",)}, tags=("npnru",), limit=1), ("QP034001",)),
]


@pytest.mark.parametrize(("selection", "expected"), SELECTIONS)
def test_selections(places, selection, expected):
    assert places.select(selection, "qpv", "2015") == expected


def test_an_unknown_level_is_refused(places):
    with pytest.raises(DataError) as error:
        places.select(Selection(parents={"canton": ("1",)}), "qpv", "2015")
    assert error.value.problems[0].code.id == "EVK-DATA-074"


def test_territories_that_contain_each_other_end(kit):
    warehouse = kit.open()
    rows = [
        {"code": "A", "level": "zone", "parents": parents(("zone", "B", "2015"))},
        {"code": "B", "level": "zone", "parents": parents(("zone", "A", "2015"))},
    ]
    kit.add(warehouse, territories=rows)
    assert [p.code for p in warehouse.ancestors("zone", "A", "2015")] == ["B"]


def test_shares_add_up_over_several_ways(kit):
    warehouse = kit.open()
    shared = [
        {"level": "commune", "code": c, "geography": "2020", "share": s} for c, s in (("34172", 0.6), ("34057", 0.3))
    ]
    rows = [
        {"code": "QP034001", "parents": json.dumps(shared)},
        *({"code": c, "level": "commune", "geography": "2020", "parents": parents(("epci", "E", "2020"))} for c in ("34172", "34057")),
    ]  # fmt: skip
    kit.add(warehouse, territories=rows)
    epci = warehouse.ancestors("qpv", "QP034001", "2015")[-1]
    assert (epci.code, epci.share) == ("E", pytest.approx(0.9))


@pytest.fixture
def overlapping(kit):
    warehouse = kit.open()
    row = {"territory": "QP034005"}
    kit.add(warehouse, [row | {"value": 1.0}], source="first", priority=1, vintage="2020", file="a")
    kit.add(warehouse, [row | {"value": 2.0}], source="first", priority=1, vintage="2021", file="b")
    kit.add(warehouse, [row | {"value": 3.0}, row | {"value": 4.0, "period": "2019"}], source="second", priority=2)
    return warehouse


PREFERENCES = [
    ((), 2.0),
    ((DataSource("second"),), 3.0),
    ((DataSource("first", "2020"),), 1.0),
    ((DataSource("second"), DataSource("first")), 3.0),
    ((DataSource("first", "2020"), DataSource("first", "2021")), 1.0),
    ((DataSource("first", "1999"),), 3.0),
    ((DataSource("unknown"),), 2.0),
]


@pytest.mark.parametrize(("sources", "expected"), PREFERENCES)
def test_the_preferred_source_wins(overlapping, sources, expected):
    found = overlapping.observations(periods=["2020"], sources=sources)
    assert found["value"].tolist() == [expected]
    assert overlapping.observations(periods=["2019"], sources=sources)["value"].tolist() == [4.0]


def test_filters(kit):
    warehouse = kit.open()
    rows = [
        {"territory": "QP034005", "value": 1.0},
        {"territory": "QP034005", "value": 2.0, "period": "2019"},
        {"territory": "QP034005", "value": 3.0, "breakdown": "sex=female"},
        {"territory": "QP034006", "value": 4.0, "indicator": "in_gini"},
        {"territory": "34172", "level": "commune", "geography": "2020", "value": 5.0},
    ]
    kit.add(warehouse, rows)
    assert warehouse.observations(indicators=["in_gini"])["value"].tolist() == [4.0]
    assert warehouse.observations(periods=["2019"])["value"].tolist() == [2.0]
    assert warehouse.observations(breakdowns=["sex=female"])["value"].tolist() == [3.0]
    assert warehouse.observations(level="commune", geography="2020")["value"].tolist() == [5.0]
    assert warehouse.observations(territories=[])["value"].tolist() == []
    assert warehouse.observations(indicators=["in_tp60"], level="qpv", breakdowns=["none"])["value"].tolist() == [
        2.0,
        1.0,
    ]
    assert warehouse.observations(territories=[f"X{i}" for i in range(500)] + ["QP034006"])["value"].tolist() == [4.0]


@pytest.mark.parametrize("number", [1, 3, 12])
def test_many_deliveries_answer_as_few_do(kit, number):
    warehouse = kit.open()
    assert warehouse.coverage().empty
    for year in range(2000, 2000 + number):
        row = {"territory": "QP034001", "period": str(year), "value": float(year)}
        place = {"code": f"QP03{year}", "name": f"It's {year}"}
        kit.add(warehouse, [row], vintage=str(year), file=f"{year}.csv", territories=[place])
    found = warehouse.observations(indicators=["in_tp60"], level="qpv", geography="2015")
    assert found["value"].tolist() == [float(year) for year in range(2000, 2000 + number)]
    assert warehouse.territories()["name"].tolist() == [f"It's {year}" for year in range(2000, 2000 + number)]
    assert warehouse.select(Selection(), "qpv", "2015") == tuple(f"QP03{year}" for year in range(2000, 2000 + number))
    assert len(warehouse.all_observations()) == warehouse.coverage()["count"].sum() == number
    assert (warehouse.holds("in_tp60", "none", "qpv"), warehouse.holds("in_tp60", "sex=male", "qpv")) == (True, False)


def test_values_are_bound_never_pasted(kit):
    warehouse = kit.open()
    kit.add(warehouse, [{"territory": "QP034005", "value": 1.0}])
    assert warehouse.observations(territories=["x') OR true --"]).empty
    assert warehouse.observations(level="' OR '1'='1").empty
    assert warehouse.references("' OR '1'='1").empty


def test_coverage_counts_preferred_rows_by_status(overlapping, kit):
    found = overlapping.coverage()
    assert found[["period", "status", "dataset", "count"]].to_numpy().tolist() == [
        ["2019", "published", "second", 1],
        ["2020", "published", "first", 1],
    ]


def test_fingerprint_follows_the_content(kit):
    warehouse = kit.open()
    empty = warehouse.fingerprint()
    kit.add(warehouse, [{"territory": "QP034005", "value": 1.0}])
    full = warehouse.fingerprint()
    assert full != empty
    assert kit.open().fingerprint() == full
    warehouse.remove("alpha")
    assert warehouse.fingerprint() == empty


def test_operations_and_structures(kit):
    warehouse = kit.open()
    operation = {"id": "OP1", "territory": "QP034005", "programme": "npnru", "family": "demolition", "planned": 10.0}
    rows = [operation | {"funder": "anru"}, operation | {"funder": "commune"}]
    kit.add(warehouse, operations=rows, vintage="2020", file="a")
    kit.add(warehouse, operations=[operation | {"funder": "anru", "planned": 12.0}], vintage="2021", file="b")
    found = warehouse.operations(territory="QP034005")
    assert found["planned"].tolist() == [12.0]
    assert warehouse.operations(programme="other").empty
    structure = {"id": "S1", "territory": "QP034005", "programme": "ess", "family": "association", "supported": True}
    kit.add(
        warehouse, structures=[structure | {"created": "2015-01-01", "observed_until": "2023-12-31"}], source="beta"
    )
    assert warehouse.structures(level="qpv", programme="ess")["supported"].tolist() == [True]


def test_an_operation_that_moves_leaves_its_old_territory(kit):
    warehouse = kit.open()
    operation = {"id": "OP1", "programme": "npnru"}
    kit.add(warehouse, operations=[operation | {"territory": "QP034005"}], vintage="2020", file="a")
    kit.add(warehouse, operations=[operation | {"territory": "QP034006"}], vintage="2021", file="b")
    assert warehouse.operations(territory="QP034005").empty
    assert len(warehouse.operations(territory="QP034006")) == 1


def test_references(kit):
    warehouse = kit.open()
    kit.add(warehouse, references=[{"list": "funders", "code": "01", "label": "Anru"}])
    assert warehouse.references("funders")[["code", "label"]].to_numpy().tolist() == [["01", "Anru"]]
    assert warehouse.references("other").empty


def test_sources_tell_each_delivery(kit):
    warehouse = kit.open()
    kit.add(warehouse, [{"territory": "QP034005", "value": 1.0}], file="x.csv")
    row = warehouse.sources().iloc[0]
    assert (row["dataset"], row["vintage"], row["title_fr"], row["licence"]) == ("alpha", "2020", "Jeu alpha", "L")
    assert [name for name, _ in row["files"]] == ["x.csv"]
    assert row["counts"] == {"observations": 1}
