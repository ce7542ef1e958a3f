"""Stages: what all notebooks of a run share is read from the run's files where they hold, and computed where they do not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from causal_samples import YEARS, plan, programme
from notebook_samples import CODES, OTHERS, OURS, Shown, Tiny

from evalkit.catalogue import load_catalogue
from evalkit.data.warehouse import Warehouse
from evalkit.notebook.designs import asked, treated_since, untreated
from evalkit.notebook.stages import TREATED, VARIABLE, Stage, Stages, rows_hash, sha256, stages_of, to_bytes
from evalkit.plan import load_plan

SYNTHETIC = "synthetic_control.ur_d1_share.none.others.2004.2015"


def opened(tiny: Tiny, effect: float = -6.0) -> Tiny:
    tiny.plan = plan("synthetic_control")
    programme(tiny, effect=effect)
    tiny.plan_file.write_text(tiny.plan, encoding="utf-8")
    return tiny


def stages(tiny: Tiny, source: str = "") -> dict[str, Stage]:
    found = stages_of(load_plan(tiny.plan_file), tiny.warehouse, load_catalogue(), source=source)
    return {stage.name: stage for stage in found}


def kept(tiny: Tiny, folder: Path, **changed: Any) -> Path:
    """Leave the stages where a run leaves them; `changed` replaces parts of the index."""
    entries = {}
    for name, stage in stages(tiny).items():
        content = to_bytes(stage.compute())
        (folder / f"{name}.json").write_bytes(content)
        entries[name] = {"file": f"{name}.json", "sha256": sha256(content), "reads": {f'{{"ask":"{name}"}}': "x"}}
    index = {"plan": load_plan(tiny.plan_file).sha256, "lists": {}, "stages": entries, **changed}
    (folder / "index.json").write_text(json.dumps(index), encoding="utf-8")
    return folder / "index.json"


def test_a_plan_names_its_stages_and_primary_indicators_take_the_design_of_the_first(tiny: Tiny) -> None:
    tiny.plan_file.write_text(plan("did", "synthetic_control"), encoding="utf-8")
    found = asked(load_plan(tiny.plan_file), load_catalogue())
    assert [(one.method, one.indicator) for one in found] == [
        ("did", "ur_d1_share"),
        ("synthetic_control", "ur_d1_share"),
        ("did", "ho_social"),
        ("synthetic_control", "ho_social"),
    ]
    assert found[1].name == SYNTHETIC


def test_a_plan_without_causal_design_needs_no_stage(tiny: Tiny) -> None:
    tiny.plan_file.write_text(tiny.plan, encoding="utf-8")
    tiny.spread("in_tp60", 2012, 2015, own=-1.0)
    assert stages(tiny) == {}


def test_a_territory_is_treated_since_its_first_operation(tiny: Tiny) -> None:
    opened(tiny)
    tiny.operation(territory=CODES[3], start="2012-02-01")
    tiny.operation(territory=CODES[3], start="2007-12-31")
    tiny.operation(territory=CODES[4], start=None)
    accepted = load_plan(tiny.plan_file)
    since = treated_since(accepted, tiny.warehouse)
    assert since == {OURS: 2010, CODES[3]: 2007, CODES[4]: 2010}  # without a date: the start of the programme
    assert set(untreated(accepted, tiny.warehouse, "others", since)) == set(OTHERS) - set(since)


def test_without_operations_the_territories_of_the_plan_are_treated_since_the_programme(tiny: Tiny) -> None:
    tiny.plan_file.write_text(plan("did"), encoding="utf-8")
    tiny.put("ur_d1_share", 2010, 20.0)
    assert treated_since(load_plan(tiny.plan_file), tiny.warehouse) == {OURS: 2010, CODES[1]: 2010}


def test_a_key_hangs_on_the_rows_the_plan_and_the_source(tiny: Tiny, tmp_path: Path) -> None:
    first = {name: stage.key for name, stage in stages(opened(tiny)).items()}
    assert {name: stage.key for name, stage in stages(tiny).items()} == first
    assert all(stage.key != first[name] for name, stage in stages(tiny, source="other").items())
    other = Tiny(tmp_path / "other")
    other.folder.mkdir()
    assert stages(opened(other))[SYNTHETIC].key == first[SYNTHETIC]
    corrected = Tiny(tmp_path / "corrected")
    corrected.folder.mkdir()
    opened(corrected)
    corrected.observations[17]["value"] += 0.1
    assert stages(corrected)[SYNTHETIC].key != first[SYNTHETIC]
    assert stages(corrected)[TREATED].key == first[TREATED]


def test_the_hash_of_rows_sees_values_texts_and_order() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
    same = frame.copy()
    assert rows_hash(frame) == rows_hash(same)
    changed = [
        frame.iloc[::-1],
        frame.rename(columns={"a": "c"}),
        frame.assign(b=["x", "z"]),
        frame.assign(a=[1.0, None]),
    ]
    assert len({rows_hash(one) for one in [frame, *changed]}) == 5


def test_a_notebook_reads_what_its_run_prepared(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shown: Shown
) -> None:
    live = opened(tiny).open().effects()
    index = kept(tiny, tmp_path)
    file = tmp_path / f"{SYNTHETIC}.json"
    payload = json.loads(file.read_bytes())
    payload["territories"][OURS]["estimate"]["value"] = -7.5
    content = to_bytes(payload)
    file.write_bytes(content)
    listed = json.loads(index.read_text(encoding="utf-8"))
    listed["stages"][SYNTHETIC]["sha256"] = sha256(content)
    index.write_text(json.dumps(listed), encoding="utf-8")
    monkeypatch.setenv(VARIABLE, str(index))
    evaluation = tiny.open()
    assert evaluation.effects()[0].value == -7.5 != live[0].value
    evaluation.conclude()
    assert shown.of("summary")[-1]["stages"][SYNTHETIC] == sha256(content)
    reads = {words for payload in shown.of("reads") for words, _ in payload["reads"]}
    assert f'{{"ask":"{SYNTHETIC}"}}' in reads  # what the stage read counts as read by the notebook


@pytest.mark.parametrize("harm", ["other plan", "other bytes", "no file", "no index"])
def test_what_does_not_hold_is_computed_anew(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    opened(tiny)
    index = kept(tiny, tmp_path, **({"plan": "0"} if harm == "other plan" else {}))
    file = tmp_path / f"{SYNTHETIC}.json"
    if harm == "other bytes":
        file.write_bytes(file.read_bytes().replace(b"-", b"", 1))
    elif harm == "no file":
        file.unlink()
    elif harm == "no index":
        index.unlink()
    monkeypatch.setenv(VARIABLE, str(index))
    assert tiny.open().effects()[0].value == pytest.approx(-6, abs=0.5)


def test_a_stage_is_the_same_read_from_a_file_or_computed(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(tiny)
    accepted, catalogue = load_plan(tiny.plan_file), load_catalogue()
    live = Stages(accepted, Warehouse.open(tiny.warehouse.root), catalogue)
    computed = live.get(SYNTHETIC)
    monkeypatch.setenv(VARIABLE, str(kept(tiny, tmp_path)))
    read = Stages(accepted, Warehouse.open(tiny.warehouse.root), catalogue)
    assert read.get(SYNTHETIC) == computed
    assert read.read == {SYNTHETIC: live.read[SYNTHETIC]}
    assert read.get("unknown") is None


def test_territories_with_other_gaps_do_not_lose_their_estimate(tiny: Tiny) -> None:
    opened(tiny)
    both = [CODES[0], CODES[1]]
    programme(Tiny(tiny.folder), treated=())  # nothing shared between worlds
    tiny.operation(territory=CODES[1], start="2010-05-01")
    for row in tiny.observations:
        if row["territory"] == CODES[1] and row["period"] == "2006":
            row.update(value=None, status="missing")
    payload = stages(tiny)[SYNTHETIC].compute()
    assert all("estimate" in payload["territories"][code] for code in both)
    assert [len(group["periods"]) for group in payload["shared"]] == [len(YEARS), len(YEARS) - 1]
    assert "2006" not in payload["shared"][1]["periods"]
