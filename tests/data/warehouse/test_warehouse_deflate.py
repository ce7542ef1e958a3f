from __future__ import annotations

import pandas as pd
import pytest

from evalkit.data.deflate import deflate, load_deflator
from evalkit.errors import DataError


def test_nominal_growth_becomes_real_growth():
    given = pd.DataFrame({"period": ["2014", "2021"], "value": [13000.0, 13000.0 * 1.117]})
    found = deflate(given, base=2021)["value"]
    assert found[1] == given["value"][1]
    assert found[1] / found[0] - 1 == pytest.approx(0.0488, abs=0.0005)
    assert given["value"][0] == 13000.0


def test_bounds_follow_and_missing_stays_missing():
    given = pd.DataFrame({"period": ["2012", "2013"], "value": [98.6, None], "lower": [49.3, None], "n": [5, 6]})
    found = deflate(given, base=2015)
    assert found["value"][0] == pytest.approx(100.0)
    assert found["lower"][0] == pytest.approx(50.0)
    assert pd.isna(found["value"][1])
    assert found["n"].tolist() == [5, 6]


def test_the_shipped_index_says_where_it_comes_from():
    index = load_deflator("insee_cpi")
    assert index.index[2015] == 100.0
    assert set(index.index) == set(range(2008, 2024))
    assert "Insee" in index.source
    assert "vérifier" in index.note.render("fr")


@pytest.mark.parametrize(
    ("name", "text"), [("own.csv", "year,index\n2012,50\n2015,100\n"), ("own.yaml", "index: {2012: 50, 2015: 100}\n")]
)
def test_the_users_own_deflator(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    given = pd.DataFrame({"period": ["2012"], "value": [10.0]})
    assert deflate(given, base=2015, deflator=tmp_path / name)["value"].tolist() == [20.0]
    assert deflate(given, base=2015, deflator=str(tmp_path / name))["value"].tolist() == [20.0]


@pytest.mark.parametrize("periods", [["1999"], ["2012", "2030"], ["2012/2015"], ["20"]])
def test_years_without_index(periods):
    with pytest.raises(DataError) as error:
        deflate(pd.DataFrame({"period": periods, "value": 1.0}), base=2015)
    assert error.value.problems[0].code.id == "EVK-DATA-098"


def test_a_base_without_index():
    with pytest.raises(DataError):
        deflate(pd.DataFrame({"period": ["2015"], "value": [1.0]}), base=2040)


@pytest.mark.parametrize(
    "text", ["", "a: [", "index: {2012: x}", "index: {2012: 0}", "index: {2012: .nan}", "index: {}", "index: 3"]
)
def test_bad_deflators(tmp_path, text):
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(DataError):
        load_deflator(path)
    with pytest.raises(DataError):
        load_deflator("unknown_index")
