from __future__ import annotations

import pytest
from warehouse_kit import ROW, ids, tree

from evalkit.data.delivery import Delivery
from evalkit.errors import DataError

REFUSED = [
    ({"territory": "QP034005", "value": 1.0, "status": "provisional"}, ["EVK-DATA-063", "EVK-DATA-064"]),
    ({"territory": "QP034005", "value": 0.0, "status": "secret"}, ["EVK-DATA-064"]),
    ({"territory": "QP034005", "status": "published"}, ["EVK-DATA-064"]),
    ({"territory": "QP034005", "value": float("inf")}, ["EVK-DATA-065"]),
    ({"territory": "QP034005", "value": 5.0, "lower": 6.0, "upper": 7.0}, ["EVK-DATA-066"]),
    ({"territory": "QP034005", "value": 5.0, "lower": 4.0, "upper": 4.5}, ["EVK-DATA-066"]),
    ({"territory": "QP034005", "value": 5.0, "indicator": "in_tp6"}, ["EVK-DATA-067"]),
    ({"territory": "34172", "value": 5.0, "level": "region"}, ["EVK-DATA-068"]),
    ({"territory": "34172", "value": 5.0, "level": "village"}, ["EVK-DATA-068", "EVK-DATA-074"]),
    ({"territory": "1004", "value": 5.0, "level": "commune"}, ["EVK-DATA-070"]),
    ({"territory": "QP34005", "value": 5.0}, ["EVK-DATA-070"]),
    ({"territory": "../x", "value": 5.0, "level": "project"}, ["EVK-DATA-070"]),
    ({"territory": '"><script>', "value": 5.0, "level": "project"}, ["EVK-DATA-070"]),
    ({"territory": "QP034005", "value": 5.0, "period": None}, ["EVK-DATA-062"]),
    ({"territory": "QP034005", "value": 5.0, "source": "beta"}, ["EVK-DATA-075"]),
]


@pytest.mark.parametrize(("row", "expected"), REFUSED)
def test_bad_rows_are_refused_and_leave_nothing(kit, row, expected):
    warehouse = kit.open()
    before = tree(warehouse.root)
    with pytest.raises(DataError) as error:
        kit.add(warehouse, [row])
    assert ids(error) == expected
    assert {name for name in tree(warehouse.root) if name != ".lock"} == set(before)


def test_all_problems_are_told_at_once(kit):
    warehouse = kit.open()
    rows = [ROW, ROW, {"territory": "QP034006", "value": 5.0, "indicator": "in_tp6"}]
    with pytest.raises(DataError) as error:
        kit.add(warehouse, rows)
    assert ids(error) == ["EVK-DATA-069", "EVK-DATA-067"]
    assert "did you mean in_tp60?" in str(error.value)
    assert "vouliez-vous dire in_tp60" in error.value.render("fr")


@pytest.mark.parametrize("code", ["QP001001", "QP02A001", "QP02B002", "QP974001"])
def test_forms_of_district_codes(kit, code):
    assert kit.add(kit.open(), [{"territory": code, "value": 1.0}]).changed


def test_every_real_district_code_has_the_form(shared_data):
    from evalkit.data.warehouse._places import has_form

    lines = (
        (shared_data / "insee_qpv_revenus_2012_2021" / "qpv_liste_2015.csv").read_text(encoding="utf-8").splitlines()
    )
    found = [line.split(",")[0] for line in lines[1:]]
    assert len(found) == 1436
    assert all(has_form(code, "qpv", "2015") for code in found)


def test_numbers_where_codes_are_text_are_refused(kit):
    delivery = kit.delivery(observations=[{"territory": "01004", "level": "commune", "value": 1.0}])
    broken = Delivery("2020", delivery.observations.assign(territory=[1004]))
    with pytest.raises(DataError) as error:
        kit.open().add(broken, kit.dataset(), [kit.file()])
    assert ids(error) == ["EVK-DATA-061"]


def test_missing_and_unknown_columns_are_refused(kit):
    delivery = kit.delivery(observations=[ROW])
    broken = Delivery("2020", delivery.observations.rename(columns={"status": "state"}))
    with pytest.raises(DataError) as error:
        kit.open().add(broken, kit.dataset(), [kit.file()])
    assert "missing: status; unknown: state" in str(error.value)


def test_parents_must_be_lists(kit):
    with pytest.raises(DataError) as error:
        kit.add(kit.open(), territories=[{"code": "QP034005", "parents": '{"level": "commune"}'}])
    assert ids(error) == ["EVK-DATA-076"]


def test_a_code_that_is_not_on_the_list_is_refused(kit):
    warehouse = kit.open()
    listed = [{"code": code, "name": code} for code in ("QP034005", "QP034006")]
    kit.add(warehouse, territories=listed, source="official", reference_lists=(("qpv", "2015"),))
    assert kit.add(warehouse, [ROW]).changed
    wrong = [{"territory": f"QP099{index:03d}", "value": 1.0} for index in range(12)]
    with pytest.raises(DataError) as error:
        kit.add(warehouse, [ROW, *wrong], source="beta")
    assert ids(error) == ["EVK-DATA-071"]
    assert error.value.problems[0].values["n"].value == 12
    assert len(error.value.problems[0].values["codes"]) == 10
    assert kit.add(warehouse, [{"territory": "QN00101M", "geography": "2024", "value": 1.0}], source="beta").changed


def test_a_list_that_is_brought_with_its_observations_counts(kit):
    listed = [{"code": "QP034005", "name": "x"}]
    with pytest.raises(DataError):
        kit.add(
            kit.open(),
            [{"territory": "QP034006", "value": 1.0}],
            territories=listed,
            reference_lists=(("qpv", "2015"),),
        )
