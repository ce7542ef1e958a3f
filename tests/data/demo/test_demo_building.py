"""Building the demo into a warehouse: the same bytes twice, the truth elsewhere, clear refusals, a plan that holds."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from evalkit.data.delivery import source_files
from evalkit.data.demo import build_demo, demo_plan
from evalkit.data.demo.building import PARAMETER_FILE, read
from evalkit.data.registry import registry
from evalkit.data.warehouse import Warehouse
from evalkit.errors import DataError
from evalkit.model.plan import Selection
from evalkit.plan import check_plan, comparator_members, resolve_territories


def build(folder: Path, **options: int):
    warehouse = Warehouse.open(folder / "warehouse", create=True)
    return warehouse, build_demo(warehouse, folder / "truth", **options)


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        build(tmp_path / name, universe=40, seed=7)
    build(tmp_path / "three", universe=40, seed=8)
    assert hashes(tmp_path / "one") == hashes(tmp_path / "two")
    assert hashes(tmp_path / "one") != hashes(tmp_path / "three")


def test_building_again_changes_nothing_and_another_country_replaces(tmp_path: Path) -> None:
    warehouse, first = build(tmp_path, universe=40)
    again = build_demo(warehouse, tmp_path / "truth", universe=40)
    assert (first.changed, again.changed) == (True, False)
    other = build_demo(warehouse, tmp_path / "truth", universe=30)
    assert other.changed
    assert len(warehouse.territories("qpv", "demo")) == 30


def test_the_truth_stays_out_of_the_warehouse(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    warehouse, summary = build(tmp_path, universe=40)
    assert summary.changed
    assert {path.name for path in (tmp_path / "truth").iterdir()} == {
        PARAMETER_FILE, "truth.json", "truth.parquet", "truth_paths.parquet",
    }  # fmt: skip
    for path in (tmp_path / "warehouse").rglob("*.parquet"):
        columns = set(pq.read_schema(path).names)
        assert not {name for name in columns if "effect" in name or "without" in name or "quartile" in name}
    assert not any("truth" in path.name for path in (tmp_path / "warehouse").rglob("*"))
    assert not warehouse.observations(indicators=["effect_ho_social"]).size


def test_summary_and_selection_by_tag(tmp_path: Path) -> None:
    warehouse, summary = build(tmp_path, universe=60, reported=12)
    assert (summary.universe, summary.treated, summary.comparable) == (60, 40, 20)
    assert summary.reported == warehouse.select(Selection(tags=("reported",)), "qpv", "demo")
    assert len(warehouse.select(Selection(tags=("pnru_comparable",)), "qpv", "demo")) == 20
    territory = warehouse.territory("qpv", summary.reported[0], "demo")
    assert territory is not None
    assert territory.synthetic
    assert [parent.level for parent in territory.parents_at("commune")] == ["commune"]


def test_the_smallest_country_reports_all_its_treated_districts(tmp_path: Path) -> None:
    _, summary = build(tmp_path, universe=12)
    assert (summary.treated, len(summary.reported)) == (8, 8)


def test_the_parameter_file_is_read_as_an_official_file_would_be(tmp_path: Path) -> None:
    warehouse, summary = build(tmp_path, universe=40)
    dataset = registry()["evalkit_demo"]
    assert dataset.synthetic
    files = source_files([tmp_path / "truth" / PARAMETER_FILE])
    assert not warehouse.add(read(files, dataset), dataset, files).changed
    assert len(read(files, dataset).observations) == summary.observations


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"universe": 11}, "EVK-DATA-103"),
        ({"universe": 35_001}, "EVK-DATA-103"),
        ({"universe": -4}, "EVK-DATA-103"),
        ({"reported": 0}, "EVK-DATA-104"),
    ],
)
def test_impossible_numbers_are_refused(tmp_path: Path, options: dict[str, int], code: str) -> None:
    with pytest.raises(DataError) as caught:
        build(tmp_path, **options)
    assert caught.value.problems[0].code.id == code
    assert not (tmp_path / "truth").exists()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "evalkit_demo_parameter,value\nuniverse,40\n",
        "evalkit_demo_parameter,value\nmodel,1\nuniverse,many\nreported,12\nseed,1\n",
        "evalkit_demo_parameter,value\nmodel,1\nuniverse,40\nreported,12\nseed,1\ncolour,2\n",
        "evalkit_demo_parameter,value\nmodel,99\nuniverse,40\nreported,12\nseed,1\n",
        "evalkit_demo_parameter,value\nmodel\n",
    ],
)
def test_a_damaged_parameter_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / PARAMETER_FILE
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read(source_files([path]), registry()["evalkit_demo"])
    problem = caught.value.problems[0]
    assert (problem.code.id, problem.file) == ("EVK-DATA-102", PARAMETER_FILE)
    assert "démonstration" in problem.render("fr")


def test_the_plan_of_the_demo_holds(tmp_path: Path) -> None:
    warehouse, summary = build(tmp_path)
    path = demo_plan(tmp_path / "project")
    plan, problems = check_plan(path, warehouse)
    assert plan is not None, "\n".join(problem.render("en") for problem in problems)
    assert not [problem.render("en") for problem in problems if problem.severity == "error"]
    assert resolve_territories(plan, warehouse) == summary.reported
    code = summary.reported[0]
    assert len(comparator_members(plan, warehouse, "comparable", code).codes) == 240
    assert len(comparator_members(plan, warehouse, "all", code).codes) == 736
    assert len(comparator_members(plan, warehouse, "commune", code).codes) == 1
    assert [template.name for template in plan.templates] == ["territory_portrait", "anru_outcomes", "ess_programme"]


def test_the_plan_takes_a_number_of_territories_and_a_warehouse(tmp_path: Path) -> None:
    text = demo_plan(tmp_path, 3, warehouse="l'entrepôt").read_text(encoding="utf-8")
    assert "  limit: 3\n" in text
    assert "  warehouse: 'l''entrepôt'\n" in text
    assert "  limit: 12\n" in demo_plan(tmp_path).read_text(encoding="utf-8")
