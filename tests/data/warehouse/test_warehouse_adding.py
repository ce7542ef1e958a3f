from __future__ import annotations

import sys
import types

import pytest

from evalkit.data import adding
from evalkit.data.status import periods_label, status_table
from evalkit.errors import DataError


@pytest.fixture
def registered(kit, monkeypatch):
    """A registry of one data set, whose adapter counts how often it is called."""
    calls = []

    def read(files, dataset):
        calls.append([file.name for file in files])
        return kit.delivery(
            observations=[{"territory": "34172", "level": "project", "value": 1.0, "indicator": "in_med"}]
        )

    known = {"alpha": kit.dataset("alpha", adapter="alpha_adapter:read")}
    monkeypatch.setattr(adding, "registry", lambda: known)
    monkeypatch.setitem(sys.modules, "alpha_adapter", types.SimpleNamespace(read=read))
    monkeypatch.setattr("evalkit.catalogue.load_catalogue", lambda: kit.catalogue)
    return calls


def test_files_are_read_once(kit, registered, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("x")
    root = tmp_path / "new" / "warehouse"
    first = adding.add_files(root, [path], "alpha")
    assert first.changed
    assert first.counts == {"observations": 1}
    again = adding.add_files(root, [str(path)], "alpha")
    assert not again.changed
    assert again.record == first.record
    assert len(registered) == 1
    path.write_text("y")
    assert adding.add_files(root, [path], "alpha").changed


def test_an_unknown_data_set_names_the_nearest(registered, tmp_path):
    with pytest.raises(DataError) as error:
        adding.add_files(tmp_path / "w", [], "alpah")
    assert error.value.problems[0].code.id == "EVK-DATA-073"
    assert "did you mean alpha?" in str(error.value)
    assert not (tmp_path / "w").exists()


def test_a_missing_file_makes_no_warehouse(registered, tmp_path):
    with pytest.raises(DataError):
        adding.add_files(tmp_path / "w", [tmp_path / "none.csv"], "alpha")
    assert not (tmp_path / "w").exists()


def test_the_status_table(kit):
    warehouse = kit.open()
    kit.add(
        warehouse,
        [
            {"territory": "QP034005", "value": 1.0, "period": "2019"},
            {"territory": "QP034005"},
            {"territory": "QP034006"},
        ],
    )
    kit.add(warehouse, [{"territory": "QP034005", "value": 1.0, "period": "2019"}], source="beta", priority=99)
    first, second = status_table(warehouse)
    assert (first.periods, first.published, first.secret, first.territories) == (("2019",), 1, 0, 1)
    assert (second.secret, second.territories, second.total) == (2, 2, 2)
    assert first.datasets == ("alpha", "beta")
    (both,) = status_table(warehouse, by_period=False)
    assert (both.period_label, both.total, both.published) == ("2019-2020", 3, 1)


@pytest.mark.parametrize(
    ("periods", "label"),
    [
        ((), ""),
        (("2012",), "2012"),
        (("2012", "2013", "2015"), "2012-2013, 2015"),
        (("2012/2015", "2020"), "2012/2015, 2020"),
    ],
)
def test_period_labels(periods, label):
    assert periods_label(periods) == label
