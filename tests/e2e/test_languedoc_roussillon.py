"""The real example: official files of Languedoc-Roussillon, through the whole street, checked against the files themselves."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import mean

import pandas as pd
import pytest
from runs_samples import ROOT, Run, check_page, evalkit, words

from evalkit.data.deflate import load_deflator
from evalkit.report import canonical_hash

PLAN = ROOT / "examples" / "languedoc_roussillon" / "evaluation.yaml"
PORTRAIT = "territory_portrait"
MOSSON, FLEMING = "QP034005", "QP011005"
SECRET_2021 = frozenset(
    {"QP011005", "QP011006", "QP030017", "QP034009", "QP034013", "QP034016", "QP066006", "QP066009"}
)
BREAKS = ("2016", "2018", "2019", "2020", "2021")
ABSENT = r"insee_qpv_census_2010|sdes_rpls_qpv|dvf_qpv_aggregated|insee_filosofi_commune|insee_filosofi_epci"


@pytest.fixture(scope="module")
def panel(shared_data: Path) -> pd.DataFrame:
    """The producer's own panel, for the 60 districts."""
    path = shared_data / "insee_qpv_revenus_2012_2021" / "qpv_revenus_panel.csv"
    table = pd.read_csv(path, dtype={"code_qp": "str"})
    return table[table["code_qp"].str[2:5].isin(["011", "030", "034", "048", "066"])]


@pytest.fixture(scope="module")
def said() -> list[str]:
    """What the commands said while the data came in."""
    return []


@pytest.fixture(scope="module")
def warehouse(shared_data: Path, tmp_path_factory: pytest.TempPathFactory, said: list[str]) -> Path:
    """The incomes, the list and the Hackaviz table: what the fast tests need."""
    store = tmp_path_factory.mktemp("lr") / "warehouse"
    income, hackaviz = shared_data / "insee_qpv_revenus_2012_2021", shared_data / "hackaviz2021_qpv_occitanie"
    for dataset, files in {
        "insee_qpv_list": [income / "qpv_liste_2015.csv"],
        "insee_qpv_income": [income / "qpv_revenus_panel.csv"],
        "hackaviz_qpv_2021": [hackaviz / "qp.csv", hackaviz / "qp.geojson", hackaviz / "communes.geojson"],
    }.items():
        said.append(evalkit("data", "add", *files, "--as", dataset, "--warehouse", store))
    return store


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's plan without the data sets that the fast tests leave out."""
    path = tmp_path_factory.mktemp("plan") / "evaluation.yaml"
    kept = [
        line for line in PLAN.read_text(encoding="utf-8").splitlines() if not re.search(f"dataset: ({ABSENT})", line)
    ]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def two(plan: Path, warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Two districts: one that is published throughout, one that is secret in 2021."""
    out = tmp_path_factory.mktemp("two") / "run"
    wanted = ("--territory", MOSSON, "--territory", FLEMING)
    evalkit("run", plan, "--warehouse", warehouse, "--out", out, "--workers", 1, *wanted)
    return Run(out)


@pytest.fixture(scope="module")
def sixty(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The whole example, as `make example` runs it, in a project folder of its own."""
    project = tmp_path_factory.mktemp("example")
    (project / "examples").symlink_to(ROOT / "examples")
    (project / ".venv").symlink_to(Path(sys.prefix))
    shutil.copy(ROOT / "tools" / "example", project / "example")
    done = subprocess.run(
        ["bash", project / "example", str(shared_data), "--workers", "2"], cwd=project, capture_output=True, text=True,
        timeout=1500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return Run(project / "runs" / "languedoc_roussillon")


# -- the facts, whichever run they are read from -----------------------------------------------------------------


def check_mosson(run: Run, panel: pd.DataFrame) -> None:
    """Spot values of Mosson, Montpellier: as the panel has them, incomes in the prices of the plan."""
    poverty = run.finding(MOSSON, "in_tp60", criterion=None)
    assert (poverty["period"], poverty["value"], poverty["status"]) == ("2020", 57.8, "published")
    income = run.finding(MOSSON, "in_med", criterion=None)
    assert (income["period"], income["value"]) == ("2020", 12650.0)
    raw = panel[panel["code_qp"] == MOSSON].set_index("annee")["revenu_median"]
    index = load_deflator("insee_cpi").index
    series = {row["period"]: float(row["value"]) for row in run.rows(PORTRAIT, MOSSON, "trend-in_med")}
    assert series["2020"] == 12650.0
    for year in (2012, 2015):
        assert series[str(year)] == pytest.approx(raw[year] * index[2020] / index[year])
        assert series[str(year)] > raw[year], "prices rose"


def check_change(run: Run, panel: pd.DataFrame) -> None:
    """The gap in change 2012-2015, recomputed from the producer's file: own change minus the mean of the 59 others."""
    wide = panel.pivot_table(index="code_qp", columns="annee", values="taux_pauvrete", aggfunc="first", dropna=False)
    changes = (wide[2015] - wide[2012]).dropna()
    expected = changes[MOSSON] - mean(changes.drop(MOSSON))
    found = run.finding(MOSSON, "in_tp60", criterion="C1.1")
    assert found["value"] == pytest.approx(expected)
    assert (found["n"], found["period"], found["comparator"]) == (59, "2012/2015", "region")
    assert found["comparator_value"] == pytest.approx(mean(changes.drop(MOSSON)))
    assert found["lower"] < 0 < found["upper"]
    assert (found["verdict"], found["role"], found["question"]) == ("cannot_tell", "primary", "Q1")


def check_secret(run: Run, territory: str) -> None:
    """2021 is secret, in the data, in the table and in words; never zero."""
    rows = {row["period"]: row for row in run.rows(PORTRAIT, territory, "trend-in_tp60")}
    assert (rows["2021"]["status"], rows["2021"]["value"]) == ("secret", "")
    assert not [row for row in rows.values() if row["value"] in ("0", "0.0")]
    page = run.page(PORTRAIT, territory)
    assert re.search(r"2021\s+secret\b", words(page))
    assert "Un signe évidé est une valeur couverte par le secret (2021)" in words(page)


def check_region(run: Run, panel: pd.DataFrame, territory: str) -> None:
    """The comparators of a district are the 59 others of the former region, secret ones left out and counted."""
    wide = panel.pivot_table(index="code_qp", columns="annee", values="taux_pauvrete", aggfunc="first", dropna=False)
    assert len(wide) == 60
    for row in run.rows(PORTRAIT, territory, "trend-in_tp60"):
        others = wide[int(row["period"])].drop(territory)
        assert float(row["comparator_median"]) == pytest.approx(others.median())
        assert (int(row["comparator_n"]), int(row["comparator_total"])) == (others.notna().sum(), 59)


def check_breaks(run: Run, territory: str) -> None:
    """The five breaks of the series are marked on its chart and said under it."""
    svg = run.svg(PORTRAIT, territory, "trend-in_tp60")
    assert f"ruptures de série : {', '.join(BREAKS)}" in svg.replace("\xa0", " ")
    assert "stroke-dasharray" in svg
    assert f"marquent les ruptures de série ({', '.join(BREAKS)})" in words(run.page(PORTRAIT, territory))


def check_codes(run: Run) -> None:
    """The table of findings opens with its codes as text."""
    path = run.root / "findings.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf"), "a spreadsheet would read the accents wrong"
    table = pd.read_csv(path, dtype="str", keep_default_na=False)
    assert table["territory"].str.fullmatch(r"QP0(11|30|34|66)\d{3}").all()
    assert list(table.columns) == list(run.findings.columns)
    assert run.findings["territory"].map(type).eq(str).all()


# -- the fast subset ---------------------------------------------------------------------------------------------


def test_the_incomes_of_hackaviz_are_dated_2015_with_a_warning(said: list[str], warehouse: Path) -> None:
    told = "\n".join(said)
    assert "income of 2015, although the file is published as 2017" in told
    from evalkit.data.warehouse import Warehouse

    rows = Warehouse.open(warehouse).all_observations(indicators=["in_tp60", "in_med_decl", "in_d9d1"], level="qpv")
    hackaviz = rows[rows["source"] == "hackaviz_qpv_2021"]
    assert set(hackaviz["period"]) == {"2015"}


def test_zeros_that_cannot_be_true_are_missing(two: Run) -> None:
    found = two.finding(FLEMING, "em_de_abcde")
    assert (found["status"], pd.isna(found["value"])) == ("missing", True)


def test_the_median_poverty_of_the_sixty(warehouse: Path, panel: pd.DataFrame) -> None:
    from evalkit.data.warehouse import Warehouse

    codes = sorted(set(panel["code_qp"]))
    rows = Warehouse.open(warehouse).observations(
        ["in_tp60"], codes, level="qpv", geography="2015", periods=["2020", "2021"]
    )
    values = rows.set_index(["period", "territory"])
    assert values.loc["2020", "value"].median() == pytest.approx(48.15)
    statuses = values.loc["2021", "status"]
    assert statuses.value_counts().to_dict() == {"published": 52, "secret": 8}
    assert set(statuses[statuses == "secret"].index) == SECRET_2021
    both = values.loc["2021", "value"].dropna().index
    assert values.loc["2020", "value"][both].median() == pytest.approx(47.95)
    assert values.loc["2021", "value"][both].median() == pytest.approx(50.0)


def test_spot_values(two: Run, panel: pd.DataFrame) -> None:
    check_mosson(two, panel)


def test_the_change_recomputed(two: Run, panel: pd.DataFrame) -> None:
    check_change(two, panel)


def test_a_secret_year_is_said_secret(two: Run) -> None:
    check_secret(two, FLEMING)
    rows = {row["period"]: row for row in two.rows(PORTRAIT, MOSSON, "trend-in_tp60")}
    assert (rows["2021"]["status"], rows["2021"]["value"]) == ("published", "62.0")


@pytest.mark.parametrize("territory", [MOSSON, FLEMING])
def test_a_report(two: Run, panel: pd.DataFrame, territory: str) -> None:
    check_page(two.page(PORTRAIT, territory), territory)
    check_region(two, panel, territory)
    check_breaks(two, territory)


def test_no_change_is_told_across_a_break(two: Run) -> None:
    figure = json.loads((two.root / "reports" / "fr" / PORTRAIT / FLEMING / "trend-in_tp60.json").read_text("utf-8"))
    assert "en hausse de" not in figure["alt"]
    assert "en baisse de" not in figure["alt"]


def test_a_title_says_the_years_once(two: Run) -> None:
    assert "2015-2023, 2015-2023" not in two.page(PORTRAIT, MOSSON)


def test_codes_stay_text(two: Run) -> None:
    check_codes(two)
    assert set(two.findings["territory"]) == {MOSSON, FLEMING}


def test_nothing_is_said_in_another_language(two: Run) -> None:
    for territory in (MOSSON, FLEMING):
        assert not re.search(r"\b(indicators|the|with|published)\b", words(two.page(PORTRAIT, territory)))


def test_the_same_inputs_give_the_same_page(two: Run, plan: Path, warehouse: Path, tmp_path: Path) -> None:
    out = tmp_path / "again"
    evalkit("run", plan, "--warehouse", warehouse, "--out", out, "--workers", 1, "--territory", MOSSON)
    again = Run(out)
    assert canonical_hash(again.page(PORTRAIT, MOSSON)) == canonical_hash(two.page(PORTRAIT, MOSSON))
    folder = Path("reports") / "fr" / PORTRAIT / MOSSON
    files = sorted(path.name for path in (two.root / folder).iterdir())
    assert files == sorted(path.name for path in (out / folder).iterdir())
    assert all((two.root / folder / name).read_bytes() == (out / folder / name).read_bytes() for name in files)
    columns = [name for name in two.findings if name not in ("run", "origin_run")]
    same = two.findings[two.findings["territory"] == MOSSON][columns].reset_index(drop=True)
    pd.testing.assert_frame_equal(same, again.findings[columns].reset_index(drop=True))


def _naive(text: str, *, reason: str = "") -> str:
    wanted = "indicator: in_tp60\n"
    assert text.count("from: 2012, to: 2015}") == 2
    assert wanted in text
    more = f", across_breaks: {reason}" if reason else ""
    return text.replace("from: 2012, to: 2015}", f"from: 2014, to: 2020{more}}}", 1)


def test_a_change_from_2014_to_2020_is_refused(plan: Path, warehouse: Path, tmp_path: Path) -> None:
    naive = tmp_path / "evaluation.yaml"
    naive.write_text(_naive(plan.read_text(encoding="utf-8")), encoding="utf-8")
    told = evalkit("check", naive, "--warehouse", warehouse, code=2)
    [line] = [line for line in told.splitlines() if "EVK-PLAN-021" in line]
    assert all(year in line for year in (*BREAKS[:4], "2012-2015", "across_breaks"))
    assert re.match(r".*evaluation\.yaml:\d+: ", line)
    out = tmp_path / "run"
    evalkit("run", naive, "--warehouse", warehouse, "--out", out, code=2)
    assert not out.exists(), "nothing is half-written"


def test_a_stated_reason_lets_it_pass(plan: Path, warehouse: Path, tmp_path: Path) -> None:
    stated = tmp_path / "evaluation.yaml"
    stated.write_text(_naive(plan.read_text(encoding="utf-8"), reason="aucune autre année"), encoding="utf-8")
    assert "EVK-PLAN-021" not in evalkit("check", stated, "--warehouse", warehouse)


# -- the whole example -------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.timeout(1800)
class TestSixty:
    """Sixty districts, every data set of the example."""

    def test_sixty_reports_and_all_is_well(self, sixty: Run) -> None:
        assert len(sixty.reports) == 60
        shown = json.loads(evalkit("runs", "show", sixty.root, "--json"))
        assert shown["counts"] == {"ok": 60}
        assert {task["territory"] for task in shown["tasks"]} == set(sixty.findings["territory"])

    def test_the_portfolio_lists_all(self, sixty: Run) -> None:
        codes = set(re.findall(r"reports/fr/territory_portrait/(QP\d{6})\.html", sixty.portfolio))
        assert codes == set(sixty.findings["territory"])
        assert len(codes) == 60
        assert "60 rapports publiés sur 60" in words(sixty.portfolio)

    @pytest.mark.parametrize("check", [check_mosson, check_change])
    def test_against_the_files(
        self, sixty: Run, panel: pd.DataFrame, check: Callable[[Run, pd.DataFrame], None]
    ) -> None:
        check(sixty, panel)

    def test_every_value_is_the_files(self, sixty: Run, panel: pd.DataFrame) -> None:
        wide = panel[panel["annee"] == 2020].set_index("code_qp")
        found = sixty.findings[sixty.findings["criterion"].isna() & (sixty.findings["breakdown"] == "none")]
        for indicator, column in {"in_tp60": "taux_pauvrete", "in_med": "revenu_median"}.items():
            values = found[found["indicator"] == indicator].set_index("territory")
            assert len(values) == 60
            assert set(values["period"]) == {"2020"}
            pd.testing.assert_series_equal(
                values["value"].sort_index(),
                wide[column].sort_index(),
                check_names=False,
                check_dtype=False,
                check_index_type=False,
            )

    def test_eight_districts_are_secret_in_2021(self, sixty: Run) -> None:
        secret = set()
        for path in sixty.reports:
            rows = {row["period"]: row for row in sixty.rows(PORTRAIT, path.stem, "trend-in_tp60")}
            if rows["2021"]["status"] == "secret":
                check_secret(sixty, path.stem)
                secret.add(path.stem)
        assert secret == SECRET_2021

    def test_every_page(self, sixty: Run, panel: pd.DataFrame) -> None:
        for path in sixty.reports:
            check_page(path.read_text(encoding="utf-8"), path.stem)
            check_breaks(sixty, path.stem)
            check_region(sixty, panel, path.stem)

    def test_codes_stay_text(self, sixty: Run) -> None:
        check_codes(sixty)

    def test_no_interval_across_zero_is_judged(self, sixty: Run) -> None:
        judged = sixty.findings[sixty.findings["criterion"].notna()]
        assert len(judged) == 60 * 5
        crosses = judged[(judged["lower"] < 0) & (judged["upper"] > 0) & judged["method"].isin(["before_after", "gap"])]
        assert set(crosses["verdict"]) == {"cannot_tell"}
        assert set(judged[judged["value"].isna()]["verdict"]) <= {"cannot_tell"}

    def test_what_is_judged_is_of_the_plans_year(self, sixty: Run) -> None:
        judged = sixty.findings[sixty.findings["criterion"].notna()]
        periods = {"C1.1": "2012/2015", "C2.1": "2012/2015", "C3.1": "2010", "C3.2": "2010", "C4.1": "2022"}
        assert (judged["period"] == judged["criterion"].map(periods)).all()

    def test_given_again_nothing_runs(self, sixty: Run, tmp_path: Path) -> None:
        again = Run(shutil.copytree(sixty.root, tmp_path / sixty.root.name))
        store = sixty.root.parents[1] / "data" / "languedoc_roussillon"
        before = {path: path.stat().st_mtime_ns for path in again.reports}
        evalkit("run", PLAN, "--warehouse", store, "--out", again.root, timeout=300)
        assert {path: path.stat().st_mtime_ns for path in again.reports} == before
