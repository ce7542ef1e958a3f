"""The stages of a run: computed once, kept whole, used again while what they read stays the same, and told to every task."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from evalkit.batch.stages import compute_stages, prepare_stages, stages_folder, stages_index
from evalkit.data.demo import demo_plan, prepare_demo
from evalkit.data.demo.truth import TRUTH_PATHS
from evalkit.data.warehouse import Warehouse
from evalkit.model.plan import EvaluationPlan
from evalkit.notebook.stages import sha256
from evalkit.plan import load_plan
from evalkit.runs import RunFolder

DID = "did.ur_d1_share.none.comparable.1999.2019"
SYNTHETIC = "synthetic_control.ur_d1_share.none.comparable.1999.2019"
Project = tuple[EvaluationPlan, Warehouse]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The plan and the warehouse of a demo of sixty districts, two of them reported."""
    plan, warehouse = prepare_demo(tmp_path_factory.mktemp("project"), universe=60, territories=2)
    return load_plan(plan), warehouse


@pytest.fixture(scope="module")
def prepared(project: Project, tmp_path_factory: pytest.TempPathFactory) -> tuple[RunFolder, dict[str, str], list[str]]:
    folder, told = RunFolder(tmp_path_factory.mktemp("run")), []
    hashes = dict(prepare_stages(*project, folder, lambda name, reused, _: told.append(f"{name} {reused}")))
    return folder, hashes, told


def index(folder: RunFolder) -> dict[str, object]:
    found: dict[str, object] = json.loads(stages_index(folder).read_bytes())
    return found


def again(project: Project, folder: RunFolder) -> tuple[dict[str, str], dict[str, bool]]:
    told: dict[str, bool] = {}
    return dict(prepare_stages(*project, folder, lambda name, reused, _: told.update({name: reused}))), told


def test_every_stage_is_computed_and_listed_with_its_hash(
    prepared: tuple[RunFolder, dict[str, str], list[str]],
) -> None:
    folder, hashes, told = prepared
    assert sorted(told) == sorted(f"{name} False" for name in hashes)
    assert {"treated", DID, SYNTHETIC} <= set(hashes)
    for name, entry in index(folder)["stages"].items():  # type: ignore[attr-defined]
        file = stages_folder(folder) / entry["file"]
        assert sha256(file.read_bytes()) == entry["sha256"] == hashes[name]
        assert file.name == f"{name}-{entry['key'][:16]}.json"


def test_what_was_computed_stays_when_the_rest_is_not(project: Project, tmp_path: Path) -> None:
    plan, warehouse = project
    folder = RunFolder(tmp_path)
    steps = compute_stages(plan, warehouse, folder)
    done = [next(steps), next(steps)]
    steps.close()
    left = index(folder)
    assert left["plan"] == "", "no notebook takes what is not whole"
    assert set(left["stages"]) == set(done)  # type: ignore[call-overload]
    _, told = again(project, folder)
    assert {name for name, reused in told.items() if reused} == set(done)
    assert index(folder)["plan"] == plan.sha256


def test_nothing_changed_nothing_is_computed(
    project: Project, prepared: tuple[RunFolder, dict[str, str], list[str]]
) -> None:
    folder, hashes, _ = prepared
    before = {
        file.name: file.stat().st_mtime_ns for file in stages_folder(folder).iterdir() if "index" not in file.name
    }
    found, told = again(project, folder)
    assert found == hashes
    assert all(told.values())
    assert before == {
        file.name: file.stat().st_mtime_ns for file in stages_folder(folder).iterdir() if "index" not in file.name
    }


def test_a_corrected_value_computes_its_stages_anew_and_removes_the_old_ones(tmp_path: Path) -> None:
    plan, warehouse = prepare_demo(tmp_path, universe=30, territories=1)
    folder = RunFolder(tmp_path / "run")
    first = dict(prepare_stages(load_plan(plan), warehouse, folder))
    rows = warehouse.root.rglob("observations/**/*.parquet")
    file = next(iter(rows))
    frame = pd.read_parquet(file)
    at = (
        (frame["level"] == "qpv")
        & (frame["indicator"] == "ho_social")
        & (frame["period"] == "2003")
        & frame["value"].notna()
    )
    frame.loc[at.idxmax(), "value"] += 1
    frame.to_parquet(file, index=False)
    second, told = again((load_plan(plan), Warehouse.open(warehouse.root)), folder)
    assert told[DID]
    assert told["treated"]
    assert not told[DID.replace("ur_d1_share", "ho_social")]
    assert second[DID] == first[DID]
    names = [
        name for name in (path.name for path in stages_folder(folder).iterdir()) if name.startswith("did.ho_social")
    ]
    assert len(names) == 1


def test_a_spoiled_file_is_written_again(
    project: Project, prepared: tuple[RunFolder, dict[str, str], list[str]]
) -> None:
    folder, hashes, _ = prepared
    file = next(path for path in stages_folder(folder).iterdir() if path.name.startswith(SYNTHETIC))
    file.write_bytes(file.read_bytes()[:-5])
    found, told = again(project, folder)
    assert found == hashes
    assert [name for name, reused in told.items() if not reused] == [SYNTHETIC]


def test_a_stage_lists_what_it_read_but_not_for_whom(prepared: tuple[RunFolder, dict[str, str], list[str]]) -> None:
    listed = index(prepared[0])
    reads = listed["stages"][SYNTHETIC]["reads"]  # type: ignore[index]
    asked = {json.loads(words)["ask"] for words in reads}
    assert {"observations", "operations"} <= asked
    assert "plan_territories" not in asked
    named = {
        json.loads(words).get("territories", "#")[1:]
        for words in reads
        if '"#' in words and '"territories":"#' in words
    }
    assert named <= set(listed["lists"])  # type: ignore[call-overload]


def test_a_plan_without_causal_design_leaves_no_stage(project: Project, tmp_path: Path) -> None:
    plan, warehouse = project
    text = plan.file.read_text(encoding="utf-8")
    text = text.replace("method: did", "method: before_after").replace(
        "method: synthetic_control", "method: before_after"
    )
    (tmp_path / "evaluation.yaml").write_text(text, encoding="utf-8")
    folder = RunFolder(tmp_path / "run")
    prepare_stages(plan, warehouse, folder)
    assert stages_index(folder).is_file()
    assert dict(prepare_stages(load_plan(tmp_path / "evaluation.yaml"), warehouse, folder)) == {}
    assert list(stages_folder(folder).iterdir()) == []


@pytest.mark.slow
def test_the_known_effect_of_the_demo_lies_in_its_interval(tmp_path: Path) -> None:
    """497 treated and 240 comparable districts: the mean of what the programme really did, over the cells that are estimated."""
    plan, warehouse = prepare_demo(tmp_path, territories=2)
    folder = RunFolder(tmp_path / "run")
    prepare_stages(load_plan(plan), warehouse, folder)
    listed = index(folder)["stages"]
    since = json.loads((stages_folder(folder) / listed["treated"]["file"]).read_bytes())["since"]  # type: ignore[index]
    truth = pd.read_parquet(tmp_path / "truth" / TRUTH_PATHS)
    truth["since"] = truth["territory"].map(since)
    after = truth[truth["period"].astype(int) >= truth["since"]]
    for indicator in ("ur_d1_share", "ho_social"):
        entry = listed[DID.replace("ur_d1_share", indicator)]  # type: ignore[index]
        payload = json.loads((stages_folder(folder) / entry["file"]).read_bytes())
        effect = float((after[indicator] - after[f"{indicator}_without"]).mean())
        assert payload["treated"] == 497
        assert payload["untreated"] == 240
        assert payload["estimate"]["lower"] < effect < payload["estimate"]["upper"] < 0
        assert payload["breakdown"] > 0
        assert payload["grade"] == 1  # people left, and the years before moved by chance: the checks say so
    other = load_plan(demo_plan(tmp_path, 3, warehouse="warehouse"))
    told: dict[str, bool] = {}
    prepare_stages(other, warehouse, folder, lambda name, reused, _: told.update({name: reused}))
    assert told[DID]  # another number of reports changes nothing of the programme
    assert not told[SYNTHETIC]
