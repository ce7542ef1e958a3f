"""What the notebooks of a run read alike: the same findings and the same notes as if each had read it, with fewer questions asked."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from notebook_samples import Shown

from evalkit.data.warehouse import Warehouse
from evalkit.data.warehouse import _observations as observations_module
from evalkit.errors import PlanError
from evalkit.notebook import common as common_module
from evalkit.notebook import open_evaluation
from evalkit.notebook.common import Common, held_for, held_plan, hold, read_common
from evalkit.plan import load_plan, resolve_territories

Demo = tuple[Path, Warehouse]


@pytest.fixture(autouse=True)
def nothing_held() -> Iterator[None]:
    yield
    common_module._held.clear()


@pytest.fixture(scope="module")
def read(demo: Demo) -> Common:
    """What is read alike, as it reaches the parent of warm kernels."""
    plan, warehouse = demo
    found: Common = pickle.loads(pickle.dumps(read_common(plan, warehouse.root)))  # noqa: S301 - our own
    return found


def written(demo: Demo, code: str, shown: Shown) -> list[Any]:
    """Return what a report of a territory displays: findings, figures, and what it read."""
    plan, warehouse = demo
    ev = open_evaluation(plan, code, "fr", warehouse=warehouse.root)
    if ev.has_place:
        ev.figure(ev.charts.locator(), alt=ev.alt.locator())
    for value in ev.values():
        ev.record(value)
    for indicator, breakdown in ev.with_history("primary"):
        ev.figure(ev.charts.trend(indicator, breakdown), alt=ev.alt.trend(indicator, breakdown))
    ev.conclude()
    told = [*shown.of("finding"), *shown.of("figure")]
    [reads] = [{name: payload[name] for name in ("lists", "reads")} for payload in shown.of("reads")]
    return [*told, reads]


def codes_of(demo: Demo) -> tuple[str, ...]:
    return resolve_territories(load_plan(demo[0]), demo[1])


def test_a_report_says_and_notes_the_same(demo: Demo, read: Common, monkeypatch: pytest.MonkeyPatch) -> None:
    for code in codes_of(demo):
        reports = []
        for held in (False, True):
            shown = Shown()
            monkeypatch.setattr("IPython.display.display", shown.display)
            if held:
                hold(read)
            else:
                common_module._held.clear()
            reports.append(written(demo, code, shown))
        assert len(reports[0]) > 10
        assert reports[0] == reports[1]


def test_what_is_held_is_not_asked_of_the_data(demo: Demo, read: Common, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []
    real = observations_module.preferred_rows

    def noting(views: Any, records: Any, wanted: Any, sources: Any) -> Any:
        asked.append(wanted.territories or ())
        return real(views, records, wanted, sources)

    monkeypatch.setattr("evalkit.data.warehouse._store.preferred_rows", noting)
    say = Shown()
    monkeypatch.setattr("IPython.display.display", say.display)
    written(demo, codes_of(demo)[1], say)
    many = [codes for codes in asked if len(codes) > 50]
    assert many, "the report compares with all districts"
    asked.clear()
    hold(read)
    say.bundles.clear()
    written(demo, codes_of(demo)[1], say)
    assert not [codes for codes in asked if len(codes) > 50]
    assert asked, "what is its own, a report reads itself"


def test_an_answer_that_a_report_changes_stays_what_it_was_for_the_next(demo: Demo, read: Common) -> None:
    plan, warehouse = demo
    hold(read)
    [words] = [words for words in read.answers if "geometries" in words and codes_of(demo)[0] in words]
    before = dict(read.answers[words][1])
    ev = open_evaluation(plan, codes_of(demo)[0], "fr", warehouse=warehouse.root)
    answer = ev._reader.warehouse.geometries("qpv", "demo", list(codes_of(demo)))
    answer.clear()
    assert dict(read.answers[words][1]) == before


def test_other_data_are_read_anew(demo: Demo, read: Common, tmp_path: Path) -> None:
    hold(read)
    plan, warehouse = load_plan(demo[0]), demo[1]
    assert held_for(plan, warehouse) is read
    copy = tmp_path / "warehouse"
    shutil.copytree(warehouse.root, copy)
    assert held_for(plan, Warehouse.open(copy)) is None, "another folder"
    moved = Common(read.plan, copy.resolve(), read.fingerprint, read.answers, read.slices)
    hold(moved)
    opened = Warehouse.open(copy)
    assert held_for(plan, opened) is moved
    opened.remove("evalkit_demo")
    assert held_for(plan, opened) is None, "another state"


def test_another_text_of_the_plan_is_another_plan(demo: Demo, read: Common, tmp_path: Path) -> None:
    plan_file = tmp_path / "evaluation.yaml"
    plan_file.write_bytes(demo[0].read_bytes())
    plan = load_plan(plan_file)
    hold(Common(plan, read.root, read.fingerprint, {}, {}))
    assert held_plan(plan_file) is plan
    assert held_plan(demo[0]) is None
    plan_file.write_text(demo[0].read_text(encoding="utf-8") + "# a remark\n", encoding="utf-8")
    assert held_plan(plan_file) is None
    assert held_for(load_plan(plan_file), demo[1]) is None
    plan_file.unlink()
    assert held_plan(plan_file) is None


def test_one_territory_shares_with_nobody(demo: Demo, tmp_path: Path) -> None:
    alone = demo[0].with_name("alone.yaml")
    alone.write_text(demo[0].read_text(encoding="utf-8").replace("limit: 4", "limit: 1"), encoding="utf-8")
    found = read_common(alone, demo[1].root)
    assert (found.answers, found.slices) == ({}, {})
    alone.unlink()


def test_what_would_be_too_much_is_left_to_each_report(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(common_module, "_MOST_ROWS", 1500)
    rows = [len(held.slice) for held in read_common(demo[0], demo[1].root).slices.values()]
    assert rows
    assert sum(rows) <= 1500
    monkeypatch.setattr(common_module, "_MOST_SERIES", 10)
    assert not read_common(demo[0], demo[1].root).slices


def test_a_plan_that_is_refused_is_refused_here_too(demo: Demo, tmp_path: Path) -> None:
    bad = tmp_path / "evaluation.yaml"
    bad.write_text("surprise: 1\n", encoding="utf-8")
    with pytest.raises(PlanError):
        read_common(bad, demo[1].root)
