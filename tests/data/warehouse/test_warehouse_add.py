from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.data.delivery import Delivery, frame
from evalkit.data.warehouse import Warehouse, _adding, _files, _schema
from evalkit.errors import DataError
from evalkit.model.observation import STATUSES

ROW = {"territory": "QP034005", "value": 57.8}


def ids(error: pytest.ExceptionInfo[DataError]) -> list[str]:
    return [problem.code.id for problem in error.value.problems]


def tree(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


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


def test_a_crash_leaves_nothing_visible_and_is_swept(kit):
    warehouse = kit.open()
    record = kit.add(warehouse, [ROW]).record
    path = record.data_path(warehouse.root, "observations")
    half = path.with_name("0123456789ab.parquet")
    half.write_bytes(path.read_bytes())
    part = path.with_name("0123456789ab.parquet.part")
    part.write_bytes(b"PAR1")
    ghost = warehouse.root / "territories" / "ghost" / "2020" / "x.parquet"
    ghost.parent.mkdir(parents=True)
    ghost.write_bytes(b"half")
    reopened = kit.open()
    assert len(reopened.observations()) == 1
    assert reopened.territories().empty
    kit.add(reopened, [{"territory": "QP034006", "value": 1.0}], source="beta")
    assert not half.exists()
    assert not part.exists()
    assert not (warehouse.root / "territories").exists()
    assert path.exists()


def test_a_killed_process_leaves_nothing_visible(kit, tmp_path):
    """The process is killed when the rows are written and the record is not."""
    kit.add(kit.open(), [ROW])
    script = f"""
import os, signal, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from warehouse_kit import Kit
from evalkit.data.warehouse import _adding
write = _adding.write_file
def killed(path, content):
    if path.suffix == ".json":
        os.kill(os.getpid(), signal.SIGKILL)
    return write(path, content)
_adding.write_file = killed
kit = Kit(Path({str(tmp_path)!r}))
kit.add(kit.open(), [{{"territory": "QP034006", "value": 1.0}}], source="beta")
"""
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert done.returncode == -9, done.stderr
    warehouse = kit.open()
    assert list((warehouse.root / "observations" / "beta").rglob("*.parquet"))
    assert warehouse.observations()["territory"].tolist() == ["QP034005"]
    kit.add(warehouse, [{"territory": "QP034006", "value": 2.0}], source="beta")
    assert len(list((warehouse.root / "observations" / "beta").rglob("*.parquet"))) == 1


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "EVK-DATA-053"), (errno.EACCES, "EVK-DATA-054"), (errno.EIO, "EVK-DATA-055")]
)
@pytest.mark.parametrize("suffix", [".parquet", ".json"])
def test_a_failed_write_is_told_and_cleaned(kit, monkeypatch, number, code, suffix):
    warehouse = kit.open()
    kit.add(warehouse, [ROW])
    before = tree(warehouse.root)
    replace = Path.replace

    def failing(self: Path, target: Path) -> Path:
        if Path(target).suffix == suffix:
            raise OSError(number, os.strerror(number))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(DataError) as error:
        kit.add(warehouse, [{"territory": "QP034006", "value": 1.0}], source="beta")
    assert ids(error) == [code]
    monkeypatch.undo()
    assert tree(warehouse.root) == before
    assert len(kit.open().observations()) == 1


def test_a_full_disk(kit, tmp_path):
    if os.geteuid() != 0:
        pytest.skip("a small disk can only be mounted by root")
    mount = tmp_path / "small"
    mount.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(mount)], check=False, capture_output=True, text=True
    )
    if done.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {done.stderr.strip()}")
    try:
        warehouse = Warehouse.open(mount / "w", create=True, catalogue=kit.catalogue)
        kit.add(warehouse, [ROW])
        before = tree(warehouse.root)
        import random

        draw = random.Random(1)  # noqa: S311 - not a secret, only numbers that do not compress
        rows = [{"territory": f"P{i}", "level": "project", "value": draw.random()} for i in range(20000)]
        with pytest.raises(DataError) as error:
            kit.add(warehouse, rows, source="beta")
        assert ids(error) == ["EVK-DATA-053"]
        assert tree(warehouse.root) == before
        assert len(Warehouse.open(mount / "w").observations()) == 1
    finally:
        subprocess.run(["umount", str(mount)], check=True)


def test_two_writers_at_once(kit):
    warehouse = kit.open()
    with (
        _files.writing(warehouse.root),
        pytest.raises(DataError) as error,
        _files.writing(warehouse.root, patience=0.1),
    ):
        pass
    assert ids(error) == ["EVK-DATA-056"]


def test_lost_rows_are_told_and_brought_back_by_adding_again(kit):
    warehouse = kit.open()
    record = kit.add(warehouse, [ROW]).record
    record.data_path(warehouse.root, "observations").unlink()
    with pytest.raises(DataError) as error:
        kit.open().observations()
    assert ids(error) == ["EVK-DATA-052"]
    assert kit.add(kit.open(), [ROW]).changed
    assert len(kit.open().observations()) == 1


def test_a_damaged_file_is_told(kit):
    warehouse = kit.open()
    record = kit.add(warehouse, [ROW]).record
    record.data_path(warehouse.root, "observations").write_bytes(b"PAR1 not really")
    with pytest.raises(DataError) as error:
        kit.open().observations()
    assert ids(error) == ["EVK-DATA-052"]
    record.record_path(warehouse.root).write_text("{}")
    with pytest.raises(DataError) as error:
        kit.open()
    assert ids(error) == ["EVK-DATA-052"]


def test_an_open_reader_keeps_what_it_saw(kit):
    writer = kit.open()
    kit.add(writer, [ROW])
    reader = kit.open()
    kit.add(writer, [{"territory": "QP034006", "value": 1.0}], source="beta")
    assert len(reader.observations()) == 1
    assert len(writer.observations()) == 2


def test_a_folder_with_odd_characters(kit):
    warehouse = kit.open("odd [1] * ? ' name")
    kit.add(warehouse, [ROW])
    assert len(warehouse.observations()) == 1


def test_a_delivery_without_rows_is_recorded(kit):
    warehouse = kit.open()
    assert kit.add(warehouse, []).counts == {}
    assert len(warehouse.sources()) == 1
    assert frame(("value",)).empty


def test_a_damaged_list_of_territories_is_told(kit):
    warehouse = kit.open()
    listed = [{"code": "QP034005", "name": "x"}]
    record = kit.add(warehouse, territories=listed, source="official", reference_lists=(("qpv", "2015"),)).record
    record.data_path(warehouse.root, "territories").write_bytes(b"PAR1 not really")
    with pytest.raises(DataError) as error:
        kit.add(warehouse, [ROW])
    assert ids(error) == ["EVK-DATA-052"]
