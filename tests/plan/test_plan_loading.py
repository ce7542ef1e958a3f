"""Reading a plan: what the frozen model holds, and how each structural mistake is said."""

from __future__ import annotations

import datetime
import pickle
from pathlib import Path

import pytest
from plan_samples import HEAD, codes_of, criterion

from evalkit.errors import PlanError
from evalkit.model.plan import Comparison, DataSource, Disclosure, Level, Link, Prices, Selection
from evalkit.model.texts import LocalText
from evalkit.plan import load_plan

FULL = """\
evaluation: lr-contrats
title: {fr: "Contrats", en: "Contracts"}
programme: {kind: contrat_de_ville, start: 2015, end: 2023, name: Contrats de ville, id: cdv}
territories:
  level: qpv
  geography: 2015
  select: {department: ["11", "2A"], region_2015: ["91"], tag: [reported]}
  limit: 5
languages: [en, fr]
disclosure: {minimum_count: 11}
seed: 7
comparators:
  - {id: region, kind: territories, same: region_2015}
  - {id: named, kind: territories, codes: [QP034005], label: Nommés}
theory_of_change:
  nodes:
    - {id: N1, kind: input, text: Crédits}
    - {id: N2, kind: impact, text: Pauvreté, indicators: [in_tp60]}
  links: [{from: N1, to: N2, assumption: si}]
questions:
  - id: Q1
    criterion: effectiveness
    text: Une question
    criteria:
      - id: C1
        text: Un critère
        indicator: in_tp60
        design: {method: before_after, comparator: region, from: 2012, to: "2015"}
        met_if: "upper < 0"
        not_met_if: "lower > 0"
indicators:
  - id: in_tp60
    role: primary
    baseline: {period: 2014}
    milestones: [{period: 2018, value: 52, source: annexe}]
    target: {value: 50.5, unit: percent, period: 2022, source: annexe}
  - {id: in_med}
  - {id: ec_etab, breakdowns: [none], prices: current}
templates: [{name: territory_portrait, parameters: {reference_period: 2020, axes: [a, b]}}]
data: {warehouse: ../donnees, sources: [{dataset: insee_qpv_income, vintage: 2021}]}
judgement: {fixed_on: 2026-03-01, before_results: true}
users: Élus
contact: a@example.org
data_as_of: "2022-12-31"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "evaluation.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def load(folder: Path, catalogue, text: str):
    return load_plan(write(folder, text), catalogue=catalogue)


def refusal(folder: Path, catalogue, text: str, lang: str = "en") -> list[str]:
    with pytest.raises(PlanError) as refused:
        load(folder, catalogue, text)
    return [problem.render(lang).replace(f"{folder}/", "") for problem in refused.value.problems]


def test_a_full_plan(tmp_path, catalogue):
    plan = load(tmp_path, catalogue, FULL)
    assert plan.territories.geography == "2015"
    chosen = Selection((), {"department": ("11", "2A"), "region_2015": ("91",)}, ("reported",), 5)
    assert plan.territories.selection == chosen
    assert plan.languages == ("en", "fr")
    assert plan.programme.name == LocalText(en="Contrats de ville")
    assert plan.disclosure == Disclosure("minimum_count", 11)
    assert plan.comparator("region").same == ("region", "2015")
    assert plan.comparator("named").selection == Selection(("QP034005",))
    assert plan.links == (Link("N1", "N2", LocalText(en="si")),)
    question, first = plan.criterion("C1")
    assert question.dac_criterion == "effectiveness"
    assert (first.design.start, first.design.end, first.breakdown) == ("2012", "2015", "none")
    assert first.met_if.comparisons == (Comparison("upper", "<", 0.0),)
    poverty = plan.indicator("in_tp60")
    assert poverty.target == Level("2022", 50.5, "percent", "annexe")
    assert poverty.baseline == Level("2014")
    assert poverty.milestones == (Level("2018", 52.0, None, "annexe"),)
    assert plan.sources == (DataSource("insee_qpv_income", "2021"),)
    assert plan.warehouse == tmp_path / "../donnees"
    assert plan.judgement.fixed_on == datetime.date(2026, 3, 1)
    assert plan.data_as_of == datetime.date(2022, 12, 31)
    assert plan.templates[0].parameters == {"reference_period": 2020, "axes": ["a", "b"]}
    assert len(plan.sha256) == 64
    assert pickle.loads(pickle.dumps(plan)) == plan  # noqa: S301 - our own bytes: plans travel to worker processes


def test_money_is_in_constant_prices_of_the_last_period_unless_said_otherwise(tmp_path, catalogue):
    plan = load(tmp_path, catalogue, FULL)
    assert plan.indicator("in_med").prices == Prices(2020)
    assert plan.indicator("in_tp60").prices is None
    assert plan.indicator("ec_etab").prices == Prices(None)
    own = load(tmp_path, catalogue, HEAD + "indicators: [{id: in_med, prices: {constant: 2018, deflator: prix.csv}}]\n")
    assert own.indicator("in_med").prices == Prices(2018, str(tmp_path / "prix.csv"))
    bare = load(tmp_path, catalogue, HEAD + "indicators: [{id: in_med}]\n")
    assert bare.indicator("in_med").prices == Prices(2015)


def test_defaults(tmp_path, catalogue):
    plan = load(tmp_path, catalogue, HEAD + "indicators: [{id: in_tp60}]\n")
    assert (plan.languages, plan.seed, plan.questions, plan.warehouse) == (("fr",), 0, (), None)
    assert plan.disclosure == Disclosure()
    assert plan.title == LocalText(fr="Un essai")
    assert plan.indicator("in_tp60").role == "secondary"


@pytest.mark.parametrize(
    ("content", "codes", "problems"),
    [
        ("QP034005\n\n# note\nQP011001\n", ("QP034005", "QP011001"), []),
        ("\ufeffnom;code\nLa Paillade;QP034005\n", ("QP034005",), []),
        ("Quartier,nom\nQP034005,x\nQP034005,y\n", ("QP034005",), []),
        ("code\n", (), ["a.csv: EVK-PLAN-016 the territory file a.csv cannot be read, it holds no code"]),
    ],
)
def test_a_territory_file(tmp_path, catalogue, content, codes, problems):
    (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    text = HEAD.replace("codes: [QP034005, QP011001]", "file: a.csv") + "indicators: [{id: in_tp60}]\n"
    if problems:
        assert refusal(tmp_path, catalogue, text) == problems
    else:
        assert load(tmp_path, catalogue, text).territories.selection.codes == codes


def test_a_wrong_territory_file_is_told_at_its_own_line(tmp_path, catalogue):
    text = HEAD.replace("codes: [QP034005, QP011001]", "file: a.csv") + "indicators: [{id: in_tp60}]\n"
    assert refusal(tmp_path, catalogue, text) == [
        (
            "evaluation.yaml:4: EVK-PLAN-016 the territory file a.csv cannot be read, the file does not exist "
            "@ $.territories.file"
        )
    ]
    (tmp_path / "a.csv").write_text('code\nQP034005\n"><script>\n', encoding="utf-8")
    assert refusal(tmp_path, catalogue, text) == [
        (
            "a.csv:3: EVK-PLAN-005 '><script>' cannot be a territory code: "
            "letters, digits, _ . and - only, at most 64 characters"
        )
    ]
    (tmp_path / "a.csv").write_bytes("code\nQuartier \xe9".encode("latin-1"))
    assert "not UTF-8" in refusal(tmp_path, catalogue, text)[0]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("11", '11 is a number, a code is text: write "11"'),
        ("01004", '01004 is a number, a code is text: write "01004"'),
        ("08001", '08001 is a number, a code is text: write "08001"'),
        ("1e3", '1e3 is a number, a code is text: write "1e3"'),
        ("34_172", '34_172 is a number, a code is text: write "34_172"'),
        ("NO", 'NO is a yes or no, a code is text: write "NO"'),
        ("2015-01-01", '2015-01-01 is a date, a code is text: write "2015-01-01"'),
        ("~", '~ is nothing, a code is text: write "~"'),
    ],
)
def test_codes_that_yaml_reads_as_something_else(tmp_path, catalogue, written, said):
    text = HEAD.replace("QP011001", written) + "indicators: [{id: in_tp60}]\n"
    place = "@ $.territories.codes[1]"
    assert refusal(tmp_path, catalogue, text) == [f"evaluation.yaml:4: EVK-PLAN-004 {said} {place}"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seed: -1", "EVK-PLAN-015 -1 is too small for 'seed': the limit is 0 @ $.seed"),
        ('seed: "1"', "EVK-PLAN-006 a text stands where a whole number is expected @ $.seed"),
        ("contact: 12", 'EVK-PLAN-006 12, a number, stands where a text is expected: write "12" @ $.contact'),
        ("languages: fr", 'EVK-PLAN-006 a text stands where a list is expected: write ["fr"] @ $.languages'),
        ("languages: []", "EVK-PLAN-008 'languages' is empty: give at least one value, or leave the key out if it is optional @ $.languages"),
        ("publisher: ''", "EVK-PLAN-008 'publisher' is empty: give at least one value, or leave the key out if it is optional @ $.publisher"),
        ("disclosure: by_producers", ("EVK-PLAN-007 'by_producers' is not a possible value of 'disclosure', did you mean 'by_producer'? "
            "@ $.disclosure")),
        ("data_as_of: hier", "EVK-PLAN-006 a text stands where a date (2026-03-01) is expected @ $.data_as_of"),
        ("data: {warehous: x}", "EVK-PLAN-002 unknown key 'warehous', did you mean 'warehouse'? @ $.data.warehous"),
        ("judgement: {fixed_on: 2026-03-01, before_results: oui}", ("EVK-PLAN-006 a text stands where true or false is expected "
            "@ $.judgement.before_results")),
        ("no: 1", "EVK-PLAN-002 unknown key 'no' @ $.no"),
        ("questions: {Q1: x}", "EVK-PLAN-006 a group of keys stands where a list is expected @ $.questions"),
    ],
)  # fmt: skip
def test_each_mistake_is_said_once_with_its_place(tmp_path, catalogue, text, expected):
    found = refusal(tmp_path, catalogue, HEAD + text + "\nindicators: [{id: in_tp60}]\n")
    assert found == [f"evaluation.yaml:10: {expected}"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("codes: [QP034005, QP011001]", "limit: 2", "017"),
        ("codes: [QP034005, QP011001]", "codes: [QP034005], file: a.csv", "017"),
        ("codes: [QP034005, QP011001]", "codes: []", "008"),
        ("codes: [QP034005, QP011001]", 'select: {departement: ["11"]}', "007"),
        ("codes: [QP034005, QP011001]", 'codes: ["=HYPERLINK(1)"]', "005"),
        ("evaluation: essai", 'evaluation: "../essai"', "010"),
        ("title: Un essai\n", "", "003"),
        ("same: region_2015", "same: regoin_2015", "007"),
        ("name: territory_portrait", "name: a, parameters: {territory: x}", "018"),
        ("name: territory_portrait", "name: a, parameters: {ma-cle: x}", "018"),
        ("name: territory_portrait", "name: a, parameters: {jour: 2020-01-01}", "018"),
        ("end: 2023", "end: 2013", "014"),
        ("start: 2015", "start: 15", "015"),
        ("id: commune,", "id: region,", "013"),
    ],
)
def test_mistakes_in_the_head(tmp_path, catalogue, old, new, code):
    with pytest.raises(PlanError) as refused:
        load(tmp_path, catalogue, HEAD.replace(old, new) + "indicators: [{id: in_tp60}]\n")
    assert [problem.code.id for problem in refused.value.problems] == [f"EVK-PLAN-{code}"]


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ("{id: in_med, prices: constant}", "019"),
        ("{id: in_med, prices: {deflator: insee_cpi}}", "019"),
        ("{id: in_med, prices: curent}", "007"),
        ("{id: in_tp60, baseline: {period: 20144}}", "009"),
        ("{id: in_tp60, target: {period: 2020}}", "003"),
        ("{id: in_tp60, target: {period: 2020, value: .nan}}", "006"),
        ("{id: in_tp60, target: {period: 2020, value: 1, unit: percents}}", "007"),
    ],
)
def test_mistakes_in_an_indicator(tmp_path, catalogue, item, code):
    with pytest.raises(PlanError) as refused:
        load(tmp_path, catalogue, HEAD + f"indicators: [{item}]\n")
    assert [problem.code.id for problem in refused.value.problems] == [f"EVK-PLAN-{code}"]


def test_a_criterion_without_rule(check):
    checked = check(criterion("method: gap, comparator: region", "not_met_if: 'lower > 0'"))
    assert codes_of(checked) == ["028"]
    assert checked[0] is None


def test_a_plan_with_warnings_is_accepted(check):
    plan, problems = check(criterion("method: gap, comparator: region", "met_if: 'upper < 0'"))
    assert plan is not None
    assert [problem.code.id for problem in problems] == ["EVK-PLAN-048"]
