from __future__ import annotations

import random

import pytest

from evalkit.data.checks import check_warehouse


def found(warehouse, code):
    return [problem for problem in check_warehouse(warehouse) if problem.code.id == f"EVK-DATA-{code}"]


def draw(count, low, high, seed=1, digits=1):
    generator = random.Random(seed)  # noqa: S311 - not a secret
    return [round(generator.uniform(low, high), digits) for _ in range(count)]


def rows(codes, values, **others):
    return [{"territory": c, "value": v} | others for c, v in zip(codes, values, strict=True)]


def listed(kit, warehouse, codes):
    kit.add(warehouse, territories=[{"code": code, "name": code} for code in codes], source="official")


def test_a_clean_warehouse_has_nothing_to_say(kit, many):
    warehouse = kit.open()
    assert check_warehouse(warehouse) == []
    listed(kit, warehouse, many)
    kit.add(warehouse, rows(many, draw(60, 20, 60)))
    assert check_warehouse(warehouse) == []


@pytest.fixture
def vintages(kit, many):
    """A reference from 2013 to 2018, and a set that says 2017 and holds 2015."""
    warehouse = kit.open()
    listed(kit, warehouse, many)
    years = {str(year): draw(60, 20, 60, seed=year) for year in range(2013, 2019)}
    reference = [row for year, values in years.items() for row in rows(many, values, period=year)]
    kit.add(warehouse, reference, source="reference", priority=1)
    kit.add(warehouse, rows(many, years["2015"], period="2017"), source="compiled", priority=5)
    return warehouse


def test_a_wrong_vintage_is_named(vintages):
    (problem,) = found(vintages, "080")
    values = problem.values
    assert (values["dataset"], values["period"], values["reference"], values["other"]) == (
        "compiled",
        "2017",
        "reference",
        "2015",
    )
    assert "60 of 60 values equal those of reference for 2015" in problem.render("en")
    assert "60 valeurs sur 60" in problem.render("fr")


def test_the_right_vintage_is_left_alone(kit, many):
    warehouse = kit.open()
    values = {year: draw(60, 20, 60, seed=int(year)) for year in ("2015", "2016")}
    kit.add(warehouse, [r for y, v in values.items() for r in rows(many, v, period=y)], source="reference", priority=1)
    kit.add(warehouse, rows(many, values["2015"], period="2015"), source="compiled", priority=5)
    assert found(warehouse, "080") == []
    assert found(warehouse, "088") == []


def test_sources_that_disagree(vintages):
    (problem,) = found(vintages, "088")
    assert problem.values["n"].value > 50
    assert problem.values["territory"].startswith("QP")


def test_rounding_is_not_disagreement(kit, many):
    warehouse = kit.open()
    values = draw(60, 20, 60, digits=2)
    kit.add(warehouse, rows(many, values), source="fine", priority=1)
    kit.add(warehouse, rows(many, [round(value) for value in values]), source="coarse", priority=2)
    assert found(warehouse, "088") == []


def test_zeros_that_cannot_be(kit, many):
    warehouse = kit.open()
    kit.add(warehouse, rows(many, [0.0, 0.0, *draw(58, 100, 900, digits=0)], indicator="em_register"))
    (problem,) = found(warehouse, "081")
    assert problem.values["n"].value == 2
    assert problem.values["codes"] == many[:2]


@pytest.mark.parametrize(
    "values", [[0.0] * 20 + [3.0, 6.0] * 20, [0.0, 0.0, *[1.0, 2.0, 3.0, 40.0] * 14, 1.0, 2.0], [5.0] * 60]
)
def test_zeros_that_can_be(kit, many, values):
    warehouse = kit.open()
    kit.add(warehouse, rows(many, values, indicator="em_register"))
    assert found(warehouse, "081") == []


def test_values_that_an_adapter_did_not_take_over_are_counted(kit, many):
    warehouse = kit.open()
    kit.add(
        warehouse,
        [{"territory": many[0], "status": "missing", "note": "EVK-DATA-007"}, {"territory": many[1], "value": 3.0}],
    )
    (problem,) = found(warehouse, "082")
    assert (problem.values["n"].value, problem.values["note"]) == (1, "EVK-DATA-007")


def test_counts_that_are_all_multiples(kit, many):
    warehouse = kit.open()
    kit.add(warehouse, rows(many, [3 * value for value in range(60)], indicator="ec_etab"))
    (problem,) = found(warehouse, "083")
    assert problem.values["k"].value == 3
    assert problem.values["n"].value == 59
    kit.add(warehouse, rows(many, [3 * value + 1 for value in range(60)], indicator="de_pop"), source="beta")
    assert len(found(warehouse, "083")) == 1


def test_lost_decimals(kit, many):
    warehouse = kit.open()
    series = [
        row
        for year in range(2013, 2020)
        for row in rows(
            many, draw(60, 0.1, 0.4, seed=year, digits=1 if year < 2016 else 3), period=str(year), indicator="in_gini"
        )
    ]
    kit.add(warehouse, series)
    (problem,) = found(warehouse, "084")
    assert problem.values["periods"] == ["2013", "2014", "2015"]
    assert (problem.values["few"].value, problem.values["many"].value) == (1, 3)


def test_percentages_out_of_range_and_counts_below_zero(kit, many):
    warehouse = kit.open()
    kit.add(warehouse, [*rows(many[:2], [101.0, -1.0]), *rows(many[:1], [-5.0], indicator="de_pop")])
    problems = found(warehouse, "085")
    assert [problem.values["n"].value for problem in problems] == [1, 2]


def test_fractions_in_place_of_percentages(kit, many):
    warehouse = kit.open()
    kit.add(warehouse, rows(many, draw(60, 0, 1, digits=3)))
    assert len(found(warehouse, "086")) == 1
    kit.add(warehouse, rows(many, draw(60, 0, 3, digits=3), period="2019"), source="beta")
    assert len(found(warehouse, "086")) == 1


def test_a_jump(kit, many):
    warehouse = kit.open()
    before = draw(60, 20, 60)
    after = [value + move for value, move in zip(before, draw(60, -1, 1, seed=2), strict=True)]
    after[7] += 40
    kit.add(warehouse, [*rows(many, before, period="2019"), *rows(many, after)])
    (problem,) = found(warehouse, "087")
    assert problem.values["codes"] == [many[7]]
    assert (problem.values["start"], problem.values["end"]) == ("2019", "2020")


def test_a_population_that_halves(kit, many):
    warehouse = kit.open()
    before = draw(60, 1000, 5000, digits=0)
    after = [value * 1.01 for value in before]
    after[3] = before[3] * 0.4
    kit.add(
        warehouse,
        [*rows(many, before, period="2013", indicator="de_pop"), *rows(many, after, period="2018", indicator="de_pop")],
    )
    (problem,) = found(warehouse, "093")
    assert problem.values["codes"] == [many[3]]


def test_territories_nobody_described(kit, many):
    warehouse = kit.open()
    kit.add(warehouse, rows(many, draw(60, 20, 60)))
    (problem,) = found(warehouse, "090")
    assert problem.values["n"].value == 60
    listed(kit, warehouse, many[:58])
    (problem,) = found(warehouse, "089")
    assert problem.values["codes"] == many[58:]
    assert found(warehouse, "090") == []


def test_holes_are_told_with_the_size_of_those_hidden(kit, many):
    warehouse = kit.open()
    kit.add(warehouse, [*rows(many[:40], draw(40, 20, 60)), *({"territory": code} for code in many[40:])])
    (problem,) = found(warehouse, "091")
    assert (problem.values["n"].value, problem.values["total"].value) == (40, 60)
    sizes = [*[3000.0] * 40, *[900.0] * 20]
    kit.add(warehouse, rows(many, sizes, indicator="de_pop"), source="beta")
    (problem,) = found(warehouse, "092")
    assert (problem.values["shown"].value, problem.values["hidden"].value) == (3000, 900)
    assert "900" in problem.render("fr")


def test_what_does_not_apply_is_no_hole(kit, many):
    warehouse = kit.open()
    none = [{"territory": code, "status": "not_applicable"} for code in many[30:]]
    kit.add(warehouse, [*rows(many[:30], draw(30, 20, 60)), *none])
    assert found(warehouse, "091") == []


def test_a_district_with_too_many_registered(kit, many):
    warehouse = kit.open()
    kit.add(warehouse, rows(many, [2000.0] * 60, indicator="de_pop", period="2013"))
    registered = draw(60, 150, 300, digits=0)
    registered[11] = 760.0
    kit.add(warehouse, rows(many, registered, indicator="em_register"), source="beta")
    (problem,) = found(warehouse, "096")
    assert problem.values["codes"] == [many[11]]


def test_a_replaced_delivery_is_not_checked(kit, many):
    warehouse = kit.open()
    kit.add(warehouse, rows(many, draw(60, 0, 1, digits=3)))
    kit.add(warehouse, rows(many, draw(60, 20, 60)))
    assert found(warehouse, "086") == []


def test_messages_say_what_why_and_what_to_do(vintages):
    for problem in check_warehouse(vintages):
        assert problem.severity == "warning"
        assert problem.code.way_out
        assert problem.render("fr") != problem.render("en")
