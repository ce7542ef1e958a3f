"""Noted questions asked again in great number: the answers are those of asking one by one, and no slice is read at every turn."""

from __future__ import annotations

import functools
import gc
import itertools
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warehouse_kit import Kit, codes, indicator

sys.path.append(str(Path(__file__).resolve().parents[2] / "e2e"))

from small_projects import CODES, hostile_warehouse

from evalkit.data.codes_warehouse import DAMAGED
from evalkit.data.warehouse import Warehouse, _slices, rereading
from evalkit.data.warehouse._digest import digest
from evalkit.data.warehouse._observations import Wanted
from evalkit.data.warehouse._packed import Common, Packed
from evalkit.data.warehouse._slices import ROOM, Slices
from evalkit.data.warehouse._views import Views
from evalkit.data.warehouse.recorder import RecordingWarehouse
from evalkit.data.warehouse.rereading import QUESTIONS, Rereader
from evalkit.errors import DataError
from evalkit.model.plan import DataSource, Selection

PLACES = codes(40)
COMMUNES = tuple(f"34{number:03}" for number in range(1, 11))
YEARS = tuple(str(2010 + year) for year in range(6))
ALPHA, BETA = DataSource("alpha"), DataSource("beta", "2021")
NAMES = tuple(f"in_{number:02}" for number in range(10))
SLICES: tuple[dict[str, Any], ...] = (
    {"indicators": ["in_tp60"], "level": "qpv", "geography": "2015"},
    {"indicators": ["in_tp60"], "level": "qpv", "geography": "2015", "sources": [BETA, ALPHA]},
    {"indicators": ["in_tp60"], "level": "qpv"},
    {"indicators": ["in_med", "in_tp60"], "level": "qpv", "geography": "2015"},
    {"indicators": ["in_med"], "level": "qpv", "periods": ["2011", "2013"], "sources": [ALPHA]},
    {"indicators": ["de_pop"], "level": "commune", "breakdowns": ["sex=female", "none"]},
    {"indicators": ["in_gini"], "level": "qpv", "geography": "2015"},
    {"level": "qpv", "geography": "2015"},
)


def _rows(chance: random.Random, places: Sequence[str], names: Sequence[str], **fixed: Any) -> Iterator[dict[str, Any]]:
    """Yield rows with values that are many and few, unknown, secret, zero of both signs, with notes and with intervals."""
    for place, name, year in itertools.product(places, names, YEARS):
        if chance.random() < 0.2:
            continue
        value = chance.choice([chance.random() * 100, float(chance.randrange(5)), 0.0, -0.0, None])
        row = {"territory": place, "indicator": name, "period": year, "value": value} | fixed
        if value is None:
            row["status"] = chance.choice(["secret", "missing"])
            row["note"] = chance.choice([None, "EVK-DATA-001", "é"])
        elif chance.random() < 0.3:
            row |= {"lower": value - 1, "upper": value + 1, "confidence": 0.95, "numerator": 3.0, "n": float("nan")}
        yield row


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sources that overlap and vary, a third that adds nothing but rows of another level."""
    kit = Kit(tmp_path_factory.mktemp("mixed"))
    chance = random.Random(3)  # noqa: S311 - no secret
    warehouse = kit.open()
    kit.add(warehouse, _rows(chance, PLACES, ["in_tp60", "in_med"]), source="alpha", priority=20)
    beta = itertools.chain(
        _rows(chance, PLACES[10:], ["in_tp60"]), _rows(chance, PLACES[:20], ["in_tp60"], geography="2024")
    )
    kit.add(warehouse, beta, source="beta", vintage="2021", file="b.csv")
    parts = (
        _rows(chance, COMMUNES, ["de_pop"], level="commune", breakdown=b) for b in ("none", "sex=female", "sex=male")
    )
    kit.add(warehouse, itertools.chain(*parts), source="gamma", file="c.csv")
    kit.add(warehouse, _rows(chance, PLACES[:1], ["in_gini"], status="estimated"), source="delta", file="d.csv")
    return warehouse.root


def _question(root: Path, number: int, territories: tuple[str, ...]) -> tuple[str, str, dict[str, tuple[str, ...]]]:
    """Return a question about a part of a slice in canonical words, the hash of its answer asked alone, its long lists."""
    recording = RecordingWarehouse.open(root)
    recording.observations(**SLICES[number], territories=territories)
    [(words, found)] = recording.log.entries.items()
    return words, found, recording.log.lists


asked_alone = functools.cache(_question)


def _territories(chance: random.Random) -> tuple[str, ...]:
    """Return one of few lists: none, one, some, named twice, unknown, more than a question spells out."""
    count = chance.choice([0, 1, 2, 7, 30])
    draw = random.Random(chance.randrange(6) * 100 + count)  # noqa: S311 - no secret
    return tuple(draw.choices([*PLACES, *COMMUNES, "QP999999"], k=count))


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000), room=st.sampled_from([0, 30_000, 100_000, ROOM]))
def test_however_many_questions_are_asked_the_answers_are_those_of_asking_alone(
    mixed: Path, seed: int, room: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    lists: dict[str, tuple[str, ...]] = {}
    wanted: dict[str, str] = {}
    for _ in range(160):
        words, found, long = asked_alone(mixed, chance.randrange(len(SLICES)), _territories(chance))
        wanted[words] = found
        lists |= long
    rereader = Rereader(Warehouse.open(mixed), Selection(), lists.get, room=room)
    assert {words: rereader.digest(words) for words in wanted} == wanted


class Reads:
    """How often whole slices were looked at, whole slices were read, and the warehouse was asked anything."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.looked = self.whole = self.queries = 0
        self._count(monkeypatch, _slices, "variety", "looked")
        self._count(monkeypatch, _slices, "preferred_columns", "whole")
        for name in ("arrow", "rows"):
            self._count(monkeypatch, Views, name, "queries")

    def _count(self, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, counter: str) -> None:
        ask = getattr(owner, name)

        def counted(*given: Any, **named: Any) -> Any:
            setattr(self, counter, getattr(self, counter) + 1)
            return ask(*given, **named)

        monkeypatch.setattr(owner, name, counted)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    return Reads(monkeypatch)


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten indicators of forty territories."""
    kit = Kit(tmp_path_factory.mktemp("wide"))
    kit.catalogue |= {name: indicator(name, "percent") for name in NAMES}
    kit.add(kit.open(), _rows(random.Random(1), PLACES, NAMES))  # noqa: S311 - no secret
    return kit.folder / "warehouse"


def _ask(slices: Slices, name: str, place: str) -> str | None:
    return slices.digest(Wanted((name,), None, "qpv", "2015"), (), [place])


def _slices_of(root: Path, room: int = ROOM) -> Slices:
    warehouse = Warehouse.open(root)
    return Slices(lambda: warehouse._views, warehouse.records, room)


def _needed(root: Path) -> int:
    """Return the bytes that a slice takes."""
    slices = _slices_of(root)
    for place in PLACES[: _slices._OFTEN + 1]:
        _ask(slices, NAMES[0], place)
    return slices.nbytes


def test_questions_of_tasks_in_turn_read_each_slice_once(wide: Path, reads: Reads) -> None:
    recording = RecordingWarehouse.open(wide)
    for place, name in itertools.product(PLACES, NAMES):
        recording.observations(indicators=[name], territories=[place], level="qpv", geography="2015")
    assert reads.queries == len(PLACES) * len(NAMES)
    reads.queries = 0
    rereader = Rereader(Warehouse.open(wide), Selection(), recording.log.lists.get)
    for _ in range(2):
        assert {words: rereader.digest(words) for words in recording.log.entries} == recording.log.entries
    assert (reads.looked, reads.whole) == (len(NAMES), len(NAMES))
    assert reads.queries == (_slices._OFTEN + 2) * len(NAMES)


def test_those_who_ask_the_same_state_share_what_was_read(wide: Path, reads: Reads) -> None:
    recording = RecordingWarehouse.open(wide)
    for place in PLACES:
        recording.observations(indicators=["in_00"], territories=[place], level="qpv")
    words = list(recording.log.entries)
    first, second = (Rereader(Warehouse.open(wide), Selection(), {}.get) for _ in range(2))
    assert [first.digest(one) for one in words] == [second.digest(one) for one in words]
    assert reads.whole == 1
    assert Rereader(Warehouse.open(wide), Selection(limit=3), {}.get)._warehouse is not first._warehouse
    del first, second
    gc.collect()
    assert not [shared for shared in rereading._SHARED.values() if shared.root == wide]


def test_slices_that_find_no_room_are_asked_in_parts_and_never_read_in_turns(
    wide: Path, reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_slices, "_WHILE_READ", 0)
    room = 4 * _needed(wide)
    reads.whole = reads.looked = 0
    slices = _slices_of(wide, room)
    answered = 0
    for place, name in itertools.product(PLACES, NAMES):
        answered += _ask(slices, name, place) is not None
        assert slices.nbytes <= room
    assert 2 <= reads.whole < len(NAMES)
    assert reads.looked == len(NAMES)
    assert answered == reads.whole * (len(PLACES) - _slices._OFTEN)


def test_slices_that_are_no_longer_asked_for_give_way(
    wide: Path, reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_slices, "_WHILE_READ", 0)
    room = 4 * _needed(wide)
    reads.whole = 0
    slices = _slices_of(wide, room)
    for name in NAMES:
        found = [_ask(slices, name, place) for place in PLACES]
        assert None not in found[_slices._OFTEN :]
        assert slices.nbytes <= room
    assert reads.whole == len(NAMES)
    assert _ask(slices, NAMES[0], PLACES[0]) is None


def test_a_slice_that_takes_more_than_the_room_while_it_is_read_is_never_read(wide: Path, reads: Reads) -> None:
    slices = _slices_of(wide, 10_000)
    assert {_ask(slices, NAMES[0], place) for place in PLACES} == {None}
    assert (reads.looked, reads.whole) == (1, 0)


def test_a_larger_slice_is_asked_in_parts_for_longer(wide: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_slices, "_ROWS_EACH", 10)
    slices = _slices_of(wide)
    alone = [place for place in PLACES if _ask(slices, NAMES[0], place) is None]
    assert _slices._OFTEN < len(alone) < len(PLACES)


def test_a_slice_of_which_a_part_cannot_be_read_is_asked_in_parts(wide: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(*given: Any) -> None:
        raise DataError.of(DAMAGED, file="x", reason="y")

    monkeypatch.setattr(_slices, "preferred_columns", damaged)
    slices = _slices_of(wide)
    assert {_ask(slices, NAMES[0], place) for place in PLACES} == {None}


def test_what_slices_have_in_common_is_held_once(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    kit.catalogue |= {name: indicator(name, "percent") for name in NAMES[:3]}
    panel = itertools.product(codes(60), YEARS, enumerate(NAMES[:3]))
    rows = [
        {"territory": place, "period": year, "indicator": name, "value": float(int(place[5:]) * 10 + number)}
        for place, year, (number, name) in panel
    ]
    kit.add(kit.open(), rows)
    slices, sizes = _slices_of(kit.folder / "warehouse"), []
    for name in NAMES[:3]:
        for place in codes(60)[:10]:
            _ask(slices, name, place)
        sizes.append(slices.nbytes)
    assert sizes[1] - sizes[0] == sizes[2] - sizes[1] < sizes[0] / 2


@pytest.mark.parametrize("count", [70_000, 200_000])
def test_numbers_that_are_nearly_all_different_are_kept_as_they_are(count: int) -> None:
    import pyarrow as pa

    chance = np.random.default_rng(count)
    values = chance.normal(size=count)
    values[::9] = np.nan
    table = pa.table(
        {"territory": [f"QP{n // 7:06}" for n in range(count)][::-1], "period": ["2020"] * count, "value": values}
    )
    columns = {name: ["same"] * count for name in ("indicator", "level", "geography", "note")}
    breakdowns = [f"part={n % 7}" for n in range(count)]
    frame = table.to_pandas().assign(**columns, breakdown=breakdowns, lower=2.5)
    constants = {name: pa.array(["same"]) for name in columns} | {"lower": pa.array([2.5])}
    common = Common()
    packed = Packed(table.append_column("breakdown", pa.array(breakdowns)), constants, common)
    wanted = ["QP000004", "QP000002", "QP000002", "nowhere", "QP009999"]
    rows: pd.DataFrame = frame[frame["territory"].isin(wanted)]
    assert len(rows) == 3 * 7
    assert packed.digest(common.known(wanted)) == digest(rows)
    assert sum(array.nbytes for array in packed.arrays()) < 16 * count


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return hostile_warehouse(tmp_path)


@pytest.mark.parametrize("words", ['{"ask":"remove","dataset":"evalkit_demo"}', '{"ask":"_refresh"}', '{"ask":"log"}'])
def test_a_run_folder_cannot_make_it_change_a_warehouse(root: Path, words: str) -> None:
    before = Warehouse.open(root).fingerprint()
    assert Rereader(Warehouse.open(root), Selection(), {}.get).digest(words) is None
    assert Warehouse.open(root).fingerprint() == before


def test_everything_that_is_noted_can_be_asked_again() -> None:
    from test_warehouse_recorder import QUESTIONS as NOTED

    assert set(NOTED) == QUESTIONS


def test_a_warehouse_that_changed_is_read_anew(root: Path) -> None:
    def ask(warehouse: Warehouse) -> pd.DataFrame:
        return warehouse.observations(indicators=["in_tp60"], level="qpv", territories=[CODES[0]])

    recording = RecordingWarehouse.open(root)
    ask(recording)
    [(words, found)] = recording.log.entries.items()
    warehouse = Warehouse.open(root)
    before = Rereader(warehouse, Selection(), {}.get)
    assert before.digest(words) == found
    warehouse.remove("evalkit_demo")
    assert Rereader(warehouse, Selection(), {}.get).digest(words) == digest(ask(Warehouse.open(root))) != found
