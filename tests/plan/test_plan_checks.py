"""What a plan means: every refusal and warning that needs no data."""

from __future__ import annotations

import pytest
from plan_samples import HEAD, codes_of, criterion

from evalkit.errors import Problem
from evalkit.plan.codes import EMPTY

GAP = "method: gap, comparator: region"
SAFE = "met_if: 'upper < 0', not_met_if: 'lower > 0'"


def only(checked):
    """Return the one problem that a check found, in English, without the file."""
    assert len(checked[1]) == 1, [problem.render("en") for problem in checked[1]]
    return checked[1][0].render("en").split("evaluation.yaml:")[1]


def test_a_sound_plan_has_no_problem(check):
    plan, problems = check(criterion("method: before_after, comparator: region, from: 2012, to: 2015", SAFE))
    assert problems == []
    assert plan is not None


@pytest.mark.parametrize(
    ("design", "rules", "indicator", "codes"),
    [
        (GAP, SAFE, "in_tp61", ["020"]),
        ("method: gap, comparator: regoin", SAFE, "in_tp60", ["022"]),
        ("method: gap, comparator: rest", SAFE, "in_med", ["024"]),
        ("method: gap, comparator: rest", SAFE, "em_emploi", []),
        ("method: gap", SAFE, "in_tp60", ["042"]),
        ("method: before_after, comparator: region", SAFE, "in_tp60", ["042"]),
        ("method: before_after, from: 2015, to: 2012", SAFE, "in_tp60", ["043"]),
        ("method: before_after, from: 2014, to: 2020", SAFE, "in_tp60", ["021"]),
        ("method: before_after, from: 2014, to: 2020, across_breaks: mesuré par l'Insee", SAFE, "in_tp60", []),
        ("method: target", "met_if: 'value <= target', not_met_if: 'value > target'", "in_tp60", ["042"]),
        (GAP, "met_if: 'value < 0', not_met_if: 'lower > 0'", "in_tp60", ["036"]),
        (GAP, "met_if: 'upper < 0', not_met_if: 'value > 0'", "in_tp60", ["036"]),
        (GAP, SAFE + ", partly_if: 'value < 0'", "in_tp60", ["036"]),
        (GAP, "met_if: 'upper < 0', not_met_if: 'lower > 0 and upper < 0'", "in_tp60", ["038"]),
        (GAP, "met_if: 'upper < 0', not_met_if: 'upper < -2'", "in_tp60", ["037"]),
        (GAP, "met_if: 'upper < 0'", "in_tp60", ["048"]),
        (GAP, "met_if: 'upper < 0 and value < baseline', not_met_if: 'lower > 0'", "in_tp60", ["044"]),
        (GAP, "met_if: 'upper < 0 and delivered > 1', not_met_if: 'lower > 0'", "in_tp60", ["044"]),
        ("method: before_after, from: 2012, to: 2015", "met_if: 'upper < 0 and comparator > 1', not_met_if: 'lower > 0'", "in_tp60", ["044"]),
        ("method: level", "met_if: 'value > 60', not_met_if: 'value <= 60'", "in_tp60", []),
        ("method: level", "met_if: 'value > 60', not_met_if: 'upper < 60'", "em_emploi", ["036"]),
        ("method: level", "met_if: 'lower > 60', not_met_if: 'upper < 60'", "em_emploi", []),
        ("method: level", "met_if: 'lower > 60', not_met_if: 'value < 60'", "in_tp60", ["039"]),
        ("method: delivery", "met_if: 'value >= 90', not_met_if: 'value < 75', partly_if: 'value >= 75 and value < 90'", "ur_demol", []),
        ("method: survival", "met_if: 'value > 0', not_met_if: 'upper < 0'", "in_tp60", ["036"]),
        (GAP, SAFE, "ig_etr", ["040"]),
    ],
)  # fmt: skip
def test_criteria(check, design, rules, indicator, codes):
    found = codes_of(check(criterion(design, rules, indicator)))
    if indicator == "in_tp61":
        codes = [*codes, *codes]  # where it is listed and where it is used
        found = [*found, *found][:2]
    assert found == codes


@pytest.mark.parametrize(
    ("levels", "codes"),
    [
        ("target: {value: 50, period: 2022, source: a}", []),
        ("target: {value: 50, period: 2022}", ["033"]),
        ("target: {value: 50, period: 2022, source: a, unit: point}", ["030"]),
        ("baseline: {period: 2014, value: 52, unit: euro, source: a}", ["030"]),
        ("baseline: {period: 2014, value: 52}", ["033"]),
        ("baseline: {period: 2022}, target: {value: 50, period: 2022, source: a}", ["031"]),
        ("baseline: {period: 2014}, milestones: [{period: 2014, value: 1, source: a}]", ["032"]),
        ("milestones: [{period: 2023, value: 1, source: a}], target: {value: 50, period: 2022, source: a}", ["032"]),
        ("baseline: {period: 2014}, milestones: [{period: 2018, value: 51, source: a}], target: {value: 50, period: 2022, source: a}", []),
        ("prices: current", ["041"]),
        ("breakdowns: [none, sex]", ["045"]),
    ],
)  # fmt: skip
def test_baselines_milestones_and_targets(check, levels, codes):
    assert codes_of(check(f"indicators: [{{id: in_tp60, {levels}}}]\n")) == codes


def test_units_are_compared_with_each_other_when_the_catalogue_does_not_know_the_indicator(check):
    text = "indicators: [{id: a, baseline: {period: 2014, unit: percent}, target: {value: 1, period: 2022, source: a, unit: point}}]\n"
    assert codes_of(check(text)) == ["020", "030"]


def test_levels(check):
    assert codes_of(check("indicators: [{id: ess_part}]\n")) == ["034"]
    plan, problems = check("indicators: [{id: ess_part, role: context}]\n")
    assert [problem.code.id for problem in problems] == ["EVK-PLAN-035"]
    assert plan is not None
    assert codes_of(check("indicators: [{id: ur_demol}]\n")) == []
    narrow = HEAD.replace("level: commune}", "level: department}")
    text = criterion("method: gap, comparator: commune", SAFE)
    assert codes_of(check(text, head=narrow)) == ["034"]


@pytest.mark.parametrize(
    ("comparator", "codes"),
    [
        ("{id: a, kind: parent}", ["023"]),
        ("{id: a, kind: rest_of_parent, level: iris}", ["023"]),
        ("{id: a, kind: parent, level: commune, same: region}", ["023"]),
        ("{id: a, kind: territories}", ["023"]),
        ("{id: a, kind: territories, same: qpv_2015}", ["023"]),
        ("{id: a, kind: territories, codes: [QP011002], same: region}", ["023"]),
        ("{id: a, kind: level, level: commune}", ["023"]),
        ("{id: a, kind: level}", []),
        ("{id: a, kind: plan}", []),
        ("{id: a, kind: plan, codes: [QP011002]}", ["023"]),
        ("{id: a, kind: territories, codes: [QN03401M]}", ["025"]),
        ("{id: a, kind: territories, codes: [QP011002], level: qpv}", []),
    ],
)
def test_comparators(check, comparator, codes):
    assert codes_of(check("indicators: [{id: in_tp60}]\n", head=HEAD.replace(
        "{id: commune, kind: parent, level: commune}", comparator))) == codes  # fmt: skip


def test_territories_of_another_geography(check):
    found = check("indicators: [{id: in_tp60}]\n", head=HEAD.replace("geography: 2015", "geography: 2024"))
    assert codes_of(found) == ["025", "025"]


@pytest.mark.parametrize(
    ("links", "codes"),
    [
        ("[{from: A, to: B}, {from: B, to: C}, {from: A, to: C}]", []),
        ("[{from: A, to: D}]", ["046"]),
        ("[{from: A, to: B}, {from: B, to: C}, {from: C, to: B}]", ["047"]),
        ("[{from: A, to: A}]", ["047"]),
    ],
)
def test_theory_of_change(check, links, codes):
    nodes = ", ".join(f"{{id: {name}, kind: input, text: x}}" for name in "ABC")
    theory = f"theory_of_change: {{nodes: [{nodes}], links: {links}}}\n"
    assert codes_of(check(theory + "indicators: [{id: in_tp60}]\n")) == codes


def test_a_step_with_an_unknown_indicator(check):
    theory = "theory_of_change: {nodes: [{id: A, kind: input, text: x, indicators: [in_tp6O]}]}\n"
    assert only(check(theory + "indicators: [{id: in_tp60}]\n")) == (
        "10: EVK-PLAN-020 unknown indicator 'in_tp6O', did you mean 'in_tp60'? "
        "@ $.theory_of_change.nodes[0].indicators[0]"
    )


def test_a_criterion_on_an_indicator_that_the_plan_does_not_list(check):
    text = criterion(GAP, SAFE).replace("indicators: [{id: in_tp60}]", "indicators: [{id: in_med}]")
    assert "EVK-PLAN-027 the criterion C1 uses in_tp60" in only(check(text))


def test_more_than_four_criteria(check):
    text = criterion(GAP, SAFE)
    line = text.splitlines()[-1]
    five = text + "".join(line.replace("id: C1", f"id: C{i}") + "\n" for i in range(2, 6))
    assert codes_of(check(five)) == ["029"]
    assert codes_of(check(five.replace("id: C5", "id: C4"))) == ["013", "029"]


def test_the_same_indicator_twice(check):
    assert only(check("indicators:\n  - {id: in_tp60}\n  - {id: in_tp60}\n")) == (
        "12: EVK-PLAN-013 'in_tp60' is declared twice, first on line 11: keep one, or rename the other @ $.indicators[1].id"
    )


def test_breaks_are_told_with_spans_that_can_be_used(check):
    found = only(check(criterion("method: before_after, from: 2014, to: 2020", SAFE)))
    assert found == (
        "16: EVK-PLAN-021 in_tp60 has breaks in 2016, 2018, 2019, 2020: a change from 2014 to 2020 crosses them; "
        "choose 2014-2015, 2016-2017, or state 'across_breaks: <reason>', which lowers the grade "
        "@ $.questions[0].criteria[0].design"
    )
    assert "no two periods" in only(check(criterion("method: before_after, from: 2018, to: 2019", SAFE)))


def test_the_target_of_a_rule_is_the_target_of_the_plan(check):
    target = ", target: {value: 50, period: 2022, source: a}"
    design = "method: target, to: 2022"
    reached = check(criterion(design, "met_if: 'lower >= 50', not_met_if: 'upper < 50'", "em_emploi", target))
    assert codes_of(reached) == []
    missed = check(criterion(design, "met_if: 'lower >= 49', not_met_if: 'upper < 50'", "em_emploi", target))
    assert codes_of(missed) == ["036", "037"]
    neutral = check(criterion(design, "met_if: 'upper <= target', not_met_if: 'lower > target'", "ig_etr", target))
    assert "040" not in codes_of(neutral)


def test_a_breakdown_that_the_plan_does_not_use(check):
    text = criterion(GAP + "}, breakdown: 'sex=female', x: {a: b", SAFE, "em_emploi").replace(", x: {a: b}", "")
    assert codes_of(check(text)) == ["045"]
    listed = text.replace("[{id: em_emploi}]", "[{id: em_emploi, breakdowns: [none, 'sex=female']}]")
    assert codes_of(check(listed)) == []


def test_prices_of_a_year_that_the_index_lacks(check):
    assert codes_of(check("indicators: [{id: in_med, prices: {constant: 1990}}]\n")) == ["049"]
    assert codes_of(check("indicators: [{id: in_med, prices: {constant: 2020, deflator: nowhere}}]\n")) == ["049"]
    assert codes_of(check("indicators: [{id: in_med, prices: {constant: 2020}}]\n")) == []


def test_templates(check):
    text = "indicators: [{id: in_tp60}]\n"
    assert codes_of(check(text, templates={"territory_portrait": object()})) == []
    assert "did you mean 'territory_portrai'" in only(check(text, templates=["territory_portrai"]))


def test_a_template_that_the_plan_names_tells_its_own_problems(check):
    class Faulty:
        def problems(self, given):
            return [Problem(EMPTY, {"key": "fr"}, "portrait.ipynb", path="$.metadata.evalkit.title.fr")]

    text = "indicators: [{id: in_tp60}]\n"
    plan, problems = check(text, templates={"territory_portrait": Faulty(), "other": Faulty()})
    assert plan is None
    assert [problem.file for problem in problems] == ["portrait.ipynb"]
    plan, problems = check(text, templates={"territory_portrait": object(), "other": Faulty()})
    assert (plan is not None, problems) == (True, [])


def test_a_refused_part_does_not_hide_the_rest_nor_cause_false_refusals(check):
    text = criterion("method: gap, comparator: region, form: x", SAFE, target=", tarjet: {value: 1}")
    assert codes_of(check(text)) == ["002", "002"]
    wrong_question = criterion("method: gap, comparator: nowhere", SAFE).replace("effectiveness", "efectiveness")
    assert codes_of(check(wrong_question)) == ["007", "022"]
    no_level = HEAD.replace("level: qpv", "level: qvp")
    assert codes_of(check(criterion(GAP, SAFE), head=no_level)) == ["007"]
    no_comparator = HEAD.replace("{id: region, kind: territories", "{id: region, kind: teritories")
    assert codes_of(check(criterion(GAP, SAFE), head=no_comparator)) == ["007"]
