from __future__ import annotations

import pandas as pd
import pytest

from evalkit.data.crosswalk import read_crosswalk
from evalkit.errors import DataError

HEAD = "level,from_code,from_geography,to_code,to_geography,share\n"
GOOD = (
    HEAD
    + "qpv,QP034001,2015,QN03401M,2024,0.75\nqpv,QP034001,2015,QN03402M,2024,0.25\nqpv,QP034002,2015,QN03402M,2024,1\n"
)


@pytest.fixture
def write(tmp_path):
    def _write(text):
        path = tmp_path / "crosswalk.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return _write


def test_a_crosswalk_carries_counts(kit, write):
    warehouse = kit.open()
    assert not warehouse.has_crosswalk("qpv", "2015", "2024")
    warehouse.add_crosswalk(write(GOOD))
    assert warehouse.has_crosswalk("qpv", "2015", "2024")
    assert not warehouse.has_crosswalk("qpv", "2024", "2015")
    table = warehouse.crosswalk("qpv", "2015", "2024")
    counts = pd.DataFrame({"territory": ["QP034001", "QP034002"], "value": [100.0, 10.0]})
    found = table.apply(counts)
    assert found.to_dict("list") == {"territory": ["QN03401M", "QN03402M"], "value": [75.0, 35.0]}
    assert warehouse.crosswalk("qpv", "2024", "2015") is None


def test_an_unknown_part_makes_the_whole_unknown(write):
    counts = pd.DataFrame({"territory": ["QP034001"], "value": [100.0]})
    found = read_crosswalk(write(GOOD)).apply(counts).set_index("territory")["value"]
    assert found["QN03401M"] == 75.0
    assert pd.isna(found["QN03402M"])


def test_the_fingerprint_follows_a_crosswalk(kit, write):
    warehouse = kit.open()
    before = warehouse.fingerprint()
    warehouse.add_crosswalk(write(GOOD))
    assert warehouse.fingerprint() != before


BAD = [
    ("level,from_code\nqpv,A\n", "columns from_geography, to_code, to_geography, share are missing"),
    (HEAD, "no row"),
    (GOOD.replace("0.75", "0.85"), "QP034001 add up to more than 1"),
    (GOOD.replace("0.75", "-0.75"), "between 0 and 1"),
    (GOOD.replace("0.75", "x"), "between 0 and 1"),
    (GOOD.replace("qpv", "village"), "unknown level"),
    (GOOD.replace("QN03401M", "../x"), "not codes"),
    (GOOD.replace("QN03401M", "QN03402M"), "twice"),
    (GOOD.replace("2024,1", "2025,1"), "to_geography must hold one"),
]


@pytest.mark.parametrize(("text", "reason"), BAD)
def test_bad_crosswalks(write, text, reason):
    with pytest.raises(DataError) as error:
        read_crosswalk(write(text))
    assert reason in str(error.value)
    assert {problem.code.id for problem in error.value.problems} == {"EVK-DATA-099"}


def test_a_lost_file(tmp_path):
    with pytest.raises(DataError):
        read_crosswalk(tmp_path / "none.csv")
