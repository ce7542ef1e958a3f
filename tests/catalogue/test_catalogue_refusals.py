"""Wrong definitions: each is refused with its file, its line and a way out, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.catalogue import read_catalogue
from evalkit.catalogue.schema import Definition
from evalkit.errors import CatalogueError

HEAD = """theme:
  id: income
  label: {fr: Revenus, en: Income}
indicators:
"""
GOOD = """  in_test:
    label: {fr: Part, en: Share}
    short_label: {fr: Part, en: Share}
    definition: {fr: Une part., en: A share.}
    numerator: {fr: a, en: a}
    denominator: {fr: b, en: b}
    population: {fr: Personnes, en: Persons}
    rationale: {fr: Voir., en: See.}
    question: {fr: Combien ?, en: How many?}
    dac_criterion: impact
    unit: percent
    multiplier: 100
    decimals: 1
    polarity: down
    kind: impact
    levels: [qpv, commune]
    interval_method: wilson
    disclosure: none
    source_label: {fr: Insee, en: Insee}
    frequency: yearly
    additive: true
    version: "1"
"""


def refusal(folder: Path, body: str, head: str = HEAD) -> list[str]:
    (folder / "income.yaml").write_text(head + body, encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        read_catalogue(folder)
    return [line.removeprefix(f"{folder}/") for line in caught.value.render("en").splitlines()]


def test_a_good_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "income.yaml").write_text(HEAD + GOOD, encoding="utf-8")
    indicator = read_catalogue(tmp_path)["in_test"]
    assert (indicator.theme, indicator.sign, indicator.multiplier) == ("income", -1, 100.0)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("polarity: down", "polarity: downn", "18: EVK-CAT-004 'downn' is not a known value of polarity (did you mean 'down'?)"),
        ("unit: percent", "unit: percnt", "15: EVK-CAT-004 'percnt' is not a known value of unit (did you mean 'percent'?)"),
        ("[qpv, commune]", "[qpv, comune]", "20: EVK-CAT-004 'comune' is not a known value of levels (did you mean 'commune'?)"),
        ("frequency: yearly", "frequenzy: yearly", "24: EVK-CAT-002 unknown key 'frequenzy' (did you mean 'frequency'?)"),
        ("label: {fr: Part, en: Share}", "label: {fr: Part}", "6: EVK-CAT-006 the text has no version in language 'en'"),
        ("    decimals: 1\n", "", "5: EVK-CAT-003 key 'decimals' is missing"),
        ("additive: true", "additive: 1", "25: EVK-CAT-007 '1' is refused for additive: true or false is wanted"),
        ('version: "1"', "version: 1", "26: EVK-CAT-007 '1' is refused for version: a text is wanted"),
        ("decimals: 1", "decimals: x", "17: EVK-CAT-007 'x' is refused for decimals: a whole number is wanted"),
        ("[qpv, commune]", "qpv", "20: EVK-CAT-007 'qpv' is refused for levels: a list is wanted"),
        ("multiplier: 100", "multiplier: 1000", "16: EVK-CAT-008 the definition contradicts itself: unit percent wants multiplier 100, not 1000"),
        ("interval_method: wilson", "interval_method: newcombe", "21: EVK-CAT-008 the definition contradicts itself: interval method newcombe"),
        ("    numerator: {fr: a, en: a}\n", "", "14: EVK-CAT-008 the definition contradicts itself: a value in percent has a numerator"),
        ("[qpv, commune]", "[qpv, qpv]", "20: EVK-CAT-008 the definition contradicts itself: a level is given twice"),
        ("    unit: percent\n", "    unit: percent\n    theme: incomes\n", "16: EVK-CAT-009 theme 'incomes' is not declared (did you"),
        ("short_label: {fr: Part", f"short_label: {{fr: {'x' * 46}", "7: EVK-CAT-007"),
        ("  in_test:", "  InTest:", "5: EVK-CAT-007"),
        ("    unit: percent\n", "    unit: percent\n    unit: point\n", "16: EVK-CAT-001 the file of indicators is refused: key 'unit'"),
    ],
)  # fmt: skip
def test_one_mistake_is_refused_with_its_line(old: str, new: str, expected: str, tmp_path: Path) -> None:
    assert old in GOOD
    lines = refusal(tmp_path, GOOD.replace(old, new, 1))
    assert any(line.startswith(f"income.yaml:{expected}") for line in lines), lines


def test_all_mistakes_come_at_once_in_order_of_lines(tmp_path: Path) -> None:
    body = (
        GOOD.replace("polarity: down", "polarity: up!").replace("unit: percent", "unit: euros").replace("kind:", "kin:")
    )
    lines = refusal(tmp_path, body)
    assert [line.split(":")[1] for line in lines] == ["5", "15", "18", "19"]


def test_two_indicators_of_one_id_are_refused_across_files(tmp_path: Path) -> None:
    (tmp_path / "first.yaml").write_text(HEAD + GOOD, encoding="utf-8")
    other = HEAD.replace("income", "other").replace("indicators:", "indicators:")
    lines = refusal(tmp_path, GOOD, other)
    assert lines == [
        "income.yaml:5: EVK-CAT-005 indicator in_test is already defined in first.yaml: give it another id @ $.indicators.in_test"
    ]


def test_breaks_out_of_order_are_refused(tmp_path: Path) -> None:
    breaks = "    breaks:\n" + "".join(f'      - {{period: "{y}", reason: {{fr: r, en: r}}}}\n' for y in (2020, 2016))
    assert "27: EVK-CAT-008" in refusal(tmp_path, GOOD + breaks)[0]


def test_a_file_that_is_not_yaml_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("theme:\n\tid: x\n", encoding="utf-8")
    lines = refusal(tmp_path, GOOD.replace("polarity: down", "polarity: no"))
    assert [line.split(" ")[1] for line in lines] == ["EVK-CAT-001", "EVK-CAT-004"]
    assert "'no' is not a known value" in lines[1]
    assert lines[0].startswith("broken.yaml:2: ")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert "keys with values are wanted" in refusal(tmp_path, "", "")[0]


def test_refusals_read_in_french(tmp_path: Path) -> None:
    (tmp_path / "income.yaml").write_text(HEAD + GOOD.replace("polarity: down", "polarity: downn"), encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        read_catalogue(tmp_path)
    expected = "«~downn~» n’est pas une valeur connue de polarity (vouliez-vous dire «~down~»~?)"
    assert caught.value.problems[0].message("fr") == expected.replace("~", "\u00a0")


@given(
    st.sampled_from(sorted(Definition.model_fields)), st.none() | st.booleans() | st.integers() | st.lists(st.text())
)
def test_any_value_anywhere_gives_a_catalogue_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, key: str, value: object
) -> None:
    folder = tmp_path_factory.mktemp("definitions")
    lines = [line for line in GOOD.splitlines() if not line.startswith(f"    {key}:")]
    (folder / "x.yaml").write_text(HEAD + "\n".join([*lines, f"    {key}: {value!r}"]), encoding="utf-8")
    try:
        assert "in_test" in read_catalogue(folder)
    except CatalogueError as error:
        problems = error.problems
        del error
        assert all(problem.line for problem in problems)
