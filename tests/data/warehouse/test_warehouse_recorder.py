"""What is asked of the warehouse is noted, asked again, and found to be the same or not."""

from __future__ import annotations

import inspect
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "e2e"))

from small_projects import CODES, deliver_again, hostile_warehouse

from evalkit.data.delivery import Delivery
from evalkit.data.warehouse import Warehouse
from evalkit.data.warehouse import _store as store_module
from evalkit.data.warehouse._digest import digest
from evalkit.data.warehouse.recorder import LONG, RecordingWarehouse
from evalkit.data.warehouse.rereading import Rereader, signature, snapshot
from evalkit.model.plan import DataSource, Selection

SILENT = {"open", "add", "remove", "catalogue", "files", "fingerprint", "add_crosswalk", "geometry", "read_ahead"}
QPV = {"level": "qpv", "geography": "demo"}
INCOME: dict[str, Any] = {"indicators": ["in_tp60"], **QPV}

QUESTIONS: dict[str, Callable[[Warehouse], Any]] = {
    "observations": lambda w: w.observations(**INCOME, territories=CODES[:3], sources=[DataSource("evalkit_demo")]),
    "all_observations": lambda w: w.all_observations(**INCOME),
    "noted": lambda w: w.noted(),
    "observed_places": lambda w: w.observed_places(),
    "territory": lambda w: w.territory("qpv", CODES[0], "demo"),
    "territories": lambda w: w.territories(**QPV, codes=CODES[:2], geometry=False),
    "ancestors": lambda w: w.ancestors("qpv", CODES[0], "demo"),
    "places": lambda w: w.places("qpv", "demo", CODES[:2]),
    "name": lambda w: w.name("commune", "X00101", "demo"),
    "select": lambda w: w.select(Selection(parents={"commune": ("X00101",)}), "qpv", "demo"),
    "geometries": lambda w: w.geometries("qpv", "demo", CODES[:2]),
    "operations": lambda w: w.operations(territory=CODES[0], **QPV),
    "structures": lambda w: w.structures(**QPV),
    "references": lambda w: w.references("rpls"),
    "sources": lambda w: w.sources(),
    "coverage": lambda w: w.coverage(),
    "holds": lambda w: w.holds("in_tp60", "none", "qpv"),
    "has_records": lambda w: w.has_records("structures", "qpv", "demo"),
    "has_crosswalk": lambda w: w.has_crosswalk("qpv", "2015", "2020"),
    "crosswalk": lambda w: w.crosswalk("qpv", "2015", "2020"),
}


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_warehouse(tmp_path_factory.mktemp("recorder"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return hostile_warehouse(tmp_path)


def test_what_was_read_ahead_is_answered_and_noted_as_if_it_was_asked_alone(held: Path) -> None:
    names = ["in_tp60", "ho_social", "de_pop"]
    asked = {**QPV, "territories": CODES[:3], "sources": [DataSource("evalkit_demo")]}
    alone, ahead = RecordingWarehouse.open(held), RecordingWarehouse.open(held)
    ahead.read_ahead(names, **asked)
    assert ahead.log.entries == {}
    for name in names[:2]:
        pd.testing.assert_frame_equal(
            ahead.observations(indicators=[name], **asked), alone.observations(indicators=[name], **asked)
        )
    assert ahead.log.entries == alone.log.entries
    assert len(ahead.log.entries) == 2


def test_what_was_read_ahead_is_forgotten_when_the_warehouse_changes(held: Path, tmp_path: Path) -> None:
    root = shutil.copytree(held, tmp_path / "copy")
    warehouse = Warehouse.open(root)
    warehouse.read_ahead(["in_tp60"], CODES[:3], **QPV)
    assert not warehouse.observations(**INCOME, territories=CODES[:3]).empty
    warehouse.read_ahead(["in_tp60"], CODES[:3], **QPV)
    warehouse.remove("evalkit_demo")
    assert warehouse.observations(**INCOME, territories=CODES[:3]).empty
    assert not warehouse.holds("in_tp60", "none", "qpv")


def test_what_was_read_ahead_is_held(held: Path) -> None:
    ahead, alone = Warehouse.open(held), Warehouse.open(held)
    ahead.read_ahead(["in_tp60", "ho_social"], CODES[:3], **QPV)
    asked = [
        (name, part, level) for name in ("in_tp60", "em_emploi") for part in ("none", "x") for level in ("qpv", "epci")
    ]
    assert [ahead.holds(*key) for key in asked] == [alone.holds(*key) for key in asked]
    assert ahead.holds("in_tp60", "none", "qpv")


def test_every_question_is_noted_or_known_to_be_silent() -> None:
    public = {
        name
        for name, member in vars(store_module.Warehouse).items()
        if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, classmethod))
    }
    assert public - SILENT == set(QUESTIONS)
    assert set(QUESTIONS) <= set(vars(RecordingWarehouse))


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_a_question_is_noted_once_and_asked_again_with_the_same_answer(held: Path, name: str) -> None:
    recording = RecordingWarehouse.open(held)
    plain, noted = QUESTIONS[name](Warehouse.open(held)), QUESTIONS[name](recording)
    QUESTIONS[name](recording)
    assert digest(plain) == digest(noted)
    [(words, found)] = recording.log.entries.items()
    assert json.loads(words)["ask"] == name
    rereader = Rereader(Warehouse.open(held), Selection(), recording.log.lists.get)
    assert rereader.digest(words) == found
    assert signature(snapshot(recording), words) == signature(snapshot(Warehouse.open(held)), words)


def test_a_long_list_is_kept_once_and_many_parts_of_a_slice_hash_as_if_asked_alone(held: Path) -> None:
    recording = RecordingWarehouse.open(held)
    long = [f"DX0010{number:02}" for number in range(1, LONG + 5)]
    for codes in (long, long[::-1], *([code] for code in CODES)):
        recording.observations(indicators=["in_tp60"], territories=codes, **QPV)
        recording.territory("qpv", codes[0], "demo")
    assert len(recording.log.lists) == 1
    assert len([words for words in recording.log.entries if '"ask":"observations"' in words]) == 1 + len(CODES)
    rereader = Rereader(Warehouse.open(held), Selection(), recording.log.lists.get)
    assert {words: rereader.digest(words) for words in recording.log.entries} == recording.log.entries
    assert (
        Rereader(Warehouse.open(held), Selection(), lambda name: None).digest(
            next(words for words in recording.log.entries if '"#' in words)
        )
        is None
    )


def test_the_territories_of_the_plan_are_asked_of_the_plan_of_the_day(held: Path) -> None:
    then, now = Selection(codes=CODES[:2]), Selection(codes=CODES[:3])
    recording = RecordingWarehouse.open(held).knowing(then)
    recording.select(then, "qpv", "demo")
    [(words, found)] = recording.log.entries.items()
    assert "codes" not in words
    assert Rereader(Warehouse.open(held), then, lambda name: None).digest(words) == found
    assert Rereader(Warehouse.open(held), now, lambda name: None).digest(words) != found


def test_a_question_of_another_evalkit_cannot_be_asked(held: Path) -> None:
    rereader = Rereader(Warehouse.open(held), Selection(), lambda name: None)
    assert rereader.digest('{"ask":"weather"}') is None
    assert rereader.digest('{"ask":"name","planet":"Mars"}') is None


def test_a_correction_changes_the_answers_that_hold_it_and_no_other(root: Path) -> None:
    recording = RecordingWarehouse.open(root)
    for name, ask in QUESTIONS.items():
        if name not in ("sources", "all_observations"):
            ask(recording)
    recording.observations(**INCOME, territories=CODES[3:4])
    before = snapshot(recording)

    def corrected(delivery: Delivery) -> None:
        rows = delivery.observations
        rows.loc[(rows["territory"] == CODES[3]) & (rows["indicator"] == "in_tp60"), "value"] += 1

    deliver_again(root, corrected, "corrected\n")
    rereader = Rereader(Warehouse.open(root), Selection(), recording.log.lists.get)
    changed = [words for words, found in recording.log.entries.items() if rereader.digest(words) != found]
    assert [json.loads(words).get("territories") for words in changed] == [[CODES[3]]]
    after = snapshot(Warehouse.open(root))
    touched = {json.loads(w)["ask"] for w in recording.log.entries if signature(before, w) != signature(after, w)}
    assert "crosswalk" not in touched
    assert "observations" in touched


def test_another_data_set_leaves_the_signature_of_what_it_does_not_hold(root: Path) -> None:
    recording = RecordingWarehouse.open(root)
    recording.observations(**INCOME)
    recording.observations(indicators=["ess_part"])
    before = snapshot(recording)

    def only_ess(delivery: Delivery) -> Delivery:
        rows = delivery.observations
        return replace(delivery, observations=rows[rows["indicator"] == "ess_part"])

    deliver_again(root, only_ess, "a second file\n", "more.csv")
    after = snapshot(Warehouse.open(root))
    words = {json.loads(w)["indicators"][0]: w for w in recording.log.entries}
    assert signature(before, words["in_tp60"]) == signature(after, words["in_tp60"])
    assert signature(before, words["ess_part"]) != signature(after, words["ess_part"])


class TestDigest:
    @pytest.fixture
    def rows(self, held: Path) -> pd.DataFrame:
        return Warehouse.open(held).observations(**INCOME)

    def test_neither_the_order_of_rows_and_columns_nor_types_count(self, rows: pd.DataFrame) -> None:
        other = rows.sample(frac=1, random_state=3)[list(reversed(rows.columns))].reset_index(drop=True)
        objects = rows.astype({name: "object" for name in rows.columns if isinstance(rows[name].dtype, pd.StringDtype)})
        assert digest(rows) == digest(other) == digest(objects)

    def test_the_file_that_carried_a_row_does_not_count(self, rows: pd.DataFrame) -> None:
        assert digest(rows) == digest(rows.assign(file_sha256="0" * 64))

    @pytest.mark.parametrize(
        ("column", "value"),
        [("value", 50.2000001), ("status", "secret"), ("note", "EVK"), ("territory", "DX1"), ("value", None)],
    )
    def test_everything_else_does(self, rows: pd.DataFrame, column: str, value: object) -> None:
        other = rows.copy()
        other.loc[0, column] = value
        assert digest(rows) != digest(other)
        assert digest(rows) != digest(rows.iloc[1:])

    def test_a_letter_does_not_slip_from_one_cell_into_the_next(self) -> None:
        one, two = pd.DataFrame({"a": ["xy", "z"]}), pd.DataFrame({"a": ["x", "yz"]})
        assert digest(one) != digest(two)


@pytest.mark.parametrize("question", sorted(set(QUESTIONS) - {"crosswalk"}))
def test_what_is_remembered_is_noted_and_not_looked_up(held: Path, question: str) -> None:
    first = RecordingWarehouse.open(held)
    first.answered = {}
    answer = QUESTIONS[question](first)
    second = RecordingWarehouse.open(held).remembering(first.answered)
    second.__dict__["_views"] = None  # there is nothing to look it up in
    again = QUESTIONS[question](second)
    assert digest(again) == digest(answer)
    assert (second.log.entries, second.log.lists) == (first.log.entries, first.log.lists)
    assert again is not answer or not isinstance(answer, dict | pd.DataFrame)
