"""A run, a correction, a run that is compared with the first: what its reports say, and what runs again. Through the command line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from page_lints import lint_page
from runs_samples import words
from small_projects import CODES, Project, deliver_again, hostile_warehouse, template

from evalkit.data.delivery import Delivery
from evalkit.runs import read_findings

pytestmark = pytest.mark.slow

SAME, CORRECTED, HIDDEN, ADDED = CODES[2], CODES[3], CODES[5], CODES[8]
SAME_COMMUNE = "kind: territories, same: commune"
JUDGE = 'ev.record(ev.value("in_tp60"), criterion="C1.1")'


def corrected(delivery: Delivery) -> None:
    """One territory is poorer than was said, another's values may no longer be published."""
    rows = delivery.observations
    here = rows["indicator"] == "in_tp60"
    rows.loc[here & (rows["period"] == "2019") & (rows["territory"] == CORRECTED), "value"] += 1.5
    hidden = here & (rows["territory"] == HIDDEN)
    rows.loc[hidden, ["value", "lower", "upper", "numerator", "denominator", "n"]] = None
    rows.loc[hidden, "status"] = "secret"


def project(folder: Path, codes: tuple[str, ...]) -> Project:
    made = Project(folder, folder / "data" / "warehouse", codes)
    return made.write({"tiny": template(JUDGE)}, languages=("fr", "en"), comparator=SAME_COMMUNE)


def changed(made: Project, code: str, lang: str = "en") -> str:
    """Return what a report says of the earlier run."""
    page = made.run_folder.report(made.records()[f"{lang}/tiny/{code}"]).read_text(encoding="utf-8")
    assert lint_page(page) == []
    return words(page.split('<section aria-labelledby="changes">')[1].split("</section>")[0])


def test_reports_say_what_changed_since_the_run_they_are_compared_with(tmp_path: Path) -> None:
    hostile_warehouse(tmp_path / "data")
    codes = (SAME, CORRECTED, HIDDEN, ADDED)
    first = project(tmp_path, codes)
    first.out = tmp_path / "runs" / "first"
    assert first.run(*(part for code in codes[:-1] for part in ("--territory", code))).returncode == 0
    before = read_findings(first.run_folder).query("lang == 'en'").groupby("territory")["value"].first()

    deliver_again(tmp_path / "data" / "warehouse", corrected, "a correction\n")
    second = project(tmp_path, codes)
    second.out = tmp_path / "runs" / "second"
    done = second.run("--since", str(first.out))
    assert done.returncode == 0, done.stdout + done.stderr

    assert "Nothing has changed: 2 findings, as they were." in changed(second, SAME)
    assert "Rien n’a changé" in changed(second, SAME, "fr")
    assert "has no report of this territory" in changed(second, ADDED)
    said = changed(second, CORRECTED)
    assert re.search(r"What has changed since the run first of \d+\s\w+ \d{4}", said)
    assert f"{before[CORRECTED]:.1f}% → and now {before[CORRECTED] + 1.5:.1f}%" in said
    assert "2 findings compared: 2 revised with the data." in said
    assert "Revised: the data changed." in said
    hidden = changed(second, HIDDEN)
    assert "withheld today" in hidden
    assert f"{before[HIDDEN]:.1f}" not in hidden
    assert "2 findings compared: 2 revised with the data." in hidden
    assert not re.search(r"\d%(?! threshold)", hidden)
    assert not second.run_folder.earlier.exists()
    assert second.leftovers() == []

    attempts = {name: record.attempts for name, record in second.records().items()}
    assert second.run("--since", str(first.out)).returncode == 0
    assert {name: record.attempts for name, record in second.records().items()} == attempts

    foreign = project(tmp_path, (SAME,))
    foreign.out = tmp_path / "runs" / "foreign"
    text = foreign.plan.read_text(encoding="utf-8")
    foreign.plan.write_text(text.replace("evaluation: petit", "evaluation: grand"), encoding="utf-8")
    refused = foreign.run("--since", str(first.out))
    assert refused.returncode == 2
    assert "EVK-RUN-038" in refused.stderr
    assert not foreign.out.exists()
