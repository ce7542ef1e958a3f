"""A value that the plan's rule hides stands in the warehouse and in no export of the run, in no format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import export_samples
import pytest
from small_projects import CODES, Project, hostile_warehouse, template

from evalkit.data.warehouse import Warehouse
from evalkit.report.exports import FORMATS, export_run, find_browser
from evalkit.runs import RunFolder, read_findings

INDICATOR = "ho_social"
CHART = f'ev.figure(ev.charts.trend("{INDICATOR}"), alt=ev.alt.trend("{INDICATOR}"))'


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, dict[str, Any]]:
    """A run in which the smaller of two districts is hidden, and the true values of each district."""
    folder = tmp_path_factory.mktemp("secrets")
    project = Project(folder, hostile_warehouse(folder), codes=CODES[2:4])
    notebook = template(CHART)
    for cell in notebook.cells:
        cell.source = cell.source.replace("in_tp60", INDICATOR)
    project.write({"tiny": notebook})
    frame = Warehouse.open(project.warehouse).observations(
        indicators=[INDICATOR], level="qpv", geography="demo", territories=list(project.codes)
    )
    units = frame.assign(units=frame["n"].fillna(frame["denominator"])).groupby("territory")["units"].max()
    limit = int(units.min()) + 1
    text = project.plan.read_text(encoding="utf-8").replace("in_tp60", INDICATOR)
    project.plan.write_text(text.replace("by_producer", f"{{minimum_count: {limit}}}"), encoding="utf-8")
    done = project.run()
    assert done.returncode == 0, done.stdout + done.stderr
    known = frame.dropna(subset=["value"])
    true = {
        str(code): [float(v) for v in part["value"] if len(repr(float(v))) > 8]
        for code, part in known.groupby("territory")
    }
    return project, {
        "hidden": true[str(units.idxmin())],
        "shown": true[str(units.idxmax())],
        "code": str(units.idxmin()),
    }


def written(value: float) -> bytes:
    """The first figures of a value as a table writes it."""
    return repr(value)[:8].encode()


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_no_export_holds_a_hidden_value(values, tmp_path: Path, name):
    if name == "pdf" and find_browser() is None:
        pytest.skip("needs a browser: no Chromium or Chrome")
    project, known = values
    run = RunFolder(project.out)
    findings = read_findings(run).set_index("territory")
    assert findings.loc[known["code"], "status"] == "secret"
    assert len(known["hidden"]) > 3
    content = export_samples.every_byte(export_run(run, name, tmp_path / "out").out)
    assert [value for value in known["hidden"] if written(value) in content] == []
    if name in ("csv", "xlsx", "ods", "zip", "ro-crate"):
        assert any(written(value) in content for value in known["shown"]), "the search finds what is published"
