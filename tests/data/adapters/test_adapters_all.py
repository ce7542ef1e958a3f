"""What every data set must be, whatever it holds."""

from __future__ import annotations

import json

import pytest
from official_files import FILES, Read

from evalkit.catalogue import load_catalogue
from evalkit.data.delivery import (
    OBSERVATION_COLUMNS,
    OBSERVATION_KEY,
    OPERATION_COLUMNS,
    REFERENCE_COLUMNS,
    TERRITORY_COLUMNS,
    TERRITORY_KEY,
)
from evalkit.data.registry import registry
from evalkit.errors import CODES
from evalkit.model.observation import STATUSES, WITH_VALUE
from evalkit.text.messages import _catalogue

SETS = sorted(FILES)


def test_every_official_set_is_tried() -> None:
    assert sorted(item.id for item in registry().values() if not item.synthetic) == SETS


@pytest.mark.parametrize("dataset", SETS)
class TestEachSet:
    def test_frames_have_the_fixed_columns(self, official: Read, dataset: str) -> None:
        delivery = official(dataset)
        assert tuple(delivery.observations.columns) == OBSERVATION_COLUMNS
        assert tuple(delivery.territories.columns) == TERRITORY_COLUMNS
        assert tuple(delivery.operations.columns) == OPERATION_COLUMNS
        assert tuple(delivery.references.columns) == REFERENCE_COLUMNS
        assert delivery.vintage

    def test_keys_are_unique_text(self, official: Read, dataset: str) -> None:
        delivery = official(dataset)
        for rows, key in ((delivery.observations, OBSERVATION_KEY), (delivery.territories, TERRITORY_KEY)):
            assert not rows.duplicated(list(key)).any()
            for column in key:
                assert rows[column].map(lambda cell: isinstance(cell, str) and cell != "").all(), column

    def test_a_value_goes_with_a_status_that_has_one(self, official: Read, dataset: str) -> None:
        rows = official(dataset).observations
        assert set(rows["status"]) <= set(STATUSES)
        assert (rows["value"].notna() == rows["status"].isin(list(WITH_VALUE))).all()

    def test_indicators_and_levels_are_in_the_catalogue(self, official: Read, dataset: str) -> None:
        catalogue = load_catalogue()
        pairs = official(dataset).observations[["indicator", "level"]].drop_duplicates()
        for indicator, level in pairs.itertuples(index=False):
            assert level in catalogue[indicator].levels, (indicator, level)

    def test_notes_are_codes_whose_text_needs_no_value(self, official: Read, dataset: str) -> None:
        for note in official(dataset).observations["note"].dropna().unique():
            assert "{" not in CODES[note].message + CODES[note].way_out
            assert CODES[note].severity == "warning"

    def test_warnings_can_be_read_in_both_languages(self, official: Read, dataset: str) -> None:
        for problem in official(dataset).problems:
            assert problem.severity == "warning"
            assert problem.render("fr") != problem.render("en")

    def test_parents_and_tags_are_sorted_json(self, official: Read, dataset: str) -> None:
        rows = official(dataset).territories
        for text in rows["parents"].unique():
            found = json.loads(text)
            keys = [(item["level"], item["geography"], item["code"]) for item in found]
            assert keys == sorted(set(keys))
        assert all(json.loads(text) == sorted(json.loads(text)) for text in rows["tags"].unique())

    def test_all_districts_are_on_the_official_list(self, official: Read, dataset: str) -> None:
        listed = official("insee_qpv_list").territories
        known = set(listed.loc[listed["level"] == "qpv", "code"])
        delivery = official(dataset)
        observed = delivery.observations
        drawn = delivery.territories
        named = set(observed.loc[observed["level"] == "qpv", "territory"]) | set(
            drawn.loc[drawn["level"] == "qpv", "code"]
        )
        assert named - known == set()

    def test_nothing_is_dropped_in_silence(self, official: Read, dataset: str) -> None:
        assert all(count > 0 and name for name, count in official(dataset).skipped.items())


def test_every_text_of_reading_has_its_french() -> None:
    french = _catalogue("fr")
    own = [code for name, code in CODES.items() if name.startswith("EVK-DATA-0") and int(name[-3:]) < 50]
    assert len(own) > 40
    assert [code.id for code in own for text in (code.message, code.way_out) if text and text not in french] == []
