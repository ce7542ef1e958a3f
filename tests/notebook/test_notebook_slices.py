from __future__ import annotations

import pandas as pd
import pytest

from evalkit.data.delivery import OBSERVATION_COLUMNS, frame
from evalkit.notebook.slices import Slice, observations

ROWS = [
    ("A", "2019", "none", 1.0, "published"),
    ("A", "2020", "none", None, "secret"),
    ("A", "2020", "sex=female", 7.0, "published"),
    ("B", "2019", "none", 2.5, "estimated"),
    ("B", "2020", "none", 3.0, "published"),
]


@pytest.fixture
def table() -> pd.DataFrame:
    columns = ("territory", "period", "breakdown", "value", "status")
    fixed = {"level": "qpv", "geography": "2024", "indicator": "in_tp60", "source": "s", "vintage": "1"}
    return frame(OBSERVATION_COLUMNS, pd.DataFrame([dict(zip(columns, row, strict=True)) | fixed for row in ROWS]))


def test_rows_of_some_territories(table: pd.DataFrame) -> None:
    rows = Slice(table).rows("none", ("A", "C"))
    assert [(row.territory, row.period, row.value, row.status) for row in rows] == [
        ("A", "2019", 1.0, "published"),
        ("A", "2020", None, "secret"),
    ]
    assert rows[0].note is None


def test_values_by_period_leave_out_what_is_not_known(table: pd.DataFrame) -> None:
    found = Slice(table)
    assert found.values("none") == {"2019": {"A": 1.0, "B": 2.5}, "2020": {"B": 3.0}}
    assert found.values("sex=female") == {"2020": {"A": 7.0}}
    assert list(found.values("none")) == ["2019", "2020"]


def test_what_is_not_there_is_empty(table: pd.DataFrame) -> None:
    assert Slice(table).rows("sex=male", ("A",)) == ()
    assert Slice(table).rows("none", ()) == ()
    assert Slice(table).values("sex=male") == {}
    nothing = Slice(table.iloc[:0])
    assert (nothing.rows("none", ("A",)), nothing.values("none")) == ((), {})


def test_observations_of_a_table(table: pd.DataFrame) -> None:
    assert [row.value for row in observations(table)] == [1.0, None, 7.0, 2.5, 3.0]
    assert observations(table.iloc[:0]) == ()
