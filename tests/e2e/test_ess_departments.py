"""The weight of the social economy in five departments, from the real table of Insee: a context, and no structure invented."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from runs_samples import ROOT, Run, check_page, evalkit, words

PLAN = ROOT / "examples" / "ess_departments" / "evaluation.yaml"
TEMPLATE = "ess_programme"
# Part de l'économie sociale dans l'emploi salarié, 2008 et 2014 : Insee, indicateurs territoriaux de développement durable
SHARES = {"11": (11.8, 12.8), "30": (11.9, 11.9), "34": (11.4, 11.2), "48": (27.4, 27.9), "66": (12.9, 13.3)}


@pytest.fixture(scope="module")
def warehouse(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("ess") / "warehouse"
    evalkit(
        "data", "add", shared_data / "insee_itdd_2016" / "itdd_long.csv", "--as", "insee_itdd", "--warehouse", store
    )
    return store


def _run(warehouse: Path, out: Path, *territories: str) -> Run:
    wanted = [part for code in territories for part in ("--territory", code)]
    evalkit("run", PLAN, "--warehouse", warehouse, "--out", out, "--workers", 1, *wanted)
    return Run(out)


@pytest.fixture(scope="module")
def two(warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return _run(warehouse, tmp_path_factory.mktemp("two") / "run", "34", "48")


def check_share(run: Run, code: str) -> None:
    found = run.finding(code, "ess_part")
    assert (found["period"], found["status"]) == ("2014", "published")
    assert found["value"] == pytest.approx(SHARES[code][1], abs=0.05)
    assert (found["role"], found["level"], found["territory"]) == ("context", "department", code)
    rows = {row["period"]: float(row["value"]) for row in run.rows(TEMPLATE, code, "trend-ess_part")}
    assert rows == pytest.approx(dict(zip(("2008", "2014"), SHARES[code], strict=True)), abs=0.05)


def test_the_plan_is_accepted_without_a_warning(warehouse: Path) -> None:
    told = evalkit("check", PLAN, "--warehouse", warehouse)
    assert "5 reports" in told
    assert "EVK-" not in told


@pytest.mark.parametrize("code", ["34", "48"])
def test_the_share_is_that_of_the_file(two: Run, code: str) -> None:
    check_share(two, code)
    said = words(two.page(TEMPLATE, code)).replace("\u202f", " ").replace("\xa0", " ")
    assert f"{SHARES[code][1]} % en 2014".replace(".", ",") in said
    check_page(two.page(TEMPLATE, code), code)


@pytest.mark.parametrize("code", ["34", "48"])
def test_a_neutral_share_is_not_coloured(two: Run, code: str) -> None:
    found = two.finding(code, "ess_part")
    assert pd.isna(found["verdict"])
    assert not re.search("(plus|moins) favorable", words(two.page(TEMPLATE, code)))


@pytest.mark.parametrize("code", ["34", "48"])
def test_what_is_not_known_of_structures_is_said(two: Run, code: str) -> None:
    structures = two.findings[(two.findings["territory"] == code) & (two.findings["indicator"] != "ess_part")]
    assert set(structures["indicator"]) >= {"ess_survie3", "ess_survie5", "ess_siae_sortie", "ess_cost_job"}
    judged = structures[structures["criterion"].notna()]
    assert set(judged["verdict"]) == {"cannot_tell"}


@pytest.mark.parametrize("code", ["34", "48"])
def test_no_zero_is_made_of_what_is_not_known(two: Run, code: str) -> None:
    structures = two.findings[(two.findings["territory"] == code) & (two.findings["indicator"] != "ess_part")]
    assert structures["value"].isna().all(), "a table without structures does not say that there is none"
    assert set(structures["status"]) == {"missing"}
    assert "0 structure soutenue" not in words(two.page(TEMPLATE, code))


def test_data_quality_is_that_of_what_has_a_series(two: Run) -> None:
    has_series = two.findings["indicator"] == "ess_part"
    assert set(two.findings.loc[has_series, "data_quality"]) <= set("ABCD")
    assert two.findings.loc[~has_series, "data_quality"].isna().all()


@pytest.mark.slow
def test_five_departments(warehouse: Path, tmp_path: Path) -> None:
    run = _run(warehouse, tmp_path / "run")
    assert [path.stem for path in run.reports] == sorted(SHARES)
    for code in SHARES:
        check_share(run, code)
        check_page(run.page(TEMPLATE, code), code)
    assert pd.read_csv(run.root / "findings.csv", dtype="str")["territory"].isin(list(SHARES)).all()
