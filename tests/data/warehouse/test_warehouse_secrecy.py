from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.data.secrecy import RULES, apply_disclosure, rest_of_parent
from evalkit.errors import DataError
from evalkit.model.observation import Observation
from evalkit.model.plan import Disclosure

BY_PRODUCER = Disclosure()


def shown(kit, row, disclosure=BY_PRODUCER):
    frame = kit.rows("observations", [{"territory": "QP034005", "value": 1.0} | row], "alpha", "2020")
    found = apply_disclosure(frame, kit.catalogue, disclosure)
    assert frame["value"].notna().all()
    return found.iloc[0]


HIDDEN = [
    ("in_tp60", {"n": 10.0}, "secret"),
    ("in_tp60", {"denominator": 10.0, "numerator": 3.0}, "secret"),
    ("ec_etab", {"n": 2.0}, "secret"),
    ("ho_prix", {"n": 10.0}, "missing"),
]


@pytest.mark.parametrize(("indicator", "row", "status"), HIDDEN)
def test_under_the_producers_minimum_nothing_is_left(kit, indicator, row, status):
    found = shown(kit, row | {"indicator": indicator, "lower": 0.5, "upper": 2.0})
    assert found["status"] == status
    assert found[["value", "lower", "upper", "numerator", "denominator"]].isna().all()
    assert found["note"].startswith("EVK-DATA-09")


def test_the_number_of_sales_stays_the_number_of_units_under_secrecy_does_not(kit):
    assert shown(kit, {"indicator": "ho_prix", "n": 5.0})["n"] == 5.0
    assert shown(kit, {"indicator": "in_tp60", "n": 5.0}).isna()["n"]


@pytest.mark.parametrize(
    ("indicator", "row"), [("in_tp60", {"n": 11.0}), ("ec_etab", {"n": 3.0}), ("in_gini", {"n": 1.0}), ("in_tp60", {})]
)
def test_enough_units_or_no_rule_or_an_unknown_number(kit, indicator, row):
    assert shown(kit, row | {"indicator": indicator})["status"] == "published"


def test_a_plan_may_hide_more_never_less(kit):
    assert shown(kit, {"n": 19.0}, Disclosure("minimum_count", 20))["status"] == "secret"
    assert shown(kit, {"n": 20.0}, Disclosure("minimum_count", 20))["status"] == "published"
    assert shown(kit, {"n": 10.0}, Disclosure("minimum_count", 2))["status"] == "secret"


def test_a_status_without_value_is_left_alone(kit):
    frame = kit.rows("observations", [{"territory": "QP034005", "status": "not_applicable", "n": 1.0}], "a", "1")
    found = apply_disclosure(frame, kit.catalogue, Disclosure())
    assert found["status"].tolist() == ["not_applicable"]


def test_an_empty_frame(kit):
    frame = kit.rows("observations", [{"territory": "QP034005", "value": 1.0}], "a", "1").iloc[:0]
    assert apply_disclosure(frame, kit.catalogue, Disclosure("minimum_count", 5)).empty


def test_dominance():
    assert RULES["insee_business"].allows(10, 0.85)
    assert not RULES["insee_business"].allows(10, 0.86)
    assert not RULES["insee_tax"].allows(10)
    assert RULES["none"].allows(0, 1.0)
    assert [rule.id for rule in RULES.values() if not rule.confirmed] == ["cnaf", "dares", "depp"]


@given(units=st.floats(0, 100), other=st.floats(0, 100))
def test_more_units_are_never_hidden_when_fewer_are_shown(units, other):
    for rule in RULES.values():
        if rule.allows(min(units, other)):
            assert rule.allows(max(units, other))


def as_observations(frame):
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [Observation(**row) for row in rows]


def rest(kit, whole, parts, indicator="in_tp60"):
    parent = kit.rows(
        "observations", [{"territory": "34172", "level": "commune", "indicator": indicator} | whole], "a", "1"
    )
    rows = [{"territory": f"QP{i:06d}", "indicator": indicator} | part for i, part in enumerate(parts)]
    children = kit.rows("observations", rows, "a", "1") if rows else parent.iloc[:0]
    return rest_of_parent(as_observations(parent), as_observations(children), kit.catalogue[indicator])


def rate(numerator, denominator, **others):
    return {"value": 100 * numerator / denominator, "numerator": numerator, "denominator": denominator} | others


def test_the_rest_of_a_rate(kit):
    found = rest(kit, rate(360.0, 1000.0), [rate(120.0, 200.0), rate(80.0, 100.0)])
    assert (found.status, found.value, found.numerator, found.denominator) == (
        "published",
        pytest.approx(100 * 160 / 700),
        160,
        700,
    )


def test_the_rest_of_a_count(kit):
    found = rest(kit, {"value": 1000.0}, [{"value": 300.0}, {"value": 200.0, "status": "estimated"}], "de_pop")
    assert (found.status, found.value) == ("estimated", 500.0)


def test_without_children_the_rest_is_the_whole(kit):
    assert rest(kit, rate(360.0, 1000.0), []).value == pytest.approx(36.0)


STATUSES = [
    (rate(360.0, 1000.0), [rate(1.0, 20.0), {"status": "secret"}], "secret"),
    (rate(360.0, 1000.0), [{"status": "secret"}, {"status": "missing"}], "secret"),
    ({"status": "secret"}, [rate(1.0, 20.0)], "secret"),
    (rate(360.0, 1000.0), [{"status": "missing"}], "missing"),
    (rate(360.0, 1000.0), [{"value": 3.0}], "missing"),
    (rate(360.0, 1000.0), [rate(100.0, 991.0)], "secret"),
    (rate(36.0, 100.0), [rate(40.0, 80.0)], "missing"),
    (rate(36.0, 100.0), [rate(30.0, 100.0)], "missing"),
]


@pytest.mark.parametrize(("whole", "parts", "status"), STATUSES)
def test_when_there_is_no_rest(kit, whole, parts, status):
    found = rest(kit, whole, parts)
    assert (found.status, found.value) == (status, None)


def test_few_establishments_left_are_secret(kit):
    assert rest(kit, {"value": 10.0}, [{"value": 8.0}], "ec_etab").status == "secret"
    assert rest(kit, {"value": 10.0}, [{"value": 11.0}], "ec_etab").status == "missing"
    assert rest(kit, {"value": 10.0}, [{"value": 10.0}], "ec_etab").value == 0.0


def test_a_median_is_refused(kit):
    with pytest.raises(DataError) as error:
        rest(kit, {"value": 20000.0}, [{"value": 13000.0}], "in_med")
    assert error.value.problems[0].code.id == "EVK-DATA-097"


def test_one_row_each(kit):
    parent = kit.rows("observations", [{"territory": "34172", "value": 1.0}] * 2, "a", "1")
    with pytest.raises(DataError):
        rest_of_parent(as_observations(parent), [], kit.catalogue["in_tp60"])
    with pytest.raises(DataError):
        rest_of_parent(as_observations(parent)[:1], as_observations(parent), kit.catalogue["in_tp60"])


def test_a_district_without_a_row_makes_the_rest_missing(kit):
    whole = kit.rows("observations", [{"territory": "34172", "level": "commune"} | rate(360.0, 1000.0)], "a", "1")
    inside = kit.rows("observations", [{"territory": "QP034001"} | rate(120.0, 200.0)], "a", "1")
    parent, children = as_observations(whole), as_observations(inside)
    indicator = kit.catalogue["in_tp60"]
    assert rest_of_parent(parent, children, indicator, codes=("QP034001",)).status == "published"
    assert rest_of_parent(parent, children, indicator, codes=("QP034001", "QP034002")).status == "missing"
