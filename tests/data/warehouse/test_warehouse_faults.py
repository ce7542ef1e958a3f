from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from warehouse_kit import ROW, ids, tree

from evalkit.data.delivery import frame
from evalkit.data.warehouse import Warehouse, _files
from evalkit.errors import DataError


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
