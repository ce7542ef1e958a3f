"""Recommendations of a plan: what is read, and every refusal in both languages."""

from __future__ import annotations

import datetime

import pytest
from plan_samples import HEAD, codes_of, criterion

from evalkit.model.recommendation import Recommendation
from evalkit.model.texts import LocalText
from evalkit.plan import load_plan

SOUND = criterion(
    "method: before_after, comparator: region, from: 2012, to: 2015", "met_if: 'upper < 0', not_met_if: 'lower > 0'"
)
WHOLE = "id: R1, text: Ouvrir une antenne, criteria: [C1], to: la ville"


def plan_with(*items: str, head: str = "") -> str:
    return SOUND + head + "recommendations:\n" + "".join(f"  - {{{item}}}\n" for item in items)


def said(checked, lang: str = "en") -> list[str]:
    return [problem.render(lang).split("evaluation.yaml:")[1].replace("\u00a0", " ") for problem in checked[1]]


def test_what_a_plan_says_of_a_recommendation(tmp_path, catalogue):
    path = tmp_path / "evaluation.yaml"
    text = plan_with(
        "id: R1, text: {fr: Ouvrir, en: Open}, criteria: [C1], to: la ville, response: partly, reason: trop cher, action: une étude, "
        "owner: le service, due: 2027-06-30, status: under_way, territories: [QP034005]",
        WHOLE.replace("R1", "R2"),
    )
    path.write_text(HEAD + text, encoding="utf-8")
    first, second = load_plan(path, catalogue=catalogue).recommendations
    assert first == Recommendation(
        id="R1",
        text=LocalText("Ouvrir", "Open"),
        criteria=("C1",),
        to=LocalText("la ville"),
        response="partly",
        reason=LocalText("trop cher"),
        action=LocalText("une étude"),
        owner=LocalText("le service"),
        due=datetime.date(2027, 6, 30),
        status="under_way",
        territories=("QP034005",),
    )
    assert (first.concerns("QP034005"), first.concerns("QP011001")) == (True, False)
    assert (second.response, second.due, second.concerns("QP011001")) == (None, None, True)


@pytest.mark.parametrize(
    "item",
    [
        WHOLE,
        f"{WHOLE}, due: 2027-06-30",
        f"{WHOLE}, response: accepted, due: 2027-06-30, status: done",
        f"{WHOLE}, response: partly, reason: trop cher, status: dropped",
        f"{WHOLE}, response: rejected, reason: {{en: too dear}}, action: une autre voie",
    ],
)
def test_sound_recommendations_have_no_problem(check, item):
    plan, problems = check(plan_with(item))
    assert problems == []
    assert plan is not None


@pytest.mark.parametrize(
    ("item", "codes"),
    [
        (WHOLE.replace("[C1]", "[]"), ["008"]),
        (WHOLE.replace(", criteria: [C1]", ""), ["003"]),
        (WHOLE.replace(", to: la ville", ""), ["003"]),
        (WHOLE.replace("[C1]", "[C2]"), ["060"]),
        (f"{WHOLE}, response: yes_but", ["007"]),
        (f"{WHOLE}, response: partly", ["061"]),
        (f"{WHOLE}, response: rejected", ["061"]),
        (f"{WHOLE}, response: rejected, reason: ''", ["008"]),
        (f"{WHOLE}, response: rejected, reason: non, due: 2027-06-30", ["063"]),
        (f"{WHOLE}, status: done", ["063"]),
        (f"{WHOLE}, due: bientôt", ["006"]),
        (f"{WHOLE}, due: 2014-12-31", ["062"]),
        (f"{WHOLE}, territories: [QP034006]", ["064"]),
        (f"{WHOLE}, territories: [01004]", ["004"]),
        (f"{WHOLE}, territories: []", ["008"]),
        (f"{WHOLE}, dead_line: 2027-06-30", ["002"]),
    ],
)
def test_each_mistake_has_its_code(check, item, codes):
    checked = check(plan_with(item))
    assert codes_of(checked) == codes
    assert checked[0] is None


def test_all_mistakes_at_once_with_their_places(check):
    items = (
        "id: R1, text: a, criteria: [C1, C1.1], to: b, response: rejected",
        "id: R1, text: a, criteria: [C1], to: b, due: 2026-02-28, territories: [QP034005, QP011002]",
        "id: R3, text: a, criteria: [C1], to: b, response: rejected, reason: non, status: planned",
    )
    text = plan_with(*items, head="judgement: {fixed_on: 2026-03-01}\n")
    assert said(check(text)) == [
        "19: EVK-PLAN-060 the recommendation R1 rests on an unknown criterion 'C1.1', did you mean 'C1'? @ $.recommendations[0].criteria[1]",
        (
            "19: EVK-PLAN-061 the recommendation R1 is rejected, and no reason is given: state 'reason', in the words of those who answered "
            "@ $.recommendations[0].response"
        ),
        "20: EVK-PLAN-013 'R1' is declared twice, first on line 19: keep one, or rename the other @ $.recommendations[1].id",
        (
            "20: EVK-PLAN-062 the recommendation R1 is due on 28 February 2026, before 1 March 2026, when the judgement rules were fixed: "
            "correct one of the two dates @ $.recommendations[1].due"
        ),
        (
            "20: EVK-PLAN-064 the recommendation R1 names QP011002, on which the plan makes no report, did you mean 'QP011001'? "
            "@ $.recommendations[1].territories[1]"
        ),
        (
            "21: EVK-PLAN-063 the recommendation R3 is rejected, and has 'status': take 'status' out, or state the response that goes with it "
            "@ $.recommendations[2].status"
        ),
    ]
    french = said(check(text), "fr")
    assert french[0].startswith("19: EVK-PLAN-060 la recommandation R1 s’appuie sur un critère inconnu « C1.1 »")
    assert "échéance au 28 février 2026, avant le 1er mars 2026" in french[3]
    assert all("recommendation" not in line.partition(" @ ")[0] for line in french)


def test_a_criterion_that_is_refused_itself_is_still_known(check):
    text = plan_with(WHOLE).replace("met_if: 'upper < 0', not_met_if: 'lower > 0'", "met_if: 'upper << 0'")
    assert codes_of(check(text)) == ["011"]


def test_territories_that_are_refused_hide_no_recommendation(check):
    text = plan_with(f"{WHOLE}, territories: [QP034006]")
    assert codes_of(check(text, head=HEAD.replace("QP011001", "~"))) == ["004"]
