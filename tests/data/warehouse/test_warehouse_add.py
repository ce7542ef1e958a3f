from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warehouse_kit import ROW, ids, tree

from evalkit.data.warehouse import Warehouse, _adding, _schema
from evalkit.errors import DataError
from evalkit.model.observation import STATUSES


def test_values_and_statuses_come_back(kit):
    warehouse = kit.open()
    result = kit.add(warehouse, [ROW, {"territory": "QP034006"}, {"territory": "QP034007", "status": "not_applicable"}])
    assert result.changed
    assert result.counts == {"observations": 3}
    found = warehouse.observations()
    assert list(found["territory"]) == ["QP034005", "QP034006", "QP034007"]
    assert list(found["status"]) == ["published", "secret", "not_applicable"]
    assert found["value"].isna().tolist() == [False, True, True]


def test_the_same_files_again_change_nothing(kit):
    warehouse = kit.open()
    kit.add(warehouse, [ROW])
    before = tree(warehouse.root)
    assert not kit.add(warehouse, [ROW]).changed
    assert tree(warehouse.root) == before


def test_equal_input_gives_equal_bytes_whatever_the_order_of_rows(kit):
    rows = [ROW, {"territory": "QP034001", "value": 40.0}, {"territory": "QP034002"}]
    first, second = kit.open("one"), kit.open("two")
    kit.add(first, rows, content="same")
    kit.add(second, rows[::-1], content="same")
    assert tree(first.root) == tree(second.root)
    assert first.fingerprint() == second.fingerprint()


def test_a_new_vintage_is_kept_beside_the_old_one(kit):
    warehouse = kit.open()
    kit.add(warehouse, [ROW, {"territory": "QP034006", "value": 30.0}], vintage="2020", file="a.csv")
    kit.add(warehouse, [{"territory": "QP034005", "value": 58.0}], vintage="2021", file="b.csv")
    assert warehouse.observations().set_index("territory")["value"].to_dict() == {"QP034005": 58.0, "QP034006": 30.0}
    assert len(warehouse.all_observations()) == 3
    assert list(warehouse.sources()["current"]) == [True, True]


def test_a_corrected_file_replaces_the_old_one_as_a_whole(kit):
    warehouse = kit.open()
    kit.add(warehouse, [ROW, {"territory": "QP034006", "value": 30.0}])
    kit.add(warehouse, [{"territory": "QP034005", "value": 58.0}])
    assert warehouse.observations().set_index("territory")["value"].to_dict() == {"QP034005": 58.0}
    assert len(warehouse.all_observations()) == 3
    assert list(warehouse.sources()["current"]) == [False, True]


def test_a_file_put_back_after_a_correction_counts_again(kit):
    warehouse = kit.open()
    kit.add(warehouse, [ROW])
    kit.add(warehouse, [{"territory": "QP034005", "value": 58.0}])
    assert kit.add(warehouse, [ROW]).changed
    assert warehouse.observations()["value"].tolist() == [57.8]


def test_another_part_of_a_vintage_stands_beside_the_first(kit):
    warehouse = kit.open()
    kit.add(warehouse, [ROW], file="part1.csv")
    kit.add(warehouse, [{"territory": "QP034006", "value": 30.0}], file="part2.csv")
    assert len(warehouse.observations()) == 2


def test_remove_one_vintage_then_all(kit):
    warehouse = kit.open()
    kit.add(warehouse, [ROW], vintage="2020", file="a.csv")
    kit.add(warehouse, [ROW], vintage="2021", file="b.csv")
    kit.add(warehouse, [{"territory": "QP034009", "value": 1.0}], source="beta")
    with pytest.raises(DataError) as error:
        warehouse.remove("alpha", "2019")
    assert ids(error) == ["EVK-DATA-058"]
    warehouse.remove("alpha", "2020")
    assert warehouse.all_observations()["vintage"].tolist() == ["2021", "2020"]
    warehouse.remove("alpha")
    assert warehouse.observations()["territory"].tolist() == ["QP034009"]
    assert not list(warehouse.root.rglob("alpha"))
    with pytest.raises(DataError) as error:
        warehouse.remove("alpha")
    assert ids(error) == ["EVK-DATA-057"]


@pytest.mark.parametrize("code", ["1e5", "0012", "2A004", "97105", "INF", "nan", "0x10", "null", "1_000"])
def test_codes_stay_text(kit, code):
    warehouse = kit.open()
    kit.add(warehouse, [{"territory": code, "level": "project", "value": 1.0}])
    assert kit.open().observations(territories=[code])["territory"].tolist() == [code]


@pytest.mark.parametrize("code", ["01004", "2A004", "2B033", "97105"])
def test_codes_of_communes_stay_text(kit, code):
    warehouse = kit.open()
    kit.add(warehouse, [{"territory": code, "level": "commune", "value": 1.0}])
    assert warehouse.observations(level="commune")["territory"].tolist() == [code]


@settings(max_examples=15, deadline=None)
@given(
    rows=st.dictionaries(
        st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,10}[A-Za-z0-9])?", fullmatch=True),
        st.tuples(st.sampled_from(STATUSES), st.floats(-1e12, 1e12)),
        min_size=1,
        max_size=8,
    )
)
def test_what_goes_in_comes_out(tmp_path_factory, rows):
    from warehouse_kit import Kit

    kit = Kit(tmp_path_factory.mktemp("property"))
    warehouse = kit.open()
    with_value = {"published", "estimated"}
    given = {code: (status, value if status in with_value else None) for code, (status, value) in rows.items()}
    kit.add(warehouse, [{"territory": c, "level": "project", "status": s, "value": v} for c, (s, v) in given.items()])
    found = warehouse.observations()
    back = {r.territory: (r.status, None if r.value != r.value else r.value) for r in found.itertuples()}
    assert back == given


@pytest.mark.parametrize("name", ["../2020", "", "a/b", ".hidden", "20 20"])
def test_a_vintage_is_a_safe_name(kit, name):
    with pytest.raises(DataError) as error:
        kit.add(kit.open(), [ROW], vintage=name)
    assert ids(error) == ["EVK-DATA-072"]


def test_an_adapter_version_makes_a_new_delivery(kit, monkeypatch):
    warehouse = kit.open()
    kit.add(warehouse, [ROW], content="same")
    monkeypatch.setattr(_adding, "adapter_version", lambda dataset: "2")
    monkeypatch.setattr("evalkit.data.warehouse._record.adapter_version", lambda dataset: "2")
    assert kit.add(warehouse, [{"territory": "QP034005", "value": 60.0}], content="same").changed
    assert warehouse.observations()["value"].tolist() == [60.0]


def test_no_warehouse_and_newer_schema(kit, tmp_path):
    with pytest.raises(DataError) as error:
        Warehouse.open(tmp_path / "nowhere")
    assert ids(error) == ["EVK-DATA-050"]
    root = kit.open().root
    (root / "schema.json").write_text('{"schema": 99}')
    with pytest.raises(DataError) as error:
        Warehouse.open(root)
    assert ids(error) == ["EVK-DATA-051"]
    (root / "schema.json").write_text("{")
    with pytest.raises(DataError) as error:
        Warehouse.open(root)
    assert ids(error) == ["EVK-DATA-052"]


def test_a_strange_folder_is_not_taken_for_a_warehouse(tmp_path):
    kept = tmp_path / "observations" / "mine.parquet"
    kept.parent.mkdir()
    kept.write_bytes(b"mine")
    with pytest.raises(DataError) as error:
        Warehouse.open(tmp_path, create=True)
    assert ids(error) == ["EVK-DATA-059"]
    assert kept.read_bytes() == b"mine"


def test_an_older_schema_is_migrated_after_a_backup(kit):
    warehouse = kit.open()
    kit.add(warehouse, [ROW])
    root = warehouse.root
    _schema.migrate(root, 1, 2, {1: lambda folder: (folder / "new.txt").write_text("new") and None})
    assert json.loads((root / "schema.json").read_text()) == {"schema": 2}
    backup = root.with_name("warehouse.backup-v1")
    assert json.loads((backup / "schema.json").read_text()) == {"schema": 1}
    assert (root / "new.txt").exists()
    assert not (backup / "new.txt").exists()
