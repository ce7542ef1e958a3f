"""A warehouse on object storage, read through a copy on this machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from evalkit.data.location import locate_warehouse
from evalkit.data.mirror import local_copy, local_warehouse, reference_of
from evalkit.data.storage import ObjectStore, open_store
from evalkit.data.warehouse import Warehouse
from evalkit.errors import DataError

URL = "memory://essais/entrepot"


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("EVALKIT_CACHE", str(tmp_path / "cache"))
    yield
    fsspec.filesystem("memory").store.clear()
    open_store.cache_clear()


@pytest.fixture
def store(small_warehouse: Path) -> ObjectStore:
    """The twelve districts as objects."""
    made = ObjectStore(URL)
    for file in sorted(path for path in small_warehouse.rglob("*") if path.is_file()):
        made.write(file.relative_to(small_warehouse).as_posix(), file.read_bytes())
    return made


def _parquet(store: ObjectStore) -> str:
    return next(name for name in store.names() if name.startswith("observations/"))


def test_the_copy_answers_as_the_warehouse_does(store: ObjectStore, small_warehouse: Path) -> None:
    here, there = Warehouse.open(local_copy(URL)), Warehouse.open(small_warehouse)
    assert here.fingerprint() == there.fingerprint()
    assert here.observations().equals(there.observations())
    assert locate_warehouse(URL) == here.root
    assert locate_warehouse(None, URL) == here.root


def test_it_is_copied_once(store: ObjectStore) -> None:
    first = local_copy(URL)
    inode = (first / _parquet(store)).stat().st_ino
    assert local_copy(URL) == first
    store.write("crosswalks/new.csv", b"changed\n")
    second = local_copy(URL)
    assert second != first
    assert (second / "crosswalks" / "new.csv").read_bytes() == b"changed\n"
    assert not (first / "crosswalks" / "new.csv").exists(), "a run reads the state it began with"
    assert (second / _parquet(store)).stat().st_ino == inode, "what did not change is kept once"


def test_a_worker_finds_the_state_of_its_run(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = reference_of(local_copy(URL))
    assert told.startswith(f"{URL}#")
    assert local_warehouse(told) == local_copy(URL)
    monkeypatch.setenv("EVALKIT_CACHE", str(tmp_path / "another machine"))
    assert Warehouse.open(local_warehouse(told)).fingerprint()
    monkeypatch.setenv("EVALKIT_CACHE", str(tmp_path / "a third"))
    store.write("crosswalks/new.csv", b"changed\n")
    with pytest.raises(DataError, match="EVK-DATA-115"):
        local_warehouse(told)


def test_a_path_stays_a_path(small_warehouse: Path) -> None:
    assert reference_of(small_warehouse) == str(small_warehouse)
    assert local_warehouse(str(small_warehouse)) == small_warehouse


def test_what_is_not_whole_is_refused_and_fetched_again(store: ObjectStore) -> None:
    name = _parquet(store)
    good = store.read(name)
    assert good is not None
    store.write(name, good[:-1])
    with pytest.raises(DataError, match=r"EVK-DATA-113.*observations|observations.*EVK-DATA-113"):
        local_copy(URL)
    store.write(name, good)
    assert (local_copy(URL) / name).read_bytes() == good


def test_a_copy_that_was_cut_off_is_made_again(store: ObjectStore) -> None:
    place = local_copy(URL)
    shutil.rmtree(place)
    half = place.with_name(f".{place.name}")
    half.mkdir()
    (half / "schema.json").write_text("half", encoding="utf-8")
    assert Warehouse.open(local_copy(URL)).fingerprint()
    assert not half.exists()


def test_no_warehouse_there() -> None:
    with pytest.raises(DataError, match="EVK-DATA-050"):
        local_copy("memory://essais/nothing")


def test_nobody_writes_to_it() -> None:
    with pytest.raises(DataError, match="EVK-DATA-114"):
        locate_warehouse(URL, writing=True)
